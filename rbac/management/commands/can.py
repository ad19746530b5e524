"""`manage.py can` (design 10)."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from accounts.models import User
from computers.models import Computer
from rbac.access import access_for
from rbac.permissions import Permission
from rbac.questions.desk import Question, answer, answers
from rbac.questions.references import find_users
from tenancy.models import Tenant

BAD_QUESTION = 2
LISTS: dict[str, tuple[QuerySet[Any], tuple[str, ...]]] = {
    "computers": (Computer.objects.live(), ("tenant__slug", "name")),
    "tenants": (Tenant.objects.all(), ("slug",)),
    "users": (User.objects.present(), ("email",)),
}
"""What can be listed, and the columns that make up a reference."""


class Command(BaseCommand):
    help = "Answers whether a user may do something: yes or no, with the reasons on standard error."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", nargs="?", help="an e-mail address")
        parser.add_argument("permission", nargs="?", help="such as computers:manage")
        parser.add_argument("object", nargs="?", help="such as computer:slug/NAME; the instance if none is given")
        parser.add_argument("--json", action="store_true", help="answer as JSON, reasons included")
        parser.add_argument("--list", action="store_true", help="OBJECT is computers, tenants or users: list them")
        parser.add_argument("--batch", metavar="FILE", help="a JSON question a line; - is standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        user, permission, subject = options["user"], options["permission"], options["object"]
        if options["batch"] is not None:
            if user or options["list"]:
                raise CommandError("--batch takes its questions from the file alone", returncode=BAD_QUESTION)
            self._batch(options["batch"])
        elif user is None or permission is None:
            raise CommandError("needs a user and a permission, or --batch", returncode=BAD_QUESTION)
        elif options["list"]:
            self._list(user, permission, subject)
        else:
            self._one(Question(user, permission, subject), as_json=options["json"])

    def _one(self, question: Question, *, as_json: bool) -> None:
        found = answer(question)
        if as_json:
            self.stdout.write(found.as_json())
        if found.unknown:
            raise CommandError(found.reasons[0], returncode=BAD_QUESTION)
        if not as_json:
            self.stdout.write("yes" if found.allowed else "no")
            self.stderr.write("\n".join(found.reasons))

    def _list(self, email: str, permission: str, kind: str | None) -> None:
        user = find_users([email]).get(email)
        if user is None:
            raise CommandError(f'No user "{email}".', returncode=BAD_QUESTION)
        if permission not in Permission:
            raise CommandError(f'No permission "{permission}".', returncode=BAD_QUESTION)
        if kind not in LISTS:
            raise CommandError(f"--list takes {', '.join(LISTS)}", returncode=BAD_QUESTION)
        rows, columns = LISTS[kind]
        for reference in access_for(user).scope(rows, permission).order_by(*columns).values_list(*columns):
            self.stdout.write("/".join(reference))

    def _batch(self, file: str) -> None:
        try:
            with sys.stdin.buffer if file == "-" else Path(file).open("rb") as stream:
                for lines in arriving(stream):
                    for each in answers(lines):
                        self.stdout.write(each.as_json())
                    self.stdout.flush()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}", returncode=BAD_QUESTION) from error


def arriving(stream: Any) -> Iterator[list[bytes]]:
    """Lines as they come, so that whoever waits for an answer before asking again gets it."""
    rest = b""
    while block := stream.read1(1 << 16):
        *lines, rest = (rest + block).split(b"\n")
        yield lines
    if rest:
        yield [rest]
