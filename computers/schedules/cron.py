"""When a schedule runs: the five fields of crontab(5), read on the wall clock of a time zone.

A moment that the change to summer time leaves out happens as soon as that is over. One that the change back brings
twice happens once, except where the hour is a star: then each hour that passes counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter

from immyrbac.words import listed

Field = Sequence[int | str]
"""The values of one field, or a star alone."""

FIELDS = 5
FIELD = re.compile(r"(?:[0-9*,/-]|[A-Za-z]{3})+", re.ASCII)
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
CLOCK_TIMES = 6
"""So many times of a day are told one by one."""

EVERY = ["*"]
EXAMPLE = "“30 2 * * 1-5” is 02:30 from Monday to Friday."
FIVE = f"It has five fields: minute, hour, day of the month, month, weekday. {EXAMPLE}"
UNREADABLE = f"This cannot be read. {EXAMPLE}"
NEVER = "There is no such day: it would never run."

LEAST_APART = 5
"""Minutes between two times of one schedule: each may begin something on very many computers."""

TOO_OFTEN = (
    f"Two of its times would be less than {LEAST_APART} minutes apart. "
    f"The most often is “*/{LEAST_APART} * * * *”, every {LEAST_APART} minutes."
)


def tidied(text: str) -> str:
    """One blank between fields. Raises ValueError, with a sentence for whoever wrote it."""
    fields = text.split()
    if len(fields) != FIELDS:
        raise ValueError(FIVE)
    cron = " ".join(fields)
    if not (all(FIELD.fullmatch(field) for field in fields) and croniter.is_valid(cron)):
        raise ValueError(UNREADABLE)
    if next_run(cron, "UTC", datetime.now(UTC)) is None:
        raise ValueError(NEVER)
    if _least_apart(cron) < LEAST_APART:
        raise ValueError(TOO_OFTEN)
    return cron


def _least_apart(cron: str) -> int:
    """Minutes between the two times of a day that are closest, midnight taken as if each day followed its own."""
    minutes, hours = (_each(field, many) for field, many in zip(croniter.expand(cron)[0], (60, 24), strict=False))
    times = [hour * 60 + minute for hour in hours for minute in minutes]
    return min(right - left for left, right in pairwise([*times, times[0] + 24 * 60]))


def _each(field: Field, many: int) -> list[int]:
    """In order."""
    return list(range(many)) if field == EVERY else sorted(int(value) for value in field)


def next_run(cron: str, zone: str, after: datetime) -> datetime | None:
    """The first moment after this one; None where there is none in the next fifty years."""
    return next(iter(next_runs(cron, zone, after, 1)), None)


def next_runs(cron: str, zone: str, after: datetime, count: int) -> list[datetime]:
    """The first moments after this one, in the zone."""
    return list(islice(_runs(cron, ZoneInfo(zone), after), count))


def _runs(cron: str, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    by_the_hour = cron.split()[1].startswith("*")
    moments = croniter(cron, after.astimezone(zone))
    while True:
        try:
            moment = moments.get_next(datetime)
        except CroniterError:
            return
        if by_the_hour or not moment.fold:
            yield moment


# In words


def in_words(cron: str) -> str:
    """For example "Monday to Friday at 02:30", of 30 2 * * 1-5."""
    minutes, hours, days, months, weekdays = croniter.expand(cron)[0]
    when, which = _time(minutes, hours), _days(days, months, weekdays)
    said = f"{when}{which and ', '}{which}" if when.startswith("every") else f"{which or 'every day'} {when}"
    return said[0].upper() + said[1:]


def _time(minutes: Field, hours: Field) -> str:
    if hours == EVERY:
        return _minutes(minutes)
    if minutes == EVERY or len(minutes) * len(hours) > CLOCK_TIMES:
        return f"{_minutes(minutes)} in the hour{'s' if len(hours) > 1 else ''} {_numbers(hours)}"
    return f"at {listed([f'{hour:02}:{minute:02}' for hour in hours for minute in minutes], CLOCK_TIMES)}"


def _minutes(minutes: Field) -> str:
    if minutes == EVERY:
        return "every minute"
    if minutes == [0]:
        return "every hour"
    step = 60 // len(minutes)
    if len(minutes) > 1 and minutes == list(range(0, 60, step)):
        return f"every {step} minutes"
    return f"every hour at minute {_numbers(minutes)}"


def _days(days: Field, months: Field, weekdays: Field) -> str:
    """Empty for every day. Where days of the month and weekdays are named, each of them counts."""
    named = listed([MONTHS[int(month) - 1] for month in months], 12) if months != EVERY else ""
    week = _names(sorted(int(day) % 7 for day in weekdays)) if weekdays != EVERY else ""
    if days == EVERY:
        return f"{week or 'every day'} in {named}" if named else week
    month = f"on the {listed([_ordinal(int(day)) for day in days], 31)} of {named or 'each month'}"
    return f"{month} and {week}{' in it' if named else ''}" if week else month


def _names(days: list[int]) -> str:
    if len(days) > 2 and _is_row(days):
        return f"{WEEKDAYS[days[0]]} to {WEEKDAYS[days[-1]]}"
    return f"every {listed([WEEKDAYS[day] for day in days], 7)}"


def _numbers(values: Field) -> str:
    numbers = [int(value) for value in values]
    if len(numbers) > 2 and _is_row(numbers):
        return f"{numbers[0]} to {numbers[-1]}"
    return listed([str(number) for number in numbers], 60)


def _is_row(numbers: Sequence[int]) -> bool:
    return all(right - left == 1 for left, right in pairwise(numbers))


def _ordinal(day: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th") if day // 10 != 1 else "th"
    return f"{day}{ending}"
