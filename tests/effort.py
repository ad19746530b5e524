"""How much a run tries, chosen once by `tests/conftest.py` before any test is imported.

A normal run is what somebody waits for, and CI: each promise is tried. `--full` tries each on each page, in each look.
`--many` takes hours, and draws anew each time.
"""

import zlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

FULL, MANY = 1, 2
LEVELS = {"--full": FULL, "--many": MANY}
SHARE = 5
"""Of many alike a normal run tries every fifth."""

chosen = 0


def choose(level: int) -> None:
    global chosen  # noqa: PLW0603  the one place that writes it, before anything reads it
    chosen = level


def effort(normal: T, full: T, many: T) -> T:
    """What a run of this kind tries."""
    return (normal, full, many)[chosen]


def share(alike: Sequence[T], salt: str) -> Sequence[T]:
    """Every fifth in a normal run, all otherwise; tests of different `salt` take different ones."""
    return alike if chosen else alike[zlib.crc32(salt.encode()) % SHARE :: SHARE]


def one(alike: Sequence[T], salt: str) -> Sequence[T]:
    """One of them in a normal run, all otherwise; which one hangs on `salt`."""
    return alike if chosen else [alike[zlib.crc32(salt.encode()) % len(alike)]]
