"""`manage.py import_legacy` (docs/commands.md): people of the old system, with the proof that they lose nothing."""

import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser

from accounts.models import User, normal_email
from immyrbac.words import counted
from rbac.access import access_for
from rbac.audit import Actor
from rbac.delegation import Refused
from rbac.legacy.abilities import Preferences
from rbac.legacy.parity import Parity, parity_of
from rbac.legacy.people import OldFile, read_preferences, read_users
from rbac.legacy.plan import Plan, plan_of
from rbac.legacy.services import import_people, undo_import
from rbac.legacy.trial import objections_to
from rbac.management.import_report import data, lines

BAD_QUESTION = 2


class Command(BaseCommand):
    help = "Brings people over from the old system: shows what they could do beside what they can do, and writes it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="a CSV of the old system's users")
        parser.add_argument("--preferences", type=Path, help="a JSON object of the old preferences, true or false")
        parser.add_argument("--actor", metavar="EMAIL", help="who does it: by their rights, and in their name")
        parser.add_argument("--apply", action="store_true", help="write it; otherwise nothing is written")
        parser.add_argument("--expected-count", type=int, metavar="N", help="how many people gain great power by it")
        parser.add_argument("--undo", type=int, metavar="RUN", help="take back what this run made")
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = _actor(options["actor"])
        if options["undo"] is not None:
            if options["file"] or options["apply"]:
                raise CommandError("--undo takes a run, and no file", returncode=BAD_QUESTION)
            self._undo(options["undo"], _needed(actor), as_json=options["json"])
            return
        if options["file"] is None or options["preferences"] is None:
            raise CommandError("needs a file and --preferences, or --undo RUN", returncode=BAD_QUESTION)
        file, preferences = _read(options["file"], options["preferences"])
        if options["apply"]:
            self._show(file, preferences, as_json=options["json"])
            self._apply(file, preferences, _needed(actor), options["expected_count"])
        else:
            self._propose(file, preferences, actor, as_json=options["json"])

    def _propose(self, file: OldFile, preferences: Preferences, actor: User | None, *, as_json: bool) -> None:
        plan, parity = self._show(file, preferences, as_json=as_json)
        if parity.unexplained:
            raise CommandError(f"{counted(len(parity.unexplained), 'cell')} neither equal nor explained.")
        if actor and (objections := objections_to(plan, access_for(actor))):
            raise CommandError("\n".join([f"{actor.email} may not:", *objections]))
        if not plan.is_empty:
            great = f" --expected-count {len(plan.empowered)}" if plan.empowered else ""
            self.stderr.write(f"Nothing is written yet: --actor EMAIL --apply{great}")

    def _show(self, file: OldFile, preferences: Preferences, *, as_json: bool) -> tuple[Plan, Parity]:
        plan = plan_of(file.users, preferences)
        if problems := sorted([*file.problems, *plan.problems]):
            raise CommandError("\n".join([*map(str, problems), "Nothing is written."]))
        parity = parity_of(plan)
        self.stdout.write(json.dumps(data(plan, parity)) if as_json else "\n".join(lines(plan, parity)))
        return plan, parity

    def _apply(self, file: OldFile, preferences: Preferences, actor: User, count: int | None) -> None:
        try:
            entry = import_people(actor=Actor(actor), file=file, preferences=preferences, expected_count=count)
        except (ValidationError, Refused) as error:
            raise CommandError("\n".join([*_reasons(error), "Nothing is written."])) from error
        if entry:
            self.stderr.write(f"Written as run {entry.pk}. To take it back: --undo {entry.pk} --actor EMAIL")

    def _undo(self, run: int, actor: User, *, as_json: bool) -> None:
        try:
            entry, left = undo_import(actor=Actor(actor), run=run)
        except (ValidationError, Refused) as error:
            raise CommandError("\n".join([*_reasons(error), "Nothing is taken back."])) from error
        before = (entry.before or {}) if entry else {}
        ended = [f"{row['principal']}: {row['sentence']}" for row in before.get("assignments", [])]
        removed = [user["name"] for user in before.get("users", [])]
        switches = [switch["name"] for switch in ((entry.after or {}) if entry else {}).get("switches", [])]
        if as_json:
            said = {"ended": ended, "removed": removed, "switches": switches, "left": left}
            self.stdout.write(json.dumps(said))
            return
        told = {"Ended": ended, "Removed": removed, "Switched back": switches, "Left": left}
        self.stdout.write("\n".join(f"{what}: {each}" for what, found in told.items() for each in found))
        if entry is None:
            self.stderr.write("Nothing was left to take back.")


def _actor(email: str | None) -> User | None:
    if email is None:
        return None
    user = User.objects.present().filter(email=normal_email(email)).first()
    if user is None:
        raise CommandError(f'No user "{email}".', returncode=BAD_QUESTION)
    return user


def _needed(actor: User | None) -> User:
    if actor is None:
        raise CommandError("Say who does it: --actor EMAIL. It counts by their rights.", returncode=BAD_QUESTION)
    return actor


def _read(users: Path, preferences: Path) -> tuple[OldFile, Preferences]:
    """Both files; what is wrong in them is told at once."""
    try:
        file, (said, wrong) = read_users(users.name, users.read_bytes()), read_preferences(preferences.read_bytes())
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}", returncode=BAD_QUESTION) from error
    problems = [f"{preferences.name}, {problem}" for problem in wrong]
    if wrong:
        problems += [f"{users.name}, {problem}" for problem in file.problems]
        raise CommandError("\n".join([*problems, "Nothing is written."]))
    return file, said


def _reasons(error: ValidationError | Refused) -> list[str]:
    return error.reasons if isinstance(error, Refused) else error.messages
