"""What people gain and lose when something moves under their assignments: a tenant, a computer, a user (design 6).

No assignment changes then, but what it covers does: by a parent, an MSP flag, a tag, a type, an owner.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Q

from accounts.models import GroupMembership, User
from computers import scopes as computer_scopes
from computers.models import Computer, ComputerScopeKind
from computers.scopes import ComputerFacts, ComputerScope, ComputerSpot
from rbac.bits import bits_of_flags
from rbac.models import RoleAssignment
from rbac.permissions import Permission, Scoping
from rbac.power import Difference, Person, Reach, difference_for_one, reaches_of
from rbac.regions import Ends, Estate, Moved, MovingThings, Region
from tenancy.atlas import scopes_covering
from tenancy.models import TenantScopeKind
from tenancy.scopes import (
    SubtreeScope,
    TenantFacts,
    TenantScope,
    TenantSpot,
    load_tenants,
    rows_describing,
    rows_near,
)

ASKED_OF = {"user": ("users:",), "computer": ("computers:", "agents:", "sessions:", "deployments:view", "users:view")}
"""The subjects whose permissions are asked about such a thing: an agent is where its computer is, who uses it, what is
deployed to it."""

ASKED_OF_ANYTHING = frozenset(
    {Permission.AUDIT_VIEW, Permission.GOVERNANCE_EXPLAIN_ACCESS, Permission.GOVERNANCE_SIMULATE_CHANGES}
)
"""What is asked about people and computers besides the permissions of their own subject."""


class Moving(NamedTuple):
    """What an act may move: ids of each kind."""

    tenants: Collection[int] = ()
    computers: Collection[int] = ()
    users: Collection[int] = ()


class Place(NamedTuple):
    tenant: TenantFacts
    computer: ComputerFacts | None = None


Places = dict[tuple[str, int], Place]


def places_of(moving: Moving) -> Places:
    """Where these stand now; what does not exist is missing. At most four queries."""
    users = dict(User.objects.filter(pk__in=moving.users).values_list("pk", "tenant_id"))
    homes = dict(Computer.objects.filter(pk__in=moving.computers).values_list("pk", "tenant_id"))
    tenants = load_tenants({*moving.tenants, *users.values(), *homes.values()})
    computers = computer_scopes.load_computers(homes)
    return {
        **{("tenant", pk): Place(tenants[pk]) for pk in moving.tenants if pk in tenants},
        **{("user", pk): Place(tenants[home]) for pk, home in users.items()},
        **{("computer", pk): Place(tenants[home], computers[pk]) for pk, home in homes.items()},
    }


class Telling(NamedTuple):
    """Scopes by which places are told apart."""

    tenants: Collection[TenantScope] = frozenset()
    computers: Collection[ComputerScope] = frozenset()

    @classmethod
    def of(cls, regions: Iterable[Region]) -> Telling:
        regions = set(regions)
        return cls(
            frozenset(scope for region in regions for scope in region.tenants),
            frozenset(scope for region in regions for scope in region.computers),
        )

    def __or__(self, other: Telling) -> Telling:
        return Telling({*self.tenants, *other.tenants}, {*self.computers, *other.computers})

    def covering(self, place: Place) -> _Covering:
        """Those of them that cover it; *owner* covers every place, and tells none apart."""
        tenants = frozenset(scope for scope in scopes_covering(place.tenant) if scope in self.tenants)
        machine = place.computer
        return tenants, frozenset(scope for scope in self.computers if machine is not None and scope.covers(machine))


_Scope = TenantScope | ComputerScope
_Covering = tuple[frozenset[TenantScope], frozenset[ComputerScope]]


def moved(before: Places, after: Places, now: datetime, telling: Callable[[], Telling] = Telling) -> Difference:
    """G and L of all that changed its place; what is new or gone is no change of anybody's reach by itself.

    Things that nothing tells apart which reaches a person, and none of `telling` (by which the difference will be
    judged), make the same difference to them: one stands for all. It is asked where something changed.
    """
    changed = {key: (before[key], after[key]) for key in before.keys() & after.keys() if before[key] != after[key]}
    total = Difference([], [])
    if not changed:
        return total
    index, judging = _Index(_near(list(changed.values()))), telling()
    estate = Estate()
    estate.computers.learn_scopes(index.telling.computers)
    for kind, ends, reaches in _lots(changed, index, judging):
        lots = _Lots(kind, ends)
        parts = lots.told_apart_by(judging)
        for held in reaches:
            for clipped in lots.clipped(held, parts):
                part = difference_for_one(*clipped, now, estate)
                total.gains.extend(part.gains)
                total.losses.extend(part.losses)
    return total


def _lots(
    changed: Mapping[tuple[str, int], tuple[Place, Place]], index: _Index, telling: Telling
) -> Iterator[tuple[str, list[list[_Ends]], list[list[Reach]]]]:
    """The ends of the things of each lot, with all that reaches each of those whom such a move may touch."""
    alike: defaultdict[Any, list[_Ends]] = defaultdict(list)
    for (kind, _), (old, new) in sorted(changed.items()):
        alike[kind, index.differing(old, new)].append((old, new))
    for (kind, differing), ends in alike.items():
        reaches = index.touched(differing)
        apart = telling | Telling.of(reach.region for held in reaches for reach in held)
        lots: defaultdict[Any, list[_Ends]] = defaultdict(list)
        for old, new in ends:
            lots[apart.covering(old), apart.covering(new)].append((old, new))
        yield kind, list(lots.values()), reaches


_Ends = tuple[Place, Place]
_Covered = tuple[int, int]
"""The lots whose old end something covers, and those whose new end, as bits."""


class _Lots:
    """Things that move, one of each lot, and what covers them before and after."""

    def __init__(self, kind: str, lots: list[list[_Ends]]) -> None:
        self._kind, self._ends = kind, [ends[0] for ends in lots]
        self._things = MovingThings([[_numbers(old, new) for old, new in ends] for ends in lots])
        self._every = (1 << len(lots)) - 1
        self._by_scope: dict[_Scope, _Covered] = {}
        self._by_region: dict[int, _Covered] = {}
        self._spots: dict[Any, Region] = {}

    def told_apart_by(self, telling: Telling) -> list[int]:
        """The lots in parts that none of these scopes tells apart."""
        scopes: Iterable[_Scope] = (*telling.tenants, *telling.computers)
        return _refined([self._every], map(self._by, scopes))

    def clipped(self, held: list[Reach], parts: list[int]) -> Iterator[tuple[list[Reach], list[Reach]]]:
        """What reaches one person, cut down to the things of each part that it does not tell apart, at both ends."""
        covered = [(reach, *self._of(reach.region)) for reach in held]
        differing = 0
        for _, old, new in covered:
            differing |= old ^ new
        for part in _refined([found for each in parts if (found := each & differing)], (each[1:] for each in covered)):
            yield self._clip([(reach, old & part, new & part) for reach, old, new in covered], part)

    def _clip(self, covered: Iterable[tuple[Reach, int, int]], part: int) -> tuple[list[Reach], list[Reach]]:
        """The reaches that cover the thing at either end. What covers both stays one, and is no change."""
        before: list[Reach] = []
        after: list[Reach] = []
        for reach, at_old, at_new in covered:
            permissions = _about(self._kind, reach.permissions) if at_old or at_new else None
            if permissions:
                cut = Reach(
                    reach.person,
                    reach.allows,
                    permissions,
                    self._spot(reach.region, part),
                    reach.kind,
                    reach.role,
                    reach.starts,
                    reach.ends,
                )
                if at_old:
                    before.append(cut)
                if at_new:
                    after.append(cut)
        return before, after

    def _spot(self, region: Region, part: int) -> Region:
        """The first thing of the part, as far as the region covers it, in place of all."""
        (tenant, computer), (to_tenant, to_computer) = self._ends[part.bit_length() - 1]
        computers = region.computers
        if computer is not None and to_computer is not None:
            computers = (ComputerSpot(computer, to_computer),)
        alike = (part, computers, region.items)
        if alike not in self._spots:
            spot, moved = (TenantSpot(tenant, to_tenant),), Moved(self._things, part)
            self._spots[alike] = Region(spot, computers, region.items, moved)
        return self._spots[alike]

    def _of(self, region: Region) -> _Covered:
        """Of what lies in all of its scopes. By identity: many are one, and to hash each takes longer."""
        if id(region) not in self._by_region:
            old = new = self._every
            scopes: Iterable[_Scope] = (*region.tenants, *region.computers)
            for scope in scopes:
                at_old, at_new = self._by(scope)
                old, new = old & at_old, new & at_new
            self._by_region[id(region)] = old, new
        return self._by_region[id(region)]

    def _by(self, scope: _Scope) -> _Covered:
        if scope not in self._by_scope:
            olds, news = ([_covers(scope, ends[side]) for ends in self._ends] for side in (0, 1))
            self._by_scope[scope] = bits_of_flags(olds), bits_of_flags(news)
        return self._by_scope[scope]


def _numbers(old: Place, new: Place) -> Ends:
    return Ends((old.tenant.id, new.tenant.id), None if new.computer is None else new.computer.id)


def _covers(scope: _Scope, place: Place) -> bool:
    """A tenant's computers are not told apart here."""
    if isinstance(scope, TenantScope):
        return scope.covers(place.tenant)
    return place.computer is None or scope.covers(place.computer)


