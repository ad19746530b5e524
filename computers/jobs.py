"""Each night uploaded files of which the database knows nothing are removed."""

from __future__ import annotations

from procrastinate.contrib.django import app

from computers.strays import TIDY_JOB, forget_strays
from immyrbac.connections import fresh_connection


@app.periodic(cron="43 3 * * *")
@app.task(name=TIDY_JOB, queue="tidying", queueing_lock=TIDY_JOB)
def tidy_files(timestamp: int) -> None:  # noqa: ARG001  the night that it is for
    with fresh_connection():
        forget_strays()
