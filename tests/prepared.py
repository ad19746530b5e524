"""Statements that the database keeps (`immyrbac.statements`) are kept from test to test, as from request to request.

psycopg forgets them whenever something is rolled back, as each test ends: what was rolled back may have made a table
that a statement speaks of. None of these speaks of what a test makes, and planning takes longer than answering.
"""

import re
from collections.abc import Sequence
from typing import Any

from psycopg._preparing import PrepareManager

_makes_them_useless = re.compile(rb"(?:DROP|ALTER|DISCARD ALL|DEALLOCATE ALL)\b").match
_should_discard = PrepareManager._should_discard


def keep() -> None:
    """Whatever is rolled back."""

    def should_discard(self: PrepareManager, prep: Any, results: Sequence[Any]) -> bool:
        return _should_discard(self, prep, results, _makes_them_useless)

    PrepareManager._should_discard = should_discard
