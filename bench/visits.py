"""What the benches of pages ask for: the people of the demo world, and the addresses that each of them opens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.urls import reverse

from accounts.models import Group, User
from computers.models import Computer
from rbac.access import Access, access_for
from rbac.models import Role
from rbac.permissions import Permission
from rbac.subjects import explain_url, who_url
from tenancy.models import Tag, Tenant

PEOPLE = {
    "owner": "jonas.lindqvist@contoso.example",
    "MSP administrator": "priya.raman@relecloud.example",
    "technician": "dana.whitfield@contoso.example",
    "tenant admin": "rosa.delgado@fabrikam.example",
    "tenant user": "grace.kim@fabrikam.example",
    "auditor": "hugo.marchetti@contoso.example",
}
"""Persona to address; the auditor sees as much as the owner, and the technician a tag less a deny."""

BARRED = ("users", "roles", "computers", "tenants", "assignments")
"""The lists that issue 3 sets a bar for, as they open."""


class Visit(NamedTuple):
    """One page; `kind` groups them, `name` is the same for every persona, `fragment`: as htmx asks for it."""

    kind: str
    name: str
    address: str
    fragment: bool = False


def reader(persona: str) -> User:
    return User.objects.get(email=PEOPLE[persona])


def visits(user: User) -> list[Visit]:
    """What this user may be expected to open; some answer 403 or 404 where they may not."""
    seen = _Seen(access_for(user))
    return [*_lists(), *_narrowed(seen), *_details(seen), *_questions(user, seen), *_searches()]


class _Seen:
    """One thing of each kind that the reader sees: not the very first, which the small demo world has made odd."""

    def __init__(self, access: Access) -> None:
        self.access = access

    def one(self, model: type[Model], **found: Any) -> Any:
        """None where the reader sees none."""
        rows: QuerySet[Any] = self.access.seen(model).filter(**found).order_by("name", "pk")
        some = list(rows[:30])
        return some[len(some) * 2 // 3] if some else None


def _lists() -> Iterator[Visit]:
    routes = {
        "users": "accounts:user-list",
        "roles": "rbac:role-list",
        "computers": "computers:computer-list",
        "tenants": "tenancy:tenant-list",
        "assignments": "rbac:assignment-index",
        "groups": "accounts:group-list",
        "tags": "tenancy:tag-list",
        "scripts": "computers:script-list",
        "audit": "rbac:audit-list",
        "tenant tree": "tenancy:tenant-tree",
        "assignments per person": "rbac:assignment-people",
        "start": "start",
    }
    for name, route in routes.items():
        yield Visit("list", name, reverse(route))


ORDERS = {
    "users": ("accounts:user-list", ("-name", "tenant", "ends", "-seen")),
    "computers": ("computers:computer-list", ("-name", "tenant", "type", "-seen")),
    "tenants": ("tenancy:tenant-list", ("-name", "msp", "-created")),
    "assignments": ("rbac:assignment-index", ("given", "ends", "who")),
    "roles": ("rbac:role-list", ("-name", "type", "owner", "-permissions")),
    "groups": ("accounts:group-list", ("-name",)),
}

WORDS = {
    "users": ("accounts:user-list", ("anna", "smith", "zz")),
    "computers": ("computers:computer-list", ("srv", "dc01", "windows", "qqq")),
    "tenants": ("tenancy:tenant-list", ("systems", "north", "a")),
    "assignments": ("rbac:assignment-index", ("anna", "smith")),
    "roles": ("rbac:role-list", ("user", "script")),
}
"""Common words, rare ones, some that nothing holds, and a single letter."""


def _narrowed(seen: _Seen) -> Iterator[Visit]:
    for name, (route, orders) in ORDERS.items():
        for order in orders:
            yield Visit("sort", f"{name} by {order}", f"{reverse(route)}?sort={order}", fragment=True)
    for name, (route, words) in WORDS.items():
        for said in words:
            yield Visit("search", f"{name} with {said}", f"{reverse(route)}?q={said}", fragment=True)
    for name, route, said in _filters(seen):
        query = {key: getattr(value, "pk", value) for key, value in said.items()}
        yield Visit("filter", name, f"{reverse(route)}?{urlencode(query)}", fragment=True)


def _filters(seen: _Seen) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, route and fields; those that name something only where the reader sees such a thing."""
    users, computers, tenants = "accounts:user-list", "computers:computer-list", "tenancy:tenant-list"
    assignments = "rbac:assignment-index"
    if role := seen.access.seen(Role).filter(key="tenant_user").first():
        yield "users of a common role", users, {"role": role}
        yield "assignments of a common role", assignments, {"role": role}
    if role := seen.access.seen(Role).filter(key="script_manager").first():
        yield "users of a rare role", users, {"role": role}
        yield "assignments of a rare role", assignments, {"role": role}
    if tenant := seen.one(Tenant):
        yield "users of a tenant", users, {"tenant": tenant}
        yield "computers of a tenant", computers, {"tenant": tenant}
        yield "assignments concerning a tenant", assignments, {"tenant": tenant}
    if msp := seen.access.seen(Tenant).filter(is_msp=True).order_by("pk").first():
        yield "computers of an MSP", computers, {"tenant": msp}
        yield "tenants of an MSP", tenants, {"msp": msp}
    if tag := seen.access.seen(Tag).filter(tenant=None).order_by("pk").first():
        yield "computers with a tag", computers, {"tag": tag}
        yield "tenants with a tag", tenants, {"tag": tag}
    if group := seen.one(Group):
        yield "users of a group", users, {"group": group}
    yield "users disabled", users, {"status": "disabled"}
    yield "users ending soon", users, {"status": "soon"}
    yield "computers of a type", computers, {"type": "domain_controller"}
    yield "computers never seen", computers, {"seen": "never"}
    yield "computers stale", computers, {"seen": "stale"}
    yield "assignments denying", assignments, {"effect": "deny"}
    yield "assignments ending soon", assignments, {"soon": "on"}
    yield "assignments redundant", assignments, {"mark": "redundant"}
    yield "assignments orphaned", assignments, {"mark": "orphaned"}


