"""The database as a document in normal form (design 10): no passwords, nothing ended, removed or deleted."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Concat

from accounts.models import Group, GroupMembership, User
from computers.models import Computer, ComputerTag, Script
from rbac.models import Role, RoleAssignment, Switch
from rbac.world.document import written
from rbac.world.shapes import SHAPES, Row
from tenancy.models import Tag, Tenant, TenantScopeKind, TenantTag


def dump() -> dict[str, Any]:
    """What `load` takes to make an empty instance the same. Built-in roles are the catalogue's, and not in it.

    Left out is what no load could make: an assignment of one deleted computer, since no reference names it, and one
    whose scope names an MSP that is none any more.
    """
    assignments = (
        RoleAssignment.objects.unended()
        .filter(Q(computer=None) | Q(computer__deleted_at=None))
        .exclude(scope=TenantScopeKind.MSP, tenant__is_msp=False)
    )
    owner = {"tenant": "tenant__slug"}
    named = {name: _reference(name) for name in ("group", "role", "tag", "computer", "computer_tag")}
    rows = {
        "tags": _rows("tags", Tag.objects.live(), owner),
        "tenants": _rows(
            "tenants",
            Tenant.objects.all(),
            {"parent": "parent__slug", "tags": _tags(TenantTag.objects.filter(tenant=OuterRef("pk")))},
        ),
        "users": _rows("users", User.objects.present(), owner),
        "groups": _rows("groups", Group.objects.live(), owner | {"members": "pk"}),
        "roles": _rows("roles", Role.objects.live().filter(key=None), owner),
        "computers": _rows(
            "computers",
            Computer.objects.live(),
            owner | {"tags": _tags(ComputerTag.objects.filter(computer=OuterRef("pk")))},
        ),
        "assignments": _rows("assignments", assignments, owner | named | {"user": "user__email"}),
        "tenant_switches": _rows("tenant_switches", Switch.objects.filter(tenant__isnull=False), owner),
        "scripts": _rows("scripts", Script.objects.all(), owner),
    }
    members = _members()
    for group in rows["groups"]:
        group["members"] = members.get(group["members"], [])
    return written(rows, dict(Switch.objects.filter(tenant=None).values_list("key", "enabled")))


def _rows(section: str, source: QuerySet[Any], expressions: dict[str, Any]) -> list[Row]:
    """The rows of a list; a key that is not in `expressions` is the column of that name."""
    keys = [key for key in SHAPES[section] if key != "password"]
    values = source.order_by().values_list(*(expressions.get(key, key) for key in keys))
    return [dict(zip(keys, each, strict=True)) for each in values]


def _reference(relation: str) -> Case:
    """`NAME` or `tenant-slug/NAME` of what the relation leads to; null where it leads nowhere."""
    name, owner = f"{relation}__name", f"{relation}__tenant__slug"
    owned = Concat(owner, Value("/"), name, output_field=CharField())
    return Case(When(**{f"{owner}__isnull": True}, then=name), default=owned, output_field=CharField())


def _tags(bearers: QuerySet[Any]) -> ArraySubquery:
    return ArraySubquery(bearers.values(reference=_reference("tag")))


def _members() -> dict[int, list[Row]]:
    """Who is in each group, by its id."""
    found: dict[int, list[Row]] = {}
    rows = GroupMembership.objects.unended().order_by("user__email").values_list("group", "user__email", "expires_at")
    for group, email, expires_at in rows:
        found.setdefault(group, []).append({"user": email, "expires_at": expires_at})
    return found
