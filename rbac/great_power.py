"""Who holds great power: which assignments give it, and how many people they reach.

What counts in an assignment is what `access` lets flow: not what its scope makes inert, nor what a switch of the
instance suspends. What a deny takes is not taken off: that is asked of one person on one thing (explain).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any, Final, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    ExpressionWrapper,
    FilteredRelation,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Now

from accounts.models import User
from computers.models import ComputerScopeKind
from immyrbac.arrays import any_of
from rbac.access import Access
from rbac.models import Effect, Role, RoleAssignment
from rbac.permissions import Permission, Scoping
from rbac.switches import GOVERNING, keeps
from tenancy.models import TenantScopeKind

GREAT: Final = tuple(permission for permission in Permission if permission.spec.great_power)
IDLE = timedelta(days=90)
EVERYWHERE, EVERY_COMPUTER, SOME = 2, 1, 0
"""How wide an assignment is, as far as it decides what is inert in it."""
NEEDS = {Scoping.SYSTEM: EVERYWHERE, Scoping.TENANT: EVERY_COMPUTER, Scoping.COMPUTER: SOME}

ALL_COMPUTERS = Q(computer_scope=ComputerScopeKind.ALL)
WIDE_ENOUGH = {
    EVERYWHERE: ALL_COMPUTERS & Q(scope=TenantScopeKind.OWNER),
    EVERY_COMPUTER: ALL_COMPUTERS,
    SOME: Q(role__isnull=False),
}


def flows(access: Access, role_key: str | None, permission: Permission) -> bool:
    """Whether the switches of the instance let it through a role with this key."""
    return all(keeps(role_key, permission, key, enabled=access.stands(key)) for key in GOVERNING.get(permission, ()))


def powers(access: Access, role: Role) -> list[Permission]:
    """Those of great power that a role gives now, where nothing makes them inert."""
    held = frozenset(role.permissions)
    return [each for each in GREAT if each in held and flows(access, role.key, each)]


def giving(access: Access, permissions: Iterable[Permission]) -> Q:
    """The assignments that allow one of these, if they are live."""
    roles = list(Role.objects.filter(permissions__overlap=list(permissions)).only("key", "permissions").order_by())
    return Q(effect=Effect.ALLOW) & reduce(
        or_, (_giving(access, permission, roles) for permission in permissions), Q(pk__in=())
    )


def _giving(access: Access, permission: Permission, roles: Iterable[Role]) -> Q:
    ids = [role.pk for role in roles if permission in role.permissions and flows(access, role.key, permission)]
    return any_of("role_id", ids) & WIDE_ENOUGH[NEEDS[permission.spec.scoping]]


class Held(NamedTuple):
    """How many people: all, by an assignment without an end, and not seen for `IDLE`."""

    people: int = 0
    endless: int = 0
    idle: int = 0


class Numbers(NamedTuple):
    by_power: dict[Permission, Held]
    by_role: dict[int, Held]
    by_scope: dict[str, Held]
    all: Held


def numbers_of(access: Access, rows: QuerySet[RoleAssignment], people: QuerySet[User]) -> Numbers:
    """Of these people, by these assignments, which are allows that the reader sees. Two queries."""
    roles = list(Role.objects.filter(permissions__overlap=list(GREAT)).only("key", "permissions").order_by())
    given = [(role.pk, power) for role in roles for power in powers(access, role)]
    by_power, by_role, by_scope, whole = dict[Permission, Held](), dict[int, Held](), dict[str, Held](), Held()
    for power, role, scope, *counts in _counted(_reaching(rows, {pk for pk, _ in given}, people), given):
        held = Held(*counts)
        if power is not None:
            by_power[Permission(power)] = held
        elif role is not None:
            by_role[role] = held
        elif scope is not None:
            by_scope[scope] = held
        else:
            whole = held
    return Numbers(by_power, by_role, by_scope, whole)


def _reaching(rows: QuerySet[RoleAssignment], roles: Collection[int], people: QuerySet[User]) -> QuerySet[Any, Any]:
    """A line for each of these people and live assignment of these roles that reaches them."""
    endless = Q(group__memberships__expires_at=None) | Q(group__memberships__expires_at__gt=Now())
    live = FilteredRelation("group__memberships", condition=Q(group__memberships__ended_at=None) & endless)
    found = rows.filter(any_of("role_id", roles), Q(starts_at=None) | Q(starts_at__lte=Now()))
    found = found.filter(Q(expires_at=None) | Q(expires_at__gt=Now()), ended_at=None).annotate(joined=live)
    stays = Q(expires_at=None, joined__expires_at=None)
    seen_at = Coalesce("user__last_seen_at", "joined__user__last_seen_at")
    width = Case(
        When(WIDE_ENOUGH[EVERYWHERE], then=Value(EVERYWHERE)),
        When(ALL_COMPUTERS, then=Value(EVERY_COMPUTER)),
        default=Value(SOME),
        output_field=IntegerField(),
    )
    told = found.annotate(
        holder=Coalesce("user_id", "joined__user_id"),
        width=width,
        of_msp=Coalesce("user__tenant__is_msp", "joined__user__tenant__is_msp"),
        stays=ExpressionWrapper(stays, BooleanField()),
        seen_at=seen_at,
    )
    of_people = told.filter(holder__in=people.order_by().values("pk")).order_by()
    return of_people.values_list("holder", "role_id", "scope", "width", "of_msp", "stays", "seen_at")


def _counted(reaching: QuerySet[Any, Any], given: Collection[tuple[int, Permission]]) -> Iterator[tuple[Any, ...]]:
    """Each person once in each number. A line says what it is of: a power, a role, a kind of scope, or none of them."""
    if not given:
        return
    try:
        inner, parameters = reaching.query.sql_with_params()
    except EmptyResultSet:  # by its form alone: whoever sees nobody
        return
    columns: list[Any] = [
        [role for role, _ in given],
        [power.value for _, power in given],
        [NEEDS[power.spec.scoping] for _, power in given],
        [power.spec.msp_only for _, power in given],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_COUNTING.format(inner), [*parameters, *columns, IDLE.days])
        yield from cursor.fetchall()


_COUNTING = """
SELECT power, role_id, scope, count(DISTINCT holder),
       count(DISTINCT holder) FILTER (WHERE stays),
       count(DISTINCT holder) FILTER (WHERE seen_at IS NULL OR seen_at < statement_timestamp() - idle)
FROM ({}) AS held
JOIN unnest(%s::bigint[], %s::text[], %s::int[], %s::boolean[]) AS given(role_id, power, needs, msp_only)
    USING (role_id)
CROSS JOIN (SELECT make_interval(days => %s) AS idle) AS bound
WHERE width >= needs AND (of_msp OR NOT msp_only)
GROUP BY GROUPING SETS ((power), (role_id), (scope), ())
"""
