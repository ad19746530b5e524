"""The computers of the demo world, with what `load_world` has no keys for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from random import Random
from typing import Any

from rbac.demo.estate import OWN_TAGS, PLACES, Place

SERVER_KINDS = ("SQL", "FS", "APP", "WEB", "PRT", "RDS", "BAK")
SYSTEMS = {
    "domain_controller": ("Windows Server 2025", "Windows Server 2022", "Windows Server 2022"),
    "server": ("Windows Server 2025", "Windows Server 2022", "Windows Server 2019", "Ubuntu Server 24.04 LTS"),
    "portable": ("Windows 11 Pro 25H2", "Windows 11 Pro 24H2", "Windows 11 Pro 24H2", "macOS 26", "macOS 15"),
    "workstation": ("Windows 11 Pro 25H2", "Windows 11 Pro 24H2", "Windows 10 Pro 22H2", "Ubuntu 24.04 LTS"),
}
NOTES = (
    "Battery swells: replacement ordered.",
    "Label printer on USB, driver 7.4 only.",
    "In the meeting room on the second floor.",
    "Keep off the pilot ring until the year is closed.",
    "Second monitor flickers since the dock was changed.",
    "Lent to the front desk until the new one arrives.",
    "Restart only after hours: telephone exchange.",
)
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class Machine:
    """One computer: its row for `load_world`, and the rest."""

    row: dict[str, Any]
    os: str
    serial_number: str
    notes: str
    last_seen_at: datetime | None


def machines(dice: Random, now: datetime, places: Iterable[Place] = PLACES.values()) -> Iterator[Machine]:
    return (_machine(dice, now, place, name, kind) for place in places for name, kind in _names(dice, place))


def _names(dice: Random, place: Place) -> Iterator[tuple[str, str]]:
    """Few domain controllers, some servers, and the rest on and under desks."""
    controllers = min(3, (place.computers + 40) // 80)
    servers = place.computers * 7 // 100
    for number in range(1, controllers + 1):
        yield f"{place.prefix}-DC{number:02}", "domain_controller"
    numbers = dict.fromkeys(SERVER_KINDS, 0)
    for _, kind in zip(range(servers), cycle(SERVER_KINDS), strict=False):
        numbers[kind] += 1
        yield f"{place.prefix}-{kind}{numbers[kind]:02}", "server"
    for number in range(1, place.computers - controllers - servers + 1):
        if dice.random() < 0.55:
            yield f"{place.prefix}-LT-{number:03}", "portable"
        else:
            yield f"{place.prefix}-WS-{number:03}", "workstation"


def _machine(dice: Random, now: datetime, place: Place, name: str, kind: str) -> Machine:
    system = dice.choice(SYSTEMS[kind])
    row = {"name": name, "tenant": place.slug, "type": kind, "tags": _tags(dice, place, kind)}
    notes = dice.choice(NOTES) if dice.random() < 0.03 else ""
    return Machine(row, system, _serial(dice, system), notes, _seen(dice, now, kind))


def _tags(dice: Random, place: Place, kind: str) -> list[str]:
    above = {place.slug, place.parent}
    own = {f"{owner}/{name}": 0.02 if owner == "contoso" else 0.12 for owner, name, _ in OWN_TAGS if owner in above}
    odds = {
        "Tier 0": 1.0 if kind == "domain_controller" else 0.0,
        "HQ": 0.25 if kind == "server" else 0.03,
        "Kiosk": 0.04 if kind == "workstation" else 0.0,
        "Pilot ring": 0.05 if kind in ("portable", "workstation") else 0.0,
    }
    return [tag for tag, chance in (odds | own).items() if dice.random() < chance]


def _serial(dice: Random, system: str) -> str:
    """In the manner of a few makers."""
    start, length = ("C02", 9) if system.startswith("mac") else dice.choice((("", 7), ("PF", 6), ("5CG", 7)))
    return start + "".join(dice.choices(LETTERS, k=length))


def _seen(dice: Random, now: datetime, kind: str) -> datetime | None:
    """Most a moment ago, some last night, few weeks ago, and one in a hundred never."""
    fate = dice.random()
    if fate < 0.01:
        return None
    if fate < 0.05 and kind in ("portable", "workstation"):
        return now - timedelta(days=dice.randint(8, 90), minutes=dice.randint(0, 1400))
    if fate < 0.25 and kind in ("portable", "workstation"):
        return now - timedelta(minutes=dice.randint(40, 4000))
    return now - timedelta(seconds=dice.randint(5, 400))
