"""The lists of a document and the keys of their rows (design 10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from accounts.models import Group, Person, User
from computers.models import (
    Computer,
    ComputerScopeKind,
    ComputerScopeType,
    ComputerType,
    LibraryItem,
    License,
    Script,
    ScriptLanguage,
    Software,
)
from rbac.models import Effect, Role
from rbac.permissions import Permission
from rbac.shares import ITEMS, shareable
from rbac.switches import SwitchKey
from rbac.world import values
from rbac.world.values import Read, WorldError
from tenancy.models import Tag, Tenant, TenantScopeKind

Row = dict[str, Any]
REQUIRED: Final = object()


@dataclass(frozen=True, slots=True)
class Key:
    """How a key is read, and what stands for a missing key and for null."""

    read: Read
    default: Any = REQUIRED


Shape = dict[str, Key]

MEMBER: Shape = {"user": Key(values.email), "expires_at": Key(values.instant, None)}


def read_row(value: Any, shape: Shape, place: str) -> Row:
    values.expect(value, dict, place)
    for key in value:
        if key not in shape:
            raise WorldError(f"{place}.{key}", "unknown key")
    return {name: _value(value.get(name), key, f"{place}.{name}") for name, key in shape.items()}


def _value(value: Any, key: Key, place: str) -> Any:
    if value is not None:
        return key.read(value, place)
    if key.default is REQUIRED:
        raise WorldError(place, "is missing")
    return key.default


def _members(value: Any, place: str) -> list[Row]:
    """E-mails, or objects of e-mail and expiry; nobody twice."""
    values.expect(value, list, place)
    found: dict[str, Row] = {}
    for number, each in enumerate(value):
        here = f"{place}[{number}]"
        row = read_row({"user": each} if isinstance(each, str) else each, MEMBER, here)
        if found.setdefault(row["user"], row) != row:
            raise WorldError(f"{here}.user", f'"{row["user"]}" is listed before, and differently')
    return sorted(found.values(), key=lambda row: str(row["user"]))


SECRETS = frozenset({"password", "license_key"})
"""Read, and never written."""

_tags = Key(values.set_of(values.text), [])
_yes, _no = Key(values.flag, True), Key(values.flag, False)

SHAPES: dict[str, Shape] = {
    "tags": {
        "name": Key(values.name(Tag.name)),
        "color": Key(values.line(Tag.color), None),
        "tenant": Key(values.slug, None),
    },
    "tenants": {
        "slug": Key(values.slug),
        "name": Key(values.name(Tenant.name), None),
        "parent": Key(values.slug, None),
        "is_msp": _no,
        "tags": _tags,
        "is_active": _yes,
    },
    "users": {
        "email": Key(values.email),
        "name": Key(values.name(User.name), None),
        "tenant": Key(values.slug),
        "is_active": _yes,
        "access_expires_at": Key(values.instant, None),
        "password": Key(values.secret, None),
    },
    "groups": {"name": Key(values.name(Group.name)), "tenant": Key(values.slug, None), "members": Key(_members, [])},
    "roles": {
        "name": Key(values.name(Role.name)),
        "description": Key(values.text, None),
        "tenant": Key(values.slug, None),
        "deny_only": _no,
        "permissions": Key(values.set_of(values.one_of(Permission.values, "permission")), []),
    },
    "computers": {
        "name": Key(values.name(Computer.name)),
        "tenant": Key(values.slug),
        "type": Key(values.one_of(ComputerType.values, "type of computer")),
        "tags": _tags,
    },
    "assignments": {
        "user": Key(values.email, None),
        "group": Key(values.text, None),
        "role": Key(values.text),
        "effect": Key(values.one_of(Effect.values, "effect"), Effect.ALLOW.value),
        "scope": Key(values.one_of(TenantScopeKind.values, "scope")),
        "tenant": Key(values.slug, None),
        "tag": Key(values.text, None),
        "include_children": _no,
        "computer_scope": Key(values.one_of(ComputerScopeKind.values, "computer scope"), ComputerScopeKind.ALL.value),
        "computer": Key(values.text, None),
        "computer_tag": Key(values.text, None),
        "computer_type": Key(values.one_of(ComputerScopeType.values, "computer type"), None),
        "starts_at": Key(values.instant, None),
        "expires_at": Key(values.instant, None),
        "reason": Key(values.text, None),
    },
    "tenant_switches": {
        "tenant": Key(values.slug),
        "key": Key(values.one_of(SwitchKey.values, "switch")),
        "enabled": _no,
    },
    "scripts": {
        "name": Key(values.name(Script.name)),
        "tenant": Key(values.slug, None),
        "language": Key(values.one_of(ScriptLanguage.values, "language"), ScriptLanguage.POWERSHELL.value),
        "body": Key(values.text, None),
    },
    "software": {
        "name": Key(values.name(Software.name)),
        "tenant": Key(values.slug, None),
        "publisher": Key(values.line(Software.publisher), None),
        "release": Key(values.line(Software.release), None),
        "notes": Key(values.text, None),
    },
    "licenses": {
        "name": Key(values.name(License.name)),
        "tenant": Key(values.slug, None),
        "software": Key(values.text, None),
        "seats": Key(values.positive, None),
        "expires_on": Key(values.day, None),
        "license_key": Key(values.secret, None),
    },
    "people": {
        "name": Key(values.name(Person.name)),
        "tenant": Key(values.slug),
        "email": Key(values.email, None),
        "login": Key(values.line(Person.login), None),
        "user": Key(values.email, None),
        "computers": Key(values.set_of(values.text), []),
        "primary_on": Key(values.set_of(values.text), []),
    },
    "shares": {
        "user": Key(values.email),
        **dict.fromkeys(sorted(ITEMS), Key(values.text, None)),
        "permission": Key(
            values.one_of([each for item in ITEMS.values() for each in shareable(item)], "shared action")
        ),
        "shared_by": Key(values.email, None),
        "expires_at": Key(values.instant, None),
        "reason": Key(values.text, None),
    },
}

NATURAL_KEYS: dict[str, tuple[str, ...]] = {
    "tenants": ("slug",),
    "users": ("email",),
    "tenant_switches": ("tenant", "key"),
    "assignments": (
        *("user", "group", "role", "effect", "scope", "tenant", "tag", "include_children"),
        *("computer_scope", "computer", "computer_tag", "computer_type"),
    ),
    "shares": ("user", *sorted(ITEMS), "permission"),
    **dict.fromkeys(("tags", "groups", "roles", "computers", "scripts", "software", "licenses"), ("tenant", "name")),
}


def identity(section: str, row: Row) -> tuple[Any, ...]:
    """What makes two rows of a list the same thing. A person is known by address, else by login, else by name."""
    if section == "people":
        known = next(key for key in ("email", "login", "name") if row[key] or key == "name")
        return row["tenant"], known, row[known]
    return tuple(row[column] for column in NATURAL_KEYS[section])


def shared_item(row: Row) -> tuple[str, type[LibraryItem]]:
    """Which kind of item a share names, as the key and its model."""
    return next((kind, model) for kind, model in sorted(ITEMS.items()) if row[kind] is not None)
