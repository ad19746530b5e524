"""The algebra of computer scopes (design 3): what each kind covers, as rows and in memory, contains, and excludes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Any, ClassVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from computers.models import Computer, ComputerScopeKind, ComputerScopeType, ComputerTag, ComputerType
from computers.models import ComputerScope as ComputerScopeRow
from immyrbac.arrays import any_of
from immyrbac.statements import Statement
from tenancy.scopes import Word

TYPES: dict[str, frozenset[str]] = {
    ComputerScopeType.WORKSTATIONS_AND_PORTABLES: frozenset({ComputerType.WORKSTATION, ComputerType.PORTABLE}),
    ComputerScopeType.SERVERS: frozenset({ComputerType.SERVER}),
    ComputerScopeType.DOMAIN_CONTROLLERS: frozenset({ComputerType.DOMAIN_CONTROLLER}),
}


@dataclass(frozen=True, slots=True)
class ComputerFacts:
    """What computer scopes need to know of one computer; shapes as in `Computer`."""

    id: int
    type: str
    tag_ids: frozenset[int] = frozenset()


def load_computers(ids: Iterable[int]) -> dict[int, ComputerFacts]:
    """Facts of these computers, as they are now, in one query."""
    rows = _by_number().rows({-1: sorted(set(ids))})
    return {pk: ComputerFacts(pk, kind, frozenset(tag_ids)) for pk, kind, tag_ids in rows}


@cache
def _by_number() -> Statement:
    tags = ArraySubquery(ComputerTag.objects.filter(computer=OuterRef("pk")).values("tag_id"))
    rows = Computer.objects.filter(any_of("pk", [-1])).order_by().values_list("pk", "type", tags)
    return Statement(rows, planned_once=True)


# The kinds


class ComputerScope:
    """One kind of computer scope. Equal scopes compare equal; subclasses are frozen."""

    __slots__ = ()
    needs_tags: ClassVar[bool] = False
    is_everything: ClassVar[bool] = False

    def covers(self, computer: ComputerFacts) -> bool:
        raise NotImplementedError

    def rows(self) -> Q:
        """The computers that this scope covers; never an empty `Q`, which would mean everything."""
        raise NotImplementedError

    def rows_among_few(self) -> Q:
        """The same, in a form that is quick where other conditions leave few computers."""
        return self.rows()


@dataclass(frozen=True, slots=True)
class AllScope(ComputerScope):
    is_everything = True

    def covers(self, computer: ComputerFacts) -> bool:  # noqa: ARG002  every computer
        return True

    def rows(self) -> Q:
        return ~Q(pk__in=())


@dataclass(frozen=True, slots=True)
class OneComputerScope(ComputerScope):
    computer_id: int

    def covers(self, computer: ComputerFacts) -> bool:
        return computer.id == self.computer_id

    def rows(self) -> Q:
        return Q(pk=self.computer_id)


@dataclass(frozen=True, slots=True)
class ComputerTagScope(ComputerScope):
    needs_tags = True

    tag_id: int

    def covers(self, computer: ComputerFacts) -> bool:
        return self.tag_id in computer.tag_ids

    def rows(self) -> Q:
        """Asked of each computer, unless there are so many that the planner would rather start from who bears it."""
        return Q(Exists(self._bearing()))

    def rows_among_few(self) -> Q:
        """Asked of each: to gather all that bear it, as the planner likes to, is 2 ms for ten thousand."""
        return Q(Coalesce(Subquery(self._bearing().values(bears=Value(True))[:1]), Value(False)))

    def _bearing(self) -> QuerySet[ComputerTag]:
        return ComputerTag.objects.filter(tag=self.tag_id, computer=OuterRef("pk"))


@dataclass(frozen=True, slots=True)
class TypeScope(ComputerScope):
    type: str

    def covers(self, computer: ComputerFacts) -> bool:
        return computer.type in TYPES[self.type]

    def rows(self) -> Q:
        return Q(type__in=sorted(TYPES[self.type]))


@dataclass(frozen=True, slots=True)
class ComputerSpot(ComputerScope):
    """One computer as it was and as it becomes; another scope contains it only if it covers both (safety 10)."""

    before: ComputerFacts
    after: ComputerFacts

    def covers(self, computer: ComputerFacts) -> bool:
        return computer in (self.before, self.after)


def computer_scope(kind: str, computer_id: int | None, tag_id: int | None, type_: str | None) -> ComputerScope:
    """The scope that these columns describe."""
    match kind:
        case ComputerScopeKind.ALL:
            return AllScope()
        case ComputerScopeKind.COMPUTER if computer_id is not None:
            return OneComputerScope(computer_id)
        case ComputerScopeKind.TAG if tag_id is not None:
            return ComputerTagScope(tag_id)
        case ComputerScopeKind.TYPE if type_ in TYPES:
            return TypeScope(type_)
    raise ValueError(f"No computer scope: {kind!r}")


def union_rows(scopes: Iterable[ComputerScope], *, among_few: bool = False) -> Q:
    """The computers that any of these scopes covers; single ones in one condition, however many there are."""
    alone, pieces = list[int](), list[Q]()
    for scope in scopes:
        if isinstance(scope, OneComputerScope):
            alone.append(scope.computer_id)
        else:
            pieces.append(scope.rows_among_few() if among_few else scope.rows())
    return reduce(or_, pieces, any_of("pk", alone))


def rows_covering(computer: ComputerFacts | None) -> Q:
    """Rows with `ComputerScope` columns that cover this computer; without one, those that cover all computers."""
    covering = Q(computer_scope=ComputerScopeKind.ALL)
    if computer is None:
        return covering
    types = sorted(name for name, held in TYPES.items() if computer.type in held)
    return (
        covering
        | Q(computer_scope=ComputerScopeKind.COMPUTER, computer=computer.id)
        | Q(computer_scope=ComputerScopeKind.TAG) & any_of("computer_tag_id", computer.tag_ids)
        | Q(computer_scope=ComputerScopeKind.TYPE, computer_type__in=types)
    )


def computer_words(row: ComputerScopeRow) -> list[Word]:
    """How the scope reads in a sentence (guide, "The assignment sentence")."""
    match row.computer_scope:
        case ComputerScopeKind.COMPUTER:
            return [Word(str(row.computer), strong=True, target=row.computer)]
        case ComputerScopeKind.TAG:
            return [Word("computers tagged "), Word(str(row.computer_tag), strong=True, target=row.computer_tag)]
        case ComputerScopeKind.TYPE:
            return [Word(ComputerScopeType(str(row.computer_type)).label.lower(), strong=True)]
    return [Word("all computers", strong=True)]


# Containment and disjointness: a table each


class ComputerEstate:
    """What the tables below look up now, each fact once. Make a new one after every write."""

    def __init__(self) -> None:
        self._computers: dict[int, ComputerFacts | None] = {}

    def learn_scopes(self, scopes: Iterable[ComputerScope]) -> None:
        """All that comparing these with each other may ask, in one query."""
        self._learn({scope.computer_id for scope in scopes if isinstance(scope, OneComputerScope)})

    def _learn(self, ids: set[int]) -> None:
        if missing := ids - self._computers.keys():
            found = load_computers(missing)
            self._computers.update({pk: found.get(pk) for pk in missing})

    def covers(self, scope: ComputerScope, pk: int) -> bool:
        self._learn({pk})
        computer = self._computers[pk]
        return computer is not None and scope.covers(computer)


Cell = Callable[[Any, Any, ComputerEstate], bool]

CONTAINS: dict[tuple[type[ComputerScope], type[ComputerScope]], Cell] = {
    (OneComputerScope, OneComputerScope): lambda outer, inner, _: outer == inner,
    (ComputerTagScope, OneComputerScope): lambda outer, inner, estate: estate.covers(outer, inner.computer_id),
    (ComputerTagScope, ComputerTagScope): lambda outer, inner, _: outer == inner,
    (TypeScope, OneComputerScope): lambda outer, inner, estate: estate.covers(outer, inner.computer_id),
    (TypeScope, TypeScope): lambda outer, inner, _: outer == inner,
}
"""Outer and inner kind: does the outer hold all of the inner? A pair that is missing: no. All holds everything."""

DISJOINT: dict[tuple[type[ComputerScope], type[ComputerScope]], Cell] = {
    (OneComputerScope, OneComputerScope): lambda one, other, _: one != other,
    (OneComputerScope, ComputerTagScope): lambda one, other, estate: not estate.covers(other, one.computer_id),
    (OneComputerScope, TypeScope): lambda one, other, estate: not estate.covers(other, one.computer_id),
    (TypeScope, TypeScope): lambda one, other, _: one != other,
}
"""Either order: can the two never meet? A pair that is missing: they may."""


def contains(outer: ComputerScope, inner: ComputerScope, estate: ComputerEstate) -> bool:
    """Whether `outer` alone holds all of `inner`; scopes do not add up (design 3)."""
    if outer == inner or outer.is_everything:
        return True
    if isinstance(inner, ComputerSpot):
        return outer.covers(inner.before) and outer.covers(inner.after)
    cell = CONTAINS.get((type(outer), type(inner)))
    return cell is not None and cell(outer, inner, estate)


def disjoint(one: ComputerScope, other: ComputerScope, estate: ComputerEstate) -> bool:
    """Whether the two can share no computer, by construction or looked up now (design 3)."""
    for left, right in ((one, other), (other, one)):
        if isinstance(left, ComputerSpot):
            return not right.covers(left.before) and not right.covers(left.after)
        cell = DISJOINT.get((type(left), type(right)))
        if cell is not None:
            return cell(left, right, estate)
    return False
