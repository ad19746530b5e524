"""`manage.py explain` (docs/commands.md): the explain page for the shell, which sees everything."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from rbac.access import INSTANCE, access_for
from rbac.permissions import Permission
from rbac.questions.references import find, find_users
from rbac.stations import Line, Station
from rbac.verdicts import Verdict, plain_text, verdict_of

BAD_QUESTION = 2


class Command(BaseCommand):
    help = "Explains why a user may or may not do something: the verdict, the paths that decide, the near misses."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="an e-mail address")
        parser.add_argument("permission", help="such as computers:manage")
        parser.add_argument("object", nargs="?", help="such as computer:slug/NAME; the instance if none is given")
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        email, permission, reference = options["user"], options["permission"], options["object"]
        person = find_users([email]).get(email)
        if person is None:
            raise CommandError(f'No user "{email}".', returncode=BAD_QUESTION)
        if permission not in Permission:
            raise CommandError(f'No permission "{permission}".', returncode=BAD_QUESTION)
        subject = INSTANCE if reference is None else find([reference]).get(reference)
        if subject is None:
            raise CommandError(f'No object "{reference}".', returncode=BAD_QUESTION)
        decision = access_for(person).explain(permission, subject)
        verdict = verdict_of(None, decision, person, subject)
        self.stdout.write(json.dumps(_data(verdict)) if options["json"] else "\n".join(_lines(verdict)))


def _lines(verdict: Verdict) -> Iterator[str]:
    yield verdict.title
    yield plain_text(verdict.why)
    for line in (*verdict.lines.matching, *verdict.lines.missing):
        yield from ("", f"{line.title or 'Near miss'}: {line.said}. {line.note}")
        yield f"  {_path(line)}"
    if verdict.change:
        yield from ("", verdict.change)


def _path(line: Line) -> str:
    """`Dana (Contoso MSP) > Directly (no end) >| Servers (DC01 is a domain controller)`: it stops where the bar is."""
    return " > ".join(f"{'| ' if each.state == 'breaks' else ''}{_station(each)}" for each in line.stations)


def _station(station: Station) -> str:
    return f"{station.name} ({station.fact})" if station.fact else station.name


def _data(verdict: Verdict) -> dict[str, Any]:
    lines = [*verdict.lines.matching, *verdict.lines.missing]
    return {
        "allowed": verdict.allowed,
        "verdict": verdict.title,
        "why": plain_text(verdict.why),
        "change": verdict.change,
        "paths": [_path_data(line) for line in lines],
    }


def _path_data(line: Line) -> dict[str, Any]:
    return {
        "effect": line.effect,
        "part": line.title.partition(", ")[2] or "near miss",
        "assignment": line.said,
        "note": line.note,
        "stations": [station._asdict() for station in line.stations],
    }
