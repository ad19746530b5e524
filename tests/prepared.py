"""Statements that the database keeps with their plan, kept from one test to the next.

The driver forgets all of them at each ROLLBACK, since what that takes back may have been a type. Tests end by one, and
would have the largest statements of the product planned anew each time: a tenth of the time of most tests of pages.
"""

from collections.abc import Sequence
from typing import Any

from psycopg._preparing import PrepareManager

forgets = PrepareManager._should_discard


def should_discard(manager: PrepareManager, prep: Any, results: Sequence[Any]) -> bool:
    """What the driver says, but for a transaction that was taken back."""
    return forgets(manager, prep, [each for each in results if each.command_status != b"ROLLBACK"])
