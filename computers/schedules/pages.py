"""What the pages of schedules show: one with its times and computers, and what one would do before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, F, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone

from computers.agents.models import WAITING, Run, RunState
from computers.deployments.models import OF_ONE_TENANT
from computers.deployments.targets import is_held_on
from computers.lists import presence
from computers.maintenance.models import WAITS as SESSION_WAITS
from computers.models import Computer
from computers.schedules.cron import in_words, next_runs
from computers.schedules.forms import ScheduleForm
from computers.schedules.lists import standing
from computers.schedules.models import Does, Outcome, Schedule, ScheduleRun
from computers.schedules.rights import MANAGE, aim_of, author_of, barrier, doing, reached, within
from immyrbac.lists import Total, capped
from immyrbac.requests import Request
from immyrbac.words import Status, counted, instant_in, listed, spanned
from rbac.access import Access
from rbac.lists import days_of, entries_about
from rbac.naming import name_for
from rbac.permissions import Permission
from rbac.regions import Region
from tenancy.scopes import Word

LATEST, NAMES, NEXT = 10, 5, 5
"""Entries, runs and computers that stand on the page itself, computers that a preview names, and next times."""

OUTCOMES: dict[str, Status] = {
    Outcome.ASKED: Status("live", Outcome.ASKED.label),
    Outcome.NOTHING: Status("off", Outcome.NOTHING.label),
    Outcome.REFUSED: Status("ended", Outcome.REFUSED.label),
    Outcome.STOPPED: Status("ended", Outcome.STOPPED.label),
}
BEGUN = {Does.MAINTENANCE: "maintenance session", Does.SCRIPT: "run"}


class Line(NamedTuple):
    """One row of the list."""

    schedule: Schedule
    does: str
    when: str
    next: str
    aim: list[Word]
    author: str
    status: Status


class Past(NamedTuple):
    """One run: `at` is when it was due or begun by hand, in words; `words` say what came of it.

    `late` are sentences on what waits for computers that are away, and on what no longer does.
    """

    run: ScheduleRun
    at: str
    status: Status
    words: str
    by: str
    late: list[str]


class Sight(NamedTuple):
    """What a schedule would do if the reader saved it now; `objections` are what the service would say."""

    schedule: Schedule
    objections: list[str]


def lines_of(access: Access, schedules: Sequence[Schedule]) -> list[Line]:
    """They come with what `rights.NEEDS` names."""
    access.know([each.saved_by for each in schedules])
    access.know([each.script_version.script for each in schedules if each.script_version])
    return [_line(access, each) for each in schedules]


def _line(access: Access, found: Schedule) -> Line:
    upcoming = there(found, found.next_run_at) if found.next_run_at else ""
    does, author = doing_for(access, found), author_name(access, found)
    return Line(found, does, timing(found), upcoming, aim_of(found), author, standing(found))


def doing_for(access: Access, found: Schedule) -> str:
    """What it does, with the name of its script only for who may see that."""
    version = found.script_version
    return doing(found, reads=version is None or access.can(Permission.SCRIPTS_VIEW, version.script))


def timing(found: Schedule) -> str:
    return f"{in_words(found.cron)}, {found.zone.replace('_', ' ')} time"


def author_name(access: Access, found: Schedule) -> str:
    return name_for(access, found.saved_by, found.tenant)


def may_manage(request: Request, found: Schedule) -> bool:
    """Nobody saves one as somebody else: its author answers for it."""
    return request.impersonation is None and is_held_on(request.access, MANAGE, found)


def there(found: Schedule, moment: datetime) -> str:
    """On the clock of its zone, which stands beside it."""
    shown = instant_in(moment, ZoneInfo(found.zone))
    return shown.removesuffix(f" ({found.zone})").removesuffix(" UTC")


def coming(found: Schedule, now: datetime) -> list[str]:
    """Its next times."""
    return [there(found, each) for each in next_runs(found.cron, found.zone, now, NEXT)]


def reached_for(access: Access, found: Schedule) -> QuerySet[Computer]:
    """What it reaches by its author's rights, as far as the reader sees it."""
    return access.scope(reached(author_of(found), found), Permission.COMPUTERS_VIEW)


def schedule_page(request: Request, found: Schedule) -> dict[str, Any]:
    """The context of the page about it."""
    access, now = request.access, timezone.now()
    entries = entries_about(access, "schedule", found.pk, "schedules")[:LATEST]
    query = urlencode({"kind": "schedule", "q": found.name})
    address = {act: reverse(f"schedules:schedule-{act}", args=[found.pk]) for act in ACTS}
    return {
        "schedule": found,
        "does": doing_for(access, found),
        "aim": aim_of(found),
        "timing": timing(found),
        "patience": patience(found),
        "coming": coming(found, now) if found.is_enabled else [],
        "owner": str(found.tenant or "The instance"),
        "author": author_name(access, found),
        "status": standing(found),
        "rests": barrier(author_of(found), found),
        "may_manage": may_manage(request, found),
        "urls": address,
        "past": past_runs(access, found),
        "history_url": f"{reverse('rbac:audit-list')}?{query}",
        "days": days_of(entries, access) if access.holds(Permission.AUDIT_VIEW) else None,
        **_computers(access, found, now),
    }


ACTS = ("edit", "run", "enable", "disable", "delete", "computers")


