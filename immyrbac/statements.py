"""Queries that are asked often: compiled once in a process, because that costs more than the answer does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class Statement:
    """The SQL of a queryset whose changing values are places: numbers, or lists of one number, that stand nowhere else.

    Never one that may find nothing by its form alone: Django would not compile it.
    """

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        self._sql, self._parameters = queryset.query.sql_with_params()

    def rows(self, values: Mapping[int, Any]) -> list[tuple[Any, ...]]:
        """What it finds now, with these values in the places of these numbers."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql, [_placed(each, values) for each in self._parameters])
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found


def _placed(parameter: Any, values: Mapping[int, Any]) -> Any:
    place = parameter[0] if isinstance(parameter, list) and len(parameter) == 1 else parameter
    return values.get(place, parameter) if isinstance(place, int) else parameter
