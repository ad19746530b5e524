"""What people could do over all time to come, and the difference that an act makes to it (design 6).

Power is counted in the gross: suspended or not, started or not, whether or not the holder is active or of an MSP.
Denies are kept beside it, since a deny that ends gives back all that it took.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from accounts.models import Group, GroupMembership
from computers.scopes import ComputerScope, computer_scope
from immyrbac.arrays import any_of
from immyrbac.statements import Statement
from rbac.grants import SCOPE_COLUMNS, counting_permissions, earliest
from rbac.models import Effect, RoleAssignment
from rbac.permissions import Permission
from rbac.power_lookups import (
    homes_of_users,
    looked_up,
    members_of_groups,
    memberships,
    memberships_now,
    owners_of_groups,
    roles_by_number,
)
from rbac.regions import Estate, Region, contains, disjoint
from rbac.shares import SHARE, Shared, shared_with
from rbac.switches import resilience
from tenancy.models import TenantScopeKind
from tenancy.scopes import TenantScope, owned_region, tenant_scope


class Person(NamedTuple):
    """A user; or, without one, the member more that a group is counted with; with neither, a newcomer."""

    user_id: int | None
    group_id: int | None = None


@dataclass(frozen=True, slots=True)
class RoleFacts:
    id: int
    key: str | None
    permissions: frozenset[str]


class Reach(NamedTuple):
    """One assignment or share as it reaches one person, now or later. `kind` is its tenant scope's as it was given."""

    person: Person
    allows: bool
    permissions: frozenset[Permission]
    region: Region
    kind: str
    role: RoleFacts
    starts: datetime | None
    ends: datetime | None

    def outlasts(self, other: Reach, now: datetime) -> bool:
        """Whether this is there at every instant from now on at which the other is."""
        lasts = self.ends is None or (other.ends is not None and other.ends <= self.ends)
        return lasts and (self.starts is None or self.starts <= max(other.starts or now, now))


class Claim(NamedTuple):
    """Permissions on a region that somebody gains or loses through a reach."""

    reach: Reach
    permissions: frozenset[Permission]
    region: Region
    ends: datetime | None


class Difference(NamedTuple):
    """G and L of design 6."""

    gains: list[Claim]
    losses: list[Claim]


NO_DIFFERENCE = Difference([], [])
"""Not to be added to."""


# Loading


def reaches_of(
    users: Collection[int] = (), groups: Collection[int] = (), *, bearing: Collection[Permission] = ()
) -> list[Reach]:
    """All that reaches these users, and these groups' members, each group counted with one member more.

    `bearing` leaves out what has none of these permissions. At most seven queries, whatever the number of people.
    """
    people = {*users, *(user for (user,) in looked_up(members_of_groups(), groups))}
    lives = dict(looked_up(homes_of_users(), people))
    homes = {tenant_id: _home(tenant_id) for tenant_id in set(lives.values())}
    inside = memberships_of(people)
    owners = dict(looked_up(owners_of_groups(), groups))
    joined = {group_id for _, group_id, _ in inside}
    by_principal = _assignments(people, joined | set(groups), bearing)
    return [
        *(reach for pk in people for reach in _build(by_principal[pk, None], Person(pk), homes[lives[pk]], None)),
        *(
            reach
            for pk, group_id, leaves in inside
            for reach in _build(by_principal[None, group_id], Person(pk), homes[lives[pk]], leaves)
        ),
        *(
            reach
            for group_id, owner in owners.items()
            for reach in _build(by_principal[None, group_id], Person(None, group_id), _stranger(owner), None)
        ),
        *map(reach_of_share, shared_with(people)),
    ]


def memberships_of(users: Iterable[int], at: datetime | None = None) -> list[tuple[int, int, datetime | None]]:
    """User, group and end of the live memberships of these users. One query."""
    return looked_up(memberships_now() if at is None else Statement(memberships(at)), users)


def roles_of(ids: Iterable[int]) -> dict[int, RoleFacts]:
    """By number. One query."""
    return {
        pk: RoleFacts(pk, key, frozenset(permissions)) for pk, key, permissions in looked_up(roles_by_number(), ids)
    }


def reach_of_share(shared: Shared) -> Reach:
    """It has no role: what a switch suspends, it suspends in every share."""
    listed = frozenset({shared.permission})
    role = RoleFacts(0, None, frozenset({shared.permission.value}))
    return Reach(Person(shared.user_id), True, listed, shared.region, SHARE, role, None, shared.expires_at)


def held_by(people: Iterable[Person]) -> dict[Person, list[Reach]]:
    """All that reaches each of these, and of a group the member more; at most six queries."""
    found: dict[Person, list[Reach]] = {person: [] for person in people}
    users, groups = ({getattr(person, name) for person in found} - {None} for name in ("user_id", "group_id"))
    for reach in reaches_of(users, groups) if found else ():
        if reach.person in found:
            found[reach.person].append(reach)
    return found


