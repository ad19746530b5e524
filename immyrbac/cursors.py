"""Where a page of a list begins: behind the last row of the page before, by the sort and then by the primary key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Count, F, Model, Q, QuerySet, Window

M = TypeVar("M", bound=Model)

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


def merged(keyed: QuerySet[M], paths: Iterable[str], cursor: Cursor | None, *, descending: bool, limit: int) -> list[M]:
    """The first rows of several walks, each along its own path, of which a row has exactly one.

    The database merges: it alone knows its own order of letters. Two queries.
    """
    sign = "-" if descending else ""
    walks = []
    for path in paths:
        walk = keyed.filter(**{f"{path}__isnull": False}).annotate(**{KEY: F(path)})
        if cursor is not None:
            walk = walk.filter(beyond(cursor, descending=descending, nullable=False))
        walks.append(walk.order_by(f"{sign}{path}", f"{sign}pk")[:limit].values_list("pk", KEY))
    first, *others = walks
    ids = [pk for pk, _ in first.union(*others, all=True).order_by(f"{sign}{KEY}", f"{sign}pk")[:limit]]
    rows = {row.pk: row for row in keyed.filter(pk__in=ids)}
    return [rows[pk] for pk in ids if pk in rows]


def gathered(ordered: QuerySet[M], limit: int) -> tuple[dict[Any, Any], int]:
    """The first of these rows, key by primary key in their order, and how many there are: one walk past them all."""
    bare = ordered.select_related(None).prefetch_related(None)
    found = list(bare.values_list("pk", KEY, Window(Count("*")))[:limit])
    return {pk: key for pk, key, _ in found}, found[0][2] if found else 0


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
