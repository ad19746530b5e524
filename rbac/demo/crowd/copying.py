"""The crowd into the database by COPY: every index, trigger and constraint of the product does its work meanwhile."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import count
from typing import Any

from django.db import connection
from django.db.models import Max, Model, Q

from accounts.models import Group, GroupMembership, User
from computers.models import Computer, ComputerTag
from rbac.audit import SYSTEM, record
from rbac.demo.crowd import grants, people, sites
from rbac.demo.crowd.sites import Ground, Row, Size
from rbac.demo.estate import MSPS
from rbac.models import Role, RoleAssignment
from rbac.world.writing import Count
from tenancy.models import Tag, Tenant, TenantTag

Progress = Callable[[str], object]
EVERY = 100_000
NUMBERED: tuple[type[Model], ...] = (Tenant, Tag, User, Computer, Role, Group)
"""What the crowd gives ids to itself, so that rows can name each other before they are there."""

COLUMNS: dict[type[Model], tuple[str, ...]] = {
    Tenant: ("id", "name", "slug", "parent_id", "is_msp", "is_active", "created_at"),
    Tag: ("id", "tenant_id", "name", "color"),
    TenantTag: ("tenant_id", "tag_id"),
    User: (
        *("id", "email", "name", "tenant_id", "password", "is_active", "access_expires_at"),
        *("last_seen_at", "created_at"),
    ),
    Computer: (
        *("id", "name", "tenant_id", "type", "os", "serial_number", "notes"),
        *("last_seen_at", "created_at", "updated_at"),
    ),
    ComputerTag: ("computer_id", "tag_id"),
    Role: ("id", "name", "description", "tenant_id", "deny_only", "permissions"),
    Group: ("id", "tenant_id", "name", "description"),
    GroupMembership: ("group_id", "user_id", "added_at", "expires_at"),
    RoleAssignment: grants.Assignment._fields,
}


def gather(size: Size, now: datetime, progress: Progress) -> None:
    """Fill the small demo world up to the size; belongs into the transaction that loaded it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # the checks of a million rows are one statement
    ground, checksum, counts = _ground(now), hashlib.sha256(), dict[str, Any]()
    for model, rows in _crowd(ground, size):
        name = str(model._meta.verbose_name_plural)
        copied = _copy(model, _watched(rows, name, checksum, progress))
        progress(f"{copied:,} {name}")
        counts[name.replace(" ", "_")] = vars(Count(created=copied))
    for model in NUMBERED:
        _count_on(model)
    progress("checking what rows say of each other ...")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # so that no check is planned as if the tables were empty
    connection.check_constraints()
    record(
        SYSTEM, "world.loaded", label="the crowd of the demo", after={"sha256": checksum.hexdigest(), "rows": counts}
    )


def _ground(now: datetime) -> Ground:
    free = {
        model._meta.model_name or "": (model._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1  # noqa: SLF001  any model
        for model in NUMBERED
    }
    tags = Tag.objects.values_list("tenant__slug", "name", "pk")
    roles = Role.objects.values_list("key", "name", "pk")
    return Ground(
        now,
        free,
        {slug: Tenant.objects.get(slug=slug).pk for slug in MSPS},
        {f"{owner}/{name}" if owner else name: pk for owner, name, pk in tags},
        # The roles of Contoso, for the MSPs of the small world: those of the crowd get their own.
        {key or name: pk for key, name, pk in roles.filter(Q(tenant=None) | Q(tenant__slug=MSPS[0]))},
    )


def _crowd(ground: Ground, size: Size) -> Iterator[tuple[type[Model], Iterable[Row]]]:
    """Each table with its rows, in an order in which what is named is there first."""
    found = sites.sites(ground, size)
    heads = [site.id for site in found if site.is_msp and site.id not in ground.msps.values()]
    number = count(ground.free["tag"])
    tags = [(next(number), head, name, hue) for head in heads for name, hue in people.OWN_TAGS]
    own_tags = [(head, name, pk) for pk, head, name, _ in tags]
    yield Tenant, sites.tenants(ground, found)
    yield Tag, tags
    yield TenantTag, sites.tenant_tags(ground, found, {msp: pk for msp, name, pk in own_tags if name == "VIP"})
    yield User, people.users(ground, found)
    bearing: list[tuple[int, str]] = []
    yield Computer, people.computers(ground, found, bearing)
    yield ComputerTag, people.computer_tags(ground, found, bearing, own_tags)
    roles, groups = grants.roles(ground, found), people.teams(ground, found)
    yield Role, roles
    yield Group, ((group.id, group.owner.id, group.name, "") for group in groups)
    yield GroupMembership, people.memberships(ground, groups)
    offices = grants.offices(ground, found, roles, own_tags)
    yield RoleAssignment, grants.assignments(ground, offices, groups)


def _watched(rows: Iterable[Row], name: str, checksum: Any, progress: Progress) -> Iterator[Row]:
    for number, row in enumerate(rows, 1):
        checksum.update(repr(row).encode())
        if number % EVERY == 0:
            progress(f"{number:,} {name} ...")
        yield row


def _copy(model: type[Model], rows: Iterable[Row]) -> int:
    columns = ", ".join(COLUMNS[model])
    copied = 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {model._meta.db_table} ({columns}) FROM STDIN") as copy:
        for copied, row in enumerate(rows, 1):  # noqa: B007  how many is asked afterwards
            copy.write_row(row)
    return copied


def _count_on(model: type[Model]) -> None:
    """Let the table's own numbers start behind those that were given."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {table}", [table])  # noqa: S608
