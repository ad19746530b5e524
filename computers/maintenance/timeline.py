"""What the Timeline tab of a computer shows: what happened to it, and who signs in there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import Person, User
from computers.agents.lists import status_of_run
from computers.agents.models import Run
from computers.agents.roster import runs_of
from computers.maintenance.affinity import affinity_of
from computers.maintenance.events import KINDS, SCHEDULED, EventFilters, EventListing, events_on, told_of
from computers.maintenance.models import MaintenanceSession, SessionKind, Stage, StageState
from computers.maintenance.pages import STAGE_STANDINGS, named_stage
from computers.maintenance.roster import sessions_of
from computers.models import Computer, ComputerType
from computers.pages import TERMINAL, computer_page
from immyrbac import words
from immyrbac.requests import Request
from rbac.access import Access
from rbac.lists import day_words
from rbac.naming import name_for
from rbac.permissions import Permission

TAB = "maintenance:computer-timeline"
AGENT = "The agent"
SOMEBODY, SOMETHING = "somebody", "something"

FIELDS = {
    "name": "Name",
    "type": "Type",
    "os": "Operating system",
    "serial_number": "Serial number",
    "reported_name": "Name as reported",
    "reported_type": "Type as reported",
    "people": "Signed in",
}
"""What an entry says of a computer and its timeline as well."""

OVER = ("maintenance.finished", "maintenance.failed", "maintenance.lost", "maintenance.stopped")


class Line(NamedTuple):
    """One event; `on_behalf` is whom an impersonator acted as. `details` stand below its words."""

    at: datetime
    who: str
    on_behalf: str
    icon: str
    words: str
    details: list[str]
    url: str


class Day(NamedTuple):
    words: str
    lines: list[Line]


def timeline_page(request: Request, computer: Computer) -> dict[str, Any]:
    access = request.access
    kinds = [kind for kind in KINDS if kind != "maintenance" or access.can(Permission.SESSIONS_VIEW, computer)]
    filters = EventFilters(request.GET, kinds=kinds)
    listing = EventListing(request, events_on(computer, kinds), filters, gathers=True)
    return computer_page(request, computer, TAB) | {
        "listing": listing,
        "days": Teller(access, computer, listing.rows).days(),
        "affinity": affinity_of(access, computer),
    }


class Teller:
    """Tells these entries about a computer to a reader; asks once for all sessions and runs that they are of."""

    def __init__(self, access: Access, computer: Computer, entries: list[Any]) -> None:
        self.access, self.computer, self.entries = access, computer, entries
        self.may_name = access.can(Person.VIEW, computer)
        self.may_read_runs = all(access.can(permission, computer) for permission in TERMINAL)
        sessions = sessions_of(computer).filter(pk__in=_numbers(entries, "maintenancesession", "maintenance"))
        self.sessions: dict[int, MaintenanceSession] = {each.pk: each for each in sessions}
        runs = runs_of(computer).filter(pk__in=_numbers(entries, "run", "runs")).defer("output", "body")
        self.runs: dict[int, Run] = {each.pk: each for each in runs}
        self.stages: dict[int, list[Stage]] = defaultdict(list)
        over = [entry.target_id for entry in entries if entry.action in OVER]
        stages = Stage.objects.filter(session__in=over).select_related("deployment__tenant").defer("output")
        for stage in stages.order_by("session", "position"):
            self.stages[stage.session_id].append(stage)
        acted = [person for entry in entries for person in (entry.actor, entry.impersonator) if person]
        work: list[Any] = [*self.sessions.values(), *self.runs.values()]
        access.know([*acted, *(each.asked_by for each in work)])

    def days(self) -> list[Day]:
        today = timezone.now().astimezone(UTC).date()
        by_day = groupby(self.entries, key=lambda entry: entry.at.astimezone(UTC).date())
        return [Day(day_words(day, today), [self._line(entry) for entry in held]) for day, held in by_day]

    def _line(self, entry: Any) -> Line:
        told, session, run = told_of(entry), self._of(entry, self.sessions), self._of(entry, self.runs)
        what = SOMETHING
        if session is not None:
            what = str(SessionKind(session.kind).label)
        elif run is not None and self.may_read_runs:
            what = run.title
        said = told.words.format(person=self._person(entry), what=what)
        who, on_behalf = self._who(entry, session or run)
        details = [*self._details(entry, session), *([_ended(run)] if run and entry.action == "run.finished" else [])]
        return Line(entry.at, who, on_behalf, told.icon, said, details, self._url(session, run))

    def _of(self, entry: Any, found: Mapping[int, Any]) -> Any:
        """The session or the run on this computer that the entry is about."""
        model = "maintenancesession" if found is self.sessions else "run"
        numbers = _numbers([entry], model, "maintenance" if found is self.sessions else "runs")
        return next((found[number] for number in numbers if number in found), None)

    def _who(self, entry: Any, work: MaintenanceSession | Run | None) -> tuple[str, str]:
        """A run of a schedule is told by whose right it began something."""
        if entry.action in SCHEDULED and work is not None:
            return self._named(work.asked_by), ""
        if entry.actor is None:
            return AGENT, ""
        if entry.impersonator is not None:
            return self._named(entry.impersonator), self._named(entry.actor)
        return self._named(entry.actor), ""

    def _named(self, person: User) -> str:
        return name_for(self.access, person, self.computer.tenant)

    def _person(self, entry: Any) -> str:
        said = (entry.after or {}).get("person") or (entry.before or {}).get("person")
        return str(said) if said and self.may_name else SOMEBODY

    def _details(self, entry: Any, session: MaintenanceSession | None) -> Iterator[str]:
        before, after = entry.before or {}, entry.after or {}
        if entry.action == "computer.tagged":  # a move names tags of the tenant that it came from
            yield from _tags(before, after, self.computer)
        yield from (_change(name, before, after) for name in FIELDS if name in after and entry.action in CHANGES)
        if "until" in after and (until := parse_datetime(str(after["until"]))):
            yield f"Not before {words.instant(until)}"
        if session is not None:
            for stage in self.stages.get(session.pk, []) if entry.action in OVER else []:
                title, _ = named_stage(self.access, session, stage)
                yield f"{title}: {STAGE_STANDINGS[StageState(stage.state)].words.lower()}"

    def _url(self, session: MaintenanceSession | None, run: Run | None) -> str:
        if session is not None:
            return reverse("maintenance:session-detail", args=[self.computer.pk, session.pk])
        if run is not None and self.may_read_runs and self.computer.deleted_at is None:
            return reverse("agents:run-detail", args=[self.computer.pk, run.pk])
        return ""


CHANGES = (
    "computer.edited",
    "onboarding.started",
    "computer.type_changed",
    "agent.enrolled",
    "agent.reported",
    "agent.type_dismissed",
)


def _numbers(entries: Iterable[Any], model: str, key: str) -> set[int]:
    """Of what the entries are about, of this model: as their target, or as one of several."""
    targets = {entry.target_id for entry in entries if entry.target_type == model and entry.target_id}
    among = {row["id"] for entry in entries for row in (entry.after or {}).get(key, []) if entry.target_type != model}
    return targets | among


def _ended(run: Run) -> str:
    return status_of_run(run, timezone.now()).words


def _change(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    was = f", before {_value(name, before[name])}" if before.get(name) else ""
    return f"{FIELDS[name]}: {_value(name, after[name])}{was}"


def _value(name: str, said: Any) -> str:
    if name in ("type", "reported_type") and said in ComputerType.values:
        return str(ComputerType(said).label)
    return (", ".join(said) or "nobody") if isinstance(said, list) else str(said) or "nothing"


def _tags(before: Mapping[str, Any], after: Mapping[str, Any], computer: Computer) -> Iterator[str]:
    """What came and went, told of this computer alone or of several."""
    mine = next((row for row in after.get("computers", []) if row["id"] == computer.pk and "put" in row), None)
    old, new = before.get("tags", []), after.get("tags", [])
    put = mine["put"] if mine else [tag for tag in new if tag not in old]
    gone = mine["taken"] if mine else [tag for tag in old if tag not in new]
    for words_, tags in (("Put", put), ("Taken", gone)):
        if tags:
            yield f"{words_}: {', '.join(tag['name'] for tag in tags)}"
