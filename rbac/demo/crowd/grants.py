"""Roles and role assignments of the crowd: some 80,000 at the size large, each kind of scope in its usual share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from computers.models import ComputerScopeType
from rbac.demo import grants
from rbac.demo.crowd.people import Team
from rbac.demo.crowd.sites import Ground, Row, Site
from rbac.demo.estate import GOLD, ROUND_THE_CLOCK, SILVER

OWN_ROLES = ("Field Technician", "Inventory Reader", grants.NO_CHANGES)
"""Each MSP of the crowd has its own, made as the small world's are."""
TICKETS = ("On call", "Project work", "Cover while a colleague is away", "By contract", "Hand-over", "Incident")
AT_MSPS = ("msp_user",) * 5 + ("Field Technician", "Inventory Reader", "script_manager", "computer_terminal_user")


class Assignment(NamedTuple):
    """The columns of one, in the order of the copy; the first twelve say which unended ones are twins."""

    user_id: int | None
    group_id: int | None
    role_id: int
    effect: str = "allow"
    scope: str = "own_tenant"
    tenant_id: int | None = None
    tag_id: int | None = None
    include_children: bool = False
    computer_scope: str = "all"
    computer_id: int | None = None
    computer_tag_id: int | None = None
    computer_type: str | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    reason: str = ""
    granted_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str = ""

    @property
    def twin(self) -> Row:
        return self[:12]


@dataclass(frozen=True, slots=True)
class Office:
    """What somebody at an MSP works with: its customers, its roles by name or key, the tags that customers bear."""

    head: Site
    customers: Sequence[Site]
    roles: dict[str, int]
    tags: Sequence[int]
    computer_tags: Sequence[int]


def roles(ground: Ground, found: Iterable[Site]) -> list[Row]:
    rows = {str(row["name"]): row for row in grants.roles()}
    heads = [site for site in found if site.is_msp and site.id not in ground.msps.values()]
    made = [(site.id, rows[name]) for site in heads for name in OWN_ROLES]
    return [
        (pk, row["name"], row["description"], owner, row["deny_only"], row["permissions"])
        for pk, (owner, row) in enumerate(made, ground.free["role"])
    ]


def offices(ground: Ground, found: Sequence[Site], own_roles: Iterable[Row], own_tags: Iterable[Row]) -> list[Office]:
    """`own_roles` as copied; `own_tags` has (MSP, name, tag) of each."""
    named: dict[int, dict[str, int]] = {}
    for pk, name, _, owner, *_ in own_roles:
        named.setdefault(owner, {})[name] = pk
    customers: dict[int, list[Site]] = {}
    for site in found:
        customers.setdefault(site.msp_id, []).extend([] if site.is_msp else [site])
    vips = {msp: tag for msp, name, tag in own_tags if name == "VIP"}
    on_computers = [ground.tags[name] for name in ("HQ", "Pilot ring", "Tier 0", "Kiosk")]
    shared = [ground.tags[name] for name in (ROUND_THE_CLOCK, GOLD, SILVER)]
    return [
        Office(
            head,
            customers[head.id],
            ground.roles | named.get(head.id, {}),
            [*shared, *([vips[head.id]] * 12 if head.id in vips else [])],
            on_computers,
        )
        for head in found
        if head.is_msp
    ]


def assignments(ground: Ground, made: Iterable[Office], groups: Iterable[Team]) -> Iterator[Assignment]:
    """Unended twins are left out: the database refuses them."""
    dice, seen = ground.dice("assignments"), set[Row]()
    by_owner: dict[int, list[Team]] = {}
    for group in groups:
        by_owner.setdefault(group.owner.id, []).append(group)
    for office in made:
        for each in _of_office(dice, office, by_owner):
            row = _bounded(dice, ground.now, each)
            if row.ended_at is not None or row.twin not in seen:
                seen.add(row.twin)
                yield row


def _of_office(dice: Random, office: Office, groups: dict[int, list[Team]]) -> Iterator[Assignment]:
    for number, user in enumerate(office.head.users):
        if number < 2:
            role = office.roles["msp_administrator"]
            yield Assignment(user, None, role, scope="msp", tenant_id=office.head.id, reason="Runs the operation")
        for _ in range(dice.choice((1, 1, 2, 3, 4))):
            yield _at_work(dice, office, user, None)
    for group in groups.get(office.head.id, ()):
        yield _at_work(dice, office, None, group.id)
    for site in office.customers:
        yield from _of_customer(dice, office, site, groups.get(site.id, ()))


def _at_work(dice: Random, office: Office, user: int | None, group: int | None) -> Assignment:
    """One in sixteen is a deny; one in four is narrowed to some computers."""
    denies = dice.random() < 0.06
    role = office.roles[grants.NO_CHANGES if denies else dice.choice(AT_MSPS)]
    site, fate = dice.choice(office.customers), dice.random()
    given = Assignment(user, group, role, "deny" if denies else "allow", reason=dice.choice(TICKETS))
    if fate < 0.2 and not denies:
        given = given._replace(scope="msp", tenant_id=office.head.id)
    elif fate < 0.5:
        given = given._replace(scope="tag", tag_id=dice.choice(office.tags))
    else:
        given = given._replace(scope="tenant", tenant_id=site.id, include_children=fate > 0.85)
    return _narrowed(dice, office, given, site) if dice.random() < 0.25 else given


def _narrowed(dice: Random, office: Office, given: Assignment, site: Site) -> Assignment:
    fate = dice.random()
    if fate < 0.3 and given.scope in ("tenant", "own_tenant"):
        return given._replace(computer_scope="computer", computer_id=dice.choice(site.computers))
    if fate < 0.6:
        return given._replace(computer_scope="tag", computer_tag_id=dice.choice(office.computer_tags))
    return given._replace(computer_scope="type", computer_type=dice.choice(ComputerScopeType.values))


def _of_customer(dice: Random, office: Office, site: Site, groups: Sequence[Team]) -> Iterator[Assignment]:
    """Where there is no group for everybody each has it directly; one in four has some computers besides."""
    member = office.roles["tenant_user"]
    for group in groups:
        yield Assignment(None, group.id, member, reason="Everybody at the company")
    for number, user in enumerate(site.users):
        if number == 0:
            role, reason = office.roles["tenant_administrator"], "Contact of the contract"
            yield Assignment(user, None, role, include_children=True, reason=reason)
        if not groups:
            yield Assignment(user, None, member, reason="Works there")
        elif dice.random() < 0.25:
            extra = Assignment(user, None, office.roles["Field Technician"], reason="Looks after a room")
            yield _narrowed(dice, office, extra, site)


def _bounded(dice: Random, now: datetime, given: Assignment) -> Assignment:
    """When it was granted; and for one in three an end, behind it or before it, or a start to come."""
    fate, granted = dice.random(), now - timedelta(days=dice.randint(30, 900))
    given = given._replace(granted_at=granted)
    if fate < 0.15:
        ended = granted + timedelta(days=dice.randint(1, 29))
        return given._replace(ended_at=ended, end_reason="No longer needed")
    if fate < 0.25:
        return given._replace(expires_at=now + timedelta(days=dice.randint(1, 200), minutes=dice.randint(0, 1400)))
    if fate < 0.29:
        return given._replace(expires_at=now - timedelta(days=dice.randint(1, 25)))
    if fate < 0.31:
        return given._replace(starts_at=now + timedelta(days=dice.randint(1, 60)))
    return given
