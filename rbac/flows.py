"""Where permissions flow to people, before something is done and after, as `rbac.access` decides it (design 3).

All is counted over grounds that are loaded once, so that the reach of many people is a matter of sets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, Protocol

from django.db.models import QuerySet

from computers.scopes import ComputerScope
from rbac.access import Access
from rbac.grants import SCOPE_COLUMNS, counting_permissions, scopes_of
from rbac.grounds import NOWHERE, ComputerGround, Extent, Ground, Places, TenantGround
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


FACTS = ("pk", "name", "email", "tenant__name", "tenant_id", "tenant__is_msp")
"""The columns of a `Person`."""


class Source(NamedTuple):
    """What decides in one live assignment, as it reaches one person."""

    allows: bool
    permissions: frozenset[Permission]
    tenants: TenantScope
    computers: ComputerScope
    role_key: str | None


class Flow(NamedTuple):
    """Where a permission flows to somebody, before and after; `had` to `gains` are of what the reader may see."""

    ground: Ground
    before: Places
    after: Places
    had: bool
    has: bool
    loses: bool
    gains: bool

    @classmethod
    def of(cls, ground: Ground, before: Places, after: Places) -> Flow:
        apart = (before, after, before & ~after, after & ~before)
        return cls(ground, before, after, *(bool(places & ground.seen) for places in apart))

    @property
    def is_touched(self) -> bool:
        return self.before != self.after


class Share(NamedTuple):
    """How far one permission reaches for one person, before and after, of what the reader may see.

    How far is added up where it is read: a page names a few of thousands, and each may reach thousands of lots.
    """

    permission: Permission
    flow: Flow

    @property
    def had(self) -> bool:
        return self.flow.had

    @property
    def has(self) -> bool:
        return self.flow.has

    @property
    def loses(self) -> bool:
        return self.flow.loses

    @property
    def gains(self) -> bool:
        return self.flow.gains

    @property
    def before(self) -> Extent:
        return self.flow.ground.extent(self.flow.before & self.flow.ground.seen)

    @property
    def after(self) -> Extent:
        return self.flow.ground.extent(self.flow.after & self.flow.ground.seen)


class Weighed(Protocol):
    """What becomes of one permission for one person: how far it reaches, or of one among very many in words."""

    @property
    def permission(self) -> Permission: ...
    @property
    def had(self) -> bool: ...
    @property
    def has(self) -> bool: ...
    @property
    def loses(self) -> bool: ...
    @property
    def gains(self) -> bool: ...
    @property
    def before(self) -> Extent | str: ...
    @property
    def after(self) -> Extent | str: ...


class Touched(NamedTuple):
    """How many tenants lie in what changes for somebody, and how many computers, of those that the reader sees."""

    tenants: int
    computers: int


def touched_by(shares: Iterable[Share]) -> Touched:
    places: defaultdict[Ground, Places] = defaultdict(int)
    for flow in {id(share.flow): share.flow for share in shares}.values():
        places[flow.ground] |= flow.before ^ flow.after
    seen = {ground: ground.seen & changed for ground, changed in places.items()}
    tenants = {pk for ground, changed in seen.items() for pk in ground.tenants_of(changed)}
    return Touched(len(tenants), sum(ground.computers(changed) for ground, changed in seen.items()))


@dataclass(frozen=True, slots=True)
class Affected:
    """One person, with the roles and groups that bring the permissions, as far as the reader sees the assignments.

    `enrols`: they hold what a switch guards, and have no second factor.
    """

    person: Person
    roles: Sequence[str]
    groups: Sequence[str]
    shares: Sequence[Weighed]
    enrols: bool = False
    had: bool = field(init=False)
    has: bool = field(init=False)
    loses: bool = field(init=False)
    gains: bool = field(init=False)

    def __post_init__(self) -> None:
        """Asked of each of thousands a dozen times."""
        for name in ("had", "has", "loses", "gains"):
            object.__setattr__(self, name, any(getattr(share, name) for share in self.shares))

    @property
    def is_touched(self) -> bool:
        return self.loses or self.gains or self.enrols


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

    def told(self, shares: Sequence[Share]) -> Affected:
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
        of_msp = not allows or person.is_of_msp
        old = new = wanted & _counting(frozenset(listed), *scopes, msp_only=of_msp)
        if role in becoming:
            new = wanted & _counting(becoming[role], *scopes, msp_only=of_msp)
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

Scope = tuple[TenantScope, ComputerScope]


class Ways(NamedTuple):
    """Whole scopes, by number, that allow something, with the switches of tenants that stop it, or that deny it."""

    allowed: frozenset[tuple[int, frozenset[SwitchKey]]]
    denied: frozenset[int]


NO_WAYS = Ways(frozenset(), frozenset())


class Passing(NamedTuple):
    """Whether something flows through a role, before and after, and which switches of tenants stop it there."""

    sides: Sequence[bool]
    stopping: frozenset[SwitchKey]


class Flows:
    """The rule of `rbac.access` over sets of places; the switches may stand otherwise after than before.

    Remembered: all who hold the same have the same, and so has every permission that the same ways bring.
    """

    def __init__(
        self,
        board: Switchboard,
        grounds: Mapping[Permission, Ground],
        flipped: Mapping[SwitchKey, bool] = NOTHING_FLIPPED,
    ) -> None:
        self._board, self._grounds = board, grounds
        before = {each: board.stands(each) for each in SwitchKey}
        self._sides = (before, before | dict(flipped))
        self._passing: dict[tuple[Permission, str | None], Passing] = {}
        self._numbers: dict[Scope, int] = {}
        self._scopes: list[Scope] = []
        self._known: dict[tuple[frozenset[Source], frozenset[Source]], Sequence[Share]] = {}
        self._flowing: dict[tuple[Ground, Ways, Ways], Flow] = {}
        self._reaching: dict[tuple[Ground, Ways], Places] = {}
        self._covered: dict[tuple[Ground, int], Places] = {}
        self._stopping: dict[tuple[Ground, frozenset[SwitchKey]], Places] = {}
        self._opened: dict[tuple[Ground, int, frozenset[SwitchKey]], Places] = {}

    def of(self, member: Member) -> Sequence[Share]:
        asked = (member.before, member.after)
        if asked not in self._known:
            before, after = (self._ways(sources, side) for side, sources in enumerate(asked))
            self._known[asked] = [
                Share(each, self._flow(ground, before.get(each, NO_WAYS), after.get(each, NO_WAYS)))
                for each, ground in self._grounds.items()
            ]
        return self._known[asked]

    def _flow(self, ground: Ground, before: Ways, after: Ways) -> Flow:
        asked = (ground, before, after)
        if asked not in self._flowing:
            self._flowing[asked] = Flow.of(ground, self._reached(ground, before), self._reached(ground, after))
        return self._flowing[asked]

    def _ways(self, sources: Iterable[Source], side: int) -> Mapping[Permission, Ways]:
        allowed: defaultdict[Permission, set[tuple[int, frozenset[SwitchKey]]]] = defaultdict(set)
        denied: defaultdict[Permission, set[int]] = defaultdict(set)
        for source in sources:
            number = self._number((source.tenants, source.computers))
            for permission in source.permissions:
                passing = self._passes(permission, source.role_key)
                if not source.allows:
                    denied[permission].add(number)
                elif passing.sides[side]:
                    allowed[permission].add((number, passing.stopping))
        return {each: Ways(frozenset(allowed[each]), frozenset(denied[each])) for each in {*allowed, *denied}}

    def _number(self, scope: Scope) -> int:
        """Many are alike, and to compare them by all that they are takes long."""
        if scope not in self._numbers:
            self._numbers[scope] = len(self._scopes)
            self._scopes.append(scope)
        return self._numbers[scope]

    def _passes(self, permission: Permission, role_key: str | None) -> Passing:
        asked = (permission, role_key)
        if asked not in self._passing:
            governing = GOVERNING.get(permission, ())
            self._passing[asked] = Passing(
                [all(keeps(role_key, permission, key, enabled=side[key]) for key in governing) for side in self._sides],
                frozenset(
                    key
                    for key in governing
                    if key.spec.tenant_may_tighten and not keeps(role_key, permission, key, enabled=False)
                ),
            )
        return self._passing[asked]

    def _reached(self, ground: Ground, ways: Ways) -> Places:
        asked = (ground, ways)
        if asked not in self._reaching:
            allowed = reduce(or_, (self._open(ground, *way) for way in ways.allowed), NOWHERE)
            taken = reduce(or_, (self._places(ground, number) for number in ways.denied), NOWHERE)
            self._reaching[asked] = allowed & ~taken
        return self._reaching[asked]

    def _places(self, ground: Ground, number: int) -> Places:
        if (ground, number) not in self._covered:
            self._covered[ground, number] = ground.covered(*self._scopes[number])
        return self._covered[ground, number]

    def _open(self, ground: Ground, number: int, keys: frozenset[SwitchKey]) -> Places:
        """What it covers, but for where tenants tightened one of these switches."""
        if (ground, keys) not in self._stopping:
            self._stopping[ground, keys] = ground.within(pk for key in keys for pk in self._board.tightened[key])
        asked, stopped = (ground, number, keys), self._stopping[ground, keys]
        if not stopped:
            return self._places(ground, number)
        if asked not in self._opened:
            self._opened[asked] = self._places(ground, number) & ~stopped
        return self._opened[asked]


def grounds_of(access: Access, permissions: Iterable[Permission], cast: Sequence[Member]) -> dict[Permission, Ground]:
    """Where each permission is asked; one of a kind serves all of that kind."""
    scopes = (source.computers for member in cast for source in member.before | member.after)
    kinds = {permission: of_computers([permission]) for permission in permissions}
    atlas = Atlas()
    made: dict[bool, Ground] = {}
    if False in kinds.values():
        made[False] = TenantGround(access, atlas)
    if True in kinds.values():
        made[True] = ComputerGround(access, atlas, scopes)
    return {permission: made[of_computers] for permission, of_computers in kinds.items()}


def of_computers(permissions: Iterable[Permission]) -> bool:
    """Whether any of them is asked of computers."""
    return any(permission.spec.scoping == Scoping.COMPUTER for permission in permissions)
