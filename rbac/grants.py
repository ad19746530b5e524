"""The grants that reach one user now, in one query: the ground of every decision (design 3 and 4)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject

from accounts.models import GroupMembership, User
from computers.scopes import ComputerScope, computer_scope
from immyrbac.arrays import any_of, any_of_rows
from immyrbac.statements import Statement
from rbac.models import SHARES, Effect, RoleAssignment, Switch
from rbac.permissions import Permission, is_inert
from rbac.regions import Item, Region
from rbac.shares import ITEMS, as_assignments
from rbac.switches import SwitchKey
from tenancy.models import TenantScopeKind
from tenancy.scopes import TenantScope, tenant_scope


@dataclass(frozen=True, slots=True)
class Grant:
    """One live assignment as it reaches one user, with the permissions that count in it; or a share of one `item`.

    `ends` is the earliest of the assignment's, the membership's and the account's end; None is no end.
    """

    assignment_id: int
    group_id: int | None
    allows: bool
    permissions: frozenset[Permission]
    tenants: TenantScope
    computers: ComputerScope
    kind: str
    role_id: int
    role_key: str | None
    ends: datetime | None
    item: Item | None = None

    @property
    def region(self) -> Region:
        return Region.of(self.tenants, self.computers, self.item)

    @property
    def is_everywhere(self) -> bool:
        return self.tenants.is_everything and self.computers.is_everything and self.item is None


@dataclass(frozen=True, slots=True)
class Holding:
    """All that `rbac.access` needs of one user: their grants, and where the instance's switches were set to stand."""

    user_id: int | None = None
    grants: tuple[Grant, ...] = ()
    switches: tuple[tuple[SwitchKey, bool], ...] = ()


SCOPE_COLUMNS = (
    "scope",
    "tenant_id",
    "tag_id",
    "include_children",
    "computer_scope",
    "computer_id",
    "computer_tag_id",
    "computer_type",
)
"""The columns that make up a whole scope, in the order that `scopes_of` takes them."""


def load_holding(user_id: int, at: datetime | None = None) -> Holding:
    """What reaches the user at the instant, which is the database's statement clock unless given. One query.

    Somebody inactive, expired or removed, or whose home tenant is inactive, holds nothing.
    """
    statement = _reaching_now() if at is None else Statement(_reaching(user_id, at))
    rows = statement.rows({-1: user_id})
    if not rows:
        return Holding(user_id)
    home, states = json.loads(rows[0][8]), [json.loads(state) for state in rows[0][10]]
    grants = tuple(_of_item(_grant((*row[:8], home, *row[9:-2])), *row[-2:]) for row in rows)
    return Holding(user_id, grants, tuple((SwitchKey(state["key"]), bool(state["enabled"])) for state in states))


def _reaching(user_id: int, at: datetime | None) -> QuerySet[Any, Any]:
    """The live assignments of the user and their groups, and shares; on each row the user's facts and the switches."""
    user = User.objects.filter(pk=user_id).order_by()
    memberships = GroupMembership.objects.live(at).filter(user=user_id)
    switches = ArraySubquery(Switch.objects.filter(tenant=None).values(data=JSONObject(key="key", enabled="enabled")))
    facts = Subquery(user.values(facts=JSONObject(tenant="tenant_id", is_msp="tenant__is_msp")))
    able, account = Exists(user.able_to_act(at)), (facts, Subquery(user.values("access_expires_at")), switches)
    assignments = (
        RoleAssignment.objects.live(at)
        .filter(Q(user=user_id) | any_of_rows("group_id", memberships.values("group_id")))
        .filter(able)
        .order_by()
        .values_list(
            "pk",
            "group_id",
            "effect",
            "role_id",
            "role__key",
            "role__permissions",
            "expires_at",
            Subquery(memberships.filter(group=OuterRef("group")).values("expires_at")[:1]),
            *account,
            *SCOPE_COLUMNS,
            Value(""),
            Value(0),
        )
    )
    shares = (as_assignments(model, account, at).filter(able, user=user_id) for model in SHARES)
    return assignments.union(*shares, all=True)


_OWN = ("pk", "group_id", "effect", "role_id", "role__key", "role__permissions", "expires_at")


