"""How a defect is planted in the running engine, and the list of all of them, which `faults` and the like fill."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
from django.db.models.functions import Now

from rbac import access, grants

Access = access.Access

Plant = Callable[[pytest.MonkeyPatch], None]


class Home(NamedTuple):
    """A world in which faults are looked for: its seed, with shares or without.

    `live`: it is asked about now, as pages do; what is wrong there alone nobody else meets.
    """

    seed: int
    sharing: bool
    live: bool


@dataclass(frozen=True)
class Fault:
    """One defect: what it does, how it is planted, and a world that shows it."""

    sentence: str
    home: Home
    plant: Plant


FAULTS: list[Fault] = []


def fault(sentence: str, seed: int, *, sharing: bool = False, live: bool = False) -> Callable[[Plant], Plant]:
    """Enter a defect in the list."""

    def enter(plant: Plant) -> Plant:
        FAULTS.append(Fault(sentence, Home(seed, sharing, live), plant))
        return plant

    return enter


def compiled(patch: pytest.MonkeyPatch, change: Callable[[Any, Any], Any]) -> None:
    """Every rule that an Access compiles, changed by `change(access, rule)`."""
    compile_ = Access._compile

    def _compile(self: Any, permission: str) -> Any:
        rule = self._rules[permission] = change(self, compile_(self, permission))
        return rule

    patch.setattr(Access, "_compile", _compile)


def unlike(patch: pytest.MonkeyPatch, queryset: type, method: str, where: Callable[[Any, Any], Any]) -> None:
    """A queryset's method, replaced; `where` gets the queryset and the instant as an expression."""
    patch.setattr(queryset, method, lambda self, at=None: where(self, Now() if at is None else at))


def granted(patch: pytest.MonkeyPatch, change: Callable[..., dict[str, Any]]) -> None:
    """Which permissions count in a grant, from changed facts about it."""
    counting = grants.counting_permissions
    patch.setattr(grants, "counting_permissions", lambda listed, **facts: counting(listed, **change(**facts)))


def scoped(patch: pytest.MonkeyPatch, change: Callable[[list[Any]], list[Any]]) -> None:
    """The scope columns of every assignment, changed before they are read."""
    scopes_of = grants.scopes_of
    patch.setattr(grants, "scopes_of", lambda columns, home: scopes_of(change(list(columns)), home))
