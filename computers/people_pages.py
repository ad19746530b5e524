"""What the People tab of a computer shows: who uses it, and who is signed in there as its agent says."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.html import format_html

from accounts.models import Person
from computers.agents.models import Agent
from computers.models import Computer
from computers.pages import computer_page
from computers.people_uses import users_of
from immyrbac.requests import Request
from rbac.access import Access
from rbac.permissions import Permission

TAB = "computers:computer-people"
SET = Permission.COMPUTERS_SET_PRIMARY_PERSON


class Reported(NamedTuple):
    """A name that the agent reports; `person` is who is known by it, `may_add` whether the reader may name them."""

    name: str
    person: Person | None
    is_named: bool
    may_add: bool


def people_page(request: Request, computer: Computer, problem: str = "") -> dict[str, Any]:
    """The context of the tab; `problem` is why the last act on it was not done."""
    access, used = request.access, users_of(request.access, computer)
    may_set = computer.deleted_at is None and access.can(SET, computer)
    return computer_page(request, computer, TAB) | {
        "used": used,
        "reported": _reported(access, computer, {link.person_id for link in used}, may_set=may_set),
        "may_set": may_set,
        "problem": problem,
    }


def primary_fact(access: Access, computer: Computer) -> list[tuple[str, object]]:
    """A line of the facts about a computer, for who sees people there."""
    if not access.can(Person.VIEW, computer):
        return []
    found = next((link.person for link in users_of(access, computer) if link.is_primary), None)
    page = reverse("accounts:person-detail", args=[found.pk]) if found else ""
    return [("Primary person", format_html('<a href="{}">{}</a>', page, found) if found else "Nobody")]


def _reported(access: Access, computer: Computer, there: Collection[int], *, may_set: bool) -> list[Reported]:
    agent = Agent.objects.on(computer).first() if access.can(Permission.AGENTS_VIEW, computer) else None
    if agent is None:
        return []
    rows = access.seen(Person).filter(tenant=computer.tenant_id, login__in=agent.people)
    known = {person.login: person for person in rows}
    may_make = access.can(Permission.USERS_MANAGE, computer)
    return [_line(name, known.get(name), there, may_set=may_set, may_make=may_make) for name in agent.people]


def _line(name: str, person: Person | None, there: Collection[int], *, may_set: bool, may_make: bool) -> Reported:
    is_named = person is not None and person.pk in there
    return Reported(name, person, is_named, may_set and not is_named and (person is not None or may_make))
