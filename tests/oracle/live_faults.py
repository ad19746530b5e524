"""Deliberate defects of what pages alone meet, which ask about now: statements compiled once, and their values."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from rbac import grants, holders
from tests.oracle.planting import fault


def asked_with(patch: pytest.MonkeyPatch, **values: Any) -> None:
    """Whom assignments name, asked with something else than the facts: by the names of `holders._values`."""
    known = holders._values
    places = {"msps": -2, "path": -3, "tags": -4, "computer_tags": -6}
    changed = {places[name]: value for name, value in values.items()}

    def _values(*facts: Any) -> dict[int, Any]:
        right = known(*facts)
        return right | {place: value for place, value in changed.items() if place in right}

    patch.setattr(holders, "_values", _values)


@fault("who_can forgets the tags of a computer now", 3, live=True)
def _(patch: pytest.MonkeyPatch) -> None:
    asked_with(patch, computer_tags=[])


@fault("who_can forgets the tags of a tenant now", 4, live=True)
def _(patch: pytest.MonkeyPatch) -> None:
    asked_with(patch, tags=[])


@fault("who_can forgets whose MSP it is now", 2, live=True)
def _(patch: pytest.MonkeyPatch) -> None:
    asked_with(patch, msps=[])


@fault("who_can forgets what stands above now", 3, live=True)
def _(patch: pytest.MonkeyPatch) -> None:
    asked_with(patch, path=[])


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
