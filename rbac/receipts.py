"""What the log tells somebody beyond its own pages: the receipt of a leaving, and what others did in one's own name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from accounts.models import Group, Invitation, User
from computers.deployments.models import Deployment
from computers.deployments.targets import seen_by
from computers.schedules.models import Schedule
from rbac.access import Access
from rbac.audit_words import sentence_of
from rbac.handovers import RESTS
from rbac.models import AuditEntry, RoleAssignment
from rbac.naming import name_for
from rbac.permissions import Permission
from tenancy.scopes import Word

LEFT = "user.left"
ELSEWHERE = "Somebody outside your view"


class Line(NamedTuple):
    """What became of one thing; `to` is empty where nobody has it, and `end` says what became of it then."""

    words: str
    to: str
    end: str


class Receipt(NamedTuple):
    """`gains`: of each successor that the reader sees, by name, the permissions; none where part of it is unseen.

    `closed` counts what ended unnamed, `revoked` are addresses whose invitations ended. `beyond`:
    there was more than the reader sees.
    """

    number: int
    at: datetime
    by: str
    reason: str
    lines: list[Line]
    gains: list[tuple[str, list[str]]]
    closed: Mapping[str, int]
    revoked: list[str]
    beyond: bool


def last_receipt(user: User) -> int | None:
    """The number of the entry that tells of their last leaving."""
    last = _entries(user).first()
    return last.pk if last else None


def receipt_of(access: Access, user: User, number: int) -> Receipt | None:
    """None where no such entry is about this user. Eight queries at most."""
    entry = _entries(user).filter(pk=number).select_related("actor__tenant").first()
    if entry is None:
        return None
    after: dict[str, Any] = entry.after or {}
    said = after.get("handed", [])
    people = _seen_people(access, {line["to_id"] for line in said if "to_id" in line})
    lines = [_line(line, people) for line in _seen_lines(access, said)]
    ripple, invited = after.get("ripple", {}), [each["id"] for each in after.get("invitations", [])]
    revoked = _seen_addresses(access, invited)
    beyond = len(lines) < len(said) or len(revoked) < len(invited) or ripple.get("further", False)
    return Receipt(
        entry.pk,
        entry.at,
        name_for(access, entry.actor, user.tenant) if entry.actor else "The system",
        entry.reason,
        lines,
        [] if beyond else _gains(ripple.get("gained", []), people),
        after.get("closed", {}),
        revoked,
        beyond,
    )


def _entries(user: User) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(action=LEFT, target_type="user", target_id=user.pk).order_by("-pk")


def _seen_people(access: Access, numbers: set[int]) -> dict[int, str]:
    return dict(access.seen(User).filter(pk__in=numbers).values_list("pk", "name"))


def _seen_addresses(access: Access, invitations: list[int]) -> list[str]:
    """Those invited into tenants that the reader sees, by address."""
    if not invitations:
        return []
    rows = access.seen(Invitation).filter(pk__in=invitations).order_by("email")
    return list(rows.values_list("email", flat=True))


def _seen_lines(access: Access, said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of assignments, deployments and schedules that the reader sees, and of what lay in groups that they see.

    A query for each of these kinds.
    """
    inside = [line["group_id"] for line in said if "group_id" in line]
    rows = {
        "assignment": access.scope(RoleAssignment, RoleAssignment.VIEW),
        "deployment": Deployment.objects.filter(seen_by(access)),
        "schedule": access.seen(Schedule),
    }
    numbers = {
        kind: _seen_of(seen, [line["id"] for line in said if line["kind"] == kind]) for kind, seen in rows.items()
    }
    groups = _seen_of(access.seen(Group), inside)
    return [
        line
        for line in said
        if (line["id"] in numbers[line["kind"]] if line["kind"] in numbers else line.get("group_id") in groups)
    ]


def _seen_of(seen: QuerySet[Any], numbers: list[int]) -> set[int]:
    return set(seen.filter(pk__in=numbers).order_by().values_list("pk", flat=True)) if numbers else set()


def _gains(gained: list[dict[str, Any]], people: Mapping[int, str]) -> list[tuple[str, list[str]]]:
    seen = [(people[each["id"]], each["permissions"]) for each in gained if each["id"] in people]
    return [(name, [Permission(each).label for each in held if each in Permission]) for name, held in sorted(seen)]


def _line(line: dict[str, Any], people: Mapping[int, str]) -> Line:
    to = people.get(line["to_id"], ELSEWHERE) if "to_id" in line else ""
    rests = RESTS.get(line["kind"])
    return Line(line["words"], to, f"it is {rests}" if rests else "it ended")


# Of somebody who was acted as


def deeds_as(user: User, actors: set[int]) -> list[tuple[int, datetime, list[Word]]]:
    """What these people did as the user: theirs to read, since it was done in their name. One query."""
    entries = AuditEntry.objects.filter(actor=user, impersonator__in=actors).order_by("-pk")[:DEEDS]
    return [(entry.impersonator_id or 0, entry.at, sentence_of(entry)) for entry in entries]


DEEDS = 500
"""So many of them, the last ones."""