def load_holdings(user_ids: Collection[int]) -> dict[int, Holding]:
    """What `load_holding` finds now, of each of these users. Five queries, however many they are; none for none."""
    accounts = _accounts(user_ids) if user_ids else {}
    if not accounts:
        return {pk: Holding(pk) for pk in user_ids}
    grants, joined = defaultdict[int, list[Grant]](list), defaultdict[int, list[tuple[int, datetime | None]]](list)
    memberships = GroupMembership.objects.live().filter(any_of("user_id", accounts)).order_by()
    for user_id, group_id, leaves in memberships.values_list("user_id", "group_id", "expires_at"):
        joined[group_id].append((user_id, leaves))
    rows = RoleAssignment.objects.live().filter(any_of("user_id", accounts) | any_of("group_id", joined)).order_by()
    for direct, *row in rows.values_list("user_id", *_OWN, *SCOPE_COLUMNS):
        for user_id, leaves in joined[row[1]] if direct is None else [(direct, None)]:
            grants[user_id].append(_grant((*row[:7], leaves, *accounts[user_id], (), *row[7:])))
    first, *others = (as_assignments(each, ("user_id",), None).filter(any_of("user_id", accounts)) for each in SHARES)
    for *row, kind, pk in first.union(*others, all=True):
        shared = _grant((*row[:8], *accounts[row[8]], (), *row[9:]))
        grants[row[8]].append(_of_item(shared, kind, pk))
    stands = Switch.objects.filter(tenant=None).values_list("key", "enabled") if grants else ()
    switches = tuple((SwitchKey(key), enabled) for key, enabled in stands)
    return {pk: Holding(pk, tuple(grants[pk]), switches) if grants[pk] else Holding(pk) for pk in user_ids}


def _accounts(user_ids: Collection[int]) -> dict[int, tuple[dict[str, Any], datetime | None]]:
    """The homes of those of these users who may act, and when their accounts end."""
    able = User.objects.able_to_act().filter(any_of("pk", user_ids)).order_by()
    columns = ("pk", "tenant_id", "tenant__is_msp", "access_expires_at")
    return {pk: ({"tenant": home, "is_msp": is_msp}, ends) for pk, home, is_msp, ends in able.values_list(*columns)}


def _of_item(grant: Grant, kind: str, pk: int) -> Grant:
    return replace(grant, item=Item(ITEMS[kind], pk)) if kind else grant


@cache
def _reaching_now() -> Statement:
    return Statement(_reaching(-1, None), planned_once=True)


def _grant(row: tuple[Any, ...]) -> Grant:
    pk, group_id, effect, role_id, role_key, permissions, expires, leaves, home, account_ends, _, *columns = row
    tenants, computers = scopes_of(columns, home["tenant"])
    allows = effect == Effect.ALLOW
    counting = counting_permissions(
        frozenset(permissions),
        whole=tenants.is_everything,
        every=computers.is_everything,
        msp_only=not allows or home["is_msp"],
    )
    return Grant(
        pk,
        group_id,
        allows,
        counting,
        tenants,
        computers,
        columns[0],
        role_id,
        role_key,
        earliest(expires, leaves, account_ends),
    )


def scopes_of(columns: Sequence[Any], home_id: int | None) -> tuple[TenantScope, ComputerScope]:
    """The whole scope that `SCOPE_COLUMNS` describe, for a holder whose home tenant is `home_id`."""
    kind, tenant_id, tag_id, include_children, *computers = columns
    if kind == TenantScopeKind.OWN_TENANT:
        tenant_id = home_id
    return _scopes(kind, tenant_id, tag_id, include_children, *computers)


@lru_cache(maxsize=16384)
def _scopes(
    kind: str,
    tenant_id: int | None,
    tag_id: int | None,
    include_children: bool,  # noqa: FBT001  a column
    *computers: Any,
) -> tuple[TenantScope, ComputerScope]:
    """Made once: thousands of assignments name the same."""
    return tenant_scope(kind, tenant_id, tag_id, include_children=include_children), computer_scope(*computers)


def scopes_of_row(row: RoleAssignment, home_id: int | None) -> tuple[TenantScope, ComputerScope]:
    """The whole scope of an assignment, saved or not, for a holder whose home tenant is `home_id`."""
    return scopes_of([getattr(row, column) for column in SCOPE_COLUMNS], home_id)


@lru_cache(maxsize=1024)
def counting_permissions(listed: frozenset[str], *, whole: bool, every: bool, msp_only: bool) -> frozenset[Permission]:
    """What counts of a role's permissions; unknown names count for nothing (rules 2, 3 and 4 of design 3).

    `whole`: under scope *owner*. `every`: on all computers. `msp_only`: with those for users of an MSP. Pure, so it
    may be remembered: the role's list itself is part of the question.
    """
    return frozenset(
        permission
        for permission in Permission
        if permission in listed
        and not is_inert(permission, whole_instance=whole, all_computers=every)
        and (msp_only or not permission.spec.msp_only)
    )


def earliest(*moments: datetime | None) -> datetime | None:
    """The first of these ends; None is no end."""
    return min((moment for moment in moments if moment is not None), default=None)
