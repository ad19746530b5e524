"""The life of a user account; each act passes the gate (design 6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from accounts.factors import drop_factors
from accounts.links import create_link
from accounts.models import GroupMembership, User, normal_email
from accounts.opening import account_described, check_account, close_accounts, open_account
from accounts.persons import unlink_people
from accounts.saved_views import delete_views_of
from accounts.sessions import end_sessions
from immyrbac.versions import check_version
from rbac.audit import Actor, named, place_of_entry
from rbac.delegation import Gate, Refused, act
from rbac.moves import Moving
from rbac.notices import tell_owner
from rbac.permissions import Permission
from rbac.services import end_all_of
from rbac.share_services import end_shares_of
from tenancy.models import Tenant


def create_user(
    *, actor: Actor, tenant: Tenant, email: str, name: str, access_expires_at: datetime | None = None
) -> User:
    """A user without password or access, in a tenant where the actor manages users."""
    with act(actor, "user.created", label=email, tenant=tenant.pk) as gate:
        tenant = gate.lock(tenant)
        gate.require(Permission.USERS_MANAGE, tenant)
        user = open_account(tenant=tenant, email=email, name=name, access_expires_at=access_expires_at)
        gate.keeping(user)
        gate.record(target=user, tenant=tenant.pk, after=account_described(user))
    return user


def issue_password_link(*, actor: Actor, user: User) -> str:
    """The token of a new link by which the user sets a password; shown once, kept as a hash. Earlier links end."""
    with act(actor, "user.password_link_issued", target=user, tenant=user.tenant_id) as gate:
        user = gate.lock(user)
        gate.require(Permission.USERS_MANAGE, user)
        _present([user])
        gate.covering([user.pk], as_long=True)
        token = create_link(actor=actor, user=user)
        gate.record(target=user, tenant=user.tenant_id)
    return token


def reset_factors(*, actor: Actor, user: User, reason: str) -> None:
    """Take somebody's second factor, recovery codes too, for who has lost it. Their sessions end: it may be found.

    One's own goes by the profile, which asks for a proof first.
    """
    with act(actor, "user.factors_reset", target=user, tenant=user.tenant_id) as gate:
        user = gate.lock(user)
        gate.require(Permission.USERS_MANAGE, user)
        _present([user])
        if user == actor.user:
            raise Refused(["Your own second factor is changed on your profile, where you prove who you are first."])
        gate.covering([user.pk], as_long=True)
        before = {"factors": drop_factors(user)}
        if not before["factors"]:
            raise ValidationError(f"{user.name} has no second factor.")
        after = {"sessions_ended": end_sessions([user])}
        gate.record(target=user, tenant=user.tenant_id, reason=reason, before=before, after=after)
        gate.then(tell_owner)


def values_of(user: User) -> dict[str, object]:
    """What a form about the account shows, for its version."""
    return {
        "name": user.name,
        "email": user.email,
        "tenant": user.tenant,
        "access_expires_at": user.access_expires_at,
    }


def edit_user(
    *,
    actor: Actor,
    user: User,
    name: str,
    email: str,
    tenant: Tenant,
    access_expires_at: datetime | None,
    version: str | None = None,
    shown: str | None = None,
) -> User:
    """Rename, readdress, move or bound an account. A move ends the memberships that the new home takes them out of.

    `version` is that of the values which the actor was shown, `shown` what it does to people (Gate.showing).
    """
    with act(actor, "user.edited", target=user, tenant=user.tenant_id) as gate:
        gate.showing(shown)
        user, tenant = gate.lock(user), gate.lock(tenant)
        gate.require(Permission.USERS_MANAGE, user)
        gate.require(Permission.USERS_MANAGE, tenant)
        _present([user])
        before, home = account_described(user), user.tenant
        name, address = name.strip(), normal_email(email)
        said = {"name": name, "email": address, "tenant": tenant, "access_expires_at": access_expires_at}
        check_version(version, values_of(user), said)
        gate.covering([user.pk], as_long=address != user.email or tenant.is_active > home.is_active)
        _bound(gate, [user], access_expires_at)
        with gate.touching(users=[user.pk]), gate.moving(Moving(users=[user.pk])):
            user.name, user.email, user.tenant, user.access_expires_at = name, address, tenant, access_expires_at
            check_account(user)
            left = _leave_groups_outside(user)
            unlinked = unlink_people([user]) if tenant != home else {}
            user.save(update_fields=("name", "email", "tenant", "access_expires_at"))
        if tenant.is_msp and not home.is_msp:
            gate.awakening([user.pk])
        gate.keeping(user)
        before |= _lost(memberships=left) | unlinked
        place = place_of_entry((home.pk, tenant.pk))
        gate.record(target=user, tenant=place, before=before, after=account_described(user))
    return user


def activate_users(*, actor: Actor, users: Collection[User]) -> int:
    """Let these people sign in again; an act on each account, so the actor covers them as long (rule 4)."""
    with act(actor, "user.activated", tenant=_place(users)) as gate:
        rows = _locked(gate, users)
        gate.covering([user.pk for user in rows], as_long=True)
        User.objects.filter(pk__in=[user.pk for user in rows]).update(is_active=True)
        _record(gate, rows, "")
    return len(rows)


def deactivate_users(*, actor: Actor, users: Collection[User], reason: str) -> int:
    """Send these people home: they are out at their next request, and their sessions end for good."""
    with act(actor, "user.deactivated", tenant=_place(users)) as gate:
        rows = _locked(gate, users)
        gate.sending_home([user.pk for user in rows])
        User.objects.filter(pk__in=[user.pk for user in rows]).update(is_active=False)
        end_sessions(rows)
        _record(gate, rows, reason)
    return len(rows)


def set_access_expiry(
    *, actor: Actor, users: Collection[User], access_expires_at: datetime | None, reason: str = ""
) -> int:
    """Bound these accounts. Later is an act on the account, sooner sends people home (design 6)."""
    with act(actor, "user.access_expiry_set", tenant=_place(users)) as gate:
        rows = _locked(gate, users)
        _bound(gate, rows, access_expires_at)
        before = {str(user.pk): user.access_expires_at for user in rows}
        User.objects.filter(pk__in=[user.pk for user in rows]).update(access_expires_at=access_expires_at)
        _record(
            gate, rows, reason, before={"access_expires_at": before}, after={"access_expires_at": access_expires_at}
        )
    return len(rows)


def remove_user(*, actor: Actor, user: User, reason: str) -> None:
    """End all that the user holds, close their sessions and free their address; they stay in audit and history."""
    with act(actor, "user.removed", target=user, tenant=user.tenant_id) as gate:
        user = _locked(gate, [user])[0]
        gate.sending_home([user.pk])
        ended = end_all_of(user, actor=actor, reason=reason)
        left = named(GroupMembership.objects.filter(user=user).end())
        shares = end_shares_of(user, actor=actor, reason=reason)
        lost = _lost(assignments=ended, memberships=left) | unlink_people([user]) | shares
        before = account_described(user) | lost
        end_sessions([user])
        delete_views_of(user)
        drop_factors(user)
        user.password_links.filter(used_at=None).update(used_at=Now())
        close_accounts([user])
        gate.record(target=user, tenant=user.tenant_id, reason=reason, before=before)


def _place(users: Collection[User]) -> int | None:
    return place_of_entry(user.tenant_id for user in users)


def _locked(gate: Gate, users: Collection[User]) -> Sequence[User]:
    """The people as they are now, each still present and the actor's to manage."""
    rows = [gate.lock(user) for user in sorted(users, key=lambda user: user.pk)]
    for user in rows:
        gate.require(Permission.USERS_MANAGE, user)
    _present(rows)
    return rows


