"""The schedules of the demo world: two that go on, and one whose author may not have it happen any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from accounts.models import User
from computers.models import ScriptVersion
from computers.schedules.cron import next_run
from computers.schedules.models import Outcome, Schedule, ScheduleRun
from computers.schedules.rights import author_of, barrier
from tenancy.models import Tenant


class Planned(NamedTuple):
    """`owner` is a slug; `script` names one of which the first version is pinned, empty for maintenance."""

    name: str
    owner: str
    target: str
    cron: str
    author: str
    script: str = ""
    more: tuple[tuple[str, Any], ...] = ()


SERVERS = (("computer_scope", "type"), ("computer_type", "servers"))
ZONE = "Europe/Berlin"
PLANNED = (
    Planned("Servers at night", "contoso", "msp", "30 2 * * *", "Jonas Lindqvist", more=SERVERS),
    Planned("Disk space at Fabrikam", "fabrikam", "tenant", "0 7 * * 1-5", "Jonas Lindqvist", "Free disk space"),
    Planned("Litware on Sundays", "litware", "children", "0 4 * * 0", "Oskar Nyberg"),
)


def write_schedules(now: datetime) -> None:
    """Those whose owner and author the world has."""
    owners, people = dict(Tenant.objects.values_list("slug", "id")), dict(User.objects.values_list("name", "id"))
    versions = dict(ScriptVersion.objects.filter(number=1).values_list("script__name", "id"))
    for planned in PLANNED:
        if planned.owner not in owners or planned.author not in people:
            continue
        made = Schedule(
            name=planned.name,
            tenant_id=owners[planned.owner],
            does="script" if planned.script else "maintenance",
            script_version_id=versions.get(planned.script),
            target=planned.target,
            cron=planned.cron,
            zone=ZONE,
            next_run_at=next_run(planned.cron, ZONE, now),
            saved_by_id=people[planned.author],
            **dict(planned.more),
        )
        made.save(force_insert=True)
        _remember(made, now)


def _remember(made: Schedule, now: datetime) -> None:
    """The time before now, as it would have gone."""
    week_ago = next_run(made.cron, made.zone, now - timedelta(days=7))
    if week_ago is None or week_ago >= now:
        return
    why = barrier(author_of(made), made)
    came = {"outcome": Outcome.REFUSED, "why": why} if why else {"outcome": Outcome.NOTHING, "bare": 3}
    run = ScheduleRun(schedule=made, due_at=week_ago, started_at=week_ago, asked_by=made.saved_by)
    for name, value in came.items():
        setattr(run, name, value)
    run.save(force_insert=True)
