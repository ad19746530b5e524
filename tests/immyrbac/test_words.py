"""The guide's rules for numbers, dates and states."""

from datetime import UTC, datetime, timedelta

import pytest

from immyrbac import words
from immyrbac.words import Status, lifetime

NOW = datetime(2026, 11, 24, 9, 40, tzinfo=UTC)


def test_numbers():
    assert words.number(1204) == "1,204"
    assert [words.counted(n, "computer") for n in (0, 1, 1204)] == ["0 computers", "1 computer", "1,204 computers"]
    assert words.counted(2, "person", "people") == "2 people"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], ""),
        (["A"], "A"),
        (["A", "B"], "A and B"),
        (list("ABC"), "A, B and C"),
        (list("ABCDEFG"), "A, B, C and 4 more"),
    ],
)
def test_lists_in_a_sentence(names, said):
    assert words.listed(names) == said


def test_the_first_of_many_are_named():
    assert words.listed(["A", "B", "C"], 3, of=4_012) == "A, B, C and 4,009 more"
    assert words.listed(["A", "B", "C", "D"], 3, of=4) == "A, B, C and 1 more"
    assert words.listed(["A", "B"], 3, of=2) == "A and B"


def test_dates():
    assert words.date(NOW) == "24 Nov 2026"
    assert words.instant(NOW) == "Tue 24 Nov 2026, 09:40"
    assert words.clock(NOW) == "09:40:00"
    assert words.hour(NOW) == "09:40"


@pytest.mark.parametrize(
    ("back", "said"),
    [
        ({"seconds": 5}, "Now"),
        ({"minutes": 12}, "12 min ago"),
        ({"hours": 3}, "3 h ago"),
        ({"hours": 20}, "Yesterday"),
        ({"days": 4}, "4 days ago"),
        ({"days": 7}, "7 days ago"),
        ({"days": 8}, "16 Nov 2026"),
        ({"days": -1}, "25 Nov 2026"),
    ],
)
def test_ago(back, said):
    assert words.ago(NOW - timedelta(**back), NOW) == said


@pytest.mark.parametrize(
    ("starts", "ends", "status"),
    [
        (None, None, Status("live", "Live")),
        (1, None, Status("new", "Starts 25 Nov 2026")),
        (0, 8, Status("live", "Live")),
        (-1, 7, Status("soon", "Ends in 7 days")),
        (None, 1, Status("soon", "Ends in 1 day")),
        (None, 0.5, Status("soon", "Ends in 12 h")),
        (None, 0.001, Status("soon", "Ends in 1 min")),
        (None, 0, Status("ended", "Expired")),
        (1, 2, Status("new", "Starts 25 Nov 2026")),
    ],
)
def test_lifetime_at_its_bounds(starts, ends, status):
    moments = [None if days is None else NOW + timedelta(days=days) for days in (starts, ends)]
    assert lifetime(NOW, *moments) == status
