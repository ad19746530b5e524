"""Each minute the schedules whose time has come: each in a job of its own, so that none keeps another from running."""

from __future__ import annotations

from procrastinate.contrib.django import app

from computers.schedules.models import ScheduleRun
from computers.schedules.running import REST_JOB, RUN_JOB, TICK_JOB, defer_rest, due_schedules, go_on, run_due
from immyrbac.connections import fresh_connection


@app.periodic(cron="* * * * *")
@app.task(name=TICK_JOB, queue="schedules", queueing_lock=TICK_JOB)
def tick(timestamp: int) -> None:  # noqa: ARG001  the minute that it is for: what is due is asked of the database
    """A job that comes twice or late finds what is due then."""
    with fresh_connection():
        defer_due()


def defer_due() -> None:
    """With them what is left of the runs that go on: the worker that was at one may be gone."""
    for pk in due_schedules():
        run.defer(schedule=pk)
    for begun in ScheduleRun.objects.going_on():
        defer_rest(begun)


@app.task(name=RUN_JOB, queue="schedules")
def run(*, schedule: int) -> None:
    """Nothing where it has run meanwhile."""
    with fresh_connection():
        run_due(schedule)


@app.task(name=REST_JOB, queue="schedules")
def rest(*, pk: int) -> None:
    """Nothing where it is over, or another worker is at it."""
    with fresh_connection():
        go_on(pk)
