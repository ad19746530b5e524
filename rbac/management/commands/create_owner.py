"""`manage.py create_owner EMAIL --tenant NAME` (design 10)."""

import sys
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser

from accounts.models import User, normal_email
from rbac.founding import found_owner


class Command(BaseCommand):
    help = "Makes a user who can act as owner of the whole instance. Asks for the password, or reads it from a pipe."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--tenant", required=True, help="the name of an MSP, which is made where there is none")
        parser.add_argument("--name", help="what the user is called (default: the first part of the address)")

    def handle(self, *args: Any, email: str, tenant: str, name: str | None, **options: Any) -> None:
        if User.objects.filter(email=normal_email(email)).exists():
            raise CommandError(f"{email} is in use.")
        name = name or normal_email(email).partition("@")[0]
        try:
            user = found_owner(email=email, name=name, tenant=tenant, password=_password())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stderr.write(f"{user.email} may act as MSP Administrator on every tenant.")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass("Password: ")
    if password != getpass("The same again: "):
        raise CommandError("These are two different passwords.")
    return password
