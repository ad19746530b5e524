"""Objects by number, and what others name: each model's look-up is compiled and planned once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from django.db.models import Model

from immyrbac.arrays import any_of
from immyrbac.statements import Statement

M = TypeVar("M", bound=Model)


def attach(objects: Iterable[Model], *names: str) -> list[Any]:
    """Give these what their foreign keys of these names say, all to one model: one query, of what none of them has yet.

    As `prefetch_related` does, in a fraction of the computing time. Returns what was found, to be given more in turn.
    """
    objects = list(objects)
    asked: list[tuple[Model, Any]] = [(each, each._meta.get_field(name)) for each in objects for name in names]
    found = {had.pk: had for each, field in asked if (had := field.get_cached_value(each, default=None)) is not None}
    ids = {pk for each, field in asked if (pk := getattr(each, field.attname)) is not None} - found.keys()
    found |= {each.pk: each for each in of_keys(asked[0][1].related_model, ids)} if ids else {}
    for each, field in asked:
        if (pk := getattr(each, field.attname)) in found:
            field.set_cached_value(each, found[pk])
    return [*found.values()]


def of_keys(model: type[M], ids: Iterable[int]) -> list[M]:
    """The objects with these numbers, in any order. One query, compiled and planned once; none for none."""
    ids = sorted(ids)
    return _by_key(model).objects({-1: ids}) if ids else []


@cache
def _by_key(model: type[Model]) -> Statement:
    return Statement(model._base_manager.filter(any_of("pk", [-1])).order_by(), planned_once=True)  # noqa: SLF001
