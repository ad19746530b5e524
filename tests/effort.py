"""How much a run tries, chosen once by `tests/conftest.py` before any test is imported.

A normal run is what somebody waits for, and CI: each promise is tried. `--full` tries each on each page, in each look.
`--many` takes hours, and draws anew each time.
"""

import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path
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


def half(alike: Sequence[T]) -> Sequence[T]:
    """Every other one in a normal run, all otherwise and where no commit is known.

    Which half hangs on the commit: each is met before long, and what was green stays green until there is another.
    """
    commit = _commit()
    return alike if chosen or not commit else alike[int(commit, 16) % 2 :: 2]


def _commit() -> str:
    command = ["git", "rev-parse", "HEAD"]
    try:
        found = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    except FileNotFoundError:  # there need be no git here
        return ""
    return found.stdout.strip()
