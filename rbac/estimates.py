"""What becomes of more people than are weighed one by one: as the gate's difference says, and of nobody how much.

The gate counts in the gross (design 6): who it says gains or loses something is at most who does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from computers.models import Computer
from rbac.access import Access
from rbac.outcomes import Outcome
from rbac.permissions import Permission
from rbac.power import Reach
from rbac.spreads import Spread
from tenancy.models import Tenant

NOTHING: frozenset[Permission] = frozenset()


class EstimatedShare(NamedTuple):
    """What becomes of one permission for one person; `before` and `after` in words, as pages have extents."""

    permission: Permission
    had: bool
    has: bool
    loses: bool
    gains: bool

    @property
    def is_touched(self) -> bool:
        return self.loses or self.gains

    @property
    def before(self) -> str:
        return "held" if self.had else "0" if self.gains else ""

    @property
    def after(self) -> str:
        if self.loses:
            return "less" if self.has else "0"
        return ("more" if self.had else "held") if self.gains else self.before


class Estimates:
    """The shares of everybody in some permissions, from what reaches them before and after, and what comes of it."""

    def __init__(
        self, permissions: Sequence[Permission], before: Iterable[Reach], after: Iterable[Reach], outcome: Outcome
    ) -> None:
        self._permissions = permissions
        self._sides = (_allowed(before), _allowed(after))
        self._outcome = outcome
        self._known: dict[tuple[Collection[Permission], ...], Sequence[EstimatedShare]] = {}

    def of(self, user_id: int) -> Sequence[EstimatedShare]:
        """One for each permission; many people have the same."""
        changed = (self._outcome.lost, self._outcome.gained)
        had, has = (frozenset(side.get(user_id, NOTHING)) for side in self._sides)
        lost, gained = (frozenset(side.get(user_id, NOTHING)) for side in changed)
        if (had, has, lost, gained) not in self._known:
            self._known[had, has, lost, gained] = [
                EstimatedShare(each, each in had, each in has, each in lost, each in gained)
                for each in self._permissions
            ]
        return self._known[had, has, lost, gained]


def _allowed(reaches: Iterable[Reach]) -> Mapping[int, set[Permission]]:
    """What each person, by number, is allowed somewhere."""
    found: defaultdict[int, set[Permission]] = defaultdict(set)
    for reach in reaches:
        if reach.allows and reach.person.user_id is not None:
            found[reach.person.user_id] |= reach.permissions
    return found


def seen_spread(access: Access, outcome: Outcome, people: Collection[int]) -> Spread:
    """On how many tenants and computers that the reader sees these people gain or lose something. Two queries."""
    computers = access.scope(Computer.objects.live(), Computer.VIEW)
    return outcome.spread(people, access.seen(Tenant), computers)
