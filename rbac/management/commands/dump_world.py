"""`manage.py dump_world` (design 10)."""

import json
from typing import Any

from django.core.management import BaseCommand
from django.db import connection, transaction

from rbac.world import dump


class Command(BaseCommand):
    help = "Writes what this instance holds, in the format of load_world: JSON, in normal form, without passwords."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        is_outermost = not connection.in_atomic_block
        with transaction.atomic():
            if is_outermost:  # all lists of one instant
                connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            document = dump()
        self.stdout.write(json.dumps(document, indent=2, ensure_ascii=False))
