"""Tenants, tags and computers of a document, and the tags that tenants and computers bear."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F

from computers.models import Computer, ComputerTag
from rbac.world import writing
from rbac.world.directory import Directory, Ref
from rbac.world.shapes import Row
from rbac.world.values import WorldError
from rbac.world.writing import Count
from tenancy.models import Tag, Tenant, TenantTag


def put(directory: Directory) -> dict[str, Count]:
    """Write the three lists, each after those that it refers to."""
    counts = {"tenants": _put_tenants(directory)}
    counts["tags"] = writing.put(Tag.objects.all(), directory.tags, _owned(directory, "tags", "color"))
    counts["computers"] = writing.put(
        Computer.objects.all(), directory.computers, _owned(directory, "computers", "type")
    )
    if counts["tenants"].changed:
        _drop_tags_outside_their_owner()
    counts["tags on tenants"] = _put_tenant_tags(directory)
    counts["tags on computers"] = _put_computer_tags(directory)
    return counts


def _owned(directory: Directory, section: str, column: str) -> dict[Ref, dict[str, Any]]:
    """The columns of each row: owner, name and one more, in which null is the empty text."""
    return {
        (row["tenant"], row["name"]): {
            "name": row["name"],
            "tenant_id": directory.owner_id(row, place),
            column: row[column] or "",
        }
        for place, row in directory.rows(section)
    }


def _put_tenants(directory: Directory) -> Count:
    """New tenants level by level, parents first; then what changes, all moves in one statement."""
    _check_tree(directory)
    rows = directory.world.rows["tenants"].values()
    known = [row for row in rows if row["slug"] in directory.tenants]
    waiting = [row for row in rows if row["slug"] not in directory.tenants]
    count = Count()
    while waiting:
        count += _write_tenants(directory, [row for row in waiting if row["parent"] in {None, *directory.tenants}])
        waiting = [row for row in waiting if row["slug"] not in directory.tenants]
    count += _write_tenants(directory, known)
    directory.paths = dict(Tenant.objects.order_by().values_list("pk", "path"))
    return count


def _write_tenants(directory: Directory, rows: Iterable[Row]) -> Count:
    wanted = {
        row["slug"]: {key: row[key] for key in ("slug", "name", "is_msp", "is_active")}
        | {"parent_id": directory.tenants[row["parent"]].pk if row["parent"] else None}
        for row in rows
    }
    return writing.put(Tenant.objects.all(), directory.tenants, wanted)


def _check_tree(directory: Directory) -> None:
    """Every parent is there, and nobody stands below themselves."""
    slugs = {tenant.pk: slug for slug, tenant in directory.tenants.items()}
    parents = {slug: slugs.get(tenant.parent_id or 0) for slug, tenant in directory.tenants.items()}
    parents |= {row["slug"]: row["parent"] for _, row in directory.rows("tenants")}
    for place, row in directory.rows("tenants"):
        if row["parent"] not in {None, *parents}:
            raise WorldError(f"{place}.parent", f'no tenant "{row["parent"]}"')
    for place, row in directory.rows("tenants"):
        above, seen = row["parent"], set()
        while above is not None and above not in seen:
            seen.add(above)
            above = parents[above]
        if row["slug"] in seen:
            raise WorldError(f"{place}.parent", "a tenant cannot stand below itself")


def _put_tenant_tags(directory: Directory) -> Count:
    bearers = {
        directory.tenants[row["slug"]].pk: directory.tags_of(row, place, directory.tenants[row["slug"]].pk)
        for place, row in directory.rows("tenants")
    }
    present = TenantTag.objects.filter(tenant__in=bearers)
    return writing.put_set(present, ("tenant_id", "tag_id"), _pairs(bearers))


def _put_computer_tags(directory: Directory) -> Count:
    bearers = {
        computer.pk: directory.tags_of(row, place, computer.tenant_id)
        for place, row in directory.rows("computers")
        for computer in [directory.computers[row["tenant"], row["name"]]]
    }
    present = ComputerTag.objects.filter(computer__in=bearers)
    return writing.put_set(present, ("computer_id", "tag_id"), _pairs(bearers))


def _pairs(bearers: dict[int, list[Tag]]) -> list[tuple[int, int]]:
    return [(bearer, tag.pk) for bearer, tags in bearers.items() for tag in tags]


def _drop_tags_outside_their_owner() -> None:
    """What a move makes unusable goes in the same act (design 2)."""
    TenantTag.objects.filter(tag__tenant__isnull=False).exclude(tenant__path__contains=[F("tag__tenant")]).delete()
    ComputerTag.objects.filter(tag__tenant__isnull=False).exclude(
        computer__tenant__path__contains=[F("tag__tenant")]
    ).delete()
