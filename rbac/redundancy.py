"""Assignments without an effect of their own: others of their holders give all of it, or a deny takes it.

What is found here may be ended, all of it at once, and no decision changes, now or later, as long as the other
assignments, memberships and scopes stand as they do: each would leave the rest as it is, and so do all. What is left
is needed, as far as containment tells: of several that give the same, the oldest is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import GroupMembership
from immyrbac.arrays import any_of
from immyrbac.statements import Statement
from rbac.access import Access
from rbac.grants import SCOPE_COLUMNS, counting_permissions, earliest, scopes_of
from rbac.models import Effect, RoleAssignment
from rbac.permissions import Permission
from rbac.power import Person, Reach, RoleFacts, matched, memberships_of, roles_of
from rbac.regions import Estate, Region
from rbac.sight import COLUMNS, Sighted
from tenancy.models import TenantScopeKind
from tenancy.scopes import owned_region

OWN = TenantScopeKind.OWN_TENANT


class Redundancy(NamedTuple):
    """Why an assignment has no effect of its own. `by`: those that give or take it, whichever does most of it first.

    `taken`: some of it is given by none of them, but denied.
    """

    by: tuple[int, ...]
    taken: bool


def redundant(access: Access, asked: Collection[Subject], estate: Estate | None = None) -> dict[int, Redundancy]:
    """Which of these assignments have no effect of their own, started or not, because of others that the reader sees.

    None of them is over. Twelve queries, whatever their number; access to them is the caller's.
    """
    holders = _holders_of({(user, group) for _, user, group in asked}, access.at)
    groups = {pk for each in holders.values() for pk in each.groups}
    users = {user for user, _ in holders if user}
    beside: defaultdict[Principal, list[_Row]] = defaultdict(list)
    for row in _load(access, users, groups):
        beside[row.principal].append(row)
    estate, now = estate or Estate(), access.at or timezone.now()
    all_held = {frozenset(each.twins): _Weighing(each, beside, now) for each in holders.values()}
    estate.learn(reach.region for each in all_held.values() for reach in each.reaches.values())
    found = {pk: why for each in all_held.values() for pk, why in each.found(estate).items()}
    return {pk: found[pk] for pk, *_ in asked if pk in found}


def suspects(at: datetime | None = None) -> Q:
    """The assignments that `redundant` could find: their holders have another with one of the same permissions."""
    alike = RoleAssignment.objects.unexpired(at).filter(
        Q(effect=OuterRef("effect")) | Q(effect=Effect.DENY), role__permissions__overlap=OuterRef("role__permissions")
    )
    joined = GroupMembership.objects.live(at).filter(user=OuterRef(OuterRef("user")))
    elsewhere = _members_elsewhere(at).filter(group=OuterRef("group"))
    return (
        Exists(alike.filter(user=OuterRef("user")).exclude(pk=OuterRef("pk")))
        | Exists(alike.filter(group__in=joined.values("group_id")))
        | Exists(alike.filter(group=OuterRef("group")).exclude(pk=OuterRef("pk")))
        | Exists(elsewhere.filter(Exists(RoleAssignment.objects.unexpired(at).filter(group=OuterRef("outer")))))
    )


# Loading

Principal = tuple[int | None, int | None]
"""The numbers of a user and of a group, of which one is there."""

Subject = tuple[int, int | None, int | None]
"""The number of an assignment, and its principal."""


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    pk: int
    principal: Principal
    home: int | None
    of_msp: bool
    owner: int | None
    effect: str
    role: RoleFacts
    starts: datetime | None
    expires: datetime | None
    columns: tuple[Any, ...]

    @property
    def is_own(self) -> bool:
        return bool(self.columns[0] == OWN)

    @property
    def has_children(self) -> bool:
        return bool(self.columns[SCOPE_COLUMNS.index("include_children")])


_COLUMNS = ("user__tenant__is_msp", "effect", "role_id", "starts_at", "expires_at", *SCOPE_COLUMNS)
"""Behind those by which it is decided whether a row is seen."""

_ROLE = len(COLUMNS) + _COLUMNS.index("role_id")


def _load(access: Access, users: Collection[int], groups: Collection[int]) -> list[_Row]:
    """What these hold that is not over, as the reader sees it. What a role holds is read once, not with each row."""
    statement = _holding_now() if access.at is None else Statement(_holding(access.at))
    rows = statement.rows({-1: sorted(users), -2: sorted(groups)}) if users or groups else []
    sighted = [Sighted(*row[: len(COLUMNS)]) for row in rows]
    seen, roles = access.visible(sighted), roles_of({row[_ROLE] for row in rows})
    return [_row(roles, at, *row[len(COLUMNS) :]) for at, row in zip(sighted, rows, strict=True) if at.pk in seen]


def _row(roles: Mapping[int, RoleFacts], at: Sighted, of_msp: bool | None, effect: str, role: int, *more: Any) -> _Row:  # noqa: FBT001  a column
    starts, expires, *scope = more
    principal = (at.user, at.group)
    return _Row(
        at.pk, principal, at.home, bool(of_msp), at.group_owner, effect, roles[role], starts, expires, tuple(scope)
    )


def _holding(at: datetime | None) -> QuerySet[RoleAssignment, Any]:
    rows = RoleAssignment.objects.unexpired(at).filter(any_of("user_id", [-1]) | any_of("group_id", [-2]))
    return rows.order_by().values_list(*COLUMNS, *_COLUMNS)


@cache
def _holding_now() -> Statement:
    return Statement(_holding(None), planned_once=True)


@dataclass(slots=True)
class _Holders:
    """Whoever holds a row: one user, or everybody in a group.

    `groups`: those that reach all of them, and until when beyond the row's own bounds. `twins`: principals that reach
    nobody else.
    """

    groups: dict[int, datetime | None] = field(default_factory=dict)
    twins: set[Principal] = field(default_factory=set)


def _holders_of(principals: Iterable[Principal], at: datetime | None) -> dict[Principal, _Holders]:
    """By principal; two queries."""
    found = {principal: _Holders(twins={principal}) for principal in principals}
    users = {user for user, _ in found if user}
    for user, group, leaves in memberships_of(users, at):
        found[user, None].groups[group] = leaves
    groups = {group for _, group in found if group}
    for group in groups:
        found[None, group].groups[group] = None
    for inner, outer, is_twin in _wider(groups, at) if groups else ():
        found[None, inner].groups[outer] = None
        found[None, inner].twins |= {(None, outer)} if is_twin else set()
    return found


def _wider(groups: Collection[int], at: datetime | None) -> Iterable[tuple[Any, ...]]:
    return _around(groups, at) if at else _around_now().rows({-1: sorted(groups)})


def _around(groups: Collection[int], at: datetime | None) -> QuerySet[GroupMembership, tuple[int, int, bool]]:
    """Each of these groups, another that everybody in it is in for as long, and whether the same goes in return."""
    live = GroupMembership.objects.live(at)
    first = live.filter(group=OuterRef("group")).order_by("pk").values("pk")[:1]
    return (
        _members_elsewhere(at)
        .filter(~Exists(_leaving("group", "outer", at)), any_of("group_id", groups), pk=Subquery(first))
        .annotate(is_twin=~Exists(_leaving("outer", "group", at)))
        .order_by()
        .values_list("group_id", "outer", "is_twin")
    )


@cache
def _around_now() -> Statement:
    return Statement(_around([-1], None), planned_once=True)


def _members_elsewhere(at: datetime | None) -> QuerySet[GroupMembership]:
    """Live memberships, each once for every other group, `outer`, in which the member is as well."""
    live = Q(user__memberships__expires_at=None) | Q(user__memberships__expires_at__gt=Now() if at is None else at)
    also = FilteredRelation("user__memberships", condition=live & Q(user__memberships__ended_at=None))
    every = GroupMembership.objects.live(at).annotate(also=also)
    return every.annotate(outer=F("also__group_id")).exclude(outer=F("group_id"))


def _leaving(inner: str, outer: str, at: datetime | None) -> QuerySet[GroupMembership]:
    """Who is in the one group of the row outside, and not in the other for as long."""
    live = GroupMembership.objects.live(at)
    staying = live.filter(group=OuterRef(OuterRef(outer)), user=OuterRef("user")).filter(
        Q(expires_at=None) | Q(expires_at__gte=OuterRef("expires_at"))
    )
    return live.filter(~Exists(staying), group=OuterRef(inner))


# Weighing


class _Weighing:
    """What exactly the same people hold, each row against all else that reaches every one of them.

    One by one, the youngest first: what is found to do nothing is no ground for what comes later. Those of wider groups
    are always a ground. They may do nothing themselves, but then still others reach all their holders, and so on.
    """

    def __init__(self, holders: _Holders, beside: Mapping[Principal, list[_Row]], now: datetime) -> None:
        self.holders, self.now = holders, now
        self.rows = sorted((row for each in holders.twins for row in beside[each]), key=lambda row: -row.pk)
        wider = {(None, group) for group in holders.groups} - holders.twins
        self.wider = [row for each in wider for row in beside[each]]
        self.view = min(self.rows, key=lambda row: (row.principal[1] or 0, row.pk)) if self.rows else None
        self.reaches = {row.pk: self._reach(row, self.view) for row in (*self.rows, *self.wider) if self.view}

    def found(self, estate: Estate) -> dict[int, Redundancy]:
        """Why those of `rows` do nothing that do; the grounds that are told have an effect of their own."""
        left, idle = [*self.rows, *self.wider], {}
        for row in self.rows:
            others = [other for other in left if other is not row]
            if why := self._why(row, others, estate):
                left, idle[row] = others, why
        return {row.pk: self._why(row, left, estate) or why for row, why in idle.items()}

    def _why(self, row: _Row, others: Iterable[_Row], estate: Estate) -> Redundancy | None:
        """Whether these do all that the row does; few of them, found greedily."""
        left = self.reaches[row.pk].permissions
        grounds = [(other, self._does(other, row, estate)) for other in others if other.effect in (row.effect, "deny")]
        grounds.sort(key=lambda each: (each[0].effect != row.effect, each[0].pk))
        chosen: list[_Row] = []
        while left:
            best, does = max(grounds, key=lambda each: len(each[1] & left), default=(row, frozenset()))
            if left.isdisjoint(does):
                return None
            chosen.append(best)
            left -= does
        taken = any(each.effect != row.effect for each in chosen)
        return Redundancy(tuple(each.pk for each in chosen), taken) if chosen else None

    def _does(self, other: _Row, row: _Row, estate: Estate) -> frozenset[Permission]:
        """The permissions of the row that the other gives or takes as well."""
        of_group = row.principal[1] is not None
        if of_group and other.is_own and not (row.is_own and (other.has_children or not row.has_children)):
            return frozenset()  # the home of each member, which need not be all that the row covers
        return matched(self.reaches[row.pk], self.reaches[other.pk], self.now, estate)

    def _reach(self, row: _Row, view: _Row) -> Reach:
        """The row as it reaches the holders. Members of a group may have their home anywhere within its owner."""
        tenants, computers = scopes_of(row.columns, view.home or 0)
        if row.is_own and view.principal[1] is not None:
            tenants = owned_region(view.owner)
        allows = row.effect == Effect.ALLOW
        counting = counting_permissions(
            row.role.permissions,
            whole=row.columns[0] == TenantScopeKind.OWNER,
            every=computers.is_everything,
            msp_only=not allows or view.of_msp or view.principal[1] is not None,
        )
        ends = earliest(row.expires, self.holders.groups.get(row.principal[1] or 0))
        region = Region.of(tenants, computers)
        return Reach(Person(*view.principal), allows, counting, region, row.columns[0], row.role, row.starts, ends)
