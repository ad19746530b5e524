"""Queries that are asked often: compiled once in a process, because that costs more than the answer does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection
from django.db.models import QuerySet


class Statement:
    """The SQL of a queryset whose changing values are places: numbers, or lists of one number, that stand nowhere else.

    Never one that may find nothing by its form alone: Django would not compile it.

    `planned_once`: the database keeps it with its plan, for whatever values: for what is looked up by an index alone.
    Where the plan hangs on the values that turns out badly: 54 ms for 8, of whom assignments name that cover a tenant.
    """

    def __init__(self, queryset: QuerySet[Any, Any], *, planned_once: bool = False) -> None:
        self._planned_once = planned_once
        self._sql, self._parameters = queryset.query.sql_with_params()

    def rows(self, values: Mapping[int, Any]) -> list[tuple[Any, ...]]:
        """What it finds now, with these values in the places of these numbers."""
        with connection.cursor() as cursor:
            if self._planned_once:  # Django's own cursors write values into the statement, which then is never the same
                cursor.cursor = psycopg.Cursor(connection.connection)
            cursor.execute(self._sql, [_placed(each, values) for each in self._parameters])
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found


def _placed(parameter: Any, values: Mapping[int, Any]) -> Any:
    place = parameter[0] if isinstance(parameter, list) and len(parameter) == 1 else parameter
    return values.get(place, parameter) if isinstance(place, int) else parameter
