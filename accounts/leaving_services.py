"""Somebody leaves: all that they hold ends, and goes to whoever takes it over, in one act of the gate (design 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from accounts.group_services import join
from accounts.identities import drop_identities
from accounts.models import GroupMembership, Invitation, SavedView, User
from accounts.saved_views import delete_views_of, pass_on_views, shared_views
from accounts.sessions import end_sessions
from computers.authorship import lay_to_rest, pass_on_authored
from rbac.audit import Actor, named, place_of_entry
from rbac.delegation import ConflictError, Gate, Refused, act
from rbac.handovers import RESTS, Handover, Losing, Plan, losing_of, places_of
from rbac.outcomes import of_each
from rbac.permissions import Permission
from rbac.sentences import plain, sentence
from rbac.services import end_all_of, pass_on
from rbac.share_services import end_shares_of


class Passed(NamedTuple):
    """What successors hold from now, and what was over and made room for it, as audit says it."""

    assignments: list[dict[str, Any]]
    memberships: list[GroupMembership]
    lapsed: list[dict[str, Any]]
    over: list[dict[str, Any]]


def see_user_off(*, actor: Actor, user: User, plan: Plan, reason: str, expected: str | None = None) -> int:
    """End all that the user holds, give what the plan says to whoever takes it over, and close the account.

    Activating the account again gives none of it back, nor the password; invitations that they sent are revoked.
    `expected` is `Handover.expected` of what the actor was shown: raises ConflictError where that is no longer what
    happens. Returns the number of the audit entry.
    """
    with act(actor, "user.left", target=user, tenant=user.tenant_id) as gate:
        user = gate.lock(user)
        _check(gate, user, reason)
        people = {person.pk: gate.lock(person) for person in plan.successors}
        _able(user, people)
        gate.sending_home([user.pk])
        losing, every = losing_of(gate.access, user), losing_of(None, user)
        if not (user.is_active or user.has_usable_password() or any(map(len, every))):
            raise ValidationError("They have left already.")
        places = places_of(user) | {view.group.tenant_id for view in shared_views(user) if view.group}
        with gate.touching(users=people):
            passed = _pass_on(gate, user, plan, losing, reason)
        authored = pass_on_authored(gate, losing, plan)
        shown = Handover(losing, of_each(gate.change.gains), of_each(gate.change.losses))
        if expected is not None and expected != shown.expected:
            raise ConflictError(shown)
        views = list(shared_views(user, gate.access).select_for_update(of=("self",), no_key=True))
        handed = [*_receipt(losing, plan), *(_line_of_view(view, plan) for view in views)]
        further = losing != every or shared_views(user).count() > len(views)
        pass_on_views(user, views, plan.views)
        revoked = _revoke_invitations(user, actor)
        before, closed = _close(user, actor, reason, passed)
        ripple = _told(shown, people) | {"further": further}
        after = {"handed": handed, "closed": closed, "ripple": ripple, "invitations": revoked}
        after |= authored | _came(passed, people)
        place = place_of_entry(places | {person.tenant_id for person in people.values()})
        gate.record(target=user, tenant=place, reason=reason, before=before, after=after)
    return gate.entry.pk if gate.entry else 0


def _check(gate: Gate, user: User, reason: str) -> None:
    gate.require(Permission.USERS_MANAGE, user)
    if user.removed_at is not None:
        raise ValidationError("This person was removed.")
    if gate.actor.user == user:
        raise Refused(["Somebody else has to do this for you."])
    if not reason.strip():
        raise ValidationError({"reason": "Say why: the person and their auditors will read it."})


def _able(user: User, people: Mapping[int, User]) -> None:
    """Whoever takes over may act themselves."""
    able = set(User.objects.able_to_act().filter(pk__in=people).values_list("pk", flat=True))
    if user.pk in people or able != people.keys():
        raise ValidationError("One of the successors cannot act. Choose somebody else.")


def _pass_on(gate: Gate, user: User, plan: Plan, losing: Losing, reason: str) -> Passed:
    given, lapsed = pass_on(user, plan.assignments, gate=gate, reason=reason)
    joined: list[GroupMembership] = []
    over: list[dict[str, Any]] = []
    rows = {row.pk: row for row in losing.memberships}
    if not plan.memberships.keys() <= rows.keys():
        raise Refused(["One of these memberships has ended meanwhile, or is not yours to see."])
    for pk, person in plan.memberships.items():
        row = rows[pk]
        if not GroupMembership.objects.live().filter(group=row.group_id, user=person).exists():
            membership, gone = join(gate, gate.lock(row.group), gate.lock(person), row.expires_at)
            joined.append(membership)
            over += gone
    return Passed(given, joined, lapsed, over)


def _close(user: User, actor: Actor, reason: str, passed: Passed) -> tuple[dict[str, Any], dict[str, Any]]:
    """End all that is the user's own; what was, and how much of what has no entry of its own."""
    assignments = [*passed.lapsed, *end_all_of(user, actor=actor, reason=reason)]
    memberships = [*passed.over, *named(GroupMembership.objects.filter(user=user).end())]
    others = end_shares_of(user, actor=actor, reason=reason) | lay_to_rest(user)
    closed = {
        "sessions": end_sessions([user]),
        "views": user.saved_views.count(),
        "links": user.password_links.filter(used_at=None).update(used_at=Now()),
        "identities": drop_identities([user]),
    }
    delete_views_of(user)
    was = user.is_active
    user.is_active, user.password = False, make_password(None)
    user.save(update_fields=("is_active", "password"))
    return {"is_active": was, "assignments": assignments, "memberships": memberships, **others}, closed


