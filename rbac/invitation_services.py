"""Inviting people who have no account: sent, sent again, revoked and accepted, each through the gate (design 6).

Whoever sends an invitation answers for it. The gate judges what it would give when it is sent, by the rules that giving
it to a user takes, and what it gives when it is accepted, by the sender's right as it is then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from accounts.models import Group, GroupMembership, Invitation, User
from accounts.opening import account_described, open_account
from immyrbac.words import counted
from rbac.audit import Actor, named, place_of_entry
from rbac.delegation import Gate, Refused, act
from rbac.drafts import check_draft, described, tenants_named
from rbac.invitations import Offer, check_offer, offer_of, pending_of, reaches_of_offer, state_of, told
from rbac.models import PendingAssignment, RoleAssignment
from rbac.offers import to_change_members
from rbac.permissions import Permission, power_first
from rbac.power import difference
from rbac.regions import Estate
from rbac.services import renew
from tenancy.customs import preferences_of
from tenancy.models import Tenant

MAIL_JOB = "accounts.mail_invitation"


class InvitationUnusable(Exception):  # noqa: N818  it is no fault: somebody was quicker, or it is over
    """It was accepted, revoked, sent again, or has expired since it was looked up; `state` says which."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


def invite_users(*, actor: Actor, offers: Sequence[Offer], site: str) -> list[Invitation]:
    """Send these invitations, all or none. `site` is where the links lead, as "https://host".

    Raises ValidationError for what nobody could offer, `Refused` for what this actor may not.
    """
    places = {offer.newcomer.tenant_id for offer in offers}
    label = offers[0].newcomer.email if len(offers) == 1 else counted(len(offers), "invitation")
    with act(actor, "invitation.sent", label=label, tenant=place_of_entry(places)) as gate:
        sent = [_send(gate, offer, site, alone=len(offers) == 1) for offer in offers]
        after: dict[str, Any] = {"invitations": [{**named([row])[0], **said} for row, said in sent]}
        target = sent[0][0] if len(sent) == 1 else None
        reason = offers[0].reason if offers else ""
        gate.record(target=target, label=label, tenant=place_of_entry(places), reason=reason, after=after)
    return [row for row, _ in sent]


def resend_invitation(*, actor: Actor, invitation: Invitation, site: str) -> Invitation:
    """Mail a new link and begin its time anew. Whoever does so answers for it from now on; earlier links end."""
    with act(actor, "invitation.sent_again", target=invitation, tenant=invitation.tenant_id) as gate:
        invitation = _open(gate, invitation)
        offer = offer_of(invitation)
        _judge(gate, offer)
        invitation.invited_by, invitation.token_hash = _sender(actor), None
        invitation.expires_at = _end(invitation.tenant)
        invitation.save(update_fields=("invited_by", "token_hash", "expires_at"))
        _mail(invitation, site)
        gate.keeping(invitation)
        gate.record(
            target=invitation,
            tenant=invitation.tenant_id,
            reason=invitation.reason,
            after={"offers": offer.sentences, "expires_at": invitation.expires_at},
        )
    return invitation


def revoke_invitation(*, actor: Actor, invitation: Invitation, reason: str) -> None:
    """Its link ends. Of somebody else's it takes what sending its person home would (rule 4)."""
    with act(actor, "invitation.revoked", target=invitation, tenant=invitation.tenant_id) as gate:
        invitation = _open(gate, invitation)
        if gate.judge and invitation.invited_by != actor.user:
            gate.judge.sends_home(reaches_of_offer(offer_of(invitation)))
        Invitation.objects.filter(pk=invitation.pk).update(revoked_at=Now(), revoked_by=actor.user)
        gate.record(target=invitation, tenant=invitation.tenant_id, reason=reason)


def accept_invitation(*, actor: Actor, invitation: Invitation, name: str, password: str) -> User:
    """Open the account, and give what was offered, once: by the right that the sender has now.

    Raises InvitationUnusable, `Refused` where the sender could no longer send it, and ValidationError.
    """
    hashed = make_password(password)
    sender = invitation.invited_by
    with act(actor, "invitation.accepted", target=invitation, tenant=invitation.tenant_id, authority=sender) as gate:
        invitation = _acceptable(gate, invitation)
        offer = offer_of(invitation)
        _require(gate, offer)
        check_offer(offer)
        user = open_account(
            tenant=offer.tenant,
            email=invitation.email,
            name=name,
            access_expires_at=invitation.access_expires_at,
            hashed=hashed,
        )
        gate.actor = replace(actor, user=user)  # who acts is the newcomer, once there is one
        with gate.touching(users=[user.pk]):
            rows = [_give(draft, user, sender) for draft in offer.drafts]
            joined = [_join(group, user, sender) for group in offer.groups]
        gate.granting(rows)
        Invitation.objects.filter(pk=invitation.pk).update(accepted_at=Now(), user=user)
        gate.keeping(user)
        place = place_of_entry({offer.newcomer.tenant_id, *(pk for row in rows for pk in tenants_named(row))})
        after = {**account_described(user), "invited_by": str(sender), "invitations": named([invitation])}
        after |= {"assignments": [described(row) for row in rows], "memberships": named(joined)}
        gate.record(target=user, tenant=place, reason=invitation.reason, after=after)
    return user


