"""Maintenance over time: how many sessions each of the last days had, and what came of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from computers.maintenance.lists import STANDINGS
from computers.maintenance.models import SessionState
from computers.maintenance.roster import sessions_on
from immyrbac.charts import Bar, Chart
from immyrbac.exports import STOPPED
from immyrbac.requests import Request
from rbac.permissions import Permission
from rbac.reports.coverage import Coverage
from rbac.reports.parts import Content, Figure

DAYS = 30
UNIT = ("session", "sessions")
NOTHING = f"No session in the last {DAYS} days."
FAILED = str(SessionState.FAILED)


def tally(coverage: Coverage) -> dict[date, Counter[str]]:
    """Of each of the last days, by when they were asked for, how the sessions stand now. One query."""
    now = timezone.now()
    days = {now.date() - timedelta(days=ago): Counter[str]() for ago in reversed(range(DAYS))}
    first = datetime.combine(min(days), time(), now.tzinfo)
    rows = sessions_on(coverage.computers(Permission.SESSIONS_VIEW)).order_by().filter(asked_at__gte=first)
    asked = rows.annotate(day=TruncDate("asked_at")).values_list("day", "standing").annotate(Count("pk"))
    for day, standing, number in asked:
        if day in days:
            days[day][standing] += number
    return days


def report(coverage: Coverage) -> Content:
    days = tally(coverage)
    return Content(figures_of(days), [by_day(days), failed_by_day(days), by_standing(days)])


def figures_of(days: dict[date, Counter[str]]) -> list[Figure]:
    every = sum(days.values(), Counter[str]())
    return [
        Figure(f"Sessions in {DAYS} days", every.total()),
        Figure("Done", every[SessionState.DONE]),
        Figure("Failed", every[SessionState.FAILED]),
    ]


def by_day(days: dict[date, Counter[str]]) -> Chart:
    bars = [
        Bar(_named(day), found.total(), more=(found[SessionState.DONE], found[SessionState.FAILED]))
        for day, found in days.items()
    ]
    heads = ("Done", "Failed")
    return Chart("by-day", "Sessions by day", "Asked for", UNIT, bars, heads, in_order=True, nothing=NOTHING)


def failed_by_day(days: dict[date, Counter[str]]) -> Chart:
    bars = [Bar(_named(day), found[SessionState.FAILED]) for day, found in days.items()]
    nothing = f"No session of the last {DAYS} days failed."
    return Chart("failed-by-day", "Failed by day", "Asked for", UNIT, bars, in_order=True, nothing=nothing)


def by_standing(days: dict[date, Counter[str]]) -> Chart:
    every = sum(days.values(), Counter[str]())
    bars = [Bar(status.words, every[str(name)]) for name, status in STANDINGS.items()]
    return Chart("by-standing", "How they stand", "Status", UNIT, bars, nothing=NOTHING)


def _named(day: date) -> str:
    return f"{day.day} {day:%b}"


def lines(_request: Request, covering: Callable[[], Coverage | None]) -> Iterator[list[object]]:
    """One of each day, the oldest first."""
    yield ["Day", "Sessions", *(status.words for status in STANDINGS.values())]
    if (coverage := covering()) is None:
        yield [STOPPED]
        return
    for day, found in tally(coverage).items():
        yield [day.isoformat(), found.total(), *(found[str(name)] for name in STANDINGS)]
