"""What differs between two texts, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

AROUND = 3
"""Equal lines that are shown beside each change."""

MOST_LINES = 3000
"""Above so many that differ on a side the search for what they share would take too long."""


class Line(NamedTuple):
    """`sign` is "-", "+" or " ", and "" where equal lines were left out: `text` then says how many."""

    sign: str
    text: str


def difference(before: str, after: str) -> list[Line]:
    """The lines that went and came, with some equal ones around; empty where nothing differs."""
    old, new = before.splitlines(), after.splitlines()
    if old == new:
        return []
    return list(_lines(old, new))


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    at = 0  # of `new`: everything before is told
    for from_old, to_old, from_new, to_new in _changes(old, new):
        yield from _equal(new[at:from_new], is_first=at == 0, is_last=False)
        yield from (Line("-", text) for text in old[from_old:to_old])
        yield from (Line("+", text) for text in new[from_new:to_new])
        at = to_new
    yield from _equal(new[at:], is_first=False, is_last=True)


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Where they differ. What they begin and end with alike is taken off first, which is most of it."""
    shortest = min(len(old), len(new))
    head = next((place for place in range(shortest) if old[place] != new[place]), shortest)
    tail = next((place for place in range(shortest - head) if old[-1 - place] != new[-1 - place]), shortest - head)
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(len(left), len(right)) > MOST_LINES:
        yield head, head + len(left), head, head + len(right)
        return
    for tag, *places in SequenceMatcher(None, left, right).get_opcodes():
        if tag != "equal":
            one, two, three, four = (head + place for place in places)
            yield one, two, three, four


def _equal(lines: Sequence[str], *, is_first: bool, is_last: bool) -> Iterator[Line]:
    before, after = (0 if is_first else AROUND), (0 if is_last else AROUND)
    hidden = len(lines) - before - after
    if hidden <= 1:  # one line says as much as that one is left out
        yield from (Line(" ", text) for text in lines)
        return
    yield from (Line(" ", text) for text in lines[:before])
    yield Line("", f"{hidden:,} equal lines")
    yield from (Line(" ", text) for text in lines[len(lines) - after :])
