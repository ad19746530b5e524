"""The database as a world of the oracle, read straight from the tables; every thing is named by its number.

Names and addresses change in a sequence, numbers do not: `t3` is a tenant, `u4` a user, `t3/c5` a computer of t3. Who
owns a group, a tag or a role is left out: what they reach does not hang on it. So are the switches of single tenants:
suspension lessens no power (design 6), and a role that keeps through theirs keeps through the instance's.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth.hashers import is_password_usable
from django.db.models import QuerySet

from accounts.models import Group, GroupMembership, User
from computers.models import Computer, ComputerTag
from immyrbac.statements import Statement
from rbac.models import SHARES, AuditEntry, Role, RoleAssignment, Switch
from rbac.shares import ITEMS
from tenancy.models import Tenant, TenantTag
from tests.oracle.catalogue import BUILT_IN
from tests.oracle.world import World
from tests.restore import sums

COLUMNS = (
    *("user", "group", "role", "role__key", "effect", "scope", "tenant", "tag", "include_children"),
    *("computer_scope", "computer__tenant", "computer", "computer_tag", "computer_type", "starts_at", "expires_at"),
)
QUERIES: dict[str, Callable[[], QuerySet[Any, Any]]] = {
    "tenants": lambda: Tenant.objects.order_by("pk").values_list("pk", "parent", "is_msp", "is_active"),
    "users": lambda: (
        User.objects.present().order_by("pk").values_list("pk", "tenant", "is_active", "access_expires_at", "password")
    ),
    "groups": lambda: Group.objects.live().order_by("pk").values_list("pk"),
    "members": lambda: GroupMembership.objects.unended().values_list("group", "user", "expires_at"),
    "roles": lambda: Role.objects.values_list("pk", "permissions"),
    "computers": lambda: Computer.objects.live().order_by("pk").values_list("pk", "tenant", "type"),
    "assignments": lambda: RoleAssignment.objects.unended().order_by("pk").values_list(*COLUMNS),
    "switches": lambda: Switch.objects.filter(tenant=None).values_list("key", "enabled"),
    "tags of tenants": lambda: TenantTag.objects.values_list("tenant", "tag"),
    "tags of computers": lambda: ComputerTag.objects.values_list("computer", "tag"),
    "last entry": lambda: AuditEntry.objects.order_by("-pk").values_list("pk")[:1],
}


@cache
def _statement(what: str) -> Statement:
    return Statement(QUERIES[what](), planned_once=True)


@cache
def _of_kind(kind: str) -> tuple[Statement, Statement]:
    """The items of a kind, and the shares of them."""
    items = ITEMS[kind]._default_manager.order_by("pk").values_list("pk", "tenant")
    columns = ("user_id", "permission__codename", "content_object_id", "expires_at")
    shares = SHARES[ITEMS[kind]].objects.unended().order_by("pk").values_list(*columns)
    return Statement(items, planned_once=True), Statement(shares, planned_once=True)


def _rows(what: str) -> list[tuple[Any, ...]]:
    return _statement(what).rows({})


def read_world() -> World:
    """What stands now: nothing ended, removed or deleted. Queries compiled once, since it is read a thousand times."""
    world: Any = {
        "tenants": _tenants(),
        "users": [_user(*row) for row in _rows("users")],
        "groups": _groups(),
        "roles": [{"name": f"r{pk}", "permissions": held} for pk, held in _rows("roles")],
        "computers": _computers(),
        "assignments": [_assignment(**dict(zip(COLUMNS, row, strict=True))) for row in _rows("assignments")],
        "items": [
            {"name": f"{kind}/{pk}", "tenant": _name("t", owner)}
            for kind in ITEMS
            for pk, owner in _of_kind(kind)[0].rows({})
        ],
        "shares": [
            {"user": f"u{user}", "permission": codename, "item": f"{kind}/{item}", "expires_at": _iso(ends)}
            for kind in ITEMS
            for user, codename, item, ends in _of_kind(kind)[1].rows({})
        ],
        "switches": dict(_rows("switches")),
    }
    return world


def _tenants() -> list[dict[str, Any]]:
    tags = _tags("tenants")
    return [
        {"slug": f"t{pk}", "parent": _name("t", up), "is_msp": msp, "is_active": on, "tags": tags[pk]}
        for pk, up, msp, on in _rows("tenants")
    ]


def _user(pk: int, home: int, is_active: bool, ends: datetime | None, password: str) -> dict[str, Any]:
    return {
        "email": f"u{pk}",
        "tenant": f"t{home}",
        "is_active": is_active,
        "access_expires_at": _iso(ends),
        "can_sign_in": is_password_usable(password),
    }


def _groups() -> list[dict[str, Any]]:
    members: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for group, user, end in _rows("members"):
        members[group].append({"user": f"u{user}", "expires_at": _iso(end)})
    return [{"name": f"d{pk}", "members": members[pk]} for (pk,) in _rows("groups")]


def _computers() -> list[dict[str, Any]]:
    tags = _tags("computers")
    return [
        {"name": f"c{pk}", "tenant": f"t{home}", "type": kind, "tags": tags[pk]}
        for pk, home, kind in _rows("computers")
    ]


def _assignment(role__key: str | None, computer__tenant: int | None, **row: Any) -> dict[str, Any]:
    return {
        **row,
        "user": _name("u", row["user"]),
        "group": _name("d", row["group"]),
        "role": BUILT_IN[role__key] if role__key else f"r{row['role']}",
        "tenant": _name("t", row["tenant"]),
        "tag": _name("g", row["tag"]),
        "computer": f"t{computer__tenant}/c{row['computer']}" if row["computer"] else None,
        "computer_tag": _name("g", row["computer_tag"]),
        "starts_at": _iso(row["starts_at"]),
        "expires_at": _iso(row["expires_at"]),
    }


def _tags(of: str) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for pk, tag in _rows(f"tags of {of}"):
        found[pk].append(f"g{tag}")
    return found


def _name(kind: str, pk: int | None) -> str | None:
    return None if pk is None else f"{kind}{pk}"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def digest() -> dict[str, Any]:
    """A fingerprint of every table but the audit log."""
    found = sums()
    del found[AuditEntry._meta.db_table]
    return found


def entries() -> int:
    """How many audit entries there are; they are numbered without gaps."""
    return sum(last for (last,) in _rows("last entry"))
