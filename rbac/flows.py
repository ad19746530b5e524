"""Where permissions flow to people, before something is done and after, as `rbac.access` decides it (design 3).

All is counted over grounds that are loaded once, so that the reach of many people is a matter of sets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet

from computers.scopes import ComputerScope
from rbac.access import Access
from rbac.grants import SCOPE_COLUMNS, counting_permissions, scopes_of
from rbac.grounds import ComputerGround, Extent, Ground, Places, TenantGround, union
from rbac.models import Effect, RoleAssignment
from rbac.permissions import Permission, Scoping
from rbac.switchboard import Switchboard
from rbac.switches import GOVERNING, SwitchKey, keeps
from tenancy.atlas import Atlas
from tenancy.scopes import TenantScope


class Person(NamedTuple):
    """Somebody who may act and holds, or is denied, something of what is asked about."""

    id: int
    name: str
    email: str
    tenant_name: str
    home_id: int
    is_of_msp: bool


class Source(NamedTuple):
    """What decides in one live assignment, as it reaches one person."""

    allows: bool
    permissions: frozenset[Permission]
    tenants: TenantScope
    computers: ComputerScope
    role_key: str | None


class Flow(NamedTuple):
    """Where one permission flows to one person, before and after."""

    ground: Ground
    before: Places
    after: Places

    @property
    def is_touched(self) -> bool:
        return self.before is not self.after and self.before != self.after


class Share(NamedTuple):
    """How far one permission reaches for one person, before and after, of what the reader may see.

    How far is added up where it is read: a page names a few of thousands, and each may reach thousands of lots.
    """

    permission: Permission
    flow: Flow
    had: bool
    has: bool
    loses: bool
    gains: bool

    @classmethod
    def of(cls, permission: Permission, flow: Flow) -> Share:
        seen, before, after = flow.ground.seen, flow.before, flow.after
        if before is after:
            has = not after.isdisjoint(seen)
            return cls(permission, flow, had=has, has=has, loses=False, gains=False)
        apart = [places.isdisjoint(seen) for places in (before, after, before - after, after - before)]
        return cls(permission, flow, *(not each for each in apart))

    @property
    def before(self) -> Extent:
        return self.flow.ground.extent(self.flow.before & self.flow.ground.seen)

    @property
    def after(self) -> Extent:
        return self.flow.ground.extent(self.flow.after & self.flow.ground.seen)


def tenants_touched(flows: Iterable[Flow]) -> set[int]:
    """The tenants, of those that the reader sees, in which something changes for somebody."""
    places: defaultdict[Ground, set[int | None]] = defaultdict(set)
    for flow in flows:
        if flow.before is not flow.after:
            places[flow.ground] |= flow.before ^ flow.after
    return {pk for ground, changed in places.items() for pk in ground.tenants_of(ground.seen & changed)}


@dataclass(frozen=True, slots=True)
class Affected:
    """One person, with the roles and groups that bring the permissions, as far as the reader sees the assignments.

    `enrols`: they hold what a switch guards, and have no second factor.
    """

    person: Person
    roles: Sequence[str]
    groups: Sequence[str]
    shares: Sequence[Share]
    enrols: bool = False

    @property
    def loses(self) -> bool:
        return any(share.loses for share in self.shares)

    @property
    def gains(self) -> bool:
        return any(share.gains for share in self.shares)

    @property
    def is_touched(self) -> bool:
        return self.loses or self.gains or self.enrols

    @property
    def had(self) -> bool:
        return any(share.had for share in self.shares)

    @property
    def has(self) -> bool:
        return any(share.has for share in self.shares)


class Sight(NamedTuple):
    """The users and assignments that the reader sees, by number."""

    people: Collection[int]
    assignments: Collection[int]


class Member(NamedTuple):
    """Somebody with all that bears on the permissions; `roles` and `groups` are what the reader may read of it."""

    person: Person
    is_seen: bool
    before: frozenset[Source]
    after: frozenset[Source]
    roles: Sequence[str]
    groups: Sequence[str]

    def told(self, flows: Mapping[Permission, Flow]) -> Affected:
        shares = [Share.of(permission, flow) for permission, flow in flows.items()]
        return Affected(self.person, self.roles, self.groups, shares)


COLUMNS = (
    "pk",
    "user_id",
    "group_id",
    "effect",
    "role_id",
    "role__key",
    "role__permissions",
    "role__name",
    "group__name",
)
"""What `member_of` reads of an assignment, before the columns of its scope."""


def sources_of(rows: QuerySet[RoleAssignment]) -> Iterator[tuple[Any, ...]]:
    """What `member_of` reads of these. What a role holds is one set, however many name it, and hashed once."""
    held: dict[int, frozenset[str]] = {}
    for pk, user, group, effect, role, key, listed, *more in rows.values_list(*COLUMNS, *SCOPE_COLUMNS):
        if role not in held:
            held[role] = frozenset(listed)
        yield (pk, user, group, effect, role, key, held[role], *more)


NOTHING_CHANGED: Mapping[int, frozenset[str]] = {}


def member_of(
    person: Person,
    rows: Iterable[tuple[Any, ...]],
    wanted: frozenset[Permission],
    seen: Sight,
    becoming: Mapping[int, frozenset[str]] = NOTHING_CHANGED,
) -> Member:
    """Somebody whom these assignments reach; `becoming` is what roles will hold, by number, where that changes."""
    before, after, roles, groups = set(), set(), set(), set()
    for pk, _, _, effect, role, key, listed, role_name, group_name, *columns in rows:
        allows = effect == Effect.ALLOW
        scopes = scopes_of(columns, person.home_id)
        old, new = (
            wanted & _counting(frozenset(held), *scopes, msp_only=not allows or person.is_of_msp)
            for held in (listed, becoming.get(role, listed))
        )
        if old:
            before.add(Source(allows, old, *scopes, key))
        if new:
            after.add(Source(allows, new, *scopes, key))
        if (old or new) and allows and pk in seen.assignments:
            roles.add(role_name)
            groups.update([group_name] if group_name else [])
    return Member(person, person.id in seen.people, frozenset(before), frozenset(after), sorted(roles), sorted(groups))


def _counting(
    listed: frozenset[str], tenants: TenantScope, computers: ComputerScope, *, msp_only: bool
) -> frozenset[Permission]:
    whole, every = tenants.is_everything, computers.is_everything
    return counting_permissions(listed, whole=whole, every=every, msp_only=msp_only)


NOTHING_FLIPPED: Mapping[SwitchKey, bool] = {}


class Flows:
    """The rule of `rbac.access` over sets of places; the switches may stand otherwise after than before."""

    def __init__(
        self,
        board: Switchboard,
        grounds: Mapping[Permission, Ground],
        flipped: Mapping[SwitchKey, bool] = NOTHING_FLIPPED,
    ) -> None:
        self._board, self._grounds = board, grounds
        self._before = {each: board.stands(each) for each in SwitchKey}
        self._after = self._before | dict(flipped)
        self._known: dict[tuple[frozenset[Source], frozenset[Source]], dict[Permission, Flow]] = {}
        self._covered: dict[tuple[Ground, TenantScope, ComputerScope], Places] = {}
        self._stopped: dict[tuple[Permission, str | None], Places] = {}

    def of(self, member: Member) -> dict[Permission, Flow]:
        """Remembered: all who hold the same have the same."""
        asked = (member.before, member.after)
        if asked not in self._known:
            self._known[asked] = {permission: self._flow(permission, *asked) for permission in self._grounds}
        return self._known[asked]

    def _flow(self, permission: Permission, before: frozenset[Source], after: frozenset[Source]) -> Flow:
        return Flow(
            self._grounds[permission],
            self._reached(permission, before, self._before),
            self._reached(permission, after, self._after),
        )

    def _reached(self, permission: Permission, sources: Iterable[Source], stands: Mapping[SwitchKey, bool]) -> Places:
        bearing = [source for source in sources if permission in source.permissions]
        taken = union(self._places(permission, source) for source in bearing if not source.allows)
        allowed = union(
            self._open(permission, source)
            for source in bearing
            if source.allows and self._flows(permission, source.role_key, stands)
        )
        return allowed - taken if taken else allowed

    def _places(self, permission: Permission, source: Source) -> Places:
        ground = self._grounds[permission]
        asked = (ground, source.tenants, source.computers)
        if asked not in self._covered:
            self._covered[asked] = ground.covered(source.tenants, source.computers)
        return self._covered[asked]

    def _open(self, permission: Permission, source: Source) -> Places:
        """What it covers, but for where tenants tightened a switch that would stop the permission in its role."""
        asked = (permission, source.role_key)
        if asked not in self._stopped:
            self._stopped[asked] = self._stopping(*asked)
        places, stopped = self._places(permission, source), self._stopped[asked]
        return places - stopped if stopped else places

    def _stopping(self, permission: Permission, role_key: str | None) -> Places:
        return self._grounds[permission].within(
            pk
            for key in GOVERNING.get(permission, ())
            if key.spec.tenant_may_tighten and not keeps(role_key, permission, key, enabled=False)
            for pk in self._board.tightened[key]
        )

    def _flows(self, permission: Permission, role_key: str | None, stands: Mapping[SwitchKey, bool]) -> bool:
        return all(keeps(role_key, permission, key, enabled=stands[key]) for key in GOVERNING.get(permission, ()))


def grounds_of(access: Access, permissions: Iterable[Permission], cast: Sequence[Member]) -> dict[Permission, Ground]:
    """Where each permission is asked; one of a kind serves all of that kind."""
    scopes = (source.computers for member in cast for source in member.before | member.after)
    kinds = {permission: permission.spec.scoping == Scoping.COMPUTER for permission in permissions}
    atlas = Atlas()
    made: dict[bool, Ground] = {}
    if False in kinds.values():
        made[False] = TenantGround(access, atlas)
    if True in kinds.values():
        made[True] = ComputerGround(access, atlas, scopes)
    return {permission: made[of_computers] for permission, of_computers in kinds.items()}
