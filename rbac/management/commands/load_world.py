"""`manage.py load_world FILE` (design 10)."""

import os
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from rbac.world import LoadReport, WorldError, load
from rbac.world.files import read_file


class Command(BaseCommand):
    help = "Loads a world (JSON or YAML) as the system: all of it, or nothing and the reason."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            document, checksum = read_file(file)
            report = load(document, source=os.fsencode(file.name).decode(errors="replace"), checksum=checksum)
        except WorldError as error:
            raise CommandError(str(error)) from error
        self._tell(report)

    def _tell(self, report: LoadReport) -> None:
        for section, count in report.counts.items():
            if count.created or count.changed or count.unchanged:
                self.stderr.write(
                    f"{section}: {count.created} new, {count.changed} changed, {count.unchanged} as they were"
                )
        if not report.has_usable_owner:
            self.stderr.write(
                "Nobody can act as owner of this instance: manage.py create_owner makes somebody who can."
            )