def _details(seen: _Seen) -> Iterator[Visit]:
    things: dict[str, tuple[Any, tuple[str, ...]]] = {
        "user": (
            seen.one(User, removed_at=None),
            ("accounts:user-detail", "rbac:assignment-list", "accounts:user-group-list", "rbac:user-history"),
        ),
        "computer": (
            seen.one(Computer, deleted_at=None),
            ("computers:computer-detail", "computers:computer-history", "computers:computer-notes"),
        ),
        "tenant": (seen.one(Tenant), ("tenancy:tenant-detail", "tenancy:tenant-history")),
        "group": (seen.one(Group), ("accounts:group-detail", "rbac:group-assignment-list")),
        "tag": (seen.access.seen(Tag).filter(tenant=None).order_by("pk").first(), ("tenancy:tag-detail",)),
    }
    for thing, routes in things.values():
        for route in routes if thing else ():
            yield Visit("detail", route, reverse(route, args=[thing.pk]))
    for key in ("tenant_user", "msp_administrator"):
        for role in seen.access.seen(Role).filter(key=key):
            yield Visit("detail", f"rbac:role-detail {key}", reverse("rbac:role-detail", args=[role.pk]))
            yield Visit("detail", f"rbac:role-holder-list {key}", reverse("rbac:role-holder-list", args=[role.pk]))


def _questions(user: User, seen: _Seen) -> Iterator[Visit]:
    person, computer, tenant = seen.one(User, removed_at=None), seen.one(Computer, deleted_at=None), seen.one(Tenant)
    asked = Permission.COMPUTERS_MANAGE
    if computer:
        yield Visit("question", "explain oneself", explain_url(user=user, permission=asked, on=computer))
        yield Visit("question", "who can", who_url(permission=asked, on=computer))
        yield Visit("question", "who, computer", reverse("computers:computer-who", args=[computer.pk]))
    if computer and person:
        yield Visit("question", "explain", explain_url(user=person, permission=asked, on=computer))
    if person:
        yield Visit("question", "access of a user", reverse("rbac:user-access", args=[person.pk]))
    if tenant:
        yield Visit("question", "who, tenant", reverse("tenancy:tenant-who", args=[tenant.pk]))


def _searches() -> Iterator[Visit]:
    for words in ("", "srv", "anna", "contoso", "dc01", "a", "@smith", "#24", "move srv", "? dc01"):
        yield Visit("palette", f"palette {words!r}", f"{reverse('search')}?{urlencode({'q': words})}", fragment=True)
    yield Visit("palette", "search page 'anna'", f"{reverse('search')}?q=anna")
