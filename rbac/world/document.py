"""The document that `load_world` reads and `dump_world` writes (design 10): its keys, and its normal form.

A row is a dict with every key of its list, instants as aware datetimes in UTC. Nothing here asks the database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from accounts.models import Group, User, normal_email
from computers.models import Computer, ComputerScopeKind, ComputerScopeType, ComputerType, Script
from rbac.models import Effect, Role
from rbac.permissions import Permission
from rbac.roles import BUILT_IN_ROLES
from rbac.switches import SwitchKey
from tenancy.models import Tag, Tenant, TenantScopeKind

Row = dict[str, Any]
Read = Callable[[Any, str], Any]
REQUIRED: Final = object()


class WorldError(Exception):
    """The document cannot be loaded, and nothing was changed: `place: reason`."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")


# Values: each reader takes what stands there and the place, and returns it in normal form


def _expect(value: object, kind: type, place: str) -> None:
    if not isinstance(value, kind):
        raise WorldError(place, f"must be {_KINDS[kind]}, not {_KINDS.get(type(value), type(value).__name__)}")


_KINDS: dict[type, str] = {
    str: "a text",
    bool: "true or false",
    list: "a list",
    dict: "an object",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def _text(value: Any, place: str) -> str:
    _expect(value, str, place)
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise WorldError(place, "holds a character that cannot be stored")
    return str(value)


def _line(field: Any) -> Read:
    """A text that fits the column."""

    def read(value: Any, place: str) -> str:
        if len(line := _text(value, place)) > field.field.max_length:
            raise WorldError(place, f"is longer than {field.field.max_length} characters")
        return line

    return read


_NO_NAME = re.compile(r"[/\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _name(field: Any) -> Read:
    """A line that references can be made of, so without a slash."""
    line = _line(field)

    def read(value: Any, place: str) -> str:
        name: str = line(value, place)
        if not name or name != name.strip() or _NO_NAME.search(name):
            raise WorldError(place, f"{name!r} is no name: it is empty, or holds a slash, a line break or outer spaces")
        return name

    return read


def _slug(value: Any, place: str) -> str:
    slug: str = _line(Tenant.slug)(value, place)
    if not re.fullmatch(r"[-a-zA-Z0-9_]+", slug):
        raise WorldError(place, f"{slug!r} is no slug: letters, digits, - and _ only")
    return slug


def _email(value: Any, place: str) -> str:
    email: str = normal_email(_line(User.email)(value, place))
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise WorldError(place, f"{email!r} is no e-mail address")
    return email


def _flag(value: Any, place: str) -> bool:
    _expect(value, bool, place)
    return bool(value)


def _instant(value: Any, place: str) -> datetime:
    """ISO 8601 with a zone; YAML brings such a thing as a datetime already."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(_text(value, place))
        if moment.tzinfo is None:
            raise WorldError(place, f"{value} has no time zone")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise WorldError(place, f"{value!r} is no date and time of ISO 8601") from error


def _one_of(kinds: Iterable[str], what: str) -> Read:
    known = [str(kind) for kind in kinds]

    def read(value: Any, place: str) -> str:
        if _text(value, place) not in known:
            raise WorldError(place, f'no {what} "{value}"')
        return str(value)

    return read


def _set_of(read: Read) -> Read:
    """A list without an order, in which what is listed twice counts once."""

    def read_all(value: Any, place: str) -> list[Any]:
        _expect(value, list, place)
        return sorted({read(each, f"{place}[{number}]") for number, each in enumerate(value)})

    return read_all


def _members(value: Any, place: str) -> list[Row]:
    """E-mails, or objects of e-mail and expiry; nobody twice."""
    _expect(value, list, place)
    found: dict[str, Row] = {}
    for number, each in enumerate(value):
        here = f"{place}[{number}]"
        row = _row({"user": each} if isinstance(each, str) else each, MEMBER, here)
        if found.setdefault(row["user"], row) != row:
            raise WorldError(f"{here}.user", f'"{row["user"]}" is listed before, and differently')
    return sorted(found.values(), key=lambda row: str(row["user"]))


# Shapes


@dataclass(frozen=True, slots=True)
class Key:
    """How a key is read, and what stands for a missing key and for null."""

    read: Read
    default: Any = REQUIRED


Shape = dict[str, Key]

_tags = Key(_set_of(_text), [])
_yes, _no = Key(_flag, True), Key(_flag, False)

MEMBER: Shape = {"user": Key(_email), "expires_at": Key(_instant, None)}

SHAPES: dict[str, Shape] = {
    "tags": {"name": Key(_name(Tag.name)), "color": Key(_line(Tag.color), None), "tenant": Key(_slug, None)},
    "tenants": {
        "slug": Key(_slug),
        "name": Key(_name(Tenant.name), None),
        "parent": Key(_slug, None),
        "is_msp": _no,
        "tags": _tags,
        "is_active": _yes,
    },
    "users": {
        "email": Key(_email),
        "name": Key(_name(User.name), None),
        "tenant": Key(_slug),
        "is_active": _yes,
        "access_expires_at": Key(_instant, None),
        "password": Key(_text, None),
    },
    "groups": {"name": Key(_name(Group.name)), "tenant": Key(_slug, None), "members": Key(_members, [])},
    "roles": {
        "name": Key(_name(Role.name)),
        "description": Key(_text, None),
        "tenant": Key(_slug, None),
        "deny_only": _no,
        "permissions": Key(_set_of(_one_of(Permission.values, "permission")), []),
    },
    "computers": {
        "name": Key(_name(Computer.name)),
        "tenant": Key(_slug),
        "type": Key(_one_of(ComputerType.values, "type of computer")),
        "tags": _tags,
    },
    "assignments": {
        "user": Key(_email, None),
        "group": Key(_text, None),
        "role": Key(_text),
        "effect": Key(_one_of(Effect.values, "effect"), Effect.ALLOW.value),
        "scope": Key(_one_of(TenantScopeKind.values, "scope")),
        "tenant": Key(_slug, None),
        "tag": Key(_text, None),
        "include_children": _no,
        "computer_scope": Key(_one_of(ComputerScopeKind.values, "computer scope"), ComputerScopeKind.ALL.value),
        "computer": Key(_text, None),
        "computer_tag": Key(_text, None),
        "computer_type": Key(_one_of(ComputerScopeType.values, "computer type"), None),
        "starts_at": Key(_instant, None),
        "expires_at": Key(_instant, None),
        "reason": Key(_text, None),
    },
    "tenant_switches": {
        "tenant": Key(_slug),
        "key": Key(_one_of(SwitchKey.values, "switch")),
        "enabled": _no,
    },
    "scripts": {"name": Key(_name(Script.name)), "tenant": Key(_slug, None), "body": Key(_text, None)},
}

NATURAL_KEYS: dict[str, tuple[str, ...]] = {
    "tenants": ("slug",),
    "users": ("email",),
    "tenant_switches": ("tenant", "key"),
    "assignments": (
        *("user", "group", "role", "effect", "scope", "tenant", "tag", "include_children"),
        *("computer_scope", "computer", "computer_tag", "computer_type"),
    ),
    **dict.fromkeys(("tags", "groups", "roles", "computers", "scripts"), ("tenant", "name")),
}
"""What makes two rows of a list the same thing."""


# What the keys of a row must say together


def _check_tenant_scope(row: Row, place: str) -> None:
    kind = row["scope"]
    _takes(row, place, "tenant", takes=kind in (TenantScopeKind.MSP, TenantScopeKind.TENANT))
    _takes(row, place, "tag", takes=kind == TenantScopeKind.TAG)
    if row["include_children"] and kind not in (TenantScopeKind.TENANT, TenantScopeKind.OWN_TENANT):
        raise WorldError(f"{place}.include_children", f'scope "{kind}" takes no children')


def _check_computer_scope(row: Row, place: str) -> None:
    for key, kind in _COMPUTER_KEYS.items():
        _takes(row, place, key, takes=row["computer_scope"] == kind, scope="computer_scope")


_COMPUTER_KEYS = {
    "computer": ComputerScopeKind.COMPUTER,
    "computer_tag": ComputerScopeKind.TAG,
    "computer_type": ComputerScopeKind.TYPE,
}


def _takes(row: Row, place: str, key: str, *, takes: bool, scope: str = "scope") -> None:
    if takes != (row[key] is not None):
        verb = "needs" if takes else "takes no"
        raise WorldError(f"{place}.{key}", f'{scope} "{row[scope]}" {verb} {key}')


def _check_assignment(row: Row, place: str) -> None:
    if (row["user"] is None) == (row["group"] is None):
        raise WorldError(f"{place}.user", "exactly one of user and group is needed")
    _check_tenant_scope(row, place)
    _check_computer_scope(row, place)
    if row["starts_at"] and row["expires_at"] and row["starts_at"] >= row["expires_at"]:
        raise WorldError(f"{place}.expires_at", "does not lie after starts_at")


def _check_role(row: Row, place: str) -> None:
    if row["name"].casefold() in _RESERVED:
        raise WorldError(f"{place}.name", f'"{row["name"]}" is the name of a built-in role')
    for permission in () if row["deny_only"] else map(Permission, row["permissions"]):
        for needed in permission.spec.depends_on:
            if needed not in row["permissions"]:
                raise WorldError(f"{place}.permissions", f'"{permission}" depends on "{needed}", which is not listed')


_RESERVED = {role.name.casefold() for role in BUILT_IN_ROLES}


def _fill_name(row: Row, _place: str) -> None:
    """Whoever and whatever has no name is called by what identifies it."""
    row["name"] = row["name"] or row.get("slug") or row["email"]


_CHECKS: dict[str, Callable[[Row, str], None]] = {
    "assignments": _check_assignment,
    "roles": _check_role,
    "tenants": _fill_name,
    "users": _fill_name,
}


@dataclass(frozen=True, slots=True)
class World:
    """A document that was read: the rows of each list by their place, such as `users[3]`; and the switches."""

    rows: dict[str, dict[str, Row]]
    switches: dict[str, bool]


def read(document: object) -> World:
    """Check the form of a document and fill in its defaults; WorldError names the first place that is wrong."""
    if not isinstance(document, dict):
        raise WorldError("document", "must be an object of lists")
    for key in document:
        if key not in SHAPES and key != "switches":
            raise WorldError(str(key), "unknown key")
    return World(
        {section: _section(document.get(section), section) for section in SHAPES}, _switches(document.get("switches"))
    )


def _section(listed: Any, section: str) -> dict[str, Row]:
    if listed is None:
        return {}
    _expect(listed, list, section)
    found: dict[tuple[Any, ...], tuple[str, Row]] = {}
    for number, value in enumerate(listed):
        place = f"{section}[{number}]"
        row = _row(value, SHAPES[section], place)
        if check := _CHECKS.get(section):
            check(row, place)
        first, same = found.setdefault(tuple(row[column] for column in NATURAL_KEYS[section]), (place, row))
        if same != row:
            raise WorldError(place, f"is the same as {first}, with other values")
    return dict(found.values())


def _row(value: Any, shape: Shape, place: str) -> Row:
    _expect(value, dict, place)
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


def _switches(value: Any) -> dict[str, bool]:
    if value is None:
        return {}
    _expect(value, dict, "switches")
    for key in value:
        _one_of(SwitchKey.values, "switch")(key, f"switches.{key}")
    return {key: _flag(enabled, f"switches.{key}") for key, enabled in value.items() if enabled is not None}


# Normal form


def normal(document: object) -> dict[str, Any]:
    """The normal form of a document: what `dump_world` writes of an instance that holds this and nothing else."""
    world = read(document)
    return written({section: rows.values() for section, rows in world.rows.items()}, world.switches)


def written(rows: Mapping[str, Iterable[Row]], switches: Mapping[str, bool]) -> dict[str, Any]:
    """Rows in normal form: sorted, without passwords, empty texts as null, instants as texts."""
    document: dict[str, Any] = {
        section: sorted(map(_written, rows[section]), key=partial(_order, shape)) for section, shape in SHAPES.items()
    }
    return document | {"switches": dict(sorted(switches.items()))}


def _written(row: Row) -> Row:
    return {key: _plain(value) for key, value in row.items() if key != "password"}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, list):
        return [_written(each) for each in value] if value and isinstance(value[0], dict) else sorted(value)
    return None if value == "" else value


def _order(shape: Shape, row: Row) -> list[str]:
    return [str(row[key] or "") for key in shape if key != "password" and not isinstance(row[key], list)]