def reaches_through(group: Group, members: Iterable[tuple[int, int, datetime | None]]) -> list[Reach]:
    """What the group brings to these people, members or not: each by number, with their home and when they leave."""
    rows = _assignments((), [group.pk])[None, group.pk]
    return [reach for pk, home, leaves in members for reach in _build(rows, Person(pk), _home(home), leaves)]


def reaches_joining(joins: Iterable[tuple[int, Person, int, datetime | None]]) -> list[Reach]:
    """What groups, by number, bring to whom is to come into them: with their home, and until when. Two queries."""
    joins = list(joins)
    rows = _assignments((), {group_id for group_id, *_ in joins})
    return [
        reach
        for group_id, person, home, leaves in joins
        for reach in _build(rows[None, group_id], person, _home(home), leaves)
    ]


def reaches_of_draft(draft: RoleAssignment) -> list[Reach]:
    """What this assignment, saved or not, would add: to its user, or to the members of its group and one more."""
    return reaches_of_drafts([draft])


def reaches_of_drafts(drafts: Collection[RoleAssignment]) -> list[Reach]:
    """The same of several, which come with user, group and role. One query, none where no group holds any."""
    members: defaultdict[int, list[tuple[int, int, datetime | None]]] = defaultdict(list)
    if groups := {draft.group_id for draft in drafts if draft.group_id}:
        inside = GroupMembership.objects.live().filter(any_of("group", groups))
        for group_id, pk, home, leaves in inside.values_list("group_id", "user_id", "user__tenant_id", "expires_at"):
            members[group_id].append((pk, home, leaves))
    found: list[Reach] = []
    for draft in drafts:
        rows, group = [_held_by_draft(draft)], draft.group
        if draft.user is not None:
            found += _build(rows, Person(draft.user.pk), _home(draft.user.tenant_id), None)
        elif group is not None:
            for pk, home, leaves in members[group.pk]:
                found += _build(rows, Person(pk), _home(home), leaves)
            found += _build(rows, Person(None, group.pk), _stranger(group.tenant_id), None)
    return found


class _Own:
    """What *own tenant* means for whoever lives in one tenant, without and with children. Its regions are made once."""

    def __init__(self, single: TenantScope, subtree: TenantScope) -> None:
        self._tenants = (single, subtree)
        self._regions: dict[tuple[bool, ComputerScope], Region] = {}

    def region(self, computers: ComputerScope, *, children: bool) -> Region:
        asked = (children, computers)
        if asked not in self._regions:
            self._regions[asked] = Region.of(self._tenants[children], computers)
        return self._regions[asked]


def _home(tenant_id: int) -> _Own:
    return _Own(
        tenant_scope(TenantScopeKind.TENANT, tenant_id, None, include_children=False),
        tenant_scope(TenantScopeKind.TENANT, tenant_id, None, include_children=True),
    )


def _stranger(owner_id: int | None) -> _Own:
    """A member more may have their home anywhere that the group's owner allows."""
    return _Own(owned_region(owner_id), owned_region(owner_id))


_COLUMNS = ("user_id", "group_id", "role_id", "effect", "starts_at", "expires_at")


class _Where(NamedTuple):
    """Where an assignment reaches; `region` hangs on the home of whoever holds it where it is that of *own tenant*."""

    kind: str
    children: bool
    computers: ComputerScope
    region: Region | None

    @classmethod
    def of(cls, scope: tuple[Any, ...]) -> _Where:
        """As `SCOPE_COLUMNS` have it."""
        kind, tenant_id, tag_id, children, *narrowed = scope
        computers = computer_scope(*narrowed)
        if kind == TenantScopeKind.OWN_TENANT:
            return cls(kind, children, computers, None)
        region = Region.of(tenant_scope(kind, tenant_id, tag_id, include_children=children), computers)
        return cls(kind, children, computers, region)


class _Held(NamedTuple):
    """An assignment as it reaches whomever."""

    allows: bool
    permissions: frozenset[Permission]
    where: _Where
    role: RoleFacts
    starts: datetime | None
    expires: datetime | None


def _assignments(
    users: Collection[int], groups: Collection[int], bearing: Collection[Permission] = ()
) -> defaultdict[tuple[Any, Any], list[_Held]]:
    """By user and group. Two queries: what a role holds is read once, and not with each row."""
    found: defaultdict[tuple[Any, Any], list[_Held]] = defaultdict(list)
    if not users and not groups:
        return found
    columns = _held_by().rows({-1: sorted(users), -2: sorted(groups)})
    roles = roles_of({role_id for _, _, role_id, *_ in columns})
    wanted = {pk for pk, role in roles.items() if not (bearing and role.permissions.isdisjoint(bearing))}
    wheres = {scope: _Where.of(scope) for scope in {row[6:] for row in columns}}  # many are alike, and so made once
    for row in columns:
        user_id, group_id, role_id, effect, starts, expires = row[:6]
        if role_id in wanted:
            found[user_id, group_id].append(_held(roles[role_id], effect, starts, expires, wheres[row[6:]]))
    return found


