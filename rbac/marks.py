"""What the list of all assignments marks: those that do nothing of their own, and those that match nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from immyrbac.arrays import any_of
from immyrbac.attaching import attach, of_keys
from rbac.access import Access
from rbac.models import RoleAssignment, RoleAssignmentQuerySet
from rbac.orphans import NARROWED, bare, orphaned, orphans
from rbac.redundancy import Redundancy, Subject, redundant, suspects
from rbac.regions import Estate
from rbac.sentences import plain, sentence, told

LOOKED_AT = 500
"""So many of those that a filter by marks cannot tell by a condition alone are looked at, the newest first."""


class Ground(NamedTuple):
    """An assignment by which another one does nothing: its number, and how it reads."""

    pk: int
    words: str


class Mark(NamedTuple):
    """`label` is the state, `why` says it in a sentence that `grounds` complete."""

    kind: str
    label: str
    why: str
    grounds: tuple[Ground, ...] = ()

    def __str__(self) -> str:
        named = "; ".join(ground.words for ground in self.grounds)
        return f"{self.label}: {self.why}{f': {named}' if named else ''}"


def marks_of(access: Access, rows: Collection[RoleAssignment], estate: Estate | None = None) -> dict[int, Mark]:
    """The mark of each of these rows that has one; they come from `told`. A bounded number of queries.

    One that matches nothing is not asked whether others do the same.
    """
    now = access.at or timezone.now()
    unexpired = [row for row in rows if row.ended_at is None and (row.expires_at is None or row.expires_at > now)]
    live = [row for row in unexpired if row.starts_at is None or row.starts_at <= now]
    reasons = orphans(live, access.at)
    marks = {row.pk: Mark("orphaned", "Orphaned", reasons[row.pk].words(row)) for row in live if row.pk in reasons}
    asked = [(row.pk, row.user_id, row.group_id) for row in unexpired if row.pk not in marks]
    return marks | _in_words(redundant(access, asked, estate), {row.pk: row for row in rows})


def _in_words(found: Mapping[int, Redundancy], known: Mapping[int, RoleAssignment]) -> dict[int, Mark]:
    """Grounds are often on the page themselves; the others are looked up."""
    named = {pk for redundancy in found.values() for pk in redundancy.by}
    rows = told([*of_keys(RoleAssignment, named - known.keys()), *known.values()])
    grounds = {
        row.pk: Ground(row.pk, f"{row.user or row.group}: {plain(sentence(row))}") for row in rows if row.pk in named
    }
    return {pk: _mark(redundancy, [grounds[each] for each in redundancy.by]) for pk, redundancy in found.items()}


def _mark(redundancy: Redundancy, grounds: Iterable[Ground]) -> Mark:
    grounds = tuple(grounds)
    label = "Shadowed" if redundancy.taken else "Duplicate"
    if len(grounds) == 1:
        why = "all of it is denied" if redundancy.taken else "all of it is given already"
    else:
        why = "some of it is denied, the rest given already" if redundancy.taken else "others together give all of it"
    return Mark("redundant", label, why, grounds)


# Filters by marks


class Found(NamedTuple):
    """The rows that bear a mark; `all_looked_at`: whether there can be no others among those that were asked about."""

    rows: QuerySet[RoleAssignment]
    all_looked_at: bool


def _newest(rows: QuerySet[RoleAssignment]) -> tuple[list[Subject], bool]:
    found: list[Subject] = [*rows.order_by("-pk").values_list("pk", "user_id", "group_id")[: LOOKED_AT + 1]]
    return found[:LOOKED_AT], len(found) > LOOKED_AT


def without_effect(access: Access, rows: RoleAssignmentQuerySet) -> Found:
    """Those that do nothing of their own, out of the newest `LOOKED_AT` that others could replace."""
    looked_at, rest = _newest(rows.unexpired(access.at).filter(suspects(access.at)))
    return Found(rows.filter(any_of("pk", redundant(access, looked_at))), not rest)


def matching_nothing(access: Access, rows: RoleAssignmentQuerySet) -> Found:
    """Those that match nothing; of those narrowed to some computers, the newest `LOOKED_AT` are looked at."""
    rows, told = rows.live(access.at), orphaned(access.at)
    looked_at, rest = _newest(rows.filter(NARROWED).exclude(told))
    asked = of_keys(RoleAssignment, (pk for pk, *_ in looked_at))
    attach(asked, "user")
    return Found(rows.filter(told | any_of("pk", bare(asked, access.at))), not rest)
