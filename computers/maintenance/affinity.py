"""Who signs in on a computer, as its agents have reported it, and who is named there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from accounts.models import Person
from computers.agents.models import Agent
from computers.maintenance.events import reports_on
from computers.models import Computer
from computers.people_uses import users_of
from rbac.access import Access

LATEST = 500
"""Reports that are read: on a shared computer they come several times a day."""
MOST = 20
NEVER = "Was never reported"


class Signs(NamedTuple):
    """Who signs in by this name, or was named and is not reported (`login` is empty then).

    `uses` says whether the person is named there. `since` is when the name was first reported, `last` when it was
    reported to be gone; None while they are signed in.
    """

    login: str
    person: Person | None
    uses: str
    since: datetime | None
    last: datetime | None

    @property
    def is_there(self) -> bool:
        return self.since is not None and self.last is None


def affinity_of(access: Access, computer: Computer) -> list[Signs]:
    """Who is signed in first, then who was most lately. People are named to who sees them; the rest is names."""
    spans = _spans(computer)
    may_name = access.can(Person.VIEW, computer)
    named = {link.person: link.is_primary for link in users_of(access, computer)} if may_name else {}
    known = _known_by(access, computer, spans) if may_name else {}
    lines = [
        Signs(login, known.get(login), _uses(known.get(login), named), since, last)
        for login, (since, last) in spans.items()
    ]
    reported = {line.person for line in lines}
    lines += [Signs("", person, _uses(person, named), None, None) for person in named if person not in reported]
    return sorted(lines, key=_order)[:MOST]


def _order(line: Signs) -> tuple[bool, bool, float, str]:
    latest = -line.last.timestamp() if line.last else 0
    return not line.is_there, line.since is None, latest, line.login


def _uses(person: Person | None, named: dict[Person, bool]) -> str:
    if person is None or person not in named:
        return ""
    return "Primary person" if named[person] else "Also uses it"


def _known_by(access: Access, computer: Computer, logins: Collection[str]) -> dict[str, Person]:
    rows = access.seen(Person).filter(tenant=computer.tenant_id, login__in=logins)
    return {person.login: person for person in rows}


def _spans(computer: Computer) -> dict[str, tuple[datetime, datetime | None]]:
    """When each name was first reported, and when it was gone; of those that its agent reports now, None."""
    told = list(reports_on(computer).values_list("at", "after__people")[:LATEST])
    since: dict[str, datetime] = {}
    last: dict[str, datetime | None] = {}
    there: set[str] = set()
    for at, people in reversed(told):
        for name in people:
            since.setdefault(name, at)
            last[name] = None
        for name in there.difference(people):
            last[name] = at
        there = set(people)
    agent: Any = Agent.objects.on(computer).first()
    ended = told[0][0] if told else None
    for name in there.difference(agent.people if agent else ()):
        last[name] = ended
    return {name: (since[name], last[name]) for name in since}
