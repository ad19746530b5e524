"""A world straight into the tables: no service, no loader, nothing shared with what is tested but the models."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import product
from typing import Any

from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import Group, GroupMembership, User
from computers.models import Computer, ComputerTag, Script
from rbac.models import Role, RoleAssignment, ScriptShare, Switch
from tenancy.models import Tag, Tenant, TenantTag
from tests.oracle.strategies import SHARED
from tests.oracle.world import Assignment, World, reference

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def insert(world: World) -> None:
    """Writes every row of the document; what the database refuses is a fault of the world."""
    inserted = Inserted(world)
    inserted.things()
    inserted.given()


def insert_shares(world: World) -> None:
    """The shares of the document, beside what is there already."""
    for share in world.get("shares", []):
        owner, _, name = share["script"].rpartition("/")
        ScriptShare.objects.create(
            user=User.objects.get(email=share["user"]),
            content_object=Script.objects.get(name=name, tenant__slug=owner or None),
            permission=permission_of(share["permission"]),
            expires_at=moment(share, "expires_at"),
            shared_at=LONG_AGO,
            shared_by=User.objects.get(email=share["user"]),
        )


def permission_of(codename: str) -> Permission:
    """A permission on a script, as django-guardian's tables name it."""
    return Permission.objects.get(codename=codename, content_type__model="script")


def leave_ended() -> None:
    """Beside the world what it had before: everybody was in every group, had every script, could do and was denied all.

    It has ended, so that no answer may change (design 3, "live").
    """
    now, full = timezone.now(), Role.objects.get(key="msp_administrator")
    users, groups = list(User.objects.all()), list(Group.objects.all())
    principals: list[dict[str, Any]] = [*({"user": user} for user in users), *({"group": group} for group in groups)]
    RoleAssignment.objects.bulk_create(
        RoleAssignment(**principal, role=full, effect=effect, scope="owner", ended_at=now, end_reason="over")
        for principal, effect in product(principals, ("allow", "deny"))
    )
    GroupMembership.objects.bulk_create(
        GroupMembership(user=user, group=group, ended_at=now) for user, group in product(users, groups)
    )
    permissions = [permission_of(codename) for codename in SHARED]
    ScriptShare.objects.bulk_create(
        ScriptShare(user=user, content_object=script, permission=permission, shared_by=user, ended_at=now)
        for user, script, permission in product(users, Script.objects.all(), permissions)
    )


class Inserted:
    """The rows of one document, by what it calls them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tenants: dict[str | None, Tenant | None] = {None: None}
        self.found: dict[tuple[str, str | None], Any] = {}

    def things(self) -> None:
        """What access is about, and whose."""
        for tenant in self.world["tenants"]:
            row = {"slug": tenant["slug"], "name": tenant["name"], "is_msp": tenant.get("is_msp", False)}
            row |= {"is_active": tenant.get("is_active", True), "parent": self.tenants[tenant.get("parent")]}
            self.tenants[tenant["slug"]] = Tenant.objects.create(**row)
        self.owned("tag", Tag, self.world.get("tags", []), "name")
        self.owned("role", Role, self.world.get("roles", []), "name", "deny_only", "permissions")
        self.owned("script", Script, self.world.get("scripts", []), "name")
        self.owned("computer", Computer, self.world.get("computers", []), "name", "type")
        self.owned("group", Group, self.world.get("groups", []), "name")
        self.found |= {("role", role.name): role for role in Role.objects.exclude(key=None)}
        self.users()
        self.links()

    def given(self) -> None:
        """Who has what, and what is suspended."""
        RoleAssignment.objects.bulk_create(map(self.assignment, self.world["assignments"]))
        Switch.objects.bulk_create(Switch(key=key, enabled=on) for key, on in self.world.get("switches", {}).items())
        Switch.objects.bulk_create(
            Switch(key=own["key"], tenant=self.tenants[own["tenant"]], enabled=own["enabled"])
            for own in self.world.get("tenant_switches", [])
        )

    def owned(self, kind: str, model: Any, things: list[Any], *columns: str) -> None:
        rows = [
            model(tenant=self.tenants[thing.get("tenant")], **{c: thing[c] for c in columns if c in thing})
            for thing in things
        ]
        for thing, row in zip(things, model.objects.bulk_create(rows), strict=True):
            self.found[kind, reference(thing)] = row

    def users(self) -> None:
        for user in self.world["users"]:
            row = User(email=user["email"], name=user["name"], tenant=self.tenants[user["tenant"]])
            row.is_active = user.get("is_active", True)
            row.access_expires_at = moment(user, "access_expires_at")
            row.save()
            self.found["user", user["email"]] = row

    def links(self) -> None:
        for tenant in self.world["tenants"]:
            for tag in tenant.get("tags", []):
                TenantTag.objects.create(tenant=self.tenants[tenant["slug"]], tag=self.found["tag", tag])
        for computer in self.world.get("computers", []):
            for tag in computer.get("tags", []):
                row = self.found["computer", reference(computer)]
                ComputerTag.objects.create(computer=row, tag=self.found["tag", tag])
        for group in self.world.get("groups", []):
            for member in group.get("members", []):
                who: dict[str, Any] = {"user": member} if isinstance(member, str) else {**member}
                GroupMembership.objects.create(
                    group=self.found["group", reference(group)],
                    user=self.found["user", who["user"]],
                    expires_at=moment(who, "expires_at"),
                )

    def assignment(self, a: Assignment) -> RoleAssignment:
        named = {"user": "user", "group": "group", "role": "role", "tag": "tag", "computer": "computer"}
        rows = {column: self.found[kind, a[column]] for column, kind in named.items() if column in a}
        if "computer_tag" in a:
            rows["computer_tag"] = self.found["tag", a["computer_tag"]]
        plain = ("effect", "scope", "include_children", "computer_scope", "computer_type", "reason")
        return RoleAssignment(
            tenant=self.tenants[a.get("tenant")],
            starts_at=moment(a, "starts_at"),
            expires_at=moment(a, "expires_at"),
            **rows,
            **{column: a[column] for column in plain if column in a},
        )


def moment(row: Mapping[str, Any], key: str) -> datetime | None:
    """An ISO time, or no bound."""
    return datetime.fromisoformat(row[key]) if row.get(key) else None


def name_of(kind: str, thing: Any) -> str:
    """The reference of a row, as the document has it."""
    if kind == "tenant":
        return f"tenant:{thing.slug}"
    if kind == "user":
        return f"user:{thing.email}"
    owner = thing.tenant
    return f"{kind}:{owner.slug}/{thing.name}" if owner else f"{kind}:{thing.name}"


NAMED = {key: key for key in ("user", "group", "tenant", "tag", "computer")} | {"computer_tag": "tag"}
"""What an assignment may name, by key, and its kind."""


def assignment_of(row: RoleAssignment) -> Assignment:
    """What stands in the document of an assignment's scope and principal."""
    things = {key: (kind, getattr(row, key)) for key, kind in NAMED.items()}
    named: Any = {key: name_of(kind, thing).partition(":")[2] for key, (kind, thing) in things.items() if thing}
    return Assignment(scope=row.scope, **named)