def _refined(parts: list[int], apart: Iterable[_Covered]) -> list[int]:
    """The parts of a set, split until each lies in or out of every one of these."""
    for covered in apart:
        for bits in covered:
            if any(part & bits not in (0, part) for part in parts):
                parts = [found for part in parts for found in (part & bits, part & ~bits) if found]
    return parts


class _Index:
    """Reaches by the scopes that they are made of: a thing that moves is weighed for the people whom that may touch."""

    def __init__(self, reaches: list[Reach]) -> None:
        self._held: defaultdict[Person, list[Reach]] = defaultdict(list)
        self._holders: defaultdict[_Scope, set[Person]] = defaultdict(set)
        self.telling = Telling.of(reach.region for reach in reaches)
        for reach in reaches:
            self._held[reach.person].append(reach)
            scopes: tuple[_Scope, ...] = (*reach.region.tenants, *reach.region.computers)
            for scope in scopes:
                self._holders[scope].add(reach.person)

    def differing(self, old: Place, new: Place) -> frozenset[_Scope]:
        """The scopes that cover one end and not the other."""
        tenants, computers = self.telling.covering(old)
        other_tenants, other_computers = self.telling.covering(new)
        return frozenset((*(tenants ^ other_tenants), *(computers ^ other_computers)))

    def touched(self, differing: Iterable[_Scope]) -> list[list[Reach]]:
        """All that reaches each of those who have one of these scopes."""
        people: set[Person] = set().union(*map(self._holders.__getitem__, differing))
        return [self._held[person] for person in people]


