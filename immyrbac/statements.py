"""Queries that are asked often: compiled once in a process, because that costs more than the answer does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, NamedTuple

import psycopg
from django.db import connection
from django.db.models import QuerySet
from psycopg.sql import Literal

from immyrbac.arrays import MANY, written

FEW = 1_000


class _Kept(NamedTuple):
    sql: str
    places: list[Any]
    names: frozenset[Any]


class Statement:
    """The SQL of a queryset whose changing values are places: numbers, words or lists of one, that stand nowhere else.

    Never one that may find nothing by its form alone: Django would not compile it.

    `planned_once`: the database keeps it with its plan, for whatever values: for what is looked up by an index alone,
    and not for lists of more than `FEW`. Its values are of the same places each time. What is none is written out: the
    plan for a scope that is not known does without the indexes of those at *this* scope, 40 ms for 1.
    """

    def __init__(self, queryset: QuerySet[Any, Any], *, planned_once: bool = False) -> None:
        self._planned_once = planned_once
        self._queryset, self._compiler = queryset, queryset.query.get_compiler(connection=connection)
        self._sql, self._parameters = self._compiler.as_sql()
        self._kept: _Kept | None = None

    def rows(self, values: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
        """What it finds now, with these values in their places."""
        with connection.cursor() as cursor:
            sql, parameters = self._sql, self._parameters
            if self._planned_once and all(map(_is_short, values.values())):
                self._kept = self._kept or self._with_constants(values)
                sql, parameters, names = self._kept
                if values.keys() != names:  # what was written out once would count for all
                    raise ValueError(f"It is asked with {sorted(names)} each time, not with {sorted(values)}.")
                # Django's own cursors write values into the statement, which then is never the same; psycopg's others
                # look through it for places each time
                cursor.cursor = psycopg.RawCursor(connection.connection)
                given: list[Any] = [_as_text(values[_place(each)]) for each in parameters]
            else:
                given = [_placed(each, values) for each in parameters]
            cursor.execute(sql, given)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def _with_constants(self, values: Mapping[Any, Any]) -> _Kept:
        """The SQL with each place of these values as a number, and whatever is none written out; and the places."""
        given, places = iter(self._parameters), list[Any]()

        def piece(mark: re.Match[str]) -> str:
            if mark[0] == "%%":
                return "%"
            parameter = next(given)
            if not _is_place(parameter, values):
                return Literal(parameter).as_string(connection.connection)
            if parameter not in places:
                places.append(parameter)
            return f"${places.index(parameter) + 1}"

        return _Kept(re.sub("%[%s]", piece, self._sql), places, frozenset(values))

    def objects(self, values: Mapping[Any, Any]) -> list[Any]:
        """The same as objects of the queryset's model, with what it selects beside them."""
        compiler, found = copy(self._compiler), self._queryset.all()
        setattr(compiler, "execute_sql", lambda **_: [self.rows(values)])  # noqa: B010  of this one alone
        setattr(found.query, "get_compiler", lambda **_: compiler)  # noqa: B010  likewise
        return list(found)


def found_by_each(asked: Iterable[tuple[Statement, Mapping[Any, Any]]]) -> list[tuple[Any, ...]]:
    """All that these statements, of the same columns, find with these values: one query."""
    parts = [(each._sql, [_placed(one, values) for one in each._parameters]) for each, values in asked]  # noqa: SLF001
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"({sql})" for sql, _ in parts), [one for _, found in parts for one in found])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _is_short(value: Any) -> bool:
    return not isinstance(value, list) or len(value) <= FEW


def _place(parameter: Any) -> Any:
    return parameter[0] if isinstance(parameter, list) and len(parameter) == 1 else parameter


def _is_place(parameter: Any, values: Mapping[Any, Any]) -> bool:
    place = _place(parameter)
    return isinstance(place, int | str) and place in values


def _as_text(value: Any) -> str:
    """As the database reads it, of whatever type it finds there: the driver would say that a number is small, or that a
    list is empty, and the same statement would be kept once more for each such type.
    """
    return written(value) if isinstance(value, list) else str(value)


def _placed(parameter: Any, values: Mapping[Any, Any]) -> Any:
    value = values[_place(parameter)] if _is_place(parameter, values) else parameter
    are_many = isinstance(value, list) and len(value) > MANY
    return written(value) if are_many and all(isinstance(each, int) for each in value) else value