def _revoke_invitations(user: User, actor: Actor) -> list[dict[str, Any]]:
    """Nobody could accept them any more: they count by the right of whoever sent them."""
    rows = list(Invitation.objects.open().filter(invited_by=user).select_for_update(no_key=True).order_by("pk"))
    Invitation.objects.filter(pk__in=[row.pk for row in rows]).update(revoked_at=Now(), revoked_by=actor.user)
    return named(rows)


def _came(passed: Passed, people: Mapping[int, User]) -> dict[str, Any]:
    """What came with the act, beside whom it reached."""
    given = {"assignments": passed.assignments, "memberships": named(passed.memberships)}
    return {"is_active": False, **given, "users": named(people.values())}


def _receipt(losing: Losing, plan: Plan) -> list[dict[str, Any]]:
    """What becomes of each thing that the actor saw, a line each, by kind and number."""
    held = [_line("assignment", row.pk, plain(sentence(row)), plan.assignments) for row in losing.assignments]
    joined = [_line_of_membership(row, plan) for row in losing.memberships]
    runs = [_line("deployment", row.pk, f"Deployment {row}", plan.deployments) for row in losing.deployments]
    return [
        *held,
        *joined,
        *runs,
        *(_line("schedule", row.pk, f"Schedule {row}", plan.schedules) for row in losing.schedules),
    ]


def _line_of_membership(row: GroupMembership, plan: Plan) -> dict[str, Any]:
    said = _line("membership", row.pk, f"Member of {row.group}", plan.memberships)
    return said | {"group_id": row.group_id}


def _line_of_view(view: SavedView, plan: Plan) -> dict[str, Any]:
    return _line("view", view.pk, f"View {view.name}, {view.sharing}", plan.views) | {"group_id": view.group_id}


def _line(kind: str, pk: int, words: str, successors: Mapping[int, User]) -> dict[str, Any]:
    to = successors.get(pk)
    said = {
        "kind": kind,
        "id": pk,
        "words": words,
        "name": f"{words}: {f'to {to}' if to else RESTS.get(kind, 'ended')}",
    }
    return said | ({"to": to.name, "to_id": to.pk} if to else {})


def _told(shown: Handover, people: Mapping[int, User]) -> dict[str, Any]:
    """What was shown before it was done, in its own terms."""
    lines: Iterable[str] = (f"{people[pk].name} gained {len(gained)}" for pk, gained in shown.gained.items())
    told = {"gained": _each(shown.gained, people), "lost": _each(shown.lost, people)}
    return {"label": ", ".join(lines) or "Nobody gained anything", "great_power": shown.great_power, **told}


def _each(found: Mapping[int, Sequence[Permission]], people: Mapping[int, User]) -> list[dict[str, Any]]:
    return [{"id": pk, "name": people[pk].name, "permissions": list(permissions)} for pk, permissions in found.items()]
