"""What bringing people over would write: read from a file, looked up as it is now, and not written.

The number of queries does not depend on the number of people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Q
from django.utils import timezone

from accounts.models import GroupMembership, User
from computers.models import ComputerScopeKind
from immyrbac.arrays import any_of
from rbac.flips import stands
from rbac.legacy.abilities import Preferences
from rbac.legacy.people import OldUser, Problem
from rbac.legacy.proposal import Proposal, proposed
from rbac.models import Effect, Role, RoleAssignment
from rbac.power import Reach, difference, reaches_of, reaches_of_draft
from rbac.regions import Estate
from rbac.sentences import SENTENCE_RELATIONS
from rbac.switches import SwitchKey
from tenancy.models import Tenant


@dataclass
class Person:
    """Somebody of the file. `user` is unsaved where there is no account; so are `drafts`, which would be given.

    `there`: assignments that were proposed and are there already; `lapsed`: those of them that are over, and make
    room. `held`: all that is there, groups' included.
    """

    old: OldUser
    user: User
    proposals: list[Proposal]
    drafts: list[RoleAssignment] = field(default_factory=list)
    there: list[RoleAssignment] = field(default_factory=list)
    lapsed: list[RoleAssignment] = field(default_factory=list)
    held: list[RoleAssignment] = field(default_factory=list)
    before: list[Reach] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return self.user.pk is None

    @cached_property
    def added(self) -> list[Reach]:
        return [reach for draft in self.drafts for reach in reaches_of_draft(draft)]

    @property
    def after(self) -> list[Reach]:
        return [*self.before, *self.added]


@dataclass
class Plan:
    """Everybody of a file who is without `problems`, and the switches that do not stand as the preferences stood."""

    preferences: Preferences
    people: list[Person]
    problems: list[Problem]
    flips: list[SwitchKey]

    @property
    def newcomers(self) -> list[Person]:
        return [person for person in self.people if person.is_new]

    @property
    def drafts(self) -> list[RoleAssignment]:
        return [draft for person in self.people for draft in person.drafts]

    @property
    def is_empty(self) -> bool:
        """Nothing would be written: it was brought over already."""
        return not (self.newcomers or self.drafts or self.flips)

    @property
    def tenants(self) -> list[Tenant]:
        """The homes of whoever gets something."""
        homes = (person.user.tenant for person in self.people if person.is_new or person.drafts)
        return list({home.pk: home for home in homes}.values())

    def learn(self) -> Estate:
        """What comparing their scopes asks, in a few queries for all."""
        estate = Estate()
        estate.learn({reach.region for person in self.people for reach in person.after})
        return estate

    @cached_property
    def empowered(self) -> list[Person]:
        """Who comes to hold great power, or more of it, by what would be given."""
        now, estate = timezone.now(), self.learn()
        return [
            person
            for person in self.people
            if any(
                permission.spec.great_power
                for claim in difference(person.before, person.after, now, estate).gains
                for permission in claim.permissions
            )
        ]


def plan_of(users: Sequence[OldUser], preferences: Preferences) -> Plan:
    """What bringing these people over would write now."""
    homes, accounts = _homes(users), _accounts(users)
    people: list[Person] = []
    problems: list[Problem] = []
    for old in users:
        found = list(_problems(old, homes[old.tenant], accounts.get(old.email)))
        problems.extend(found)
        if not found:
            user = accounts.get(old.email) or _newcomer(old, homes[old.tenant][0])
            people.append(Person(old, user, proposed(old.flags, preferences)))
    _fill(people)
    return Plan(preferences, people, problems, [key for key in preferences if stands(key) != preferences[key]])


def _homes(users: Sequence[OldUser]) -> defaultdict[str, list[Tenant]]:
    """The tenants by what the file calls them: a slug names one, a name any that is called so."""
    said = {user.tenant for user in users}
    found = list(Tenant.objects.filter(Q(slug__in=said) | Q(name__in=said)).order_by("pk"))
    homes: defaultdict[str, list[Tenant]] = defaultdict(list)
    for tenant in found:
        homes[tenant.name].append(tenant)
    homes.update({tenant.slug: [tenant] for tenant in found})
    return homes


def _accounts(users: Sequence[OldUser]) -> dict[str, User]:
    rows = User.objects.present().filter(email__in=[user.email for user in users]).select_related("tenant")
    return {user.email: user for user in rows}


def _problems(old: OldUser, homes: Sequence[Tenant], account: User | None) -> Iterator[Problem]:
    if len(homes) != 1:
        many = (
            f"{len(homes)} tenants are called so. Use the short name of one." if homes else "There is no such tenant."
        )
        yield Problem(old.line, "tenant", f"“{old.tenant}”: {many}")
        return
    (home,) = homes
    if old.flags.is_msp != home.is_msp:
        is_msp = "is an MSP" if home.is_msp else "is no MSP"
        yield Problem(old.line, "is_msp", f"{home} {is_msp} here: the flag and the tenant contradict each other.")
    if account is None:
        return
    if account.tenant_id != home.pk:
        yield Problem(old.line, "tenant", f"The account with this address is at home in {account.tenant}.")
    if account.access_expires_at != old.expires_at:
        ends = f"ends on {account.access_expires_at:%Y-%m-%d %H:%M} UTC" if account.access_expires_at else "never ends"
        yield Problem(old.line, "expires_at", f"The account with this address {ends}. Make the two equal.")


def _newcomer(old: OldUser, home: Tenant) -> User:
    return User(email=old.email, name=old.name, tenant=home, access_expires_at=old.expires_at)


# What is there, and what is lacking


def _fill(people: Collection[Person]) -> None:
    """Give each what they hold and what they lack of their proposals."""
    roles = {role.key: role for role in Role.objects.exclude(key=None)}
    known = {person.user.pk: person for person in people if not person.is_new}
    for pk, row in _held_by(known):
        known[pk].held.append(row)
    for reach in reaches_of(known):
        if reach.person.user_id in known:
            known[reach.person.user_id].before.append(reach)
    now = timezone.now()
    for person in people:
        twins = {_identity(row): row for row in person.held if row.user_id is not None}
        for proposal in person.proposals:
            twin = twins.get((proposal.role, proposal.scope))
            if twin is not None and (twin.expires_at is None or twin.expires_at > now):
                person.there.append(twin)
                continue
            person.lapsed.extend([] if twin is None else [twin])
            person.drafts.append(_draft(person.user, roles[proposal.role], proposal))


def _held_by(users: Iterable[int]) -> Iterator[tuple[int, RoleAssignment]]:
    """Every unended assignment that reaches these users, their own and their groups', as often as it does."""
    users = list(users)
    if not users:
        return
    joined = GroupMembership.objects.live().filter(any_of("user_id", users)).values_list("group_id", "user_id")
    members: defaultdict[int | None, list[int]] = defaultdict(list)
    for group_id, user_id in joined:
        members[group_id].append(user_id)
    mine = any_of("user_id", users) | any_of("group_id", [pk for pk in members if pk is not None])
    rows = RoleAssignment.objects.unended().filter(mine).select_related("user", "group", *SENTENCE_RELATIONS)
    for row in rows.order_by("pk"):
        for pk in members[row.group_id] if row.user_id is None else [row.user_id]:
            yield pk, row


def _identity(row: RoleAssignment) -> tuple[str, str] | None:
    """What it would have been proposed as; None for what is never proposed."""
    plain = row.effect == Effect.ALLOW and row.computer_scope == ComputerScopeKind.ALL and not row.include_children
    return (row.role.key, row.scope) if plain and row.role.key else None


def _draft(user: User, role: Role, proposal: Proposal) -> RoleAssignment:
    return RoleAssignment(
        user=user,
        role=role,
        effect=Effect.ALLOW,
        scope=proposal.scope,
        computer_scope=ComputerScopeKind.ALL,
        reason="Brought over from the old system",
    )
