"""What flipping a switch would do, person by person, before it is done (design 7; guide, "Ripple page").

It counts what flows now, as `rbac.access` decides it: live assignments of people who may act, denies, the switches as
they stand, and what tenants have tightened. The gate judges by more, all that may still come (`rbac.flips`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from accounts.models import GroupMembership, User
from computers.scopes import ComputerScope
from rbac.access import Access
from rbac.flips import flipped, governed_by
from rbac.grants import SCOPE_COLUMNS, counting_permissions, scopes_of
from rbac.grounds import ComputerGround, Extent, Ground, Places, TenantGround, union
from rbac.judgement import Judge
from rbac.models import Effect, RoleAssignment
from rbac.permissions import Permission, Scoping
from rbac.power import Reach, reaches_of
from rbac.regions import Estate
from rbac.switchboard import Switchboard
from rbac.switches import GOVERNING, SwitchKey, keeps
from tenancy.atlas import Atlas
from tenancy.scopes import TenantScope


class Person(NamedTuple):
    """Somebody who may act and holds, or is denied, something that the switch governs."""

    id: int
    name: str
    email: str
    tenant_name: str
    home_id: int
    is_of_msp: bool


class Share(NamedTuple):
    """How far one permission reaches for one person, before and after, of what the reader may see."""

    permission: Permission
    before: Extent
    after: Extent
    loses: bool
    gains: bool


@dataclass(frozen=True, slots=True)
class Affected:
    """One person, with the roles and groups that bring the permissions, as far as the reader sees the assignments."""

    person: Person
    roles: Sequence[str]
    groups: Sequence[str]
    shares: Sequence[Share]

    @property
    def loses(self) -> bool:
        return any(share.loses for share in self.shares)

    @property
    def gains(self) -> bool:
        return any(share.gains for share in self.shares)

    @property
    def is_touched(self) -> bool:
        return self.loses or self.gains

    @property
    def had(self) -> bool:
        return any(share.before for share in self.shares)

    @property
    def has(self) -> bool:
        return any(share.after for share in self.shares)


@dataclass(frozen=True, slots=True)
class Ripple:
    """What putting the switch to `enabled` does to the people whom the reader may see, by name.

    `tenants`: how many lie in what somebody loses or gains. `beyond`: something happens outside the reader's view.
    """

    key: SwitchKey
    enabled: bool
    permissions: Sequence[Permission]
    people: Sequence[Affected]
    tenants: int
    beyond: bool

    @property
    def touched(self) -> int:
        return sum(each.is_touched for each in self.people)

    @property
    def holders(self) -> int:
        """How many have any of it as the switch stands."""
        return sum(each.had for each in self.people)

    @property
    def suspended(self) -> list[Permission]:
        """What stops flowing through most roles."""
        return self._suspends(self.enabled)

    @property
    def released(self) -> list[Permission]:
        """What flows through every role again."""
        return self._suspends(not self.enabled)

    def _suspends(self, enabled: bool) -> list[Permission]:  # noqa: FBT001  a position of the switch
        found = {each for rule in self.key.spec.suspends if rule.when == enabled for each in rule.permissions}
        return [permission for permission in self.permissions if permission in found]


class Ripples:
    """The ripples of all switches for one reader. A fixed number of queries for each, whoever is touched."""

    def __init__(self, access: Access, at: datetime | None = None) -> None:
        self.access = access
        self.board = Switchboard(access)
        self._at = at

    def of(self, key: SwitchKey, *, enabled: bool) -> Ripple:
        """What putting the switch there would do; where it stands already, nothing."""
        governed = governed_by(key)
        permissions = [permission for permission in Permission if permission in governed]
        if not permissions:
            return Ripple(key, enabled, [], [], 0, beyond=False)
        cast = _cast(self.access, permissions, self._at)
        flows = _Flows(self.board, self._grounds(permissions, cast), key, enabled=enabled)
        people: list[Affected] = []
        tenants: set[int] = set()
        beyond = False
        for member in cast:
            weighed = flows.of(member.sources)
            told = member.told(weighed)
            if member.is_seen and (told.had or told.has):
                people.append(told)
                tenants.update(*(flow.tenants for flow in weighed.values()))
            beyond |= any(flow.is_touched for flow in weighed.values()) and not (member.is_seen and told.is_touched)
        return Ripple(key, enabled, permissions, people, len(tenants), beyond)

    def objections(self, key: SwitchKey, *, enabled: bool) -> list[str]:
        """What the gate would say to this reader; empty where they may. Takes no lock."""
        estate = Estate()
        estate.tenants.learn_all()
        change = flipped(key, timezone.now(), enabled=enabled, estate=estate)
        judge = Judge(self.access, estate)
        judge.gains(change.gains, flipping=True)
        judge.losses(change.losses)
        losers = {pk for claim in change.losses if (pk := claim.reach.person.user_id)} - {self.access.user_id}
        by_person: defaultdict[int | None, list[Reach]] = defaultdict(list)
        for reach in reaches_of(losers):
            by_person[reach.person.user_id].append(reach)
        for reaches in by_person.values():
            judge.covers_person(reaches)
        return judge.objections

    def flips(self) -> dict[SwitchKey, Ripple]:
        """For each switch what flipping it would do."""
        return {key: self.of(key, enabled=not self.board.stands(key)) for key in SwitchKey}

    @cached_property
    def _atlas(self) -> Atlas:
        return Atlas()

    def _grounds(self, permissions: Iterable[Permission], cast: Sequence[_Member]) -> dict[Permission, Ground]:
        """Where each permission is asked; one of a kind serves all of that kind."""
        scopes = (source.computers for member in cast for source in member.sources)
        kinds = {permission: permission.spec.scoping == Scoping.COMPUTER for permission in permissions}
        made: dict[bool, Ground] = {}
        if False in kinds.values():
            made[False] = TenantGround(self.access, self._atlas)
        if True in kinds.values():
            made[True] = ComputerGround(self.access, self._atlas, scopes)
        return {permission: made[of_computers] for permission, of_computers in kinds.items()}


# Who


class _Source(NamedTuple):
    """What decides in one live assignment, as it reaches one person."""

    allows: bool
    permissions: frozenset[Permission]
    tenants: TenantScope
    computers: ComputerScope
    role_key: str | None


class _Member(NamedTuple):
    """Somebody with all that bears on the permissions; `roles` and `groups` are what the reader may read of it."""

    person: Person
    is_seen: bool
    sources: frozenset[_Source]
    roles: Sequence[str]
    groups: Sequence[str]

    def told(self, flows: Mapping[Permission, _Flow]) -> Affected:
        shares = [flow.share(permission) for permission, flow in flows.items()]
        return Affected(self.person, self.roles, self.groups, shares)


_COLUMNS = ("pk", "user_id", "group_id", "effect", "role__key", "role__permissions", "role__name", "group__name")


def _cast(access: Access, permissions: Sequence[Permission], at: datetime | None) -> list[_Member]:
    """Everybody who may act and whom a live assignment of these permissions reaches, by name. Five queries."""
    rows = RoleAssignment.objects.live(at).filter(role__permissions__overlap=list(permissions)).order_by()
    joined = GroupMembership.objects.live(at).filter(group__in=rows.filter(user=None).values("group_id"))
    people = User.objects.able_to_act(at).filter(
        Q(pk__in=rows.filter(group=None).values("user_id")) | Q(pk__in=joined.values("user_id"))
    )
    columns = ("pk", "name", "email", "tenant__name", "tenant_id", "tenant__is_msp")
    seen_people = set(access.seen(User).filter(pk__in=people.order_by().values("pk")).values_list("pk", flat=True))
    seen = set(access.seen(RoleAssignment).filter(pk__in=rows.values("pk")).values_list("pk", flat=True))
    by_principal: defaultdict[tuple[int | None, int | None], list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows.values_list(*_COLUMNS, *SCOPE_COLUMNS):
        by_principal[row[1], row[2]].append(row)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for user_id, group_id in joined.values_list("user_id", "group_id"):
        groups[user_id].append(group_id)
    return [
        _member(Person(*facts), held, frozenset(permissions), seen_people, seen)
        for facts in people.order_by("name", "pk").values_list(*columns)
        for held in [by_principal[facts[0], None] + [row for pk in groups[facts[0]] for row in by_principal[None, pk]]]
    ]


def _member(
    person: Person, rows: Iterable[tuple[Any, ...]], wanted: frozenset[Permission], people: set[int], seen: set[int]
) -> _Member:
    sources, roles, groups = set(), set(), set()
    for pk, _, _, effect, key, listed, role_name, group_name, *columns in rows:
        tenants, computers = scopes_of(columns, person.home_id)
        allows = effect == Effect.ALLOW
        counting = wanted & counting_permissions(
            frozenset(listed),
            whole=tenants.is_everything,
            every=computers.is_everything,
            msp_only=not allows or person.is_of_msp,
        )
        if counting:
            sources.add(_Source(allows, counting, tenants, computers, key))
        if counting and allows and pk in seen:
            roles.add(role_name)
            groups.update([group_name] if group_name else [])
    return _Member(person, person.id in people, frozenset(sources), sorted(roles), sorted(groups))


# What flows


class _Flow(NamedTuple):
    """Where one permission flows to one person, before and after."""

    ground: Ground
    before: Places
    after: Places

    @property
    def is_touched(self) -> bool:
        return self.before != self.after

    @property
    def tenants(self) -> frozenset[int]:
        return self.ground.tenants_of((self.before ^ self.after) & self.ground.seen)

    def share(self, permission: Permission) -> Share:
        seen = self.ground.seen
        before, after = self.before & seen, self.after & seen
        extent = self.ground.extent
        return Share(permission, extent(before), extent(after), loses=bool(before - after), gains=bool(after - before))


class _Flows:
    """The rule of `rbac.access` over sets of places, for the switches as they stand and with one flipped."""

    def __init__(
        self, board: Switchboard, grounds: Mapping[Permission, Ground], key: SwitchKey, *, enabled: bool
    ) -> None:
        self._board, self._grounds = board, grounds
        self._before = {each: board.stands(each) for each in SwitchKey}
        self._after = self._before | {key: enabled}
        self._known: dict[frozenset[_Source], dict[Permission, _Flow]] = {}
        self._covered: dict[tuple[Ground, TenantScope, ComputerScope], Places] = {}

    def of(self, sources: frozenset[_Source]) -> dict[Permission, _Flow]:
        """Remembered: all who hold the same have the same."""
        if sources not in self._known:
            self._known[sources] = {permission: self._flow(permission, sources) for permission in self._grounds}
        return self._known[sources]

    def _flow(self, permission: Permission, sources: frozenset[_Source]) -> _Flow:
        bearing = [source for source in sources if permission in source.permissions]
        taken = union(self._places(permission, source) for source in bearing if not source.allows)
        before, after = (
            union(
                self._places(permission, source) - self._stopped(permission, source.role_key)
                for source in bearing
                if source.allows and self._flows(permission, source.role_key, stands)
            )
            for stands in (self._before, self._after)
        )
        return _Flow(self._grounds[permission], before - taken, after - taken)

    def _places(self, permission: Permission, source: _Source) -> Places:
        ground = self._grounds[permission]
        asked = (ground, source.tenants, source.computers)
        if asked not in self._covered:
            self._covered[asked] = ground.covered(source.tenants, source.computers)
        return self._covered[asked]

    def _stopped(self, permission: Permission, role_key: str | None) -> Places:
        """Where tenants tightened a switch that would stop the permission in this role."""
        return self._grounds[permission].within(
            pk
            for key in GOVERNING.get(permission, ())
            if key.spec.tenant_may_tighten and not keeps(role_key, permission, key, enabled=False)
            for pk in self._board.tightened[key]
        )

    def _flows(self, permission: Permission, role_key: str | None, stands: Mapping[SwitchKey, bool]) -> bool:
        return all(keeps(role_key, permission, key, enabled=stands[key]) for key in GOVERNING.get(permission, ()))
