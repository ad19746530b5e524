"""Faults to plant into the gate, one at a time: what the search finds then is what it would find in earnest.

Dropping rule 5 is not among them. What it refuses, rule 2 refuses as well: nobody can give themselves what they hold.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
from tenancy.containment import TenantEstate
from tenancy.scopes import MspScope

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

    def rows(self, _: Any) -> list[Any]:
        return []


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
    def now(self: Judge, reaches: Any, *, as_long: bool = False) -> bool:
        return holds_all(self, reaches, as_long=False)

    return now


def _whatever_belongs(self: TenantEstate, root: int, msp: int) -> bool:
    return self.covers(MspScope(msp), root)


def _only_who_is_touched(covering: Callable[..., None]) -> Callable[..., None]:
    def covers(self: Gate, users: Any, *, as_long: bool = False) -> None:
        if not as_long:
            covering(self, users)

    return covers


@dataclass(frozen=True)
class Fault:
    """One defect: what it does, a sequence that shows it (world and number, as of `test_escalation`), its patches."""

    sentence: str
    seed: int
    number: int
    patches: tuple[Patch, ...]

    @contextmanager
    def planted(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for target, attribute, fault in self.patches:
                patch.setattr(target, attribute, fault)
            yield


def _fault(sentence: str, seed: int, number: int, *patches: Patch) -> Fault:
    return Fault(sentence, seed, number, patches)


_only_allows = _without_denies(power.difference_for_one)

FAULTS = [
    _fault("rule 2 dropped", 0, 1, (Judge, "_only_what_you_hold", _nothing)),
    _fault("denies of the actor ignored", 53, 0, (Judge, "__init__", _undenied(Judge.__init__))),
    _fault("ends ignored", 38, 0, (judgement, "_lasts", lambda *_: True)),
    _fault(
        "groups forgotten",
        0,
        1,
        *((power, name, _NoMembers) for name in ("GroupMembership", "memberships_now", "members_of_groups")),
    ),
    _fault("moves, tags and flags not judged", 2, 2, (Gate, "moving", _unjudged)),
    _fault("rule 4 dropped for accounts", 1, 1, (Gate, "covering", _only_who_is_touched(Gate.covering))),
    _fault("rule 4 without time", 38, 0, (Judge, "holds_all", _for_any_time(Judge.holds_all))),
    _fault(
        "lifted denies not counted",
        0,
        1,
        *((module, "difference_for_one", _only_allows) for module in (power, moves)),
    ),
    _fault("computers not contained", 3, 1, (judgement, "contains", _on_all_computers(judgement.contains))),
    _fault("resilience forgotten", 11, 2, (judgement, "resilience", lambda *_: frozenset())),
    _fault("flips not judged", 0, 1, (Gate, "flipping", _nothing)),
    _fault("new MSPs awaken nothing", 60, 0, (Gate, "awakening", _nothing)),
    _fault("MSPs below counted as part", 41, 0, (TenantEstate, "is_pure_subtree", _whatever_belongs)),
    _fault("rule 6 dropped", 4, 0, (delegation, "has_usable_owner", lambda: True)),
    _fault("refusals not told", 0, 0, (delegation, "record", _only_what_passed)),
]
