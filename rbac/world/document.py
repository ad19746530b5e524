"""The document that `load_world` reads and `dump_world` writes (design 10), and its normal form.

A row is a dict with every key of its list, instants as aware datetimes in UTC. Nothing here asks the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from computers.models import ComputerScopeKind
from rbac.permissions import Permission
from rbac.roles import RESERVED_NAMES
from rbac.shares import ITEMS, shareable
from rbac.switches import SwitchKey
from rbac.world import values
from rbac.world.shapes import SECRETS, SHAPES, Row, Shape, identity, read_row, shared_item
from rbac.world.values import WorldError
from tenancy.models import TenantScopeKind

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
    if row["name"].casefold() in RESERVED_NAMES:
        raise WorldError(f"{place}.name", f'"{row["name"]}" is the name of a built-in role')
    for permission in () if row["deny_only"] else map(Permission, row["permissions"]):
        for needed in permission.spec.depends_on:
            if needed not in row["permissions"]:
                raise WorldError(f"{place}.permissions", f'"{permission}" depends on "{needed}", which is not listed')


def _check_person(row: Row, place: str) -> None:
    if missing := set(row["primary_on"]) - set(row["computers"]):
        raise WorldError(f"{place}.primary_on", f'"{min(missing)}" is not among computers')


def _check_share(row: Row, place: str) -> None:
    """Whoever gave it is the person themselves where nobody is named."""
    if sum(row[kind] is not None for kind in ITEMS) != 1:
        raise WorldError(f"{place}.{min(ITEMS)}", f"exactly one of {', '.join(sorted(ITEMS))} is needed")
    kind, model = shared_item(row)
    if row["permission"] not in shareable(model):
        raise WorldError(f"{place}.permission", f'{kind} takes no "{row["permission"]}"')
    row["shared_by"] = row["shared_by"] or row["user"]


def _fill_name(row: Row, _place: str) -> None:
    """Whoever and whatever has no name is called by what identifies it."""
    row["name"] = row["name"] or row.get("slug") or row["email"].replace("/", "-")[:120]


_CHECKS: dict[str, Callable[[Row, str], None]] = {
    "assignments": _check_assignment,
    "people": _check_person,
    "roles": _check_role,
    "shares": _check_share,
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
    values.expect(listed, list, section)
    found: dict[tuple[Any, ...], tuple[str, Row]] = {}
    for number, value in enumerate(listed):
        place = f"{section}[{number}]"
        row = read_row(value, SHAPES[section], place)
        if check := _CHECKS.get(section):
            check(row, place)
        first, same = found.setdefault(identity(section, row), (place, row))
        if same != row:
            raise WorldError(place, f"is the same as {first}, with other values")
    return dict(found.values())


def _switches(value: Any) -> dict[str, bool]:
    if value is None:
        return {}
    values.expect(value, dict, "switches")
    for key in value:
        values.one_of(SwitchKey.values, "switch")(key, f"switches.{key}")
    return {key: values.flag(enabled, f"switches.{key}") for key, enabled in value.items() if enabled is not None}


# Normal form


def normal(document: object) -> dict[str, Any]:
    """The normal form of a document: what `dump_world` writes of an instance that holds this and nothing else."""
    world = read(document)
    return written({section: rows.values() for section, rows in world.rows.items()}, world.switches)


def written(rows: Mapping[str, Iterable[Row]], switches: Mapping[str, bool]) -> dict[str, Any]:
    """Rows in normal form: sorted, without secrets, empty texts as null, instants and days as texts."""
    document: dict[str, Any] = {
        section: sorted(map(_written, rows[section]), key=partial(_order, shape)) for section, shape in SHAPES.items()
    }
    return document | {"switches": dict(sorted(switches.items()))}


def _written(row: Row) -> Row:
    return {key: _plain(value) for key, value in row.items() if key not in SECRETS}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_written(each) for each in value] if value and isinstance(value[0], dict) else sorted(value)
    return None if value == "" else value


def _order(shape: Shape, row: Row) -> list[str]:
    return [str(row[key] or "") for key in shape if key not in SECRETS and not isinstance(row[key], list)]
