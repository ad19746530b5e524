"""`manage.py demo_agents`: what the agents of the demo are started with; script/server asks it at each start."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from computers.agents.demo import demo_agents

FOLDER = Path(settings.BASE_DIR) / "var" / "agents"


class Command(BaseCommand):
    help = "Lets the agents of the demo in, and prints a line for each: its computer and its arguments, as JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("server", help="where they find the server, e.g. http://127.0.0.1:8000")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo needs DJANGO_DEBUG=1.")
        for each in demo_agents(FOLDER, options["server"]):
            said = ["--demo", "--state", str(each.state), "--name", each.computer, "--type", each.type]
            self.stdout.write(json.dumps({"computer": each.computer, "arguments": said}))
