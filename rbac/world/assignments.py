"""Role assignments and switches of a document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from rbac.models import Effect, RoleAssignment, Switch
from rbac.world import writing
from rbac.world.directory import Directory
from rbac.world.shapes import Row
from rbac.world.values import WorldError
from rbac.world.writing import Count
from tenancy.models import TenantScopeKind

IDENTITY = (
    *("user_id", "group_id", "role_id", "effect", "scope", "tenant_id", "tag_id", "include_children"),
    *("computer_scope", "computer_id", "computer_tag_id", "computer_type"),
)
"""The columns in which any two unended assignments differ (design 8)."""

BOUNDS = ("starts_at", "expires_at", "reason")


def put(directory: Directory) -> dict[str, Count]:
    """Write both, the switches of the instance beside those of tenants."""
    return {"assignments": _put_assignments(directory), "switches": _put_switches(directory)}


def _put_assignments(directory: Directory) -> Count:
    """Rows are immutable: what differs in its bounds or its reason is ended and granted anew."""
    wanted = [_columns(directory, row, place) for place, row in directory.rows("assignments")]
    users, groups = ({columns[which] for columns in wanted} - {None} for which in (0, 1))
    present = RoleAssignment.objects.unended().filter(Q(user__in=users) | Q(group__in=groups))
    return writing.put_set(present, (*IDENTITY, *BOUNDS), wanted, end=_end, identity=len(IDENTITY))


def _columns(directory: Directory, row: Row, place: str) -> tuple[Any, ...]:
    """The values of `IDENTITY` and `BOUNDS`."""
    role = directory.role(row["role"], f"{place}.role")
    if role.deny_only and row["effect"] != Effect.DENY:
        raise WorldError(f"{place}.effect", f'role "{row["role"]}" is for denying only')
    tenant = _if_named(directory.tenant, row, "tenant", place)
    if row["scope"] == TenantScopeKind.MSP and not tenant.is_msp:
        raise WorldError(f"{place}.tenant", f'"{row["tenant"]}" is no MSP')
    named = {
        "user_id": _if_named(directory.user, row, "user", place),
        "group_id": _if_named(directory.group, row, "group", place),
        "role_id": role,
        "tenant_id": tenant,
        "tag_id": _if_named(directory.tag, row, "tag", place),
        "computer_id": _if_named(directory.computer, row, "computer", place),
        "computer_tag_id": _if_named(directory.tag, row, "computer_tag", place),
    }
    values = row | {"reason": row["reason"] or ""} | {key: thing and thing.pk for key, thing in named.items()}
    return tuple(values[column] for column in (*IDENTITY, *BOUNDS))


def _if_named(look: Callable[[str, str], Any], row: Row, key: str, place: str) -> Any:
    return None if row[key] is None else look(row[key], f"{place}.{key}")


def _end(rows: QuerySet[RoleAssignment]) -> None:
    rows.filter(expires_at__lte=Now()).update(ended_at=Now(), end_reason="lapsed")
    rows.update(ended_at=Now(), end_reason="replaced by load_world")


def _put_switches(directory: Directory) -> Count:
    """A switch that changes is set by the system from then on."""
    wanted: dict[tuple[str, int | None], dict[str, Any]] = {
        (key, None): {"key": key, "tenant_id": None, "enabled": enabled}
        for key, enabled in directory.world.switches.items()
    }
    for place, row in directory.rows("tenant_switches"):
        tenant = directory.tenant(row["tenant"], f"{place}.tenant")
        wanted[row["key"], tenant.pk] = {"key": row["key"], "tenant_id": tenant.pk, "enabled": row["enabled"]}
    found = {(switch.key, switch.tenant_id): switch for switch in Switch.objects.all()}
    return writing.put(Switch.objects.all(), found, wanted, on_change={"set_by_id": None, "set_at": timezone.now()})
