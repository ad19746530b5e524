"""`manage.py routes --json` (design 10): what every route declares."""

import json
from typing import Any

from django.core.management import BaseCommand, CommandParser

from immyrbac.declarations import Route, routes
from rbac.management.table import table


class Command(BaseCommand):
    help = "Shows every route with the permission that it needs, and what that is asked on."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [plain(route) for route in routes()]
        self.stdout.write(json.dumps(rows, indent=2) if options["json"] else table(map(_cells, rows)))


def plain(route: Route) -> dict[str, Any]:
    """One route as data; a route without a declaration, which no request gets through, has nulls."""
    declaration = route.declaration
    return {
        "name": route.name,
        "path": f"/{route.path}",
        "methods": list(declaration.methods) if declaration else [],
        "declaration": declaration.kind if declaration else None,
        "permission": declaration.permission if declaration else None,
        "container": declaration.container if declaration else None,
    }


def _cells(row: dict[str, Any]) -> list[str]:
    return [" ".join(value) if isinstance(value, list) else value or "-" for value in row.values()]
