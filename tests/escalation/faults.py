"""Faults to plant into the gate, one at a time: what the search finds then is what it would find in earnest.

Dropping rule 5 is not among them. What it refuses, rule 2 refuses as well: nobody can give themselves what they hold.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from accounts.models import GroupMembership
from computers.scopes import AllScope
from rbac import delegation, judgement, moves, power
from rbac.audit import Actor, record
from rbac.delegation import Gate
from rbac.judgement import Judge
from rbac.power import Difference, Reach
from rbac.regions import Estate, Region
from tenancy.scopes import MspScope, TenantEstate

Patch = tuple[Any, str, Any]


@contextmanager
def _unjudged(self: Gate, *_: Any, **__: Any) -> Iterator[None]:
    yield


def _nothing(*_: Any, **__: Any) -> None:
    pass


def _only_what_passed(actor: Actor, action: str, **said: Any) -> None:
    if not action.endswith(".refused"):
        record(actor, action, **said)


class _NoMembers:
    """As if nobody were in any group."""

    objects = GroupMembership.objects.none()
    objects.live = objects.all


def _undenied(init: Callable[..., None]) -> Callable[..., None]:
    def made(self: Judge, *arguments: Any) -> None:
        init(self, *arguments)
        self._denies = []

    return made


def _without_denies(difference: Callable[..., Difference]) -> Callable[..., Difference]:
    def only_allows(before: list[Reach], after: list[Reach], *rest: Any) -> Difference:
        allows = ([reach for reach in reaches if reach.allows] for reaches in (before, after))
        return difference(*allows, *rest)

    return only_allows


def _on_all_computers(contains: Callable[..., bool]) -> Callable[..., bool]:
    def by_tenants(outer: Region, inner: Region, estate: Estate) -> bool:
        return contains(replace(outer, computers=(AllScope(),)), inner, estate)

    return by_tenants


def _for_any_time(holds_all: Callable[..., bool]) -> Callable[..., bool]:
    def now(self: Judge, reaches: Any, *, as_long: bool) -> bool:
        return holds_all(self, reaches, as_long=False)

    return now


def _only_who_is_touched(covering: Callable[..., None]) -> Callable[..., None]:
    def covers(self: Gate, users: Any, *, as_long: bool = False) -> None:
        if not as_long:
            covering(self, users)

    return covers


FAULTS: dict[str, list[Patch]] = {
    "rule 2 dropped": [(Judge, "_only_what_you_hold", _nothing)],
    "denies of the actor ignored": [(Judge, "__init__", _undenied(Judge.__init__))],
    "ends ignored": [(judgement, "_lasts", lambda *_: True)],
    "groups forgotten": [(power, "GroupMembership", _NoMembers)],
    "moves, tags and flags not judged": [(Gate, "moving", _unjudged)],
    "rule 4 dropped for acts on accounts": [(Gate, "covering", _only_who_is_touched(Gate.covering))],
    "rule 4 without time": [(Judge, "_holds_all", _for_any_time(Judge._holds_all))],
    "lifted denies not counted": [
        (delegation, "difference", _without_denies(power.difference)),
        (moves, "difference", _without_denies(power.difference)),
    ],
    "computers left out of containment": [(judgement, "contains", _on_all_computers(judgement.contains))],
    "resilience forgotten": [(judgement, "resilience", lambda *_: frozenset())],
    "flips not judged": [(Gate, "differing", _nothing)],
    "new MSPs awaken nothing": [(Gate, "awakening", _nothing)],
    "MSPs below counted as part": [
        (TenantEstate, "is_pure_subtree", lambda self, pk, msp: self.covers(MspScope(msp), pk))
    ],
    "rule 6 dropped": [(delegation, "has_usable_owner", lambda: True)],
    "refusals not told": [(delegation, "record", _only_what_passed)],
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for target, attribute, fault in FAULTS[name]:
            patch.setattr(target, attribute, fault)
        yield
