"""Each hour what agents said long ago is removed."""

from __future__ import annotations

from procrastinate.contrib.django import app

from computers.maintenance.tidying import TIDY_JOB, forget_output
from immyrbac.connections import fresh_connection


@app.periodic(cron="17 * * * *")
@app.task(name=TIDY_JOB, queue="tidying", queueing_lock=TIDY_JOB)
def tidy(timestamp: int) -> None:  # noqa: ARG001  the hour that it is for: what is old is asked of the database
    with fresh_connection():
        forget_output()
