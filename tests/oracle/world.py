"""A world in the format of `manage.py load_world` (design 10), as plain dictionaries, and how to find things in it.

A missing key or null is its default. References are slugs, e-mails and names: `NAME` for what the instance owns,
`tenant-slug/NAME` for what a tenant owns. An object is named as `manage.py can` names it, `kind:reference`;
`INSTANCE` (null) is the instance.
"""

from typing import Any, Literal, TypedDict

INSTANCE = None
COMPUTER_TYPES = ("workstation", "portable", "server", "domain_controller")

Ref = str | None
Effect = Literal["allow", "deny"]


class Tag(TypedDict, total=False):
    """A label; with a tenant it is usable only there, below and on the computers there."""

    name: str
    tenant: str | None


class Tenant(TypedDict, total=False):
    """A node of the tree."""

    slug: str
    name: str
    parent: str | None
    is_msp: bool
    tags: list[str]
    is_active: bool


class User(TypedDict, total=False):
    """Somebody who may sign in."""

    email: str
    name: str
    tenant: str
    is_active: bool
    access_expires_at: str | None


class Member(TypedDict):
    """A membership that ends by itself."""

    user: str
    expires_at: str | None


class Group(TypedDict, total=False):
    """Users who share assignments; a member is an e-mail or a `Member`."""

    name: str
    tenant: str | None
    members: list[str | Member]


class Role(TypedDict, total=False):
    """A custom role; built-in roles are there from the start."""

    name: str
    tenant: str | None
    deny_only: bool
    permissions: list[str]


class Computer(TypedDict, total=False):
    """A managed device."""

    name: str
    tenant: str
    type: str
    tags: list[str]


class Assignment(TypedDict, total=False):
    """A role given to a user or a group over a scope, for a time."""

    user: str | None
    group: str | None
    role: str
    effect: Effect
    scope: str
    tenant: str | None
    tag: str | None
    include_children: bool
    computer_scope: str
    computer: str | None
    computer_tag: str | None
    computer_type: str | None
    starts_at: str | None
    expires_at: str | None
    reason: str


class TenantSwitch(TypedDict):
    """A tenant's own setting of a switch."""

    tenant: str
    key: str
    enabled: bool


class Script(TypedDict, total=False):
    """A library item of a tenant or of the instance."""

    name: str
    tenant: str | None
    body: str


class Share(TypedDict, total=False):
    """One permission on one script for one user; `load_world` knows none."""

    user: str
    script: str
    permission: str
    expires_at: str | None


class World(TypedDict, total=False):
    """One document for `load_world`."""

    tags: list[Tag]
    tenants: list[Tenant]
    users: list[User]
    groups: list[Group]
    roles: list[Role]
    computers: list[Computer]
    assignments: list[Assignment]
    switches: dict[str, bool]
    tenant_switches: list[TenantSwitch]
    scripts: list[Script]
    shares: list[Share]


KINDS = ("tenant", "user", "group", "role", "tag", "computer", "script")


def reference(thing: Any) -> str:
    """How the document names something that may have an owner."""
    owner = thing.get("tenant")
    return f"{owner}/{thing['name']}" if owner else str(thing["name"])


def objects(world: World, kind: str, built_in: list[str]) -> list[str]:
    """Every object of a kind, as `kind:reference`; the built-in roles are roles too."""
    if kind == "tenant":
        return [f"tenant:{tenant['slug']}" for tenant in world["tenants"]]
    if kind == "user":
        return [f"user:{user['email']}" for user in world["users"]]
    listed: dict[str, list[Any]] = {
        "group": list(world.get("groups", [])),
        "role": list(world.get("roles", [])),
        "tag": list(world.get("tags", [])),
        "computer": list(world.get("computers", [])),
        "script": list(world.get("scripts", [])),
    }
    names = [reference(thing) for thing in listed[kind]]
    return [f"{kind}:{name}" for name in names + (built_in if kind == "role" else [])]


def tenant_of(world: World, slug: str) -> Tenant:
    """The tenant of this slug."""
    return next(tenant for tenant in world["tenants"] if tenant["slug"] == slug)


def user_of(world: World, email: str) -> User:
    """The user of this e-mail."""
    return next(user for user in world["users"] if user["email"] == email)


def upwards(world: World, slug: str) -> list[str]:
    """The tenant itself, its parent, and so on to the root."""
    path = [slug]
    while parent := tenant_of(world, path[-1]).get("parent"):
        path.append(parent)
    return path


def msp_of(world: World, slug: str) -> str | None:
    """The nearest MSP at or above a tenant."""
    for above in upwards(world, slug):
        if tenant_of(world, above).get("is_msp"):
            return above
    return None


def below(world: World, slug: str) -> list[str]:
    """A tenant and all that stands below it, nested MSPs included."""
    return [tenant["slug"] for tenant in world["tenants"] if slug in upwards(world, tenant["slug"])]
