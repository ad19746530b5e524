"""`manage.py demo`: the invented world that script/server shows."""

import logging
import time
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from accounts.models import User
from computers.models import Computer
from rbac.demo.crowd import SIZES
from rbac.demo.loading import is_empty, load_demo
from rbac.demo.people import PASSWORD, PERSONAS
from rbac.management.table import table
from tenancy.models import Tenant

COUNTED = {"tenants": Tenant.objects.all(), "users": User.objects.all(), "computers": Computer.objects.all()}


class Command(BaseCommand):
    help = "Loads the demo world, or lists the people in it whom you can sign in as."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there are tenants already")
        parser.add_argument(
            "--personas", action="store_true", help="a line for each: address, password, what to look at"
        )
        parser.add_argument(
            "--size",
            choices=["small", *SIZES],
            default="small",
            help="medium: a hundred thousand computers; large: a million (default: small)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo's passwords are public: it needs DJANGO_DEBUG=1.")
        wanted = is_empty() if options["if_empty"] else not options["personas"]
        if wanted:
            self._load(options["size"])
        if options["personas"]:
            rows = [(each.email, PASSWORD, f"{each.title}: {each.look_at}") for each in PERSONAS]
            self.stdout.write(table(rows))

    def _load(self, size: str) -> None:
        start = time.monotonic()

        def progress(words: str) -> None:
            self.stderr.write(f"{time.monotonic() - start:4.0f} s  {words}")

        self.stderr.write("Loading the demo world ...")
        heads = logging.getLogger("rbac.audit")
        heads.setLevel(logging.WARNING)  # nobody keeps the heads of a demo elsewhere
        try:
            load_demo(SIZES.get(size), progress)
        finally:
            heads.setLevel(logging.NOTSET)
        counts = ", ".join(f"{rows.count():,} {name}" for name, rows in COUNTED.items())
        self.stderr.write(f"Loaded {counts}.")
