"""`manage.py demo`: the invented world that script/server shows."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from rbac.demo.loading import is_empty, load_demo
from rbac.demo.people import PASSWORD, PERSONAS
from rbac.management.table import table


class Command(BaseCommand):
    help = "Loads the demo world, or lists the people in it whom you can sign in as."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there are tenants already")
        parser.add_argument(
            "--personas", action="store_true", help="a line for each: address, password, what to look at"
        )
        parser.add_argument("--size", choices=["small"], default="small")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo's passwords are public: it needs DJANGO_DEBUG=1.")
        wanted = is_empty() if options["if_empty"] else not options["personas"]
        if wanted:
            self._load()
        if options["personas"]:
            rows = [(each.email, PASSWORD, f"{each.title}: {each.look_at}") for each in PERSONAS]
            self.stdout.write(table(rows))

    def _load(self) -> None:
        self.stderr.write("Loading the demo world ...")
        document = load_demo().document
        counts = ", ".join(f"{len(document[kind]):,} {kind}" for kind in ("tenants", "users", "computers"))
        self.stderr.write(f"Loaded {counts}.")
