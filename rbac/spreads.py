"""On how many tenants and computers people gain or lose something, by the regions of the gate's difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import reduce
from operator import and_, or_
from typing import NamedTuple

from django.db.models import Q, QuerySet

from computers.models import Computer
from computers.scopes import ComputerScope
from immyrbac.arrays import any_of
from immyrbac.words import counted
from rbac.bits import numbers_of
from rbac.objects import KINDS
from rbac.permissions import Permission, Scoping
from rbac.power import Claim, Difference
from rbac.regions import MovingThings
from tenancy.models import Tenant
from tenancy.scopes import TenantScope, union_rows

SHAPES = 50
"""In so many ways scopes may be narrowed that are asked about one by one."""


class Spread(NamedTuple):
    """How many tenants and computers; `at_most`: so many and no more."""

    tenants: int
    computers: int
    at_most: bool = False

    def __str__(self) -> str:
        if not (self.tenants or self.computers):
            return ""
        most = "at most " if self.at_most else ""
        computers = f" and {most}{counted(self.computers, 'computer')}" if self.computers else ""
        return f"on {most}{counted(self.tenants, 'tenant')}{computers}"


def spread_of(
    changes: Iterable[Difference],
    people: Collection[int],
    tenants: QuerySet[Tenant],
    computers: QuerySet[Computer],
    *,
    exact: bool,
) -> Spread:
    """Of what these people gain or lose, those among these tenants and computers. Two queries.

    Where it need not be exact, what narrows a scope is left out, and the numbers are at most.
    """
    asked, concerned = _Asked(), set(people)
    for change in changes:
        for claims, side in ((change.gains, 1), (change.losses, 0)):
            for claim in claims:
                if claim.reach.person.user_id in concerned:
                    asked.add(claim, side)
    is_exact = exact and len(asked.shapes) <= SHAPES
    shapes = asked.shapes if is_exact else _widened(asked.shapes)
    places, devices = asked.moved()
    alone = any_of("pk", places)
    on = reduce(or_, (_tenants(shape, scopes) for shape, scopes in shapes.items()), alone)
    of = reduce(or_, (_computers(shape, scopes) for shape, scopes in shapes.items() if shape.of_computers), devices)
    return Spread(tenants.filter(on).order_by().count(), computers.filter(of).order_by().count(), not is_exact)


class _Shape(NamedTuple):
    """What narrows several scopes alike, and whether anything of it is asked of computers."""

    within: tuple[TenantScope, ...]
    computers: tuple[ComputerScope, ...]
    of_computers: bool


_Shapes = dict[_Shape, set[TenantScope]]


class _Asked:
    """The regions of some claims: scopes by their shape, and things that move by their number."""

    def __init__(self) -> None:
        self.shapes: defaultdict[_Shape, set[TenantScope]] = defaultdict(set)
        self._moved: defaultdict[tuple[int, int, _Shape], int] = defaultdict(int)
        self._things: dict[int, MovingThings] = {}
        self._seen: set[tuple[int, bool, int]] = set()

    def add(self, claim: Claim, side: int) -> None:
        """`side`: 0 where it was, 1 where it comes to be. What is about one item is about no tenant."""
        region, of_computers = claim.region, _of_computers(claim.permissions)
        known = (id(region), of_computers, side)
        if region.items or known in self._seen:
            return
        self._seen.add(known)
        narrowed = tuple(scope for scope in region.computers if not scope.is_everything)
        if region.moved is None:
            *within, last = region.tenants
            self.shapes[_Shape(tuple(within), narrowed, of_computers)].add(last)
        else:
            things, part = region.moved
            self._things[id(things)] = things
            self._moved[id(things), side, _Shape((), narrowed, of_computers)] |= part

    def moved(self) -> tuple[set[int], Q]:
        """The tenants where things move, by number, and the computers."""
        places, devices = set[int](), Q(pk__in=())
        for (things, side, shape), part in self._moved.items():
            ends = [end for lot in numbers_of(part) for end in self._things[things].lots[lot]]
            tenants = {end.tenants[side] for end in ends}
            places |= tenants
            computers = [end.computer for end in ends if end.computer is not None]
            if computers:
                devices |= any_of("pk", computers)
            elif shape.of_computers:
                devices |= any_of("tenant", tenants) & _narrowed(shape)
        return places, devices


def _of_computers(permissions: Iterable[Permission]) -> bool:
    return any(each.spec.scoping == Scoping.COMPUTER for each in permissions)


def _widened(shapes: _Shapes) -> _Shapes:
    """Without what narrows them: at most two shapes."""
    found: defaultdict[_Shape, set[TenantScope]] = defaultdict(set)
    for shape, scopes in shapes.items():
        found[_Shape((), (), shape.of_computers)] |= scopes
    return found


def _where(model: type[Tenant | Computer], shape: _Shape, scopes: Collection[TenantScope]) -> Q:
    columns = KINDS[model].columns
    return reduce(and_, (each.rows(columns) for each in shape.within), union_rows(scopes, columns))


def _narrowed(shape: _Shape) -> Q:
    return reduce(and_, (each.rows() for each in shape.computers), ~Q(pk__in=()))


def _computers(shape: _Shape, scopes: Collection[TenantScope]) -> Q:
    return _where(Computer, shape, scopes) & _narrowed(shape)


def _tenants(shape: _Shape, scopes: Collection[TenantScope]) -> Q:
    """Narrowed to some computers it is on the tenants that have such."""
    if not shape.computers:
        return _where(Tenant, shape, scopes)
    devices = Computer.objects.live().filter(_computers(shape, scopes)).order_by()
    return Q(pk__in=devices.values("tenant"))
