"""Comparing a column with a whole array: PostgreSQL goes to an index for each element (performance, rules 3 to 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, Func, Q, QuerySet, Value

MANY = 50
"""Beyond so many numbers an array is written for the database, and the planner told less of it."""


def written(numbers: Iterable[int]) -> str:
    """An array as PostgreSQL reads it: of thousands the driver would look at each."""
    return f"{{{','.join(map(str, numbers))}}}"


class _IsAnyOf(Func):
    """`one = ANY(...)`."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


class _Overlaps(Func):
    """`one && other`."""

    template = "%(expressions)s"
    arg_joiner = " && "
    output_field = BooleanField()


class _Numbers(Value):
    """A `bigint[]` as one parameter; Django would prepare its elements one by one."""

    def __init__(self, numbers: list[int]) -> None:
        super().__init__(numbers, output_field=ArrayField(BigIntegerField()))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG002  Django's
        return "%s::bigint[]", (self.value if len(self.value) <= MANY else written(self.value),)


class Array(Func):
    """A `bigint[]` of what stands in columns of a row."""

    template = "ARRAY[%(expressions)s]"
    output_field = ArrayField(BigIntegerField())


class Unnested(Func):
    """A row for each number in a `bigint[]`."""

    function = "UNNEST"
    set_returning = True
    output_field = BigIntegerField()


def any_of(column: str, ids: Iterable[int]) -> Q:
    """The rows whose column is one of these ids: one parameter, however many there are; without any, not asked."""
    numbers = sorted(ids)
    return Q(_IsAnyOf(column, _Numbers(numbers))) if numbers else Q(pk__in=())


def gathered(column: str, ids: Iterable[int]) -> Q:
    """As `any_of`, where a query wants the first of them in some order: found one by one, and sorted.

    For at most some thousand: the planner, knowing how many, would walk that order until it has met enough of them.
    """
    return Q(_IsAnyOf(column, _uncounted(sorted(ids))))


def _uncounted(numbers: list[int]) -> Func:
    """An array of whose length the planner knows nothing."""
    return Func(_Numbers(numbers), template="ARRAY(SELECT UNNEST(%(expressions)s))")


def overlapping(column: str, ids: Iterable[int]) -> Q:
    """The rows whose array has one of these ids in it, as one parameter.

    Of many ids the planner expects half of the table, and compares each row with all of them: 100 ms for 700.
    """
    numbers = sorted(ids)
    return Q(_Overlaps(column, _Numbers(numbers) if len(numbers) <= MANY else _uncounted(numbers)))


def any_of_rows(column: str, rows: QuerySet[Any, Any]) -> Q:
    """The rows whose column is one of what the one-column sub-select finds: found first, then gone to one by one.

    For a few hundred; as `IN (SELECT ...)` the planner would rather walk the whole table.
    """
    return Q(_IsAnyOf(column, ArraySubquery(rows)))


def looked_up(column: Any, rows: Any) -> _IsAnyOf:
    """As `any_of_rows`, of a column and a one-column query that stand in a condition already."""
    return _IsAnyOf(column, ArraySubquery(rows))
