"""Comparing a column with a whole array: PostgreSQL goes to an index for each element (performance, rules 3 to 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, Func, Q, QuerySet, Value
from django.db.models.functions import Cast


class _IsAnyOf(Func):
    """`one = ANY(...)`."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def any_of(column: str, ids: Iterable[int]) -> Q:
    """The rows whose column is one of these ids: one parameter, however many there are."""
    numbers = Value(sorted(ids), output_field=ArrayField(BigIntegerField()))
    return Q(_IsAnyOf(column, Cast(numbers, ArrayField(BigIntegerField()))))


def any_of_rows(column: str, rows: QuerySet[Any, Any]) -> Q:
    """The rows whose column is one of what the one-column sub-select finds: found first, then gone to one by one.

    For a few hundred; as `IN (SELECT ...)` the planner would rather walk the whole table.
    """
    return Q(_IsAnyOf(column, ArraySubquery(rows)))