def _send(gate: Gate, offer: Offer, site: str, *, alone: bool) -> tuple[Invitation, dict[str, Any]]:
    """One invitation, and what audit says of it; of several, what is wrong names the address."""
    try:
        return send_within(gate, offer, site)
    except ValidationError as error:
        if alone:
            raise
        raise ValidationError(f"{offer.newcomer.email}: {' '.join(error.messages)}") from error


def send_within(gate: Gate, offer: Offer, site: str) -> tuple[Invitation, dict[str, Any]]:
    """The bare write, inside the gate of a service that invites; returns what audit says of it as well."""
    gained = _judge(gate, offer)
    invitation = _written(gate.actor, offer)
    gate.keeping(invitation)
    _mail(invitation, site)
    return invitation, told(offer, gained)


def _judge(gate: Gate, offer: Offer) -> list[Permission]:
    """What the offer would make different, for the gate to judge; returns what is gained, great power first."""
    _require(gate, offer)
    check_offer(offer)
    gate.granting(offer.drafts)
    change = difference([], reaches_of_offer(offer), gate.now, Estate())
    gate.differing(change)
    return sorted({permission for claim in change.gains for permission in claim.permissions}, key=power_first)


def _require(gate: Gate, offer: Offer) -> None:
    """What it names, as it stands now and as whoever answers for it sees it, and what inviting takes by itself."""
    gate.require(Permission.USERS_MANAGE, gate.lock(offer.tenant))
    for group in offer.groups:
        gate.require(*to_change_members(gate.lock(group)))
    for draft in offer.drafts:
        renew(gate, draft)


def _end(tenant: Tenant) -> datetime:
    """When the link of an invitation that is sent now ends: the tenant's people may want it longer or shorter."""
    return timezone.now() + timedelta(days=preferences_of(tenant).invitation_days)


def _written(actor: Actor, offer: Offer) -> Invitation:
    newcomer = offer.newcomer
    invitation = Invitation(
        email=newcomer.email,
        name=newcomer.name.strip(),
        tenant=newcomer.tenant,
        access_expires_at=newcomer.access_expires_at,
        reason=offer.reason,
        message=offer.message,
        invited_by=_sender(actor),
        expires_at=_end(newcomer.tenant),
    )
    invitation.clean_fields()
    try:
        invitation.validate_constraints()
    except ValidationError as error:
        raise ValidationError({"email": error.messages}) from error
    invitation.save(force_insert=True)
    into = Invitation.groups.through
    into.objects.bulk_create(into(invitation=invitation, group=group) for group in offer.groups)
    PendingAssignment.objects.bulk_create(pending_of(invitation, draft) for draft in offer.drafts)
    return invitation


def _sender(actor: Actor) -> User:
    if actor.user is None:
        raise ValueError("An invitation counts by the right of somebody: the system cannot send one.")
    return actor.user


def _mail(invitation: Invitation, site: str) -> None:
    """In the same transaction: what is rolled back is not mailed. The job is named, and holds no secret (safety 23)."""
    jobs.configure_task(MAIL_JOB, queue="mail").defer(invitation=invitation.pk, site=site)


def _open(gate: Gate, invitation: Invitation) -> Invitation:
    """As it is now, not accepted or revoked, and in a tenant where the actor manages users."""
    found = gate.lock(invitation)
    gate.require(Permission.USERS_MANAGE, found.tenant)
    if (state := state_of(found)) in ("accepted", "revoked"):
        raise ValidationError(f"This invitation was {state} meanwhile.")
    return found


def _acceptable(gate: Gate, seen: Invitation) -> Invitation:
    """The same invitation as it is now, if the link that was followed is still its own."""
    found = Invitation.objects.select_for_update(of=("self",), no_key=True).select_related("tenant").get(pk=seen.pk)
    if (state := state_of(found, gate.now)) != "pending":
        raise InvitationUnusable(state)
    if found.token_hash is None or found.token_hash != seen.token_hash or found.invited_by_id != seen.invited_by_id:
        raise InvitationUnusable("replaced")
    if not found.tenant.is_active:
        raise Refused([f"{found.tenant} is inactive."])
    return found


def _give(draft: RoleAssignment, user: User, sender: User) -> RoleAssignment:
    draft.user, draft.granted_by = user, sender
    check_draft(draft)
    draft.save(force_insert=True)
    return draft


def _join(group: Group, user: User, sender: User) -> GroupMembership:
    return GroupMembership.objects.create(group=group, user=user, added_by=sender)
