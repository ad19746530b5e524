"""What would happen to people if tenants stood, counted or were tagged otherwise, before it is done (guide, "Ripple").

It counts what flows now, as `rbac.access` decides it: live assignments of people who may act, denies, the switches. The
gate judges by more, all that may still come (`rbac.moves`); `verdict_on` says beforehand what it would say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.models import User
from computers.scopes import AllScope, ComputerScope, ComputerTagScope
from rbac.access import Access
from rbac.bits import Weights, bits_of
from rbac.flows import Source
from rbac.judgement import Judge
from rbac.moves import Place, Places, moved
from rbac.outcomes import Outcome
from rbac.permissions import Permission
from rbac.power import Reach, awakened, held_by, reaches_of
from rbac.prospects import Member, Person, Prospect, cast_of
from rbac.switchboard import Switchboard
from rbac.switches import GOVERNING, SwitchKey, keeps
from tenancy.atlas import scopes_covering
from tenancy.models import Tenant
from tenancy.scopes import TenantFacts, TenantScope


class Shifted(NamedTuple):
    """One person: what they have of the tenants in question before and after, and what is lost and gained of it.

    `tenants` and `permissions` are pairs of numbers. Who is touched wherever they reach has the permissions of that.
    """

    person: Person
    roles: list[str]
    groups: list[str]
    tenants: tuple[int, int]
    permissions: tuple[int, int]
    lost: frozenset[Permission]
    gained: frozenset[Permission]


class Shift(NamedTuple):
    """Those who lose or gain something and whom the reader sees, by name; `beyond`: others do as well."""

    people: list[Shifted]
    beyond: bool

    @property
    def losers(self) -> int:
        return sum(bool(each.lost) for each in self.people)

    @property
    def gainers(self) -> int:
        return sum(bool(each.gained) for each in self.people)

    @property
    def power(self) -> list[Permission]:
        """Great power that somebody gains."""
        gained = {permission for each in self.people for permission in each.gained}
        return [permission for permission in Permission if permission in gained and permission.spec.great_power]


def shift_of(access: Access, prospect: Prospect) -> Shift:
    """Who loses and who gains what. At most nine queries, whoever is touched."""
    cast = cast_of(access, prospect)
    flows = _Flows(access, prospect, cast)
    people, beyond = [], False
    for member in cast:
        told = flows.told(member)
        if told.lost or told.gained:
            people += [told] if member.is_seen else []
            beyond |= not member.is_seen
    return Shift(people, beyond)


# What flows

_Spots = Mapping[ComputerScope, int]
"""Lots of tenants, as bits, by which of their computers."""

_ALL = AllScope()


class _Flow(NamedTuple):
    """Where one permission flows to one person: what allows cover, and what denies take of that in part."""

    allowed: _Spots
    denied: _Spots
    lots: int

    @classmethod
    def of(cls, allowed: _Spots, denied: _Spots) -> _Flow:
        return cls(allowed, denied, reduce(or_, allowed.values(), 0))

    def exceeds(self, other: _Flow) -> bool:
        """Whether there is more of it than of the other, somewhere."""
        whole = other.allowed.get(_ALL, 0)
        if any(lots & ~other.allowed.get(scope, 0) & ~whole for scope, lots in self.allowed.items()):
            return True
        return any(lots & ~self.denied.get(scope, 0) & self.lots for scope, lots in other.denied.items())


_NOTHING = _Flow.of({}, {})
_Flowing = Mapping[Permission, _Flow]


class _Side:
    """The tenants of a prospect as they stand on one side of it, in lots that no scope at hand tells apart."""

    def __init__(self, covered: Mapping[TenantScope, int], untagged: frozenset[int], flows: _Flows) -> None:
        self._covered, self._flows = covered, flows
        self._gone = frozenset(ComputerTagScope(pk) for pk in untagged)
        self._known: dict[frozenset[Source], _Flowing] = {}
        self._found: dict[Any, _Flow] = {}

    def of(self, sources: frozenset[Source]) -> _Flowing:
        """Remembered: all whom the same reaches here have the same."""
        here = frozenset(
            source for source in sources if source.tenants in self._covered and source.computers not in self._gone
        )
        if here not in self._known:
            named = {permission for source in here for permission in source.permissions if source.allows}
            flows = {permission: self._flow(permission, here) for permission in named}
            self._known[here] = {permission: flow for permission, flow in flows.items() if flow.lots}
        return self._known[here]

    def _flow(self, permission: Permission, sources: Iterable[Source]) -> _Flow:
        """Remembered: permissions that the same sources bear flow alike, but for those that switches govern."""
        bearing = frozenset(source for source in sources if permission in source.permissions)
        alike = bearing, permission if permission in GOVERNING else None
        if alike not in self._found:
            denied = _united(
                (source.computers, self._covered[source.tenants]) for source in bearing if not source.allows
            )
            allowed = _united(self._allowed(permission, bearing))
            if denied:
                whole = denied.get(_ALL, 0)
                allowed = {scope: lots & ~denied.get(scope, 0) & ~whole for scope, lots in allowed.items()}
            self._found[alike] = _Flow.of(allowed, denied)
        return self._found[alike]

    def _denied(self, sources: Iterable[Source]) -> Iterator[tuple[ComputerScope, int]]:
        return ((source.computers, self._covered[source.tenants]) for source in sources if not source.allows)

    def _allowed(self, permission: Permission, sources: Iterable[Source]) -> Iterator[tuple[ComputerScope, int]]:
        for source in sources:
            passing = self._flows.passes(permission, source.role_key)
            if source.allows and passing.flows:
                yield source.computers, self._covered[source.tenants] & ~passing.stopped


def _united(parts: Iterable[tuple[ComputerScope, int]]) -> _Spots:
    found: defaultdict[ComputerScope, int] = defaultdict(int)
    for scope, lots in parts:
        found[scope] |= lots
    return found


class _Passing(NamedTuple):
    """Whether the instance's switches let something flow, and the lots whose tenants turned off one that stops it."""

    flows: bool
    stopped: int


