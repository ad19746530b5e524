"""Live assignments that match nothing now, and why: each reason is a condition, for the rows of a page and for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from functools import cache, reduce
from operator import or_
from typing import Any, NamedTuple, TypeVar

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.lookups import IsNull

from accounts.models import GroupMembership, GroupMembershipQuerySet, User
from computers.models import Computer, ComputerScopeKind
from computers.scopes import ComputerScope, computer_words
from immyrbac.arrays import any_of, overlapping
from immyrbac.statements import Statement, found_by_each
from rbac.grants import scopes_of_row
from rbac.models import Effect, RoleAssignment
from rbac.permissions import Permission, is_inert
from rbac.sentences import plain
from tenancy.models import Tenant, TenantScopeKind, TenantTag
from tenancy.scopes import TenantColumns, TenantScope

EVERYWHERE = Q(scope=TenantScopeKind.OWNER)
UNNARROWED = Q(computer_scope=ComputerScopeKind.ALL)
NARROWED = ~UNNARROWED
SHAPES = (
    (EVERYWHERE & UNNARROWED, {"whole_instance": True, "all_computers": True}),
    (~EVERYWHERE & UNNARROWED, {"whole_instance": False, "all_computers": True}),
    (NARROWED, {"whole_instance": False, "all_computers": False}),
)
"""What of a scope decides which permissions are inert in it."""


class Reason(NamedTuple):
    """`words` reads the assignment with its principal, a user's tenant, and what its sentence names."""

    words: Callable[[RoleAssignment], str]
    where: Callable[[datetime | None], Q]


def orphaned(at: datetime | None = None) -> Q:
    """All that match nothing now, of live rows, but for what `bare` finds."""
    return reduce(or_, (reason.where(at) for reason in REASONS))


def orphans(rows: Collection[RoleAssignment], at: datetime | None = None) -> dict[int, Reason]:
    """The first reason why each of these live assignments matches nothing, where there is one. Three queries."""
    ids = [row.pk for row in rows]
    told: Iterable[Any] = () if not ids else _weighed_now().rows({-1: ids}) if at is None else _weighed(ids, at)
    found = {pk: REASONS[each.index(True)] for pk, *each in told if True in each}
    return dict.fromkeys(bare([row for row in rows if row.pk not in found], at), BARE) | found


def _weighed(ids: Collection[int], at: datetime | None) -> QuerySet[RoleAssignment, Any]:
    """Each of these assignments with whether it has each of the reasons."""
    flags = {f"reason_{n}": ExpressionWrapper(each.where(at), BooleanField()) for n, each in enumerate(REASONS)}
    asked = RoleAssignment.objects.filter(any_of("pk", ids)).order_by().annotate(**flags)
    return asked.values_list("pk", *flags)


@cache
def _weighed_now() -> Statement:
    return Statement(_weighed([-1], None), planned_once=True)


# Who holds it


def _out(at: datetime | None) -> Q:
    able = User.objects.able_to_act(at).filter(pk=OuterRef("user"))
    return Q(user__isnull=False) & Q(~Exists(able))


def _out_words(row: RoleAssignment) -> str:
    user = row.user
    if user is None or user.removed_at is not None:
        return "Who held it was removed"
    if not user.is_active:
        return f"{user} is deactivated"
    return f"Access of {user} has ended" if user.tenant.is_active else f"{user.tenant} is inactive"


def _empty(at: datetime | None) -> Q:
    return Q(group__isnull=False) & Q(~Exists(GroupMembership.objects.live(at).filter(group=OuterRef("group"))))


def _idle(at: datetime | None) -> Q:
    return Q(group__isnull=False) & Q(~Exists(_members(at).filter(group=OuterRef("group"))))


def _members(at: datetime | None) -> GroupMembershipQuerySet:
    """Who holds what their groups hold, and may act."""
    able = User.objects.able_to_act(at).filter(pk=OuterRef("user"))
    return GroupMembership.objects.live(at).filter(Exists(able)).order_by()


# What it holds


def _inert(_: datetime | None) -> Q:
    return reduce(or_, (shape & ~_holding(every) for shape, every in _counting(lambda _: True)))


def _for_others(at: datetime | None) -> Q:
    """All that is left counts for users of an MSP, and no holder is one."""
    nothing = reduce(or_, (shape & ~_holding(left) for shape, left in _counting(lambda each: not each.spec.msp_only)))
    # The first one, since the planner would gather the members of every group to say whether there is one of this.
    inside = _members(at).filter(group=OuterRef("group"), user__tenant__is_msp=True).values("pk")[:1]
    outside = Q(user__tenant__is_msp=False) | Q(group__isnull=False) & Q(IsNull(Subquery(inside), True))
    return Q(effect=Effect.ALLOW) & outside & nothing


