"""What an act does to people, in the gate's terms: shown before it is done, and kept with its entry (guide, "Ripple").

The gate's difference counts what may still come as well: people who cannot act now, assignments that start later.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from immyrbac.arrays import any_of
from immyrbac.versions import version_of
from immyrbac.words import counted
from rbac.audit import named
from rbac.permissions import Permission, power_first
from rbac.power import Claim, Difference

EXACT = 500
"""Up to so many people an entry names each; of more it tells how many."""

GREAT = "!"
"""With this ends the mark of an outcome that gives somebody great power: it is confirmed by typing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The permissions that each person, by number, gains or loses somewhere; great power first."""

    gained: Mapping[int, Sequence[Permission]]
    lost: Mapping[int, Sequence[Permission]]

    @classmethod
    def of(cls, change: Difference) -> Outcome:
        """Of people who are there: what whoever may join a group later would have is no change to anybody."""
        return cls(*({pk: held for pk, held in of_each(claims).items() if pk} for claims in change))

    @property
    def people(self) -> set[int]:
        return {*self.gained, *self.lost}

    @property
    def great_power(self) -> list[Permission]:
        found = {each for permissions in self.gained.values() for each in permissions}
        return [permission for permission in Permission if permission in found and permission.spec.great_power]

    @property
    def mark(self) -> str:
        """A fingerprint of what is shown; empty where nobody is touched."""
        if not self.people:
            return ""
        sides = ({str(pk): sorted(held) for pk, held in sorted(side.items())} for side in (self.gained, self.lost))
        return version_of(dict(zip(("gained", "lost"), sides, strict=True))) + GREAT * bool(self.great_power)

    @property
    def sentence(self) -> str:
        lost, gained = (counted(len(side), "person", "people") for side in (self.lost, self.gained))
        return f"{lost} lost and {gained} gained something"

    def told(self) -> dict[str, Any]:
        """For audit: numbers, of each permission too, and whom it reached. One query."""
        count = {
            side: dict(Counter(each.value for held in getattr(self, side).values() for each in held))
            for side in ("lost", "gained")
        }
        shown = {"label": self.sentence, "people": len(self.people), **count, "great_power": self.great_power}
        few = self.people if len(self.people) <= EXACT else ()
        return {"ripple": shown, "users": named(User.objects.filter(any_of("pk", few)).order_by("pk"))}


def of_each(claims: Iterable[Claim]) -> dict[int, list[Permission]]:
    """What each person, by number, gains or loses; great power first. 0 is whoever may join a group later."""
    found: defaultdict[int, set[Permission]] = defaultdict(set)
    for claim in claims:
        found[claim.reach.person.user_id or 0] |= claim.permissions
    return {pk: [*sorted(found[pk], key=power_first)] for pk in found}
