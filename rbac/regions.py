"""Whole scopes: tenants and computers together, decided as a pair (design 3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from computers import scopes as computer_scopes
from computers.scopes import ComputerEstate, ComputerScope, ComputerSpot
from tenancy import containment as tenants
from tenancy.containment import TenantEstate
from tenancy.scopes import TenantScope, TenantSpot


class Item(NamedTuple):
    """One library item."""

    model: type
    pk: int


class Ends(NamedTuple):
    """The tenants where a thing stood and comes to stand, by number, and which computer it is, if it is one."""

    tenants: tuple[int, int]
    computer: int | None


class MovingThings(NamedTuple):
    """Things that an act moves, in lots that nothing tells apart."""

    lots: Sequence[Sequence[Ends]]


class Moved(NamedTuple):
    """Some lots of these things, as bits: what a region that is one of them stands for."""

    things: MovingThings
    part: int


@dataclass(frozen=True, slots=True)
class Region:
    """What lies in every one of these tenant scopes and in every one of these computer scopes; of a share, one item.

    A single whole scope has one of each; where two meet, as an allow and the deny that takes from it, there are more.
    """

    tenants: tuple[TenantScope, ...]
    computers: tuple[ComputerScope, ...]
    items: tuple[Item, ...] = ()
    moved: Moved | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, tenants: TenantScope, computers: ComputerScope, item: Item | None = None) -> Region:
        return cls((tenants,), (computers,), () if item is None else (item,))

    def meet(self, other: Region) -> Region:
        """What lies in both."""
        return Region(
            tuple(dict.fromkeys(self.tenants + other.tenants)),
            tuple(dict.fromkeys(self.computers + other.computers)),
            tuple(dict.fromkeys(self.items + other.items)),
            self.moved or other.moved,
        )

    def as_it_was(self) -> Region:
        """Without where a thing that moves comes to stand: where it stood."""
        return Region(
            tuple(replace(each, after=each.before) if isinstance(each, TenantSpot) else each for each in self.tenants),
            tuple(
                replace(each, after=each.before) if isinstance(each, ComputerSpot) else each for each in self.computers
            ),
            self.items,
            self.moved,
        )


class Estate:
    """What containment looks up now, each fact once. Make a new one after every write."""

    def __init__(self) -> None:
        self.tenants = TenantEstate()
        self.computers = ComputerEstate()

    def learn(self, regions: Iterable[Region]) -> None:
        """All that comparing these regions with each other may ask, in at most four queries."""
        regions = set({id(region): region for region in regions}.values())  # many are one: to hash each takes longer
        self.tenants.learn_scopes(scope for region in regions for scope in region.tenants)
        self.computers.learn_scopes(scope for region in regions for scope in region.computers)


def contains(outer: Region, inner: Region, estate: Estate) -> bool:
    """Whether `outer` holds all of `inner`: tenants **and** computers, each by one scope, as scopes do not add up."""
    return (
        set(outer.items) <= set(inner.items)
        and all(any(tenants.contains(scope, held, estate.tenants) for held in inner.tenants) for scope in outer.tenants)
        and all(
            any(computer_scopes.contains(scope, held, estate.computers) for held in inner.computers)
            for scope in outer.computers
        )
    )


def disjoint(one: Region, other: Region, estate: Estate) -> bool:
    """Whether the two can share nothing: tenants **or** computers keep them apart, or they are two items."""
    return (
        len({*one.items, *other.items}) > 1
        or any(tenants.disjoint(left, right, estate.tenants) for left in one.tenants for right in other.tenants)
        or any(
            computer_scopes.disjoint(left, right, estate.computers)
            for left in one.computers
            for right in other.computers
        )
    )
