"""A decision as paths of five stations: user, through, role, tenants, computers (guide, "Path")."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from accounts.models import User
from computers.scopes import computer_words
from immyrbac import words
from rbac.access import Decision
from rbac.explanation import Break, Path
from rbac.sentences import plain
from tenancy.scopes import tenant_words

BREAKS_AT = {
    Break.ACCOUNT: 0,
    Break.STARTS: 1,
    Break.EXPIRED: 1,
    Break.MEMBERSHIP: 1,
    Break.INERT: 2,
    Break.MSP_ONLY: 2,
    Break.SWITCH: 2,
    Break.TENANTS: 3,
    Break.COMPUTERS: 4,
}
"""At which station each kind of break stands."""


class Station(NamedTuple):
    """`state`: breaks, beyond it, or nothing."""

    name: str
    fact: str
    state: str = ""


class Line(NamedTuple):
    """One path as `parts/path.html` draws it."""

    kind: str
    full: bool
    title: str
    note: str
    stations: list[Station]


class Lines(NamedTuple):
    """All paths of a decision; `is_partial` where some lie outside the reader's view."""

    matching: list[Line]
    missing: list[Line]
    is_partial: bool


def lines_of(decision: Decision, person: User, visible: Collection[int]) -> Lines:
    """The paths whose assignments are visible: what decided, other matches, near misses. The person has a tenant."""
    paths = [*decision.deciding, *decision.others, *decision.near_misses]
    decisive, other = ("decides", "matches but is overruled") if decision.others else ("decides", "matches")
    matching = [
        *_lines(decision.deciding, person, visible, decisive),
        *_lines(decision.others, person, visible, other),
    ]
    missing = list(_lines(decision.near_misses, person, visible, ""))
    return Lines(matching, missing, any(path.assignment.pk not in visible for path in paths))


def _lines(paths: Iterable[Path], person: User, visible: Collection[int], role_in_it: str) -> list[Line]:
    return [_line(path, person, role_in_it) for path in paths if path.assignment.pk in visible]


def _line(path: Path, person: User, role_in_it: str) -> Line:
    row, kind = path.assignment, "deny" if path.denies else "allow"
    note = f"“{row.reason}”" if row.reason else ""
    title = f"{kind.capitalize()}, {role_in_it}" if role_in_it else ""
    drawn = kind if path.breaks is None else "near"
    return Line(drawn, path.breaks is None, title, note, _stations(path, person))


def _stations(path: Path, person: User) -> list[Station]:
    row = path.assignment
    told = [
        (person.name, str(person.tenant)),
        (str(row.group) if row.group else "Directly", f"until {words.date(path.ends)}" if path.ends else "no end"),
        (str(row.role), "takes it" if path.denies else "holds it"),
        (_capital(plain(tenant_words(row))), ""),
        (_capital(plain(computer_words(row))), ""),
    ]
    if path.breaks is None:
        return [Station(*each) for each in told]
    at = BREAKS_AT[path.breaks]
    before = [Station(*each) for each in told[:at]]
    broken = Station(told[at][0], path.breaks.label, "breaks")
    return [*before, broken, *(Station(*each, "beyond") for each in told[at + 1 :])]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
