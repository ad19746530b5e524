"""Numbers, dates and states as words: the design guide's rules, said once for pages, mail and exports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

SOON = timedelta(days=7)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(value: int) -> str:
    """1204 as "1,204"."""
    return f"{value:,}"


def counted(value: int, one: str, many: str = "") -> str:
    """1 as "1 computer", 1204 as "1,204 computers"; `many` only where an s does not make it."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def spanned(span: timedelta) -> str:
    """Whole minutes or more, in the largest unit that leaves no rest: "10 minutes", "1 hour", "3 days"."""
    minutes = int(span.total_seconds() // 60)
    for unit, size in (("day", 24 * 60), ("hour", 60)):
        if minutes % size == 0:
            return counted(minutes // size, unit)
    return counted(minutes, "minute")


def listed(names: Sequence[str], limit: int = 3, *, of: int = 0) -> str:
    """Names in a sentence: "A", "A and B", "A, B and C", "A, B, C and 4 more".

    `of`: how many there are, where these are the first ones.
    """
    if (count := max(of, len(names))) > limit:
        return f"{', '.join(names[:limit])} and {count - limit:,} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def date(moment: datetime) -> str:
    """The day in UTC: "27 Nov 2026"."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {_MONTHS[utc.month]} {utc.year}"


def day(moment: datetime) -> str:
    """The day with its weekday, in UTC: "Fri 27 Nov 2026"."""
    return f"{_DAYS[moment.astimezone(UTC).weekday()]} {date(moment)}"


def clock(moment: datetime) -> str:
    """The time with seconds, in UTC: "09:40:07"."""
    return f"{moment.astimezone(UTC):%H:%M:%S}"


def hour(moment: datetime) -> str:
    """The time in UTC, where its day is known: "09:40"."""
    return f"{moment.astimezone(UTC):%H:%M}"


def instant(moment: datetime) -> str:
    """Day and time in UTC: "Fri 27 Nov 2026, 09:40"."""
    return f"{day(moment)}, {moment.astimezone(UTC):%H:%M}"


def instant_in(moment: datetime, zone: tzinfo) -> str:
    """Day and time somewhere, with where: "Fri 27 Nov 2026, 10:40 (Europe/Berlin)"; in UTC with "UTC" behind."""
    there = moment.astimezone(zone)
    shown = f"{_DAYS[there.weekday()]} {there.day} {_MONTHS[there.month]} {there.year}, {there:%H:%M}"
    return f"{shown} UTC" if str(zone) == "UTC" else f"{shown} ({zone})"


def ago(moment: datetime, now: datetime) -> str:
    """How long since: "Now", "12 min ago", "3 h ago", "Yesterday", "4 days ago"; over 7 days, or ahead, the date."""
    days = (now.astimezone(UTC).date() - moment.astimezone(UTC).date()).days
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 0 or days > SOON.days:
        return date(moment)
    if minutes < 1:
        return "Now"
    if minutes < 60:
        return f"{minutes} min ago"
    if days == 0:
        return f"{minutes // 60} h ago"
    return "Yesterday" if days == 1 else f"{days} days ago"


class Status(NamedTuple):
    """A state as shape and words; `kind` is live, new, soon, suspended, ended or off (the shapes of marks.css)."""

    kind: str
    words: str


def lifetime(now: datetime, starts_at: datetime | None, expires_at: datetime | None, live: str = "Live") -> Status:
    """Where something with bounds stands now: `starts_at <= now < expires_at`, null means no bound (design 3)."""
    if expires_at is not None and expires_at <= now:
        return Status("ended", "Expired")
    if starts_at is not None and starts_at > now:
        return Status("new", f"Starts {date(starts_at)}")
    if expires_at is not None and expires_at - now <= SOON:
        return Status("soon", f"Ends {_left(expires_at - now)}")
    return Status("live", live)


def _left(span: timedelta) -> str:
    if span >= timedelta(days=1):
        return f"in {counted(span.days, 'day')}"
    if span >= timedelta(hours=1):
        return f"in {span.seconds // 3600} h"
    return f"in {max(1, span.seconds // 60)} min"
