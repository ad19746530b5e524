"""What is malformed, and where to try it: what the hostile walk sends in place of what a field takes."""

from collections.abc import Collection, Iterator
from itertools import count
from typing import Any

from tests.effort import effort
from tests.walk.telling import forms_of

MALFORMED = (
    *("\0", "x", "-1", "1e9", "9" * 40, "9223372036854775808", "٣", "=1+1", "'", '"><img src=x>', "x" * 6000, "[]"),
    *("9999-12-31", "0001-01-01", "9999-12-31T23:59", "0001-01-01T00:00", "instance", "user:1", "user:\0", "%", "\\"),
)

GIVEN = ("sort", "after", "before", "rows", "q", "find", "list", "on", "chosen", "permission")
"""What some page or other takes besides the fields that it draws."""


WORST = ("\0", "9" * 40, "9999-12-31", "9999-12-31T23:59", "user:\0")


class Malformed:
    """What to try on one visit after the other, as (field, value).

    With `--many` each field of each page with each value; otherwise each field of a form once, and two that the page
    did not draw, with one of the worst.
    """

    def __init__(self) -> None:
        self.every = effort(False, False, True)
        self.tried: set[tuple[type, str]] = set()
        self.turns = count()

    def of(self, drawn: Any, others: Collection[str]) -> Iterator[tuple[str, str]]:
        own = {(type(form), name) for form in forms_of(drawn) for name in form.fields} if drawn.context else set()
        turn, others = next(self.turns), sorted(others)
        if self.every:
            names = {name for _, name in own} | {*others}
        else:
            names = {name for _, name in own - self.tried} | {others[(turn + more) % len(others)] for more in (0, 5)}
        self.tried |= own
        for number, name in enumerate(sorted(names), turn):
            yield from ((name, value) for value in (MALFORMED if self.every else (WORST[number % len(WORST)],)))
