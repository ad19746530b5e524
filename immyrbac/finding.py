"""The best few of what words match, for pickers and the palette: what begins with them first."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet

from immyrbac.lists import capped
from immyrbac.searching import FEWEST, beginning, holding

M = TypeVar("M", bound=Model)


def best(rows: QuerySet[M], words: str, *columns: str, most: int) -> list[M]:
    """The first of the rows that hold the words, by the first column; those that begin with them come before others.

    As in a list, few are gathered and many are walked (docs/decisions/searching-names.md).
    """
    column, matching = columns[0], rows.filter(holding(words, *columns))
    if len(words) < FEWEST:
        return list(matching.order_by(column, "pk")[:most])
    if not capped(matching).capped:
        begins = ExpressionWrapper(Q(**{f"{column}__istartswith": words}), BooleanField())
        return list(matching.annotate(begins=begins).order_by("-begins", column, "pk")[:most])
    first = list(rows.filter(beginning(words, column)).order_by(column, "pk")[:most])
    others = matching.exclude(pk__in=[row.pk for row in first]).order_by(column, "pk")
    return [*first, *others[: most - len(first)]]
