"""What bench/rule.py asks, each question as something to be called and timed, in every way that can answer it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import Q
from django.http import QueryDict

from accounts.models import GroupMembership, User
from bench import guarded
from bench.users import Asker
from bench.ways import GUARDIAN, OURS, Lists, Way, ways_of
from computers.models import Computer
from immyrbac.arrays import any_of_rows
from immyrbac.lists import CAP, capped
from rbac.access import Access, access_for, first_who_can, who_can
from rbac.models import RoleAssignment

WARM, COLD, CHECK, FIRST, DEEP, COUNT, MATRIX, WHO = (
    "warm check",
    "cold load",
    "cold check",
    "first page",
    "deep page",
    "capped count",
    "matrix",
    "who can",
)
PLAIN, BARE, IDEAL, QUERYSET = "plain load", "bare SQL", "ideal", "as a queryset"
SEE, DO = "computers:view", "computers:manage"
BARE_LOAD = """
SELECT assignment.*, role.key, role.permissions
FROM rbac_roleassignment AS assignment JOIN rbac_role AS role ON role.id = assignment.role_id
WHERE (assignment.user_id = %s OR assignment.group_id = ANY(ARRAY(
    SELECT group_id FROM accounts_groupmembership
    WHERE user_id = %s AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > statement_timestamp())
)))
AND assignment.ended_at IS NULL AND (assignment.starts_at IS NULL OR assignment.starts_at <= statement_timestamp())
AND (assignment.expires_at IS NULL OR assignment.expires_at > statement_timestamp())
"""


class DisagreementError(Exception):
    """The ways do not answer alike: nothing that they take can be compared."""


@dataclass
class Cell:
    """One question to one way: `ask` is what is timed, in seconds; each of its calls answers `calls` of it."""

    question: str
    way: Way | str
    ask: Callable[[], object]
    calls: int = 1
    times: list[float] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.way.name if isinstance(self.way, Way) else self.way

    def during(self) -> AbstractContextManager[None]:
        return self.way.during() if isinstance(self.way, Way) else nullcontext()


@dataclass(frozen=True, eq=False)
class Examination:
    """All about one asker in one database."""

    asker: Asker
    cells: Sequence[Cell]
    seen: int


def examine(asker: Asker) -> Examination:
    """Raises DisagreementError where the ways do not answer alike."""
    ways, lists = ways_of(asker), Lists(asker)
    seen = agreed(asker, ways)
    order = Computer.objects.filter(asker.ideals[0]).live().order_by("name", "pk")
    middle, page = order[seen // 2], list(order[:50])
    deep = lists.behind(middle, seen // 2)
    cells = [
        cell
        for way in ways
        for cell in (
            Cell(FIRST, way, partial(_page, lists, way, QueryDict())),
            Cell(DEEP, way, partial(_page, lists, way, deep)),
            Cell(COUNT, way, partial(_count, way)),
        )
    ]
    for question in (FIRST, DEEP, COUNT):
        same([cell for cell in cells if cell.question == question])
    return Examination(asker, [*cells, *_checks(asker, page, middle)], seen)


def agreed(asker: Asker, ways: Sequence[Way]) -> int:
    """How many rows they all find, the same."""
    found = {way.name: _ids(way) for way in ways}
    wrong = [name for name, ids in found.items() if ids != found[OURS]]
    if wrong or not found[OURS]:
        raise DisagreementError(f"{asker.name}: other rows by {', '.join(wrong) or 'none: there are none'}")
    return len(found[OURS])


def _ids(way: Way) -> set[int]:
    with way.during():
        return set(way.rows().filter(deleted_at=None).order_by().values_list("pk", flat=True))


def same(cells: Sequence[Cell]) -> None:
    answers = {}
    for cell in cells:
        with cell.during():
            answers[cell.name] = cell.ask()
    wrong = [name for name, answer in answers.items() if answer != next(iter(answers.values()))]
    if wrong:
        raise DisagreementError(f"{cells[0].question}: another answer by {', '.join(wrong)}")


def _page(lists: Lists, way: Way, params: QueryDict) -> list[Computer]:
    return lists.of(way, params).rows


def _count(way: Way) -> int:
    """The product as its lists count; the others in the plain way, since what makes its count quick spoils theirs."""
    rows = way.rows().filter(deleted_at=None)
    return capped(rows).count if way.name == OURS else min(rows.order_by()[: CAP + 1].count(), CAP)


# Checks


def _checks(asker: Asker, page: list[Computer], middle: Computer) -> list[Cell]:
    user, known = asker.user, guarded.prepared(asker.user)
    access, checker, ideal = access_for(user), guarded.checker_of(known, page), {computer.pk for computer in page}
    access.know(page)
    groups = [
        [
            Cell(WARM, OURS, lambda: [access.can(SEE, each) for each in page], len(page)),
            Cell(WARM, IDEAL, lambda: [each.pk in ideal for each in page], len(page)),
            Cell(WARM, GUARDIAN, lambda: [checker.has_perm(guarded.VIEW, each) for each in page], len(page)),
        ],
        [
            Cell(CHECK, OURS, lambda: access_for(user).can(SEE, middle)),
            Cell(CHECK, GUARDIAN, lambda: guarded.ObjectPermissionChecker(known).has_perm(guarded.VIEW, middle)),
        ],
        [
            Cell(MATRIX, OURS, partial(_matrix, access.holding, page)),
            Cell(MATRIX, GUARDIAN, partial(_guarded_matrix, known, page)),
        ],
        [Cell(COLD, OURS, partial(access_for, user))],
        [Cell(COLD, PLAIN, partial(_plain_load, user.pk))],
        [Cell(COLD, BARE, partial(_bare_load, user.pk))],
        [Cell(WHO, OURS, lambda: first_who_can(SEE, middle, 50))],
        [Cell(WHO, QUERYSET, lambda: list(who_can(SEE, middle).order_by("name", "pk")[:50]))],
    ]
    for group in groups:
        same(group)
    return [cell for group in groups for cell in group]


def _matrix(holding: Any, page: list[Computer]) -> list[bool]:
    access = Access(holding)
    access.know(page)
    return [access.can(permission, each) for each in page for permission in MATRIX_OF]


MATRIX_OF = list(guarded.ACTIONS)


def _guarded_matrix(user: User, page: list[Computer]) -> list[bool]:
    checker = guarded.checker_of(user, page)
    return [checker.has_perm(guarded.ACTIONS[permission], each) for each in page for permission in MATRIX_OF]


def _plain_load(user_id: int) -> list[RoleAssignment]:
    """The live assignments that reach the user, with their roles."""
    groups = GroupMembership.objects.live().filter(user=user_id).values("group_id")
    rows = RoleAssignment.objects.live().filter(Q(user=user_id) | any_of_rows("group_id", groups))
    return list(rows.order_by().select_related("role"))


def _bare_load(user_id: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(BARE_LOAD, [user_id, user_id])
        rows: list[Any] = cursor.fetchall()
        return rows