class _Flows:
    """The rule of `rbac.access` over the tenants of a prospect, before and after."""

    def __init__(self, access: Access, prospect: Prospect, cast: Collection[Member]) -> None:
        self._board = Switchboard(access)
        used = {source.tenants for member in cast for source in member.before | member.after}
        lots = self._lots(prospect, used)
        self._sizes = Weights(self._seen_sizes(access, lots))
        before, after, tight = (_numbered(key[side] for key in lots) for side in range(3))
        self._tight: Mapping[SwitchKey, int] = tight
        self._before, self._after = _Side(before, frozenset(), self), _Side(after, prospect.untagged, self)
        self._compared: dict[tuple[int, int], bool] = {}
        self._passing: dict[tuple[Permission, str | None], _Passing] = {}
        self._owned: dict[frozenset[Source], Mapping[Permission, _Ways]] = {}

    def _lots(self, prospect: Prospect, used: Collection[TenantScope]) -> dict[Any, list[int]]:
        everywhere = {scope for scope in used if scope.is_everything}
        lots: defaultdict[Any, list[int]] = defaultdict(list)
        for pk, facts in prospect.before.items():
            before, after = (
                frozenset(everywhere.union(scope for scope in scopes_covering(each) if scope in used))
                for each in (facts, prospect.after[pk])
            )
            tight = frozenset(key for key in SwitchKey if pk in self._board.tightened[key])
            lots[before, after, tight].append(pk)
        return lots

    def _seen_sizes(self, access: Access, lots: Mapping[Any, list[int]]) -> list[int]:
        ids = [pk for tenants in lots.values() for pk in tenants]
        seen = set(access.seen(Tenant).filter(pk__in=ids).order_by().values_list("pk", flat=True))
        return [sum(pk in seen for pk in tenants) for tenants in lots.values()]

    # The rule

    def passes(self, permission: Permission, role_key: str | None) -> _Passing:
        """How it flows through a role with this key. Remembered: it is asked for every person."""
        asked = (permission, role_key)
        if asked not in self._passing:
            keys = GOVERNING.get(permission, ())
            flows = all(keeps(role_key, permission, key, enabled=self._board.stands(key)) for key in keys)
            tight = (
                self._tight.get(key, 0)
                for key in keys
                if key.spec.tenant_may_tighten and not keeps(role_key, permission, key, enabled=False)
            )
            self._passing[asked] = _Passing(flows, reduce(or_, tight, 0))
        return self._passing[asked]

    # One person

    def told(self, member: Member) -> Shifted:
        before, after = self._before.of(member.before), self._after.of(member.after)
        lost = {each for each, flow in before.items() if self._exceeds(flow, after.get(each, _NOTHING))}
        gained = {each for each, flow in after.items() if self._exceeds(flow, before.get(each, _NOTHING))}
        had, has = set(before), set(after)
        if member.before != member.after:  # not the tenants alone: what reaches this person is another, everywhere
            own_before, own_after = self._own(member.before), self._own(member.after)
            had, has = set(own_before), set(own_after)
            lost |= {each for each in had if own_before[each].exceeds(own_after.get(each, _NO_WAYS))}
            gained |= {each for each in has if own_after[each].exceeds(own_before.get(each, _NO_WAYS))}
        return Shifted(
            member.person,
            member.roles,
            member.groups,
            (self._tenants(before), self._tenants(after)),
            (len(had), len(has)),
            frozenset(lost),
            frozenset(gained),
        )

    def _own(self, sources: frozenset[Source]) -> Mapping[Permission, _Ways]:
        """Each permission that reaches somebody at all, with the scopes that allow and deny it. Remembered."""
        if sources not in self._owned:
            self._owned[sources] = self._ways(sources)
        return self._owned[sources]

    def _ways(self, sources: frozenset[Source]) -> Mapping[Permission, _Ways]:
        allowed, denied = defaultdict(set), defaultdict(set)
        for source in sources:
            way = (source.tenants, source.computers)
            for permission in source.permissions:
                if not source.allows:
                    denied[permission].add(way)
                elif self.passes(permission, source.role_key).flows:
                    allowed[permission].add(way)
        return {each: _Ways(frozenset(ways), frozenset(denied[each])) for each, ways in allowed.items()}

    def _exceeds(self, flow: _Flow, other: _Flow) -> bool:
        """Remembered: most permissions of a role flow alike, and so they do to many people."""
        asked = (id(flow), id(other))
        if asked not in self._compared:
            self._compared[asked] = flow.exceeds(other)
        return self._compared[asked]

    def _tenants(self, flowing: _Flowing) -> int:
        return self._sizes.of(reduce(or_, (flow.lots for flow in flowing.values()), 0))


