"""Reading the database's times: Django's own way, through a pattern, was a fifth of reading a page's rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import DataError
from psycopg.abc import AdaptContext
from psycopg.adapt import Loader


class _InUTC(Loader):
    """`timestamptz`, in the place of Django's loader, which has a `timezone` that Django asks for."""

    timezone = UTC

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        """One is made for each query: it asks the connection nothing."""

    def load(self, data: Any) -> datetime:
        written = str(data, "ascii")
        try:
            found = datetime.fromisoformat(written)
        except ValueError as error:  # before our era, or for ever
            raise DataError(f"no time that Python knows: {written}") from error
        return found if found.tzinfo is UTC else found.astimezone(UTC)


def read_in_utc(connection: BaseDatabaseWrapper, **_: object) -> None:
    """For the signal of a new connection."""
    if connection.timezone is UTC:
        connection.connection.adapters.register_loader("timestamptz", _InUTC)
