"""`manage.py audit_verify`: whether the audit log is whole, against heads that were kept elsewhere (design 9)."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import structlog
from django.core.management import BaseCommand, CommandError, CommandParser

from immyrbac.words import counted, number
from rbac.audit_chain import Finding, Head, verify

BAD_QUESTION = 2

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Checks the chain of the audit log from its beginning, and prints its head, to be kept elsewhere."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", action="append", default=[], metavar="N:HASH", help="a head that was kept")
        parser.add_argument("--heads", metavar="FILE", help="such heads, one a line; - is standard input")

    def handle(self, *args: Any, head: list[str], heads: str | None, **options: Any) -> None:
        kept = {*_read(head), *(_read_file(heads) if heads else ())}
        found = verify(kept)
        if found.broken_at is not None:
            log.error("audit log broken", at=found.broken_at, why=found.why, last_that_holds=str(found.head or ""))
            raise CommandError(_told(found))
        log.info("audit log verified", entries=found.entries, head=str(found.head or ""), heads_met=len(kept))
        self.stderr.write(f"{counted(found.entries, 'entry', 'entries')} intact, {counted(len(kept), 'kept head')} met")
        if found.head:
            self.stdout.write(str(found.head))


def _told(found: Finding) -> str:
    whole = f"The {number(found.entries)} before it hold." if found.entries else "None before it holds."
    return f"Entry {number(found.broken_at or 0)} does not hold: {found.why}. {whole}"


def _read(lines: Iterable[str]) -> set[Head]:
    try:
        return {Head.read(line) for line in lines if line.strip()}
    except ValueError as error:
        raise CommandError(str(error), returncode=BAD_QUESTION) from error


def _read_file(name: str) -> set[Head]:
    try:
        with sys.stdin if name == "-" else Path(name).open(encoding="utf-8") as lines:
            return _read(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name}: {error}", returncode=BAD_QUESTION) from error
