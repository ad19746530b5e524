"""When schedules run: on the wall clock of their zone, also where that is moved, and how it reads."""

from datetime import UTC, datetime

import pytest

from computers.schedules.cron import FIVE, NEVER, TOO_OFTEN, UNREADABLE, in_words, next_run, next_runs, tidied

BERLIN = "Europe/Berlin"


def at(*moment: int) -> datetime:
    """Year, month, day, hour and perhaps minute in UTC."""
    return datetime(*moment, tzinfo=UTC)


def runs(cron: str, after: datetime, count: int, zone: str = BERLIN) -> list[str]:
    """The next ones on the wall clock, with how far it is from UTC."""
    return [f"{each:%d %H:%M %z}" for each in next_runs(cron, zone, after, count)]


def test_it_runs_after_a_moment_and_never_at_it():
    assert next_run("0 2 * * *", "UTC", at(2026, 11, 29, 2)) == at(2026, 11, 30, 2)
    assert next_run("0 2 * * *", BERLIN, at(2026, 11, 29, 0, 59)) == at(2026, 11, 29, 1)


def test_a_time_that_summer_time_leaves_out_is_as_soon_as_that_is_over():
    """On 28 March 2027 Berlin goes from 02:00 to 03:00."""
    assert runs("30 2 * * *", at(2027, 3, 27, 12), 2) == ["28 03:00 +0200", "29 02:30 +0200"]
    assert runs("0 * * * *", at(2027, 3, 28, 0), 2) == ["28 03:00 +0200", "28 04:00 +0200"]
    assert runs("*/30 * * * *", at(2027, 3, 28, 0), 3) == ["28 01:30 +0100", "28 03:00 +0200", "28 03:30 +0200"]


def test_a_time_that_comes_twice_is_used_once():
    """On 25 October 2026 Berlin goes from 03:00 back to 02:00."""
    assert runs("30 2 * * *", at(2026, 10, 24, 12), 2) == ["25 02:30 +0200", "26 02:30 +0100"]
    assert runs("0 3 * * *", at(2026, 10, 24, 12), 2) == ["25 03:00 +0100", "26 03:00 +0100"]
    between = at(2026, 10, 25, 1, 10)  # the second 02:10
    assert runs("30 2 * * *", between, 1) == ["26 02:30 +0100"]


def test_what_runs_by_the_hour_runs_in_each_hour_that_passes():
    assert runs("0 * * * *", at(2026, 10, 24, 23, 30), 3) == ["25 02:00 +0200", "25 02:00 +0100", "25 03:00 +0100"]


def test_the_same_wall_clock_all_year():
    for month in (1, 7):
        (found,) = next_runs("0 8 * * *", "America/New_York", datetime(2026, month, 10, tzinfo=UTC), 1)
        assert (found.hour, found.utcoffset().total_seconds() / 3600) == (8, -5 if month == 1 else -4)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("at night", FIVE),
        ("0 2 * *", FIVE),
        ("0 2 * * * *", FIVE),
        ("@daily", FIVE),
        ("", FIVE),
        ("61 * * * *", UNREADABLE),
        ("0 0 * * foo", UNREADABLE),
        ("H * * * *", UNREADABLE),
        ("0 0 L * *", UNREADABLE),
        ("0 0 * * 1#2", UNREADABLE),
        ("٣ * * * *", UNREADABLE),
        ("0 0 30 2 *", NEVER),
        ("* * * * *", TOO_OFTEN),
        ("*/4 * * * *", TOO_OFTEN),
        ("* 2 * * *", TOO_OFTEN),
        ("0,4 2 1 1 *", TOO_OFTEN),
        ("1,57 * * * *", TOO_OFTEN),  # 57 and 1 of the hour after
        ("0,58 23,0 * * *", TOO_OFTEN),  # 58 of the last hour and 0 of the next day
        ("*/7 * * * *", TOO_OFTEN),  # 56 and 0
    ],
)
def test_what_is_no_cron_is_told(text: str, why: str):
    with pytest.raises(ValueError, match="^" + why[:20]) as refusal:
        tidied(text)
    assert str(refusal.value) == why


@pytest.mark.parametrize("cron", ["*/5 * * * *", "1,56 * * * *", "1,57 2,4 * * *", "59 23 * * *", "0 * * * *"])
def test_five_minutes_are_enough(cron: str):
    assert tidied(cron) == cron


def test_blanks_are_tidied():
    assert tidied("  0   2 * *\tmon-fri ") == "0 2 * * mon-fri"


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 2 * * *", "Every day at 02:00"),
        ("30 2 * * 1-5", "Monday to Friday at 02:30"),
        ("30 2 * * mon,thu", "Every Monday and Thursday at 02:30"),
        ("0 4 * * 7", "Every Sunday at 04:00"),
        ("*/15 * * * *", "Every 15 minutes"),
        ("* * * * *", "Every minute"),
        ("0 * * * *", "Every hour"),
        ("5,35 * * * *", "Every hour at minute 5 and 35"),
        ("0 2,14 * * *", "Every day at 02:00 and 14:00"),
        ("*/15 8-17 * * mon-fri", "Every 15 minutes in the hours 8 to 17, Monday to Friday"),
        ("* 2 * * *", "Every minute in the hour 2"),
        ("0 3 1,15 * *", "On the 1st and 15th of each month at 03:00"),
        ("0 3 2,3,11,22 1 *", "On the 2nd, 3rd, 11th and 22nd of January at 03:00"),
        ("0 3 * jan,jul *", "Every day in January and July at 03:00"),
        ("0 3 1 * 1", "On the 1st of each month and every Monday at 03:00"),
    ],
)
def test_it_reads_as_words(cron: str, words: str):
    assert in_words(cron) == words