def _near(ends: list[tuple[Place, Place]]) -> list[Reach]:
    """All that reaches whoever has an assignment that may cover one end and not the other."""
    narrowed = any(place.computer for pair in ends for place in pair)
    near = _covering_either(ends) if narrowed else _covering_one(ends)
    found = list(RoleAssignment.objects.unexpired().filter(near).order_by().values_list("user_id", "group_id"))
    users = {user for user, _ in found if user}
    groups = {group for _, group in found if group}
    return reaches_of(users, groups)


def _covering_one(ends: list[tuple[Place, Place]]) -> Q:
    """The rows whose tenant scope covers one end and not the other; strangers of a group live below its owner."""
    changed = {scope for old, new in ends for scope in {*scopes_covering(old.tenant)} ^ {*scopes_covering(new.tenant)}}
    members = GroupMembership.objects.live()
    near = rows_describing(changed, ("user__tenant",), lambda homes: members.filter(user__tenant__in=homes))
    owners = sorted(scope.tenant_id for scope in changed if isinstance(scope, SubtreeScope))
    return near | Q(scope=TenantScopeKind.OWN_TENANT, group__tenant__in=owners)


def _covering_either(ends: list[tuple[Place, Place]]) -> Q:
    """The rows that cover an end by their tenants: which of its computers may differ as well."""
    tenants = [place.tenant for pair in ends for place in pair]
    ids = sorted({pk for tenant in tenants for pk in tenant.path})
    members = GroupMembership.objects.live().filter(user__tenant__in=ids).values("group_id")
    near = rows_near(tenants, ("user__tenant", "group__tenant"))
    near |= Q(scope=TenantScopeKind.OWN_TENANT, group__in=members)
    return near | Q(scope=TenantScopeKind.OWNER) & ~Q(computer_scope=ComputerScopeKind.ALL)


@lru_cache(maxsize=4096)
def _about(kind: str, permissions: frozenset[Permission]) -> frozenset[Permission]:
    """The permissions that are asked about such a thing; a tenant's are asked about all that it holds."""
    return frozenset(
        permission
        for permission in permissions
        if kind == "tenant"
        or permission in ASKED_OF_ANYTHING
        or (kind == "computer" and permission.spec.scoping == Scoping.COMPUTER)
        or permission.value.startswith(ASKED_OF[kind])
    )
