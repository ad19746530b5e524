"""What people gain and lose when something moves under their assignments: a tenant, a computer, a user (design 6).

No assignment changes then, but what it covers does: by a parent, an MSP flag, a tag, a type, an owner.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from accounts.models import GroupMembership, User
from computers import scopes as computer_scopes
from computers.models import Computer, ComputerScopeKind
from computers.scopes import ComputerFacts, ComputerSpot
from rbac.models import RoleAssignment
from rbac.permissions import Permission, Scoping
from rbac.power import Difference, Person, Reach, difference, reaches_of
from rbac.regions import Estate, Region
from tenancy.atlas import scopes_covering
from tenancy.models import TenantScopeKind
from tenancy.scopes import TenantFacts, TenantScope, TenantSpot, load_tenants, rows_near

ASKED_OF_ANYTHING = frozenset({Permission.AUDIT_VIEW, Permission.GOVERNANCE_EXPLAIN_ACCESS})
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


def moved(before: Places, after: Places, now: datetime) -> Difference:
    """G and L of all that changed its place; what is new or gone is no change of anybody's reach by itself."""
    changed = {key: (before[key], after[key]) for key in before.keys() & after.keys() if before[key] != after[key]}
    total = Difference([], [])
    if not changed:
        return total
    index, estate = _Index(_near(list(changed.values()))), Estate()
    for (kind, _), (old, new) in sorted(changed.items()):
        reaches = index.touched(old, new)
        part = difference(_clip(reaches, kind, old, new, old), _clip(reaches, kind, old, new, new), now, estate)
        total.gains.extend(part.gains)
        total.losses.extend(part.losses)
    return total


class _Index:
    """Reaches by the scopes that they are made of: a thing that moves is weighed for the people whom that may touch."""

    def __init__(self, reaches: list[Reach]) -> None:
        self._held: defaultdict[Person, list[Reach]] = defaultdict(list)
        self._by_tenants: defaultdict[TenantScope, set[Person]] = defaultdict(set)
        self._by_computers: defaultdict[computer_scopes.ComputerScope, set[Person]] = defaultdict(set)
        for reach in reaches:
            self._held[reach.person].append(reach)
            for tenants in reach.region.tenants:
                self._by_tenants[tenants].add(reach.person)
            for computers in reach.region.computers:
                self._by_computers[computers].add(reach.person)

    def touched(self, old: Place, new: Place) -> list[Reach]:
        """All that reaches whoever has a scope that covers one end and not the other."""
        differing = {*scopes_covering(old.tenant)} ^ {*scopes_covering(new.tenant)}
        people = {person for scope in differing for person in self._by_tenants.get(scope, ())}
        if old.computer is not None and new.computer is not None:
            for scope, holders in self._by_computers.items():
                if scope.covers(old.computer) != scope.covers(new.computer):
                    people |= holders
        return [reach for person in people for reach in self._held[person]]


def _near(ends: list[tuple[Place, Place]]) -> list[Reach]:
    """All that reaches whoever has an assignment that may cover one end and not the other."""
    places = [place for pair in ends for place in pair]
    tenants = [place.tenant for place in places]
    ids = sorted({pk for tenant in tenants for pk in tenant.path})
    members = GroupMembership.objects.live().filter(user__tenant__in=ids).values("group_id")
    near = rows_near(tenants, ("user__tenant", "group__tenant"))
    near |= Q(scope=TenantScopeKind.OWN_TENANT, group__in=members)
    near |= Q(scope=TenantScopeKind.OWNER) & ~Q(computer_scope=ComputerScopeKind.ALL)
    found = list(RoleAssignment.objects.unexpired().filter(near).order_by().values_list("user_id", "group_id"))
    users = {user for user, _ in found if user}
    groups = {group for _, group in found if group}
    return reaches_of(users, groups)


def _clip(reaches: list[Reach], kind: str, old: Place, new: Place, at: Place) -> list[Reach]:
    """The reaches that cover the thing at this end, cut down to it."""
    tenants = (TenantSpot(old.tenant, new.tenant),)
    found = []
    for reach in reaches:
        permissions = frozenset(_about(kind, reach.permissions))
        if permissions and _covers(reach.region, at):
            region = Region(tenants, _computers(reach, old, new))
            found.append(replace(reach, permissions=permissions, region=region))
    return found


def _covers(region: Region, place: Place) -> bool:
    if not all(scope.covers(place.tenant) for scope in region.tenants):
        return False
    return place.computer is None or all(scope.covers(place.computer) for scope in region.computers)


def _computers(reach: Reach, old: Place, new: Place) -> tuple[computer_scopes.ComputerScope, ...]:
    if old.computer is None or new.computer is None:
        return reach.region.computers
    return (ComputerSpot(old.computer, new.computer),)


def _about(kind: str, permissions: frozenset[Permission]) -> Iterator[Permission]:
    """The permissions that are asked about such a thing; a tenant's are asked about all that it holds."""
    for permission in permissions:
        if (
            kind == "tenant"
            or permission in ASKED_OF_ANYTHING
            or (kind == "computer" and permission.spec.scoping == Scoping.COMPUTER)
            or permission.value.startswith(f"{kind}s:")
        ):
            yield permission
