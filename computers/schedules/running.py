"""A schedule's time has come: what it does is begun once, by the rights that its author has at that moment.

Under the access lock nobody's rights change meanwhile, and for others' sake not for long: a run comes to so many
computers in one act, asks for the rights of its author anew in each, and is told in the log by all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app as jobs
from procrastinate.exceptions import AlreadyEnqueued

from accounts.models import User
from computers.agents.models import Run
from computers.agents.services import queue_runs
from computers.maintenance.models import MaintenanceSession
from computers.maintenance.services import begin_sessions
from computers.models import Computer
from computers.schedules.cron import next_run
from computers.schedules.models import Does, Outcome, Schedule, ScheduleRun, ScheduleRunQuerySet
from computers.schedules.rights import NEEDS, barrier, doing, place_of, within
from rbac.access import access_for
from rbac.audit import SYSTEM, named
from rbac.delegation import Gate, Refused, act

TICK_JOB, RUN_JOB, REST_JOB = "schedules.tick", "schedules.run", "schedules.go_on"
PART = 500
"""Computers in one act: nobody's access changes meanwhile, so that it takes a fraction of a second."""

CHANGED = "It was changed meanwhile."


class Part(NamedTuple):
    """Computers of a run, by number; `rest_after` is the last of them where there are more beyond it."""

    computers: Sequence[int]
    rest_after: int | None


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
    first, *others = parts_of(found, author)
    try:
        with act(SYSTEM, "schedule.ran", target=found, tenant=place, authority=author) as gate:
            if (mine := _claimed(found)) is None:
                return
            run = carry_out(gate, mine, mine.saved_by, mine.next_run_at, first)
            _move_on(mine, gate.now)
    except Refused as refusal:
        _write_refusal(found, " ".join(refusal.reasons))
    else:
        _go_on(run, others)


def go_on(pk: int) -> None:
    """All that is left of a run, by the right of whose it is; nothing where another worker is at it."""
    run = ScheduleRun.objects.going_on().select_related("asked_by", "schedule").filter(pk=pk).first()
    if run is not None:
        _go_on(run, parts_of(run.schedule, run.asked_by, after=run.rest_after or 0))


def parts_of(schedule: Schedule, whose: User, *, after: int = 0) -> list[Part]:
    """The computers that it would come to now, a part at a time; at least one part, which may be empty.

    It only says what lies in which part, so that nobody has to wait for it: what is done is decided in the act.
    """
    rows = within(access_for(whose), schedule).filter(pk__gt=after).order_by("pk")
    computers = list(rows.values_list("pk", flat=True))
    several = [computers[at : at + PART] for at in range(0, len(computers), PART)] or [[]]
    return [Part(each, each[-1] if len(several) > number else None) for number, each in enumerate(several, start=1)]


def _go_on(run: ScheduleRun, parts: Iterable[Part]) -> None:
    """These parts one after the other, each an act of its own: between them others may change access, also this one."""
    for part in parts:
        if not _take_next(run, part):
            return


def _take_next(found: ScheduleRun, part: Part) -> bool:
    """Whether this worker did this part. It writes down in `found` how far the run has come."""
    schedule, place = found.schedule, place_of(found.schedule)
    try:
        with act(SYSTEM, "schedule.went_on", target=schedule, tenant=place, authority=found.asked_by) as gate:
            if (mine := _still(found)) is None:
                return False
            _do_part(gate, mine, part)
    except Refused as refusal:
        _stop(found, " ".join(refusal.reasons))
        return False
    found.rest_after = mine.rest_after
    return True


def _still(found: ScheduleRun) -> ScheduleRun | None:
    """As it is now, for this worker alone; None where it is over, or another one has brought it further."""
    rows = ScheduleRun.objects.going_on().filter(pk=found.pk, rest_after=found.rest_after)
    rows = rows.select_related("asked_by", *(f"schedule__{name}" for name in NEEDS))
    return rows.select_for_update(skip_locked=True, of=("self",), no_key=True).first()


def _claimed(found: Schedule) -> Schedule | None:
    """As it is now, for this worker alone; None where it is not due any more, or has another author by now."""
    rows = Schedule.objects.due().filter(pk=found.pk, saved_by=found.saved_by)
    return rows.select_related(*NEEDS).select_for_update(skip_locked=True, of=("self",), no_key=True).first()


def carry_out(gate: Gate, schedule: Schedule, whose: User, due_at: datetime | None, part: Part) -> ScheduleRun:
    """Begin what it does with this part, by that person's right; `due_at` is None where they run it by hand.

    Raises Refused.
    """
    about = {"schedule": schedule, "due_at": due_at, "asked_by": whose}
    run = ScheduleRun.objects.create(**about, outcome=Outcome.NOTHING, rest_after=0)
    _do_part(gate, run, part)
    return run


def _do_part(gate: Gate, run: ScheduleRun, part: Part) -> None:
    schedule, whose = run.schedule, run.asked_by
    access = gate.access or access_for(whose)
    if why := barrier(access, schedule):
        raise Refused([why])
    work = _begin(gate, run, list(within(access, schedule).filter(pk__in=part.computers)))
    for name, count in work.counts.items():
        setattr(run, name, getattr(run, name) + count)
    run.outcome = Outcome.ASKED if run.asked else Outcome.NOTHING
    run.rest_after = part.rest_after
    run.save()
    gate.record(target=schedule, tenant=place_of(schedule), **_told(schedule, work))


def _begin(gate: Gate, run: ScheduleRun, computers: Collection[Computer]) -> Work:
    schedule, whose = run.schedule, run.asked_by
    if schedule.does == Does.MAINTENANCE:
        begun, ended = begin_sessions(gate, computers, whose)
        return Work(begun.sessions, ended, begun.busy, begun.bare)
    if schedule.script_version is None:
        raise ValueError("A script is run in one of its versions.")
    before = Run.objects.waiting().filter(computer__in=computers, part_of__schedule=schedule)
    more = {"part_of": run, "waits": timedelta(minutes=schedule.waits)}
    busy = set(before.values_list("computer", flat=True))
    queued = queue_runs(gate, computers, schedule.script_version, whose, busy=busy, **more)
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


@transaction.atomic
def _stop(found: ScheduleRun, why: str) -> None:
    """What it has begun goes on; what is left of it never begins."""
    if (mine := _still(found)) is not None:
        end_early(ScheduleRun.objects.filter(pk=mine.pk), why)


def end_early(runs: ScheduleRunQuerySet, why: str) -> None:
    """Of these, those that go on."""
    runs.going_on().update(outcome=Outcome.STOPPED, rest_after=None, why=why[:500])


def defer_rest(run: ScheduleRun) -> None:
    """Let a worker do what is left of it, if the transaction holds; nothing where that waits already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        jobs.configure_task(REST_JOB, queue="schedules", queueing_lock=f"{REST_JOB} {run.pk}").defer(pk=run.pk)
