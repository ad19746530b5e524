"""The database as a document in normal form (design 10): no secrets, no files, nothing ended, removed or deleted."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Concat

from accounts.models import Group, GroupMembership, Person, User
from computers.models import Computer, ComputerPerson, ComputerTag, License, Script, Software
from rbac.models import SHARES, Role, RoleAssignment, Share, Switch
from rbac.shares import ITEMS
from rbac.world.document import written
from rbac.world.shapes import SECRETS, SHAPES, Row, identity
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
        "software": _rows("software", Software.objects.all(), owner),
        "licenses": _rows("licenses", License.objects.all(), owner | {"software": _reference("software")}),
        "people": _people(),
        "shares": [row for kind, model in ITEMS.items() for row in _shares(kind, SHARES[model])],
    }
    members = _members()
    for group in rows["groups"]:
        group["members"] = members.get(group["members"], [])
    return written(rows, dict(Switch.objects.filter(tenant=None).values_list("key", "enabled")))


def _rows(section: str, source: QuerySet[Any], expressions: dict[str, Any], *order: str) -> list[Row]:
    """The rows of a list; a key that is not in `expressions` is the column of that name."""
    keys = [key for key in SHAPES[section] if key not in SECRETS]
    values = source.order_by(*order).values_list(*(expressions.get(key, key) for key in keys))
    return [dict(zip(keys, each, strict=True)) for each in values]


def _reference(relation: str) -> Case:
    """`NAME` or `tenant-slug/NAME` of what the relation leads to; null where it leads nowhere."""
    name, owner = f"{relation}__name", f"{relation}__tenant__slug"
    owned = Concat(owner, Value("/"), name, output_field=CharField())
    return Case(When(**{f"{owner}__isnull": True}, then=name), default=owned, output_field=CharField())


def _people() -> list[Row]:
    """Of those whom nothing tells apart, the first."""
    used = ComputerPerson.objects.filter(person=OuterRef("pk"), computer__deleted_at=None)
    computers, primary_on = (
        ArraySubquery(rows.values(reference=_reference("computer"))) for rows in (used, used.filter(is_primary=True))
    )
    said = {"tenant": "tenant__slug", "user": "user__email", "computers": computers, "primary_on": primary_on}
    rows = _rows("people", Person.objects.all(), said, "-pk")
    return list({identity("people", row): row for row in rows}.values())


def _shares(kind: str, table: type[Share]) -> list[Row]:
    """Whoever gave one and was removed since can be named no more: then it is as if the person themselves had."""
    giver = Case(When(shared_by__removed_at__isnull=False, then="user__email"), default="shared_by__email")
    said: dict[str, Any] = dict.fromkeys(ITEMS, Value(None, CharField()))
    said |= {kind: _reference("content_object"), "user": "user__email", "permission": "permission__codename"}
    return _rows("shares", table.objects.unended(), said | {"shared_by": giver})


def _tags(bearers: QuerySet[Any]) -> ArraySubquery:
    return ArraySubquery(bearers.values(reference=_reference("tag")))


def _members() -> dict[int, list[Row]]:
    """Who is in each group, by its id."""
    found: dict[int, list[Row]] = {}
    rows = GroupMembership.objects.unended().order_by("user__email").values_list("group", "user__email", "expires_at")
    for group, email, expires_at in rows:
        found.setdefault(group, []).append({"user": email, "expires_at": expires_at})
    return found