def _counting(wanted: Callable[[Permission], bool]) -> list[tuple[Q, list[str]]]:
    """The permissions that are not inert, by the shape of a scope."""
    return [
        (shape, [each.value for each in Permission if wanted(each) and not is_inert(each, **facts)])
        for shape, facts in SHAPES
    ]


def _holding(permissions: list[str]) -> Q:
    return Q(role__permissions__overlap=permissions)


# Where it counts


def _demoted(_: datetime | None) -> Q:
    return Q(scope=TenantScopeKind.MSP, tenant__is_msp=False)


def _unborne(_: datetime | None) -> Q:
    return Q(scope=TenantScopeKind.TAG) & Q(~Exists(TenantTag.objects.filter(tag=OuterRef("tag"))))


def _deleted(_: datetime | None) -> Q:
    return Q(computer__deleted_at__isnull=False)


# Which computers


def _bare_words(row: RoleAssignment) -> str:
    if row.computer is not None:
        return f"{row.computer} stands elsewhere"
    return f"There are no {plain(computer_words(row))} there"


BARE = Reason(_bare_words, lambda _: NARROWED)
"""None of its computers stands in its tenants. What is asked differs from row to row: `bare` looks for them."""


def bare(rows: Iterable[RoleAssignment], at: datetime | None = None) -> set[int]:
    """Those of these assignments, narrowed to some computers, that find none now. Two queries.

    They come with their user.
    """
    narrowed = [row for row in rows if row.computer_scope != ComputerScopeKind.ALL]
    homes = _homes({row.group_id for row in narrowed if row.group_id and row.scope == TenantScopeKind.OWN_TENANT}, at)
    kept = {pk for (pk,) in found_by_each(_looking(row, homes) for row in narrowed)}
    return {row.pk for row in narrowed} - kept


ROW, THERE, WHICH = -1, -2, -3
"""The places of an assignment, of its tenants and of its computers."""


def _looking(row: RoleAssignment, homes: Mapping[int, list[int]]) -> tuple[Statement, dict[Any, Any]]:
    """What finds the row where one of its computers is there."""
    tenants, computers = scopes_of_row(row, row.user.tenant_id if row.user else 0)
    which, one = _shape(computers, WHICH)
    if row.group_id is not None and row.scope == TenantScopeKind.OWN_TENANT:
        return _at_homes(which, row.include_children), {ROW: row.pk, THERE: homes.get(row.group_id, []), WHICH: one}
    where, place = _shape(tenants, THERE)
    return _within(where, which), {ROW: row.pk, THERE: place, WHICH: one}


S = TypeVar("S", TenantScope, ComputerScope)


def _shape(scope: S, place: int) -> tuple[S, int]:
    """The scope with this in the place of the number of what it names, and that number."""
    named: Any = scope
    for each in fields(named):
        if isinstance(number := getattr(scope, each.name), int):
            return replace(named, **{each.name: place}), number
    return scope, 0


@cache
def _within(where: TenantScope, which: ComputerScope) -> Statement:
    return _first(where.rows(TenantColumns("tenant", "msp")), which)


@cache
def _at_homes(which: ComputerScope, children: bool) -> Statement:  # noqa: FBT001  a column
    """Where members of a group are at home, or below."""
    below = Tenant.objects.filter(overlapping("path", [THERE])).order_by()
    return _first(Q(tenant__in=below.values("pk")) if children else any_of("tenant_id", [THERE]), which)


def _first(there: Q, which: ComputerScope) -> Statement:
    return Statement(Computer.objects.live().filter(there, which.rows()).order_by().values_list(Value(ROW))[:1])


def _homes(groups: set[int], at: datetime | None) -> dict[int, list[int]]:
    """Where the members who may act are at home, by group."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    if not groups:
        return found
    members = _members(at).filter(group__in=groups)
    for group, home in members.values_list("group_id", "user__tenant_id").distinct():
        found[group].append(home)
    return found


REASONS = (
    Reason(_out_words, _out),
    Reason(lambda row: f"Nobody is in {row.group}", _empty),
    Reason(lambda row: f"Nobody in {row.group} may act", _idle),
    Reason(lambda row: f"{row.tenant} is no MSP any more", _demoted),
    Reason(lambda row: f"No tenant bears {row.tag}", _unborne),
    Reason(lambda row: f"Nothing in {row.role} counts in this scope", _inert),
    Reason(lambda row: f"All that counts of {row.role} is for users of an MSP", _for_others),
    Reason(lambda row: f"{row.computer} was deleted", _deleted),
)
