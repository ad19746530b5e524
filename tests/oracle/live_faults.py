"""Deliberate defects of what pages alone meet, which ask about now: statements compiled once, and their values."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from rbac import grants, holders
from tests.oracle.planting import Plant, fault


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
fault("who_can forgets whose MSP it is now", 2, live=True)(forgetting(-2))
fault("who_can forgets what stands above now", 3, live=True)(forgetting(-3))


@fault("who_can asks for nobody's home now", 13, live=True)
def _(patch: pytest.MonkeyPatch) -> None:
    memberships = holders._memberships

    class Whole:
        def rows(self, values: Mapping[int, Any]) -> Iterable[Any]:
            return memberships().rows({-1: [*values[-1], *values[-2]], -2: []})

    patch.setattr(holders, "_memberships", Whole)


@fault("access loads nothing through groups now", 1, live=True)
def _(patch: pytest.MonkeyPatch) -> None:
    reaching = grants._reaching_now

    class Direct:
        def rows(self, values: Mapping[int, Any]) -> Iterable[Any]:
            return [row for row in reaching().rows(values) if row[1] is None]

    patch.setattr(grants, "_reaching_now", Direct)
