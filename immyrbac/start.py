"""The start page: the answer first, then a few sections, by what the reader holds (design 1; guide, principle 1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import TextChoices

from accounts.models import User
from immyrbac.desk import COMPUTERS, LOG, PEOPLE, SCRIPTS, Desk, Figure, Section
from immyrbac.lists import Total
from immyrbac.requests import Request
from immyrbac.words import listed
from rbac.access import Access
from rbac.permissions import Category, Permission

NONE = Total(0, capped=False)


class Persona(TextChoices):
    """Who somebody is for this page alone; each thing on it asks anew what they may do."""

    ADMINISTRATOR = "administrator"
    TECHNICIAN = "technician"
    TENANT_ADMINISTRATOR = "tenant_administrator"
    TENANT_USER = "tenant_user"
    AUDITOR = "auditor"
    NOBODY = "nobody"


HARMLESS = {Permission.AUDIT_EXPORT, Permission.REPORTS_EXPORT, Permission.GOVERNANCE_SIMULATE_CHANGES}
"""What is more than a look and changes nothing."""


def persona_of(access: Access, user: User) -> Persona:
    held = {permission for permission in Permission if access.holds(permission)}
    if not held:
        return Persona.NOBODY
    changing = {each for each in held if each.spec.category != Category.VIEW} - HARMLESS
    if Permission.AUDIT_VIEW in held and not changing:
        return Persona.AUDITOR
    if Permission.USERS_MANAGE in held:
        return Persona.ADMINISTRATOR if user.tenant.is_msp else Persona.TENANT_ADMINISTRATOR
    return Persona.TECHNICIAN if user.tenant.is_msp else Persona.TENANT_USER


class Answer(NamedTuple):
    """The first line: words, the number as a link to its list, words."""

    before: str
    number: str = ""
    address: str = ""
    after: str = ""


@dataclass(frozen=True)
class Start:
    answer: Answer
    lead: str
    figures: list[Figure]
    left: list[Section]
    right: list[Section]


@dataclass(frozen=True)
class Plan:
    """What a persona's page is made of; a section that the reader has no right to drops out."""

    answer: Callable[[Desk], Answer]
    left: tuple[Callable[[Desk], Section | None], ...]
    right: tuple[Callable[[Desk], Section | None], ...]
    figures: tuple[Callable[[Desk], Figure | None], ...] = ()
    lead: str = ""


def start_of(request: Request) -> Start | None:
    """The page of this reader; None for somebody who holds nothing."""
    plan = PLANS.get(persona_of(request.access, request.user))
    if plan is None:
        return None
    desk = Desk(request)
    return Start(
        plan.answer(desk),
        f"{_roles(desk)} {plan.lead}".strip(),
        [figure for make in plan.figures if (figure := make(desk)) is not None],
        [section for make in plan.left if (section := make(desk)) is not None],
        [section for make in plan.right if (section := make(desk)) is not None],
    )


def _roles(desk: Desk) -> str:
    """As whom: the roles by which something is allowed now."""
    mine = [held for held in (*desk.roster.direct, *desk.roster.through) if not held.denies]
    roles = dict.fromkeys(held.row.role.name for held in mine if held.status.kind in ("live", "soon"))
    return f"As {listed([*roles])}." if roles else ""


def _first(desk: Desk) -> str:
    return desk.user.name.split()[0]


def _ending(desk: Desk) -> Answer:
    figure = desk.figure("", PEOPLE, status="soon")
    if figure.value == NONE:
        return Answer(f"{_first(desk)}, nobody loses access within 7 days")
    loses = "loses" if figure.value.count == 1 else "lose"
    return Answer(
        f"{_first(desk)}, ", figure.counted("person", "people"), figure.address, f" {loses} access within 7 days"
    )


def _looking_after(desk: Desk, verb: str = "look after") -> Answer:
    name = _first(desk)
    if COMPUTERS.is_open_to(desk.access):
        figure = desk.computers_in_all()
        return Answer(f"{name}, you {verb} ", figure.counted("computer", "computers"), figure.address)
    if SCRIPTS.is_open_to(desk.access):
        figure = desk.figure("", SCRIPTS)
        return Answer(f"{name}, you {verb} ", figure.counted("script", "scripts"), figure.address)
    return Answer(f"Hello, {_first(desk)}")


def _seeing(desk: Desk) -> Answer:
    return _looking_after(desk, "see")


def _colleagues(desk: Desk) -> Answer:
    tenant = desk.user.tenant
    if not desk.access.can(User.VIEW, tenant):
        return _looking_after(desk)
    figure = desk.figure("", PEOPLE, tenant=tenant.pk, status="active")
    return Answer(f"{_first(desk)}, ", figure.counted("person", "people"), figure.address, f" of {tenant} may sign in")


def _happened(desk: Desk) -> Answer:
    figure = desk.figure("", LOG, since=desk.week)
    return Answer(
        f"{_first(desk)}, ", figure.counted("audit entry", "audit entries"), figure.address, " in the last 7 days"
    )


PLANS: dict[Persona, Plan] = {
    Persona.ADMINISTRATOR: Plan(
        _ending,
        (Desk.ending_people, Desk.changes),
        (Desk.great_power, Desk.owners, Desk.limits),
        (Desk.may_sign_in, Desk.computers, Desk.entries, Desk.refused),
    ),
    Persona.TECHNICIAN: Plan(_looking_after, (Desk.deeds, Desk.limits), (Desk.by_type, Desk.by_tenant)),
    Persona.TENANT_ADMINISTRATOR: Plan(
        _colleagues, (Desk.own_people, Desk.changes), (Desk.touching, Desk.by_type, Desk.limits)
    ),
    Persona.TENANT_USER: Plan(_seeing, (Desk.own_computers,), (Desk.deeds, Desk.limits)),
    Persona.AUDITOR: Plan(
        _happened,
        (Desk.changes,),
        (Desk.roles, Desk.owners, Desk.limits),
        (Desk.may_sign_in, Desk.ending_soon, Desk.computers, Desk.refused),
        "You can read here and change nothing.",
    ),
}
"""What each sees; somebody who holds nothing is in no plan."""
