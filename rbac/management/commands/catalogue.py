"""`manage.py catalogue --json` (design 10): the permission catalogue as data, or as a page of the documentation."""

import json
from typing import Any

from django.core.management import BaseCommand, CommandParser

from rbac.management.catalogue_page import page
from rbac.management.table import table
from rbac.permissions import Permission
from rbac.roles import BUILT_IN_ROLES
from rbac.switches import SwitchKey


class Command(BaseCommand):
    help = "Shows every permission, built-in role and switch."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true")
        form.add_argument("--markdown", action="store_true", help="docs/permissions.md")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["markdown"]:
            self.stdout.write(page().rstrip())
        else:
            self.stdout.write(json.dumps(catalogue(), indent=2) if options["json"] else readable(catalogue()))


def catalogue() -> dict[str, list[dict[str, Any]]]:
    """Permissions, roles and switches, as plain data."""
    return {
        "permissions": [_permission(permission) for permission in Permission],
        "roles": [
            {"key": role.key, "name": role.name, "permissions": sorted(map(str, role.permissions))}
            for role in BUILT_IN_ROLES
        ],
        "switches": [_switch(key) for key in SwitchKey],
    }


def _permission(permission: Permission) -> dict[str, Any]:
    spec = permission.spec
    return {
        "codename": permission.value,
        "label": permission.label,
        "subject": spec.subject,
        "category": spec.category.value,
        "scoping": spec.scoping.value,
        "msp_only": spec.msp_only,
        "great_power": spec.great_power,
        "depends_on": [needed.value for needed in spec.depends_on],
    }


def _switch(key: SwitchKey) -> dict[str, Any]:
    suspends = [
        {"when": each.when, "permissions": sorted(map(str, each.permissions)), "kept_by": sorted(each.kept_by)}
        for each in key.spec.suspends
    ]
    return {"key": key.value, "default": key.spec.default, "suspends": suspends}


def readable(data: dict[str, list[dict[str, Any]]]) -> str:
    """The same as three tables."""
    permissions = [
        (row["codename"], row["category"], row["scoping"], _marks(row), row["label"]) for row in data["permissions"]
    ]
    roles = [(role["key"], role["name"], f"{len(role['permissions'])} permissions") for role in data["roles"]]
    switches = [(switch["key"], "on" if switch["default"] else "off") for switch in data["switches"]]
    return "\n\n".join(table(rows) for rows in (permissions, roles, switches))


def _marks(row: dict[str, Any]) -> str:
    return ", ".join(mark for key, mark in (("msp_only", "MSP only"), ("great_power", "great power")) if row[key])