def past_runs(access: Access, found: Schedule) -> list[Past]:
    """The last ones. How many computers it was is told to who sees them all."""
    runs = list(found.runs.select_related("asked_by__tenant")[:LATEST])
    access.know([run.asked_by for run in runs])
    counts, late = sees_all(access, found), _late(access, runs)
    return [
        Past(
            run,
            there(found, run.due_at or run.started_at),
            OUTCOMES[run.outcome],
            came_of(found, run, counts=counts),
            "" if run.due_at else f"by hand, {name_for(access, run.asked_by, found.tenant)}",
            late[run.pk],
        )
        for run in runs
    ]


def _late(access: Access, runs: Sequence[ScheduleRun]) -> dict[int, list[str]]:
    """Of each of these the sentences, of what the reader sees. One query."""
    said: dict[int, list[str]] = {run.pk: [] for run in runs}
    seen = access.scope(Computer, Permission.COMPUTERS_VIEW).order_by().values("pk")
    queued = Run.objects.filter(part_of__in=said, state=RunState.QUEUED, computer__in=seen)
    alike = [F("part_of"), F("waiting")]
    rows = queued.annotate(
        waiting=Case(When(WAITING, then=Value(True)), default=Value(False)),
        place=Window(RowNumber(), alike, ("computer__name", "pk")),
        total=Window(Count("pk"), alike),
    )
    told = rows.filter(place__lte=NAMES).order_by("part_of", "-waiting", "place")
    columns = ("part_of", "waiting", "total", "waits", "computer__name")
    for (part_of, waiting, total, waits), group in groupby(told.values_list(*columns), key=itemgetter(0, 1, 2, 3)):
        names = listed([name for *_, name in group], NAMES, of=total)
        came = "waiting for the agent" if waiting else f"not picked up within {spanned(waits)}"
        said[part_of].append(f"{total:,} {came}: {names}.")
    return said


def patience(found: Schedule) -> str:
    """How long it waits for a computer that is away."""
    return spanned(timedelta(minutes=found.waits) if found.does == Does.SCRIPT else SESSION_WAITS)


def sees_all(access: Access, found: Schedule) -> bool:
    """Whether the reader sees all computers that it may be for."""
    if found.target in OF_ONE_TENANT and found.tenant:
        return access.can(Permission.COMPUTERS_VIEW, found.tenant)
    return access.covers(Permission.COMPUTERS_VIEW, Region.of(found.tenants, found.narrowing))


def came_of(found: Schedule, run: ScheduleRun, *, counts: bool) -> str:
    if run.outcome == Outcome.REFUSED:
        return f"Nothing happened: its author may not have this done. {run.why}"
    words = _begun(found, run) if counts else "" if run.asked else "There was no computer that it could begin on."
    rest = "It goes on." if run.rest_after else f"The rest did not begin. {run.why}"
    if run.rest_after or run.outcome == Outcome.STOPPED:
        return f"{words.removesuffix('.')}. {rest}" if words else rest
    return words


def _begun(found: Schedule, run: ScheduleRun) -> str:
    left_out = [(run.busy, "left out as busy"), (run.bare, "left out without an agent")]
    said = [counted(run.asked, BEGUN[Does(found.does)])] if run.asked else []
    said += [f"{count:,} {words}" for count, words in left_out if count]
    return ", ".join(said) or "It reached no computer."


def _computers(access: Access, found: Schedule, now: datetime) -> dict[str, Any]:
    rows = reached_for(access, found)
    computers = list(rows.select_related("tenant").order_by("name", "pk")[:LATEST])
    return {"computers": [(computer, presence(computer, now)) for computer in computers], "total": capped(rows)}


# Before it is saved


def editor_page(form: ScheduleForm, address: str, back: str) -> dict[str, Any]:
    """The context of the whole editor."""
    return {"owner": form.owner, **preview_page(form, address, back)}


def preview_page(form: ScheduleForm, address: str, back: str) -> dict[str, Any]:
    """The context of its preview: nothing of it while too little is said."""
    shown = {"form": form, "about": form.about, "create_url": address, "list_url": back}
    draft = form.draft_so_far()
    if draft is None:
        return shown
    access, why = form.access, barrier(form.access, draft)
    preview, rows = Sight(draft, [why] if why else []), within(access, draft)
    total = None if why else capped(rows)
    return {
        **shown,
        "preview": preview,
        "does": doing_for(access, draft),
        "aim": aim_of(draft),
        "timing": timing(draft),
        "figures": [("Computers now", str(total), "", "")] if total else [],
        "effects": [("loses", "deny", why, "")] if why else _effects(draft, total, rows),
        "announcement": why or f"Reaches {total.of('computer') if total else 'nothing'}. {timing(draft)}.",
    }


def _effects(draft: Schedule, total: Total | None, rows: QuerySet[Computer]) -> list[tuple[str, str, str, str]]:
    """Rows of (kind, icon, line, second), for parts/effects.html."""
    names = list(rows.order_by("name", "pk").values_list("name", flat=True)[: NAMES + 1])
    said = listed(names, NAMES, of=total.count if total else 0)
    effects = [("fine", "computers", said, "") if names else ("warns", "warn", "No computer now", "")]
    first, *others = coming(draft, timezone.now())
    if draft.is_enabled:
        effects.append(("plain", "clock", f"Next on {first}", " · ".join(others)))
    waits = f"Waits {patience(draft)} for a computer that is away"
    effects.append(("plain", "clock", waits, "What is not picked up by then is not done."))
    effects.append(("plain", "user", "You become its author", "It reaches what you may reach, whenever it runs."))
    if draft.script_version:
        effects.append(
            ("warns", "warn", "A script does whatever is written in it", "As the administrator of each computer.")
        )
    if not draft.is_enabled:
        effects.append(("inert", "clock", "Disabled: nothing happens until it is enabled", ""))
    return effects
