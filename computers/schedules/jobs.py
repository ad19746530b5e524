"""Each minute the schedules whose time has come: each in a job of its own, so that none keeps another from running."""

from __future__ import annotations

from procrastinate.contrib.django import app

from computers.schedules.running import RUN_JOB, TICK_JOB, due_schedules, run_due
from immyrbac.connections import fresh_connection


@app.periodic(cron="* * * * *")
@app.task(name=TICK_JOB, queue="schedules", queueing_lock=TICK_JOB)
def tick(timestamp: int) -> None:  # noqa: ARG001  the minute that it is for: what is due is asked of the database
    """A job that comes twice or late finds what is due then."""
    with fresh_connection():
        defer_due()


def defer_due() -> None:
    for pk in due_schedules():
        run.defer(schedule=pk)


@app.task(name=RUN_JOB, queue="schedules")
def run(*, schedule: int) -> None:
    """Nothing where it has run meanwhile."""
    with fresh_connection():
        run_due(schedule)
