"""Giving and ending role assignments, and flipping switches (design 6, 7 and 9)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Group, User
from immyrbac.words import counted
from rbac.access import INSTANCE
from rbac.audit import Actor, named, place_of_entry
from rbac.delegation import Gate, Refused, act
from rbac.drafts import check_draft, described, handed, make_room, tenants_named, twins
from rbac.enrolment import objections_to
from rbac.flips import flipped, stands
from rbac.models import AuditEntry, Effect, RoleAssignment, Switch
from rbac.permissions import Permission
from rbac.sentences import SENTENCE_RELATIONS
from rbac.switches import SwitchKey


def grant_assignment(*, actor: Actor, draft: RoleAssignment, shown: str | None = None) -> RoleAssignment:
    """Give the drafted assignment, which is not saved yet. `shown` is what the actor saw (Gate.showing).

    Raises ValidationError for what nobody could give or what is there already, `Refused` for what this actor may not.
    """
    principal = draft.user or draft.group
    if principal is None:
        raise ValidationError("An assignment needs a user or a group.")
    with act(actor, "role_assignment.granted", target=principal, tenant=principal.tenant_id) as gate:
        gate.showing(shown)
        lapsed = write_grant(gate, draft)
        place = place_of_entry(tenants_named(draft))
        before = {"assignments": lapsed} if lapsed else None
        gate.record(target=principal, tenant=place, reason=draft.reason, before=before, after=described(draft))
    return draft


def write_grant(gate: Gate, draft: RoleAssignment) -> list[dict[str, Any]]:
    """The bare write, inside the gate of a service that gives the draft; returns the twin that lapsed, for audit."""
    renew(gate, draft)
    with gate.touching(*_principals([draft])):
        return _write(gate, draft)


def _write(gate: Gate, draft: RoleAssignment) -> list[dict[str, Any]]:
    check_draft(draft)
    gate.granting([draft])
    lapsed = make_room(draft)
    draft.granted_by = gate.actor.user
    draft.save(force_insert=True)
    return lapsed


def end_assignments(*, actor: Actor, assignments: Collection[int], reason: str, shown: str | None = None) -> int:
    """End these unended assignments by number, all or none; returns how many. `shown` is what the actor saw.

    Refused where one is gone, not seen, or not the actor's to end.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Say why: the person and their auditors will read it."})
    with act(actor, "role_assignment.ended") as gate:
        gate.showing(shown)
        rows = _endable(gate, set(assignments))
        gate.ending(rows)
        with gate.touching(*_principals(rows)):
            _end({row.pk for row in rows}, actor, reason)
        named = {pk for row in rows for pk in tenants_named(row)}
        before = {"assignments": [described(row) for row in rows]}
        gate.record(tenant=place_of_entry(named), reason=reason, before=before, **_whose(rows))
    return len(rows)


def end_all_of(user: User, *, actor: Actor, reason: str) -> list[dict[str, Any]]:
    """The bare write, inside the gate of a service that removes the user; it judges, and audits what this describes."""
    held = RoleAssignment.objects.unended().filter(user=user).select_related("user", *SENTENCE_RELATIONS)
    rows = list(held.order_by("pk"))
    _end({row.pk for row in rows}, actor, reason)
    return [described(row) for row in rows]


def pass_on(
    user: User, successors: Mapping[int, User], *, gate: Gate, reason: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The bare write, inside a gate that touches the successors: these allows of the user anew, each for who takes it.

    Whoever has exactly this already keeps theirs. Returns what was given, and what lapsed for it, as audit says it.
    """
    rows = _endable(gate, set(successors)) if successors else []
    if any(row.user_id != user.pk or row.effect != Effect.ALLOW for row in rows):
        raise Refused(["One of these is not theirs to hand over."])
    given: list[dict[str, Any]] = []
    lapsed: list[dict[str, Any]] = []
    for draft in (handed(row, successors[row.pk], reason) for row in rows):
        renew(gate, draft)
        if twins(draft).unexpired().exists():
            continue
        lapsed += _write(gate, draft)
        given.append(described(draft))
    return given, lapsed


def is_in_use(**named: int) -> bool:
    """Whether an unended assignment names this tenant, tag, computer tag, group or role (design 6)."""
    return RoleAssignment.objects.unended().filter(**named).exists()


NAMED = ("user", "group", "role", "tenant", "tag", "computer", "computer_tag")


def renew(gate: Gate, draft: RoleAssignment) -> None:
    """What the draft names, as it stands now and as the actor sees it: it was drawn up before the lock was taken.

    A newcomer has no row yet.
    """
    for name in NAMED:
        if (named := getattr(draft, name)) is not None and named.pk is not None:
            setattr(draft, name, gate.lock(named))


def _end(rows: set[int], actor: Actor, reason: str) -> None:
    RoleAssignment.objects.unended().filter(pk__in=rows).update(ended_at=Now(), ended_by=actor.user, end_reason=reason)


def set_switch(
    *, actor: Actor, key: SwitchKey, enabled: bool, reason: str, shown: str | None = None
) -> AuditEntry | None:
    """Put a switch of the instance, and return the entry; one that stands there already is left alone, without one.

    `shown` is what the actor saw (Gate.showing).
    """
    with act(actor, "switch.set", label=key.label) as gate:
        gate.showing(shown)
        gate.require(Permission.PREFERENCES_MANAGE_SYSTEM, INSTANCE)
        before = stands(key)
        if before == enabled:
            return None
        if reasons := objections_to(key, enabled=enabled, user_id=actor.user.pk if actor.user else None):
            raise Refused(reasons)
        gate.flipping(flipped(key, gate.now, enabled=enabled))
        Switch.objects.update_or_create(key=key, tenant=None, defaults={"enabled": enabled, "set_by": actor.user})
        said = {"before": {"enabled": before}, "after": {"key": key.value, "enabled": enabled}}
        gate.record(label=key.label, reason=reason, **said)
    return gate.entry


def _endable(gate: Gate, wanted: set[int]) -> list[RoleAssignment]:
    """The rows that the actor sees or holds, locked, with what audit says of them; Refused unless all are there."""
    rows = RoleAssignment.objects.unended().filter(pk__in=wanted).select_for_update(of=("self",), no_key=True)
    if gate.access:
        seen = gate.access.scope(RoleAssignment, Permission.USERS_VIEW).order_by().values("pk")
        rows = rows.filter(Q(pk__in=seen) | Q(user=gate.access.user_id))
    found = list(rows.select_related("user", "group", *SENTENCE_RELATIONS).order_by("pk"))
    if not wanted or {row.pk for row in found} != wanted:
        raise Refused(["One of these has ended meanwhile, or is not yours to see."])
    return found


def _whose(rows: Iterable[RoleAssignment]) -> dict[str, Any]:
    """What the entry is about: the one who held them, or each by number."""
    holders = list(dict.fromkeys(row.user or row.group for row in rows))
    if len(holders) == 1:
        return {"target": holders[0]}
    users, groups = (named(each for each in holders if isinstance(each, kind)) for kind in (User, Group))
    return {"label": counted(len(holders), "holder"), "after": {"users": users, "groups": groups}}


def _principals(rows: Iterable[RoleAssignment]) -> tuple[set[int], set[int]]:
    rows = list(rows)
    return {row.user_id for row in rows if row.user_id}, {row.group_id for row in rows if row.group_id}
