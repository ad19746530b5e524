"""`manage.py who_can PERMISSION OBJECT` (design 10)."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from rbac.access import INSTANCE, who_can
from rbac.permissions import Permission
from rbac.questions.references import find

BAD_QUESTION = 2


class Command(BaseCommand):
    help = "Lists the e-mail addresses of everybody who may do something on an object."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("permission", help="such as computers:manage")
        parser.add_argument("object", nargs="?", help="such as computer:slug/NAME; the instance if none is given")

    def handle(self, *args: Any, **options: Any) -> None:
        permission, reference = options["permission"], options["object"]
        if permission not in Permission:
            raise CommandError(f'No permission "{permission}".', returncode=BAD_QUESTION)
        subject = INSTANCE if reference is None else find([reference]).get(reference)
        if subject is None:
            raise CommandError(f'No object "{reference}".', returncode=BAD_QUESTION)
        for email in who_can(permission, subject).order_by("email").values_list("email", flat=True):
            self.stdout.write(email)
