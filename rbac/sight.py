"""Which assignments a reader sees, decided in memory by what `rbac.access` says of what they name.

The same as `Access.scope` says by rows: for the few rows of a page, where to compile that condition takes longer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, Protocol

from django.db.models import QuerySet

from accounts.models import Group, GroupMembership
from computers.models import Computer
from immyrbac.attaching import of_keys
from immyrbac.statements import Statement
from rbac.models import RoleAssignment
from rbac.permissions import Permission
from tenancy.models import Tag, Tenant, TenantScopeKind


class Reader(Protocol):
    """What is asked of an `Access`."""

    user_id: int | None
    at: datetime | None

    def holds(self, permission: str) -> bool: ...
    def can(self, permission: str, obj: Computer) -> bool: ...
    def covers_place(self, permission: str, tenant_id: int | None) -> bool: ...
    def know(self, objects: Iterable[Computer]) -> None: ...
    def know_places(self, tenants: Iterable[int]) -> None: ...


class Sighted(NamedTuple):
    """What decides whether an assignment is seen, as `COLUMNS` name it; a tenant of None is the instance."""

    pk: int
    user: int | None
    home: int | None
    group: int | None
    group_owner: int | None
    group_removed: Any
    scope: str
    tenant: int | None
    tag: int | None
    tag_owner: int | None
    tag_removed: Any
    computer: int | None
    computer_tag: int | None
    computer_tag_owner: int | None
    computer_tag_removed: Any


COLUMNS = (
    *("pk", "user_id", "user__tenant_id", "group_id", "group__tenant_id", "group__removed_at", "scope", "tenant_id"),
    *("tag_id", "tag__tenant_id", "tag__removed_at", "computer_id"),
    *("computer_tag_id", "computer_tag__tenant_id", "computer_tag__removed_at"),
)


def sighted(row: RoleAssignment) -> Sighted:
    """The same of an assignment that comes with what it names."""
    user, group, tag, computer_tag = row.user, row.group, row.tag, row.computer_tag
    return Sighted(
        row.pk,
        row.user_id,
        user.tenant_id if user else None,
        row.group_id,
        group.tenant_id if group else None,
        group.removed_at if group else None,
        row.scope,
        row.tenant_id,
        row.tag_id,
        tag.tenant_id if tag else None,
        tag.removed_at if tag else None,
        row.computer_id,
        row.computer_tag_id,
        computer_tag.tenant_id if computer_tag else None,
        computer_tag.removed_at if computer_tag else None,
    )


def visible(access: Reader, rows: Collection[Sighted]) -> set[int]:
    """The numbers of those that the reader sees. Four queries at most, none where the reader's scopes ask for none."""
    if not rows or not access.holds(RoleAssignment.VIEW):
        return set()
    sight = _Sight(access, rows)
    return {row.pk for row in rows if sight.of_principal(row) and sight.of_scope(row)}


class _Sight:
    def __init__(self, access: Reader, rows: Collection[Sighted]) -> None:
        self.access = access
        access.know_places({pk for row in rows for pk in _places(row) if pk is not None})
        computers: list[Computer] = of_keys(Computer, {row.computer for row in rows if row.computer is not None})
        access.know(computers)
        self.computers = {each.pk for each in computers if access.can(Computer.VIEW, each)}
        of_instance = any(row.group is not None and row.group_owner is None for row in rows)
        self.own_groups = self._own_groups() if of_instance else frozenset()

    def of_principal(self, row: Sighted) -> bool:
        if row.group is None:
            return self.access.covers_place(Permission.USERS_VIEW, row.home)
        if row.group_removed is not None:
            return False
        mine = row.group_owner is None and row.group in self.own_groups and self.access.holds(Group.VIEW)
        return mine or self.access.covers_place(Group.VIEW, row.group_owner)

    def of_scope(self, row: Sighted) -> bool:
        match row.scope:
            case TenantScopeKind.OWNER:
                seen = self.access.covers_place(Permission.USERS_VIEW, None)
            case TenantScopeKind.TAG:
                seen = self._of_tag(row.tag_owner, row.tag_removed)
            case TenantScopeKind.OWN_TENANT:
                seen = True
            case _:
                seen = self.access.covers_place(Tenant.VIEW, row.tenant)
        return (
            seen
            and (row.computer is None or row.computer in self.computers)
            and (row.computer_tag is None or self._of_tag(row.computer_tag_owner, row.computer_tag_removed))
        )

    def _of_tag(self, owner: int | None, removed: Any) -> bool:
        if removed is not None:
            return False
        return (owner is None and self.access.holds(Tag.VIEW)) or self.access.covers_place(Tag.VIEW, owner)

    def _own_groups(self) -> frozenset[int]:
        joined = _joined_now() if self.access.at is None else Statement(_joined(self.access.at))
        return frozenset(group for (group,) in joined.rows({-1: self.access.user_id or 0}))


def _places(row: Sighted) -> tuple[int | None, ...]:
    return row.home, row.group_owner, row.tenant, row.tag_owner, row.computer_tag_owner


def _joined(at: datetime | None) -> QuerySet[GroupMembership, Any]:
    return GroupMembership.objects.live(at).filter(user=-1).order_by().values_list("group_id")


@cache
def _joined_now() -> Statement:
    return Statement(_joined(None), planned_once=True)
