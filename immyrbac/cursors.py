"""Where a page of a list begins: behind the last row of the page before, by the sort and then by the primary key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, Q

KEY = "list_key"
"""The annotation that rows of a list are sorted by."""


@dataclass(frozen=True)
class Cursor:
    """The row that a page starts behind: its value of the sort, its primary key, and which row of the list it is."""

    value: Any
    pk: Any
    position: int


def beyond(cursor: Cursor, *, descending: bool, nullable: bool) -> Q:
    """The rows behind a cursor, ordered by key and then primary key.

    PostgreSQL holds null for the largest of all: last when ascending, first when descending.
    """
    past = "lt" if descending else "gt"
    later_twin = Q(**{f"pk__{past}": cursor.pk})
    if cursor.value is None:
        same = Q(**{f"{KEY}__isnull": True}) & later_twin
        return same | Q(**{f"{KEY}__isnull": False}) if descending else same
    # The bound stands alone, so that an index on (key, id) is entered where the page begins.
    ahead = Q(**{f"{KEY}__{past}e": cursor.value}) & (Q(**{f"{KEY}__{past}": cursor.value}) | later_twin)
    return ahead | Q(**{f"{KEY}__isnull": True}) if nullable and not descending else ahead


def is_nullable(model: type[Model], path: str) -> bool:
    """Whether the value at the end of the path may be null; an annotation may."""
    for name in path.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return True
        if field.null:
            return True
        model = getattr(field, "related_model", None) or model
    return False
