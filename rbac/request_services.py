"""Answering requests for access: given, to somebody without an account by an invitation, or refused (design 6).

Whoever approves gives it themselves: the gate judges it as it would without a request. Nobody answers their own.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from procrastinate.contrib.django import app as jobs

from accounts.models import AccessRequest, Invitation
from rbac.access_requests import MANAGE, OFF, are_taken, state_of
from rbac.audit import Actor, named, place_of_entry
from rbac.delegation import Gate, Refused, act
from rbac.drafts import described, tenants_named
from rbac.invitation_services import send_within
from rbac.invitations import Offer
from rbac.models import Effect, RoleAssignment
from rbac.services import write_grant

ANSWERED_JOB = "accounts.mail_access_answer"
OWN = "It is about your own access. Somebody else has to answer it."


class RequestAnswered(ValidationError):  # noqa: N818  it is no fault: somebody was quicker
    """Somebody else answered it meanwhile; its message says how."""


def approve_request(
    *, actor: Actor, asked: AccessRequest, draft: RoleAssignment, site: str, shown: str | None = None
) -> RoleAssignment:
    """Give the drafted assignment, which is not saved yet, to the user who asks. `shown` is what the actor saw.

    Raises RequestAnswered, ValidationError for what nobody could give, and `Refused` for what this actor may not.
    """
    with act(actor, "access_request.approved", target=asked.user, tenant=asked.tenant_id) as gate:
        gate.showing(shown)
        asked = _waiting(gate, asked)
        if asked.user is None or draft.effect != Effect.ALLOW:
            raise ValidationError("An answer gives, and to a user; whoever has no account is invited.")
        _require_taken()
        draft.user, draft.group = asked.user, None
        lapsed = write_grant(gate, draft)
        _answer(asked, actor, site, assignment=draft)
        gate.record(
            target=asked.user,
            tenant=place_of_entry(tenants_named(draft)),
            reason=draft.reason,
            before={"assignments": lapsed} if lapsed else None,
            after={
                "role": str(draft.role),
                "assignments": [described(draft)],
                "access_requests": named([asked]),
            },
        )
    return draft


def invite_asker(*, actor: Actor, asked: AccessRequest, offer: Offer, site: str) -> Invitation:
    """Answer somebody without an account by an invitation to the address that they gave.

    Raises as `approve_request` does.
    """
    with act(actor, "access_request.approved", target=asked, tenant=asked.tenant_id) as gate:
        asked = _waiting(gate, asked)
        if asked.user is not None or offer.newcomer.email != asked.email:
            raise ValidationError("The invitation goes to whoever asked, who has no account.")
        _require_taken()
        invitation, said = send_within(gate, offer, site)
        _answer(asked, actor, site, invitation=invitation)
        after: dict[str, Any] = {"invitations": [{**named([invitation])[0], **said}]}
        place = place_of_entry({asked.tenant_id, offer.newcomer.tenant_id})
        gate.record(target=asked, tenant=place, reason=offer.reason, after=after)
    return invitation


def turn_down_request(*, actor: Actor, asked: AccessRequest, reason: str, site: str) -> None:
    """Refuse it; whoever asked reads the reason. Raises RequestAnswered, ValidationError and `Refused`."""
    if not reason.strip():
        raise ValidationError({"reason": "Say why: whoever asked will read it."})
    target = asked.user or asked
    with act(actor, "access_request.turned_down", target=target, tenant=asked.tenant_id) as gate:
        asked = _waiting(gate, asked)
        _answer(asked, actor, site, refusal=reason)
        after = {"access_requests": named([asked])} if asked.user else None
        gate.record(target=asked.user or asked, tenant=asked.tenant_id, reason=reason, after=after)


def _waiting(gate: Gate, asked: AccessRequest) -> AccessRequest:
    """As it is now, unanswered, and the actor's to answer."""
    found = gate.lock(asked)
    gate.require(MANAGE, found)
    if found.user_id is not None and gate.actor.user is not None and found.user_id == gate.actor.user.pk:
        raise Refused([OWN])
    if (state := state_of(found)) != "waiting":
        raise RequestAnswered(f"This request was {state} meanwhile.")
    return found


def _require_taken() -> None:
    if not are_taken():
        raise Refused([OFF])


def _answer(asked: AccessRequest, actor: Actor, site: str, **became: object) -> None:
    """In the same transaction: what is rolled back is not mailed. Whoever is invited has that mail."""
    if actor.user is None:
        raise ValueError("Somebody answers a request: the system cannot.")
    AccessRequest.objects.filter(pk=asked.pk).update(decided_at=Now(), decided_by=actor.user, **became)
    if "invitation" not in became:
        jobs.configure_task(ANSWERED_JOB, queue="mail").defer(asked=asked.pk, site=site)
