"""Deliberate defects of what pages alone meet, which ask about now: statements compiled once, and their values."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from django.db.models import Q

from rbac import grants, holders
from rbac.models import Effect
from tests.oracle.planting import Plant, fault


def anew(patch: pytest.MonkeyPatch) -> None:
    """Statements are compiled again each time, with the defect."""
    for name in ("_reached", "_first"):
        patch.setattr(holders, name, getattr(holders, name).__wrapped__)


def forgetting(place: int) -> Plant:
    """Whom assignments name, asked without the facts that stand in this place of `holders._values`."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        known = holders._values

        def _values(*facts: Any) -> dict[int, Any]:
            right = known(*facts)
            return right | {place: []} if place in right else right

        patch.setattr(holders, "_values", _values)

    return plant


fault("who_can forgets the tags of a computer now", 3, live=True)(forgetting(-6))
fault("who_can forgets the tags of a tenant now", 4, live=True)(forgetting(-4))
fault("who_can forgets whose MSP it is now", 5, live=True)(forgetting(-2))
fault("who_can forgets what stands above now", 13, live=True)(forgetting(-3))


@fault("who_can asks for nobody's home now", 13, live=True)
def _(patch: pytest.MonkeyPatch) -> None:
    anew(patch)
    of_row = holders.Reach._holders.fget
    patch.setattr(holders.Reach, "_holders", property(lambda self: of_row(holders.Reach([]))))


@fault("the first who can forget denies", 5, live=True)
def _(patch: pytest.MonkeyPatch) -> None:
    anew(patch)
    effects = holders._effects
    patch.setattr(holders, "_effects", lambda held: effects(held.filter(effect=Effect.ALLOW)))


@fault("the first who can forget whom an MSP-only permission reaches", 5, live=True)
def _(patch: pytest.MonkeyPatch) -> None:
    first = holders._first
    patch.setattr(holders, "_first", lambda condition, kind, users, count: first(condition, kind, Q(), count))


@fault("access loads nothing through groups now", 13, live=True)
def _(patch: pytest.MonkeyPatch) -> None:
    reaching = grants._reaching_now

    class Direct:
        def rows(self, values: Mapping[int, Any]) -> Iterable[Any]:
            return [row for row in reaching().rows(values) if row[1] is None]

    patch.setattr(grants, "_reaching_now", Direct)
