"""What an act does to people, in the gate's terms: shown before it is done, and kept with its entry (guide, "Ripple").

The gate's difference counts what may still come as well: people who cannot act now, assignments that start later.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from immyrbac.arrays import any_of
from immyrbac.versions import version_of
from immyrbac.words import counted
from rbac.permissions import Permission, power_first
from rbac.power import Claim, Difference
from tenancy.models import Tenant

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
    def of(cls, *changes: Difference) -> Outcome:
        """Of people who are there: what whoever may join a group later would have is no change to anybody."""
        sides = (chain.from_iterable(claims) for claims in zip(*changes, strict=True))
        return cls(*({pk: held for pk, held in of_each(claims).items() if pk} for claims in sides))

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

    def told(self, place: int | None) -> dict[str, Any]:
        """For an entry that is read where this tenant is (None: the instance): numbers, and whom it reached. One query.

        Of people whom its readers may hear of, those of the tenant, of what stands below it and of the provider that
        it belongs to or stands below; that there are further ones is all that is said of them.
        """
        known = dict(_heard_of(place).filter(any_of("pk", self.people)).order_by("pk").values_list("pk", "name"))
        gained, lost = ({pk: held for pk, held in side.items() if pk in known} for side in (self.gained, self.lost))
        within = Outcome(gained, lost)
        shown = {"label": within.sentence, "people": len(known), "great_power": within.great_power}
        count = {side: _counts(getattr(within, side)) for side in ("lost", "gained")}
        few = known if len(known) <= EXACT else {}
        reached = [{"id": pk, "name": name} for pk, name in few.items()]
        return {"ripple": {**shown, **count, "further_people": len(known) < len(self.people)}, "reached": reached}


NOTHING = Outcome({}, {})
"""Of what touches nobody."""


def _counts(side: Mapping[int, Sequence[Permission]]) -> dict[str, int]:
    """How many people each permission is about."""
    return dict(Counter(each.value for held in side.values() for each in held))


def _heard_of(place: int | None) -> QuerySet[User]:
    if place is None:
        return User.objects.all()
    here = Tenant.objects.filter(pk=place)
    own, above = here.values("msp_id"), here.values("parent__msp_id")  # another where it is an MSP itself
    return User.objects.filter(Q(tenant__path__contains=[place]) | Q(tenant__in=own) | Q(tenant__in=above))


def of_each(claims: Iterable[Claim]) -> dict[int, Sequence[Permission]]:
    """What each person, by number, gains or loses; great power first. 0 is whoever may join a group later."""
    found: defaultdict[int, set[Permission]] = defaultdict(set)
    for claim in claims:
        found[claim.reach.person.user_id or 0] |= claim.permissions
    alike = {held: sorted(held, key=power_first) for held in set(map(frozenset, found.values()))}
    return {pk: alike[frozenset(held)] for pk, held in found.items()}
