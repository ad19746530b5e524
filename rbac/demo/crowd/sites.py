"""The tenants of the crowd: a hundred customers and a few thousand computers to an MSP, but very unequally."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from django.utils.text import slugify

from rbac.demo.estate import EU, GOLD, MSPS, NEW, PCI, PLACES, ROUND_THE_CLOCK, SILVER, Place

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each there are, the small demo world included."""

    tenants: int
    users: int
    computers: int


SIZES = {"medium": Size(1_000, 10_000, 100_000), "large": Size(10_000, 100_000, 1_000_000)}
DEEPEST = 4
TRADES = ("Managed Services", "IT Partners", "Cloud Services", "Systems")
BEARS = {ROUND_THE_CLOCK: 0.05, GOLD: 0.2, SILVER: 0.25, PCI: 0.08, EU: 0.15, NEW: 0.03, "Seasonal": 0.01}
"""How many of a hundred customers bear each tag of the instance; the bench asks about 24x7."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is there before the crowd comes: the clock, free ids by table, and ids by name or built-in key."""

    now: datetime
    free: dict[str, int]
    msps: dict[str, int]
    tags: dict[str, int]
    roles: dict[str, int]

    def dice(self, section: str) -> Random:
        """Each section throws its own, so that none depends on how far another was read."""
        return Random(f"crowd {section}")  # noqa: S311  believable, not secret


@dataclass(frozen=True, slots=True)
class Site:
    """One tenant of the crowd with the ids of what is its own. `company_id` is the customer that it is a part of.

    The MSPs of the small world are among them for the people and customers that they gain.
    """

    id: int
    place: Place
    parent_id: int | None
    msp_id: int
    company_id: int
    depth: int
    users: range = range(0)
    computers: range = range(0)

    @property
    def is_msp(self) -> bool:
        return self.id == self.msp_id


def sites(ground: Ground, size: Size) -> list[Site]:
    """Whoever stands above comes first; users and computers add up to the size."""
    dice = ground.dice("sites")
    heads = _heads(ground, dice, max(2, size.tenants // 100 - len(MSPS)))
    customers = shares(size.tenants - len(PLACES) - len(heads) + len(MSPS), [n**-0.8 for n in range(1, len(heads) + 1)])
    names, free, found = _names(dice), ground.free["tenant"] + len(heads) - len(MSPS), list[Site]()
    for head, count in zip(heads, customers, strict=True):
        below = _customers(dice, head, names, range(free, free + count))
        found += [replace(head, users=range(8 + count // 2)), *below]
        free += count
    return _numbered(ground, size, found)


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers that add up to the total: one each, and the rest in proportion to the weights."""
    exact = [(total - len(weights)) * weight / sum(weights) for weight in weights]
    counts = [1 + int(each) for each in exact]
    missing = sorted(range(len(exact)), key=lambda n: int(exact[n]) - exact[n])[: total - sum(counts)]
    for number in missing:
        counts[number] += 1
    return counts


def _heads(ground: Ground, dice: Random, count: int) -> list[Site]:
    """The MSPs: those of the small world and so many more, one in ten of them below another."""
    heads = [Site(pk, PLACES[slug], None, pk, pk, 1) for slug, pk in ground.msps.items()]
    for pk, word in enumerate(dice.sample(_words("first"), count), ground.free["tenant"]):
        name = f"{word} {dice.choice(TRADES)}"
        above = dice.choice(heads) if dice.random() < 0.1 else None
        place = Place(slugify(name), name, None, word[:3].upper(), 0, 0)
        heads.append(Site(pk, place, above.id if above else None, pk, pk, above.depth + 1 if above else 1))
    return heads


def _words(which: str) -> list[str]:
    return (Path(__file__).parent / f"company_{which}.txt").read_text().split()


def _names(dice: Random) -> Iterator[str]:
    """Of companies: none twice, and none of the small world."""
    names = [f"{one} {other}" for one in _words("first") for other in _words("last")]
    dice.shuffle(names)
    return (name for name in names if slugify(name) not in PLACES)


def _customers(dice: Random, head: Site, names: Iterator[str], ids: range) -> Iterator[Site]:
    """One in five is a part of another, a few levels deep."""
    found: list[Site] = []
    for pk in ids:
        above = dice.choice(found) if found and dice.random() < 0.2 else head
        if above.depth > DEEPEST:
            above = head
        name = next(names) if above is head else f"{above.place.name} {dice.choice(_words('part'))} {pk}"
        tags = tuple(tag for tag, odds in BEARS.items() if dice.random() < odds)
        place = Place(slugify(name), name, above.place.slug, name[:3].upper(), 0, 0, tags)
        company = pk if above is head else above.company_id
        found.append(Site(pk, place, above.id, head.id, company, above.depth + 1))
        yield found[-1]


def _numbered(ground: Ground, size: Size, found: list[Site]) -> list[Site]:
    """Give each its users and computers: a customer's weight says how many, and their ids are dealt out of order."""
    dice = ground.dice("weights")
    customers = [site for site in found if not site.is_msp]
    fixed = sum(len(site.users) for site in found)
    small = {kind: sum(getattr(place, kind) for place in PLACES.values()) for kind in ("users", "computers")}
    weights = [dice.lognormvariate(0, 1.1) for _ in customers]
    users = shares(size.users - small["users"] - fixed, [weight**0.8 for weight in weights])
    computers = shares(size.computers - small["computers"], weights)
    counts = {site.id: pair for site, *pair in zip(customers, users, computers, strict=True)}
    ranges = dict(_deal(dice, ground, [(site.id, *counts.get(site.id, (len(site.users), 0))) for site in found]))
    return [
        replace(
            site,
            users=ranges[site.id][0],
            computers=ranges[site.id][1],
            place=replace(site.place, users=len(ranges[site.id][0]), computers=len(ranges[site.id][1])),
        )
        for site in found
    ]


Ranges = tuple[range, range]


def _deal(dice: Random, ground: Ground, wanted: list[tuple[int, int, int]]) -> Iterator[tuple[int, Ranges]]:
    dice.shuffle(wanted)
    user, computer = ground.free["user"], ground.free["computer"]
    for pk, users, computers in wanted:
        yield pk, (range(user, user + users), range(computer, computer + computers))
        user, computer = user + users, computer + computers


def tenants(ground: Ground, found: Iterable[Site]) -> Iterator[Row]:
    dice = ground.dice("tenants")
    for site in found:
        if site.id not in ground.msps.values():
            is_active = site.is_msp or dice.random() > 0.02
            yield site.id, site.place.name, site.place.slug, site.parent_id, site.is_msp, is_active, ground.now


def tenant_tags(ground: Ground, found: Iterable[Site], vip: dict[int, int]) -> Iterator[Row]:
    """Those of the instance that it bears; and one customer in ten is a VIP of its MSP, by a tag of that."""
    dice = ground.dice("tenant tags")
    for site in found:
        if not site.is_msp:
            yield from ((site.id, ground.tags[tag]) for tag in site.place.tags)
            if site.msp_id in vip and dice.random() < 0.1:
                yield site.id, vip[site.msp_id]