def _numbered(sets: Iterable[Collection[Any]]) -> dict[Any, int]:
    """Of what is in any of these sets, the numbers of those that it is in, as bits."""
    found: defaultdict[Any, list[int]] = defaultdict(list)
    for number, each in enumerate(sets):
        for member in each:
            found[member].append(number)
    return {member: bits_of(numbers) for member, numbers in found.items()}


class _Ways(NamedTuple):
    """The whole scopes that allow something, and those that deny it."""

    allowed: frozenset[tuple[TenantScope, ComputerScope]]
    denied: frozenset[tuple[TenantScope, ComputerScope]]

    def exceeds(self, other: _Ways) -> bool:
        return bool(self.allowed - other.allowed or other.denied - self.denied)


_NO_WAYS = _Ways(frozenset(), frozenset())


# The gate


class Verdict(NamedTuple):
    """What the gate would say to a reader, and what it would tell; None where that is known only once it is done."""

    objections: list[str]
    outcome: Outcome | None


def verdict_on(access: Access, prospect: Prospect) -> Verdict:
    """As far as tenants and their people go. Takes no lock, writes nothing."""
    judge = Judge(access)
    places = (_places(prospect.before), _places(prospect.after))
    change = moved(*places, timezone.now(), judge.telling)
    people = reaches_of(_people(prospect.home)) if prospect.home is not None else []
    at_home = _others(people, access)
    losers = held_by(claim.reach.person for claim in change.losses)
    judge.estate.learn(reach.region for held in (*at_home.values(), *losers.values()) for reach in held)
    judge.gains(change.gains)
    judge.losses(change.losses)
    woken = awakened(people if prospect.msp else ())
    judge.gains(claim for claim in woken.gains if claim.reach.person.user_id != access.user_id)
    for reaches in at_home.values():
        if prospect.opens is False:
            judge.sends_home(reaches)
        elif prospect.opens or prospect.msp is False:
            judge.covers_person(reaches, as_long=bool(prospect.opens))
    judge.covers_others(losers)
    is_whole = not (prospect.leaving or prospect.untagged)
    return Verdict(judge.objections, Outcome.of(change, woken) if is_whole else None)


def _places(tenants: Mapping[int, TenantFacts]) -> Places:
    return {("tenant", pk): Place(facts) for pk, facts in tenants.items()}


def _people(tenant_id: int) -> list[int]:
    return list(User.objects.present().filter(tenant=tenant_id).values_list("pk", flat=True))


def _others(reaches: Iterable[Reach], access: Access) -> dict[int, list[Reach]]:
    """Of everybody but the reader, who may always give up."""
    found: defaultdict[int, list[Reach]] = defaultdict(list)
    for reach in reaches:
        if reach.person.user_id not in (None, access.user_id):
            found[reach.person.user_id or 0].append(reach)
    return found