@cache
def _held_by() -> Statement:
    rows = RoleAssignment.objects.unexpired().filter(any_of("user_id", [-1]) | any_of("group_id", [-2])).order_by()
    return Statement(rows.values_list(*_COLUMNS, *SCOPE_COLUMNS), planned_once=True)


def _held_by_draft(draft: RoleAssignment) -> _Held:
    role = RoleFacts(draft.role.pk, draft.role.key, frozenset(draft.role.permissions))
    where = _Where.of(tuple(getattr(draft, column) for column in SCOPE_COLUMNS))
    return _held(role, draft.effect, draft.starts_at, draft.expires_at, where)


def _held(role: RoleFacts, effect: str, starts: datetime | None, expires: datetime | None, where: _Where) -> _Held:
    whole, every = where.kind == TenantScopeKind.OWNER, where.computers.is_everything
    counting = counting_permissions(role.permissions, whole=whole, every=every, msp_only=True)
    return _Held(effect == Effect.ALLOW, counting, where, role, starts, expires)


def _build(rows: Iterable[_Held], person: Person, own: _Own, leaves: datetime | None) -> Iterator[Reach]:
    for allows, counting, (kind, children, computers, fixed), role, starts, expires in rows:
        region = fixed or own.region(computers, children=children)
        ends = earliest(expires, leaves) if leaves else expires
        yield Reach(person, allows, counting, region, kind, role, starts, ends)


# The difference


def difference(before: Iterable[Reach], after: Iterable[Reach], now: datetime, estate: Estate) -> Difference:
    """G and L between two states of the same people: gains in the gross, losses net (design 6)."""
    before, after = list(before), list(after)
    estate.learn({reach.region for reach in (*before, *after)})
    earlier, later = _by_person(before), _by_person(after)
    change = Difference([], [])
    for person in earlier.keys() | later.keys():
        part = difference_for_one(earlier[person], later[person], now, estate)
        change.gains.extend(part.gains)
        change.losses.extend(part.losses)
    return change


def difference_for_one(old: list[Reach], new: list[Reach], now: datetime, estate: Estate) -> Difference:
    """G and L between two states of what reaches one person; what containment looks up is learnt already."""
    if old == new:
        return NO_DIFFERENCE
    taken = [reach for reach in old if not reach.allows]
    return Difference(list(_more(old, new, now, estate)), list(_more(new, old, now, estate, net_of=taken)))


def awakened(reaches: Iterable[Reach]) -> Difference:
    """G of people whose home becomes an MSP, or who move to one: what counts for users of an MSP alone."""
    strong = {permission for permission in Permission if permission.spec.msp_only}
    claims = [
        Claim(reach, found, reach.region, reach.ends)
        for reach in reaches
        if reach.allows and (found := reach.permissions & strong)
    ]
    return Difference(claims, [])


def _more(
    old: list[Reach], new: list[Reach], now: datetime, estate: Estate, net_of: Collection[Reach] = ()
) -> Iterator[Claim]:
    """What the allows of `new` give beyond `old`, and what the denies of `old` no longer take from them.

    Read backwards, with the states exchanged, it is what ceases; a deny of `net_of` had taken that already.
    """
    old_denies = [reach for reach in old if not reach.allows]
    new_denies = [reach for reach in new if not reach.allows]
    for allow in (reach for reach in new if reach.allows):
        fresh = allow.permissions - _matched(allow, [reach for reach in old if reach.allows], now, estate)
        fresh -= _matched(allow, net_of, now, estate)
        if fresh:
            yield Claim(allow, fresh, allow.region, allow.ends)
        for deny in old_denies:
            lifted = (deny.permissions & allow.permissions) - _matched(deny, new_denies, now, estate)
            if lifted and not disjoint(deny.region, allow.region, estate):
                yield Claim(allow, lifted, deny.region.meet(allow.region), earliest(deny.ends, allow.ends))


def _matched(reach: Reach, others: Collection[Reach], now: datetime, estate: Estate) -> frozenset[Permission]:
    """The permissions of the reach that one of the others has on all of its region, for as long, as resiliently."""
    if any(other is reach for other in others):
        return reach.permissions
    found: set[Permission] = set()
    for other in others:
        if not reach.permissions.isdisjoint(other.permissions - found):
            found |= matched(reach, other, now, estate)
    return frozenset(found)


def matched(reach: Reach, other: Reach, now: datetime, estate: Estate) -> frozenset[Permission]:
    """The permissions of the reach that the other has as well, on all of its region and for as long.

    Of two allows, what a switch may take from the other alone is not among them.
    """
    shared = reach.permissions & other.permissions
    if not shared or not other.outlasts(reach, now) or not contains(other.region, reach.region, estate):
        return frozenset()
    if not (reach.allows and other.allows):
        return shared
    return frozenset(
        permission
        for permission in shared
        if resilience(other.role.key, permission) >= resilience(reach.role.key, permission)
    )


def _by_person(reaches: Iterable[Reach]) -> defaultdict[Person, list[Reach]]:
    sorted_out: defaultdict[Person, list[Reach]] = defaultdict(list)
    for reach in reaches:
        sorted_out[reach.person].append(reach)
    return sorted_out
