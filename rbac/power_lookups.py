"""What power is counted from, looked up by numbers: compiled and planned once in a process."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import QuerySet

from accounts.models import Group, GroupMembership, User
from immyrbac.arrays import any_of
from immyrbac.statements import Statement
from rbac.models import Role


def looked_up(statement: Statement, ids: Iterable[int]) -> list[Any]:
    """What it finds for these numbers; nothing is asked for none."""
    ids = sorted(ids)
    return statement.rows({-1: ids}) if ids else []


def memberships(at: datetime | None) -> QuerySet[GroupMembership, Any]:
    rows = GroupMembership.objects.live(at).filter(any_of("user_id", [-1])).order_by()
    return rows.values_list("user_id", "group_id", "expires_at")


@cache
def memberships_now() -> Statement:
    return Statement(memberships(None), planned_once=True)


@cache
def members_of_groups() -> Statement:
    """The users in these groups now."""
    rows = GroupMembership.objects.live().filter(any_of("group_id", [-1])).order_by()
    return Statement(rows.values_list("user_id"), planned_once=True)


@cache
def homes_of_users() -> Statement:
    return _by_number(User, "tenant_id")


@cache
def owners_of_groups() -> Statement:
    return _by_number(Group, "tenant_id")


@cache
def roles_by_number() -> Statement:
    return _by_number(Role, "key", "permissions")


def _by_number(model: type[User | Group | Role], *columns: str) -> Statement:
    rows = model._base_manager.filter(any_of("pk", [-1])).order_by()  # noqa: SLF001  any of these
    return Statement(rows.values_list("pk", *columns), planned_once=True)