def _present(users: Collection[User]) -> None:
    if any(user.removed_at is not None for user in users):
        raise ValidationError("This person was removed.")


def _bound(gate: Gate, users: Collection[User], until: datetime | None) -> None:
    """A later end of the account is an act on it; a sooner one sends home."""
    later = [user.pk for user in users if user.access_expires_at and (until is None or until > user.access_expires_at)]
    sooner = [user.pk for user in users if until and (user.access_expires_at is None or until < user.access_expires_at)]
    gate.covering(later, as_long=True)
    gate.sending_home(sooner)


def _leave_groups_outside(user: User) -> list[dict[str, Any]]:
    """A member has their home in the group's owner or below it (design 2)."""
    outside = GroupMembership.objects.filter(user=user, group__tenant__isnull=False)
    return named(outside.exclude(group__tenant__in=user.tenant.path).end())


def _lost(**rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """What ended with the act, where something did."""
    return {name: found for name, found in rows.items() if found}


def _record(gate: Gate, users: Sequence[User], reason: str, **said: dict[str, object]) -> None:
    """One entry for the call: it names everybody whom it reached."""
    after = {"users": named(users), **said.get("after", {})}
    target = users[0] if len(users) == 1 else None
    label = "" if target else f"{len(users)} users"
    gate.record(target=target, label=label, tenant=_place(users), reason=reason, before=said.get("before"), after=after)
