"""The best few of what words match, for pickers and the palette: what begins with them first."""

from __future__ import annotations

from typing import TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet

from immyrbac.arrays import any_of
from immyrbac.lists import CAP
from immyrbac.searching import FEWEST, beginning, holding

M = TypeVar("M", bound=Model)


def best(rows: QuerySet[M], words: str, *columns: str, most: int) -> list[M]:
    """The first of the rows that hold the words, by the first column; those that begin with them come before others.

    As in a list, few are gathered and many are walked (docs/decisions/searching-names.md).
    """
    column, matching = columns[0], rows.filter(holding(words, *columns))
    if len(words) < FEWEST:
        return list(matching.order_by(column, "pk")[:most])
    few = _first_of_few(matching, words, column, most)
    if few is not None:
        found = {row.pk: row for row in rows.filter(any_of("pk", few))} if few else {}
        return [found[pk] for pk in few if pk in found]
    first = list(rows.filter(beginning(words, column)).order_by(column, "pk")[:most])
    others = matching.exclude(pk__in=[row.pk for row in first]).order_by(column, "pk")
    return [*first, *others[: most - len(first)]]


def _first_of_few(matching: QuerySet[M], words: str, column: str, most: int) -> list[int] | None:
    """The numbers of the first of them; None where there are more than are gathered. One query finds out either."""
    begins = ExpressionWrapper(Q(**{f"{column}__istartswith": words}), BooleanField())
    found = matching.annotate(begins=begins).order_by().values_list("pk", "begins", column)
    try:
        sql, parameters = found[: CAP + 1].query.sql_with_params()
    except EmptyResultSet:  # by its form alone: whoever sees nothing
        return []
    with connection.cursor() as cursor:
        cursor.execute(_GATHERED.format(sql), [*parameters, most])
        numbers = cursor.fetchall()
    return None if numbers and numbers[0][1] > CAP else [pk for pk, _ in numbers]


_GATHERED = """
SELECT pk, count(*) OVER () FROM ({}) AS found(pk, begins, name) ORDER BY begins DESC, name, pk LIMIT %s
"""
