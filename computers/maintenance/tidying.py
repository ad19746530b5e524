"""What agents said is kept for OUTPUT_DAYS. That it was done, when and for whom stays, as does the audit log.

It decides nothing, and is told in no audit entry: nobody does it, and the log has the checksum of each output.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from computers.agents.models import Run
from computers.maintenance.models import Inventory, Stage

TIDY_JOB = "maintenance.tidy"
BATCH, MOST_BATCHES = 500, 50
"""Rows in one statement, and statements of each kind in one job: others wait for the worker, and for the rows."""


def forget_output() -> int:
    """Returns how many rows it was; there may be more. Nothing where all is kept for ever."""
    if not settings.OUTPUT_DAYS:
        return 0
    age = Now() - timedelta(days=settings.OUTPUT_DAYS)
    goes_on = Q(state="sent", lease_until__gt=Now())
    newer = Inventory.objects.filter(computer=OuterRef("computer"), tenant=OuterRef("tenant"), pk__gt=OuterRef("pk"))
    runs = Run.objects.filter(asked_at__lt=age, keeps_output=True).exclude(goes_on).order_by("asked_at")
    stages = Stage.objects.filter(sent_at__lt=age, keeps_output=True).exclude(
        state="sent", session__lease_until__gt=Now()
    )
    inventories = Inventory.objects.filter(Exists(newer), taken_at__lt=age).order_by("taken_at")
    return (
        _in_batches(runs, _empty)
        + _in_batches(stages.order_by("sent_at"), _empty)
        + _in_batches(inventories, lambda rows: rows.delete())
    )


def _empty(rows: QuerySet[Any]) -> None:
    rows.update(output="", keeps_output=False)


def _in_batches(rows: QuerySet[Any], forget: Callable[[QuerySet[Any]], object]) -> int:
    """Each batch is a transaction of its own."""
    done = 0
    for _ in range(MOST_BATCHES):
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        if ids:
            forget(rows.model.objects.filter(pk__in=ids))
        done += len(ids)
        if len(ids) < BATCH:
            break
    return done
