"""The database as a world of the oracle, read straight from the tables; every thing is named by its number.

Names and addresses change in a sequence, numbers do not: `t3` is a tenant, `u4` a user, `t3/c5` a computer of t3. Who
owns a group, a tag or a role is left out: what they reach does not hang on it. So are the switches of single tenants:
suspension lessens no power (design 6), and a role that keeps through theirs keeps through the instance's.
"""

from collections import defaultdict
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from psycopg import Cursor

from accounts.models import Group, GroupMembership, User
from computers.models import Computer, ComputerTag
from rbac.models import SHARES, AuditEntry, Role, RoleAssignment, Switch
from rbac.shares import ITEMS
from tenancy.models import Tenant, TenantTag
from tests.oracle.catalogue import BUILT_IN
from tests.oracle.world import World


def read_world() -> World:
    """What stands now: nothing ended, removed or deleted. Fifteen queries."""
    world: Any = {
        "tenants": _tenants(),
        "users": _users(),
        "groups": _groups(),
        "roles": [
            {"name": f"r{pk}", "permissions": held} for pk, held in Role.objects.values_list("pk", "permissions")
        ],
        "computers": _computers(),
        "assignments": _assignments(),
        "items": _items(),
        "shares": _shares(),
        "switches": dict(Switch.objects.filter(tenant=None).values_list("key", "enabled")),
    }
    return world


def _items() -> list[dict[str, Any]]:
    return [
        {"name": f"{kind}/{pk}", "tenant": _name("t", owner)}
        for kind, model in ITEMS.items()
        for pk, owner in model._default_manager.order_by("pk").values_list("pk", "tenant")
    ]


def _shares() -> list[dict[str, Any]]:
    columns = ("user_id", "permission__codename", "content_object_id", "expires_at")
    return [
        {"user": f"u{user}", "permission": codename, "item": f"{kind}/{item}", "expires_at": _iso(ends)}
        for kind, model in ITEMS.items()
        for user, codename, item, ends in SHARES[model].objects.unended().order_by("pk").values_list(*columns)
    ]


def _tenants() -> list[dict[str, Any]]:
    tags = _tags(TenantTag, "tenant")
    rows = Tenant.objects.order_by("pk").values_list("pk", "parent", "is_msp", "is_active")
    return [
        {"slug": f"t{pk}", "parent": _name("t", up), "is_msp": msp, "is_active": on, "tags": tags[pk]}
        for pk, up, msp, on in rows
    ]


def _users() -> list[dict[str, Any]]:
    rows = User.objects.present().order_by("pk")
    return [
        {
            "email": f"u{user.pk}",
            "tenant": f"t{user.tenant_id}",
            "is_active": user.is_active,
            "access_expires_at": _iso(user.access_expires_at),
            "can_sign_in": user.has_usable_password(),
        }
        for user in rows
    ]


def _groups() -> list[dict[str, Any]]:
    members: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for group, user, end in GroupMembership.objects.unended().values_list("group", "user", "expires_at"):
        members[group].append({"user": f"u{user}", "expires_at": _iso(end)})
    return [{"name": f"d{pk}", "members": members[pk]} for pk in Group.objects.live().values_list("pk", flat=True)]


def _computers() -> list[dict[str, Any]]:
    tags = _tags(ComputerTag, "computer")
    rows = Computer.objects.live().order_by("pk").values_list("pk", "tenant", "type")
    return [{"name": f"c{pk}", "tenant": f"t{home}", "type": kind, "tags": tags[pk]} for pk, home, kind in rows]


def _assignments() -> list[dict[str, Any]]:
    rows = RoleAssignment.objects.unended().order_by("pk").select_related("role", "computer")
    return [
        {
            "user": _name("u", row.user_id),
            "group": _name("d", row.group_id),
            "role": BUILT_IN[row.role.key] if row.role.key else f"r{row.role_id}",
            "effect": row.effect,
            "scope": row.scope,
            "tenant": _name("t", row.tenant_id),
            "tag": _name("g", row.tag_id),
            "include_children": row.include_children,
            "computer_scope": row.computer_scope,
            "computer": f"t{row.computer.tenant_id}/c{row.computer_id}" if row.computer else None,
            "computer_tag": _name("g", row.computer_tag_id),
            "computer_type": row.computer_type,
            "starts_at": _iso(row.starts_at),
            "expires_at": _iso(row.expires_at),
        }
        for row in rows
    ]


def _tags(bearing: Any, bearer: str) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for pk, tag in bearing.objects.values_list(bearer, "tag"):
        found[pk].append(f"g{tag}")
    return found


def _name(kind: str, pk: int | None) -> str | None:
    return None if pk is None else f"{kind}{pk}"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def digest() -> tuple[int, ...]:
    """A fingerprint of every table but the audit log, in which no order counts: a plan may gather tables in any."""
    with Cursor(connection.connection) as cursor:
        return tuple(cursor.execute(_all_rows(), prepare=True).fetchone())


@cache
def _all_rows() -> bytes:
    tables = [name for name in connection.introspection.table_names() if name != AuditEntry._meta.db_table]
    each = (f'(SELECT sum(hashtextextended(r::text, 0)) FROM "{table}" r)' for table in tables)
    return f"SELECT {', '.join(each)}".encode()


def entries() -> int:
    """How many audit entries there are; they are numbered without gaps."""
    last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
    return last or 0
