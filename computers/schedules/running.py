"""A schedule's time has come: what it does is begun once, by the rights that its author has at that moment.

Under the access lock nobody's rights change meanwhile, so that all of a run is one act.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from computers.agents.models import Run
from computers.agents.services import queue_runs
from computers.maintenance.models import MaintenanceSession
from computers.maintenance.services import begin_sessions
from computers.models import Computer
from computers.schedules.cron import next_run
from computers.schedules.models import Does, Outcome, Schedule, ScheduleRun
from computers.schedules.rights import NEEDS, barrier, doing, place_of, within
from rbac.access import access_for
from rbac.audit import SYSTEM, named
from rbac.delegation import Gate, Refused, act

TICK_JOB, RUN_JOB = "schedules.tick", "schedules.run"


class Work(NamedTuple):
    """What was begun, the sessions that were over already, and the computers left out: busy, or without agent."""

    begun: Sequence[MaintenanceSession | Run]
    ended: Sequence[MaintenanceSession]
    busy: Sequence[Computer]
    bare: Sequence[Computer]

    @property
    def counts(self) -> dict[str, int]:
        return {"asked": len(self.begun), "busy": len(self.busy), "bare": len(self.bare)}


def due_schedules() -> list[int]:
    """The numbers of those whose time has come, the longest due first."""
    return list(Schedule.objects.due().order_by("next_run_at", "pk").values_list("pk", flat=True))


def run_due(pk: int) -> None:
    """Run it for the time that has come, once: nothing where another worker has, or does so now."""
    found = Schedule.objects.due().select_related(*NEEDS).filter(pk=pk).first()
    if found is None:
        return
    author, place = found.saved_by, place_of(found)
    try:
        with act(SYSTEM, "schedule.ran", target=found, tenant=place, authority=author) as gate:
            if (mine := _claimed(found)) is not None:
                carry_out(gate, mine, mine.saved_by, mine.next_run_at)
                _move_on(mine, gate.now)
    except Refused as refusal:
        _write_refusal(found, " ".join(refusal.reasons))


def _claimed(found: Schedule) -> Schedule | None:
    """As it is now, for this worker alone; None where it is not due any more, or has another author by now."""
    rows = Schedule.objects.due().filter(pk=found.pk, saved_by=found.saved_by)
    return rows.select_related(*NEEDS).select_for_update(skip_locked=True, of=("self",), no_key=True).first()


def carry_out(gate: Gate, schedule: Schedule, whose: User, due_at: datetime | None) -> ScheduleRun:
    """Begin what it does, by that person's right; `due_at` is None where they run it by hand. Raises Refused."""
    access = gate.access or access_for(whose)
    if why := barrier(access, schedule):
        raise Refused([why])
    work = _begin(gate, schedule, list(within(access, schedule)), whose)
    outcome = Outcome.ASKED if work.begun else Outcome.NOTHING
    run = ScheduleRun.objects.create(schedule=schedule, due_at=due_at, asked_by=whose, outcome=outcome, **work.counts)
    gate.record(target=schedule, tenant=place_of(schedule), **_told(schedule, work))
    return run


def _begin(gate: Gate, schedule: Schedule, computers: Collection[Computer], whose: User) -> Work:
    if schedule.does == Does.MAINTENANCE:
        begun, ended = begin_sessions(gate, computers, whose)
        return Work(begun.sessions, ended, begun.busy, begun.bare)
    if schedule.script_version is None:
        raise ValueError("A script is run in one of its versions.")
    queued = queue_runs(gate, computers, schedule.script_version, whose)
    return Work(queued.runs, [], queued.busy, queued.bare)


def _told(schedule: Schedule, work: Work) -> dict[str, Any]:
    """What audit says: all that was begun, by number."""
    key = "maintenance" if schedule.does == Does.MAINTENANCE else "runs"
    computers = named(each.computer for each in work.begun)
    after = {"does": doing(schedule), "computers": computers, key: named(work.begun), **work.counts}
    return {"before": {"maintenance": named(work.ended)} if work.ended else None, "after": after}


def _move_on(schedule: Schedule, now: datetime) -> None:
    """To its next time after now: those that were missed are not made up for. Without one it is over."""
    due = next_run(schedule.cron, schedule.zone, now)
    Schedule.objects.filter(pk=schedule.pk).update(next_run_at=due, is_enabled=due is not None)


@transaction.atomic
def _write_refusal(found: Schedule, why: str) -> None:
    """The run that did not happen; it is tried again at its next time, by whoever is its author then."""
    rows = Schedule.objects.due().filter(pk=found.pk, next_run_at=found.next_run_at)
    mine = rows.select_for_update(skip_locked=True, no_key=True).first()
    if mine is None:
        return
    ScheduleRun.objects.create(
        schedule=mine, due_at=mine.next_run_at, asked_by=found.saved_by, outcome=Outcome.REFUSED, why=why[:500]
    )
    _move_on(mine, timezone.now())
