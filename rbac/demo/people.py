"""The people of the demo world and the groups they are in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from rbac.demo.estate import MSPS, PLACES, Place, Rows

PASSWORD = "see-who-may-do-what"  # noqa: S105  printed at every start: a system check keeps it out of production


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to sign in as, and what to look at then."""

    email: str
    title: str
    look_at: str


PERSONAS = (
    Persona(
        "jonas.lindqvist@contoso.example", "MSP administrator", "give somebody a role, flip a switch, see who loses"
    ),
    Persona(
        "dana.whitfield@contoso.example", "MSP technician", "computers of 24x7 customers; a deny on Fabrikam's DCs"
    ),
    Persona("leila.haddad@contoso.example", "script manager", "scripts of Contoso's customers, and nothing else"),
    Persona(
        "priya.raman@relecloud.example", "administrator of a nested MSP", "Relecloud's customers, none of Contoso's"
    ),
    Persona("rosa.delgado@fabrikam.example", "tenant administrator", "invite a colleague; see who can touch Fabrikam"),
    Persona("grace.kim@fabrikam.example", "tenant user", "her company's computers, and no other tenant anywhere"),
    Persona("hugo.marchetti@contoso.example", "auditor", "people, assignments and the audit log; can change nothing"),
)

KNOWN = {
    "contoso": (
        *("Jonas Lindqvist", "Marcus Oyelaran", "Dana Whitfield", "Hugo Marchetti", "Leila Haddad", "Aiko Tanabe"),
        *("Callum Reid", "Nomvula Dlamini", "Oskar Nyberg", "Sunniva Berg", "Tariq Aziz", "Wanda Kozak"),
    ),
    "relecloud": ("Priya Raman", "Tomas Herrera"),
    "fabrikam": ("Rosa Delgado", "Grace Kim"),
    "fabrikam-logistics": ("Ingrid Solberg",),
    "litware": ("Elena Petrova",),
    "northwind": ("Beatriz Costa",),
    "adventure-works": ("Farid Nasser",),
    "adventure-works-cycles": ("Katarzyna Wojciechowska-Brandt",),
}
"""Whom assignments name; the first at a customer administers it."""


def email(name: str, place: Place) -> str:
    return f"{name.lower().replace(' ', '.')}@{place.domain}"


def users(dice: Random, now: datetime) -> Rows:
    """So many people as each place has room for, the known ones first; no two of one name."""
    strangers = _strangers(dice)
    rows: Rows = []
    for place in PLACES.values():
        known = KNOWN.get(place.slug, ())
        names = [*known, *(next(strangers) for _ in range(place.users - len(known)))]
        rows += [_user(dice, now, place, name, is_known=name in known) for name in names]
    return rows


def _strangers(dice: Random) -> Iterator[str]:
    names = [f"{one} {other}" for one in words("first") for other in words("last")]
    dice.shuffle(names)
    return iter(names)


def words(which: str) -> list[str]:
    """The `first` or `last` names that people have."""
    return (Path(__file__).parent / f"{which}_names.txt").read_text().split()


def _user(dice: Random, now: datetime, place: Place, name: str, *, is_known: bool) -> dict[str, Any]:
    address = email(name, place)
    row: dict[str, Any] = {"email": address, "name": name, "tenant": place.slug}
    if address in {persona.email for persona in PERSONAS}:
        row["password"] = PASSWORD
    if not is_known and dice.random() < 0.03:
        row["is_active"] = False
    if name == "Callum Reid":
        row["access_expires_at"] = now + timedelta(days=3)
    elif not is_known and dice.random() < 0.05:
        row["access_expires_at"] = now + timedelta(days=dice.choice((-40, -3, 2, 9, 60, 200)))
    return row


def seen(dice: Random, now: datetime, rows: Iterable[dict[str, Any]]) -> dict[str, datetime]:
    """When each was last seen; one in twelve never was."""
    return {
        row["email"]: now - timedelta(minutes=int(60 * 24 * 30 * dice.random() ** 4) + 1)
        for row in rows
        if dice.random() > 0.08
    }


def groups(dice: Random, now: datetime, rows: Rows) -> Rows:
    """The teams of the MSPs, one of the instance, and everybody at each customer."""
    homes: dict[str, list[str]] = {}
    for row in rows:
        homes.setdefault(row["tenant"], []).append(row["email"])
    at = {name: email(name, PLACES[slug]) for slug, names in KNOWN.items() for name in names}
    contoso, relecloud = ([each for each in homes[slug] if each not in at.values()] for slug in MSPS)
    dice.shuffle(contoso)
    ends = now + timedelta(days=21)
    teams: Rows = [
        _group("Service Desk", "contoso", [at["Dana Whitfield"], at["Aiko Tanabe"], *contoso[:14]]),
        _group("Night Shift", "contoso", [at["Dana Whitfield"], *contoso[10:15]]),
        _group("Fabrikam Onsite", "contoso", [at["Wanda Kozak"], *contoso[15:18]]),
        _group("Deployment Crew", "contoso", [at["Oskar Nyberg"], *contoso[18:20]]),
        _group("Support", "relecloud", [at["Tomas Herrera"], *relecloud[:9]]),
        _group("Contractors", None, [{"user": each, "expires_at": ends} for each in (*contoso[20:23], relecloud[9])]),
    ]
    return teams + [_staff(place, homes) for place in PLACES.values() if is_customer(place)]


def is_customer(place: Place) -> bool:
    """Whether the place is a company of its own below an MSP, not a part of one."""
    return place.parent in MSPS and place.slug not in MSPS


def _staff(place: Place, homes: dict[str, list[str]]) -> dict[str, Any]:
    """Everybody whose address is the company's: those of its child tenants too."""
    below = [slug for slug, other in PLACES.items() if other.domain == place.domain]
    return _group(f"{place.name} staff", place.slug, [each for slug in below for each in homes[slug]])


def _group(name: str, tenant: str | None, members: list[Any]) -> dict[str, Any]:
    return {"name": name, "tenant": tenant, "members": members}
