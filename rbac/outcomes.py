"""What an act does to people, in the gate's terms: shown before it is done, and kept with its entry (guide, "Ripple").

The gate's difference counts what may still come as well: people who cannot act now, assignments that start later.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from computers.models import Computer
from immyrbac.arrays import any_of
from immyrbac.versions import version_of
from immyrbac.words import counted
from rbac.permissions import Permission, power_first
from rbac.power import Claim, Difference
from rbac.spreads import Spread, spread_of
from tenancy.models import Tenant

EXACT = 500
"""Up to so many people an entry names each; of more it tells how many."""

GREAT = "!"
"""With this ends the mark of an outcome that gives somebody great power: it is confirmed by typing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The permissions that each person, by number, gains or loses somewhere; great power first.

    `changes` are what says where.
    """

    gained: Mapping[int, Sequence[Permission]]
    lost: Mapping[int, Sequence[Permission]]
    changes: Sequence[Difference] = field(default=(), compare=False, repr=False)

    @classmethod
    def of(cls, *changes: Difference) -> Outcome:
        """Of people who are there: what whoever may join a group later would have is no change to anybody."""
        sides = (chain.from_iterable(claims) for claims in zip(*changes, strict=True))
        gained, lost = ({pk: held for pk, held in of_each(claims).items() if pk} for claims in sides)
        return cls(gained, lost, changes)

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

    def spread(self, people: Collection[int], tenants: QuerySet[Tenant], computers: QuerySet[Computer]) -> Spread:
        """On how many of these tenants and computers these people gain or lose something. Two queries."""
        return spread_of(self.changes, people, tenants, computers, exact=len(people) <= EXACT)

    def told(self, place: int | None) -> dict[str, Any]:
        """For an entry that is read where this tenant is (None: the instance): numbers, and whom it reached.

        Of people whom its readers may hear of, those of the tenant, of what stands below it and of the provider that
        it belongs to or stands below; that there are further ones is all that is said of them. Of tenants and
        computers, those that stand there or below. Three queries.
        """
        known = dict(_heard_of(place).filter(any_of("pk", self.people)).order_by("pk").values_list("pk", "name"))
        gained, lost = ({pk: held for pk, held in side.items() if pk in known} for side in (self.gained, self.lost))
        within = Outcome(gained, lost)
        spread = self.spread(known, *_standing_at(place))
        shown = {"label": f"{within.sentence} {spread}".strip(), "people": len(known), "tenants": spread.tenants}
        shown |= {"computers": spread.computers, "great_power": within.great_power, "exact": not spread.at_most}
        count = {side: _counts(getattr(within, side)) for side in ("lost", "gained")}
        few = known if len(known) <= EXACT else {}
        reached = [{"id": pk, "name": name} for pk, name in few.items()]
        return {"ripple": {**shown, **count, "further_people": len(known) < len(self.people)}, "reached": reached}


NOTHING = Outcome({}, {})
"""Of what touches nobody."""


def _counts(side: Mapping[int, Sequence[Permission]]) -> dict[str, int]:
    """How many people each permission is about."""
    return dict(Counter(each.value for held in side.values() for each in held))


def _standing_at(place: int | None) -> tuple[QuerySet[Tenant], QuerySet[Computer]]:
    """The tenants, and the computers that are there."""
    tenants, computers = Tenant.objects.all(), Computer.objects.live()
    if place is None:
        return tenants, computers
    return tenants.filter(path__contains=[place]), computers.filter(tenant__path__contains=[place])


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
