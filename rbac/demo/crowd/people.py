"""The people of the crowd, their machines, and the groups that they are in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from rbac.demo.computers import machines
from rbac.demo.crowd.sites import Ground, Row, Site
from rbac.demo.people import words

TEAMS = ("First Line", "Second Line", "Field Team", "Projects")
OWN_TAGS = (("VIP", "h2"), ("Migration", "h4"), ("Managed firewall", "h5"))
"""Of each MSP: the first is borne by customers, the others by computers."""
SMALLEST_STAFF = 8
NO_PASSWORD = "!"  # noqa: S105  Django's own mark of one that nobody can use


@dataclass(frozen=True, slots=True)
class Team:
    """A group of the crowd: the people of an MSP, or everybody at a customer."""

    id: int
    name: str
    owner: Site
    members: Sequence[int]


def users(ground: Ground, found: Iterable[Site]) -> Iterator[Row]:
    dice, first, last = ground.dice("users"), words("first"), words("last")
    for site in found:
        for number, pk in enumerate(site.users, 1):
            name = f"{dice.choice(first)} {dice.choice(last)}"
            email = f"{name.lower().replace(' ', '.')}{number}@{site.place.slug}.example"
            seen = ground.now - timedelta(minutes=int(60 * 24 * 30 * dice.random() ** 4) + 1)
            # The first two of each place administer it: they stay.
            is_active, expires = number <= 2 or dice.random() > 0.03, _expires(dice, ground.now, number)
            yield pk, email, name, site.id, NO_PASSWORD, is_active, expires, seen, ground.now


def _expires(dice: Random, now: datetime, number: int) -> datetime | None:
    if number <= 2 or dice.random() > 0.05:
        return None
    return now + timedelta(days=dice.choice((-40, -3, 2, 9, 60, 200)))


def computers(ground: Ground, found: Iterable[Site], bearing: list[tuple[int, str]]) -> Iterator[Row]:
    """Also notes in `bearing` which computer bears which tag of the instance."""
    dice = ground.dice("computers")
    for site in found:
        for pk, each in zip(site.computers, machines(dice, ground.now, [site.place]), strict=True):
            bearing += ((pk, tag) for tag in each.row["tags"])
            row = each.row["name"], site.id, each.row["type"], each.os, each.serial_number, each.notes
            yield pk, *row, each.last_seen_at, ground.now, ground.now


def computer_tags(
    ground: Ground, found: Iterable[Site], bearing: Iterable[tuple[int, str]], own: Iterable[Row]
) -> Iterator[Row]:
    """Those of the instance, and one in twenty with one of its MSP's own: `own` has (MSP, name, tag) of each."""
    dice = ground.dice("computer tags")
    yield from ((pk, ground.tags[tag]) for pk, tag in bearing)
    theirs: dict[int, list[int]] = {}
    for msp_id, name, tag_id in own:
        if name != OWN_TAGS[0][0]:
            theirs.setdefault(msp_id, []).append(tag_id)
    for site in found:
        if tags := theirs.get(site.msp_id):
            yield from ((pk, dice.choice(tags)) for pk in site.computers if dice.random() < 0.05)


def teams(ground: Ground, found: Sequence[Site]) -> list[Team]:
    """Four to an MSP, of anybody there; and everybody at a company that is large enough, its parts included."""
    dice, staff = ground.dice("teams"), dict[int, list[int]]()
    for site in found:
        staff.setdefault(site.company_id, []).extend(site.users)
    made: list[tuple[str, Site, Sequence[int]]] = []
    for site in found:
        if site.is_msp:
            made += ((name, site, dice.sample(site.users, len(site.users) // 3)) for name in TEAMS)
        elif site.id == site.company_id and len(staff[site.id]) >= SMALLEST_STAFF:
            made.append((f"{site.place.name} staff", site, staff[site.id]))
    return [Team(pk, *each) for pk, each in enumerate(made, ground.free["group"])]


def memberships(ground: Ground, groups: Iterable[Team]) -> Iterator[Row]:
    dice = ground.dice("memberships")
    for group in groups:
        for user in group.members:
            expires = ground.now + timedelta(days=dice.choice((-20, 30, 90))) if dice.random() < 0.03 else None
            yield group.id, user, ground.now, expires
