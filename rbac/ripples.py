"""What flipping a switch would do, person by person, before it is done (design 7; guide, "Ripple page").

It counts what flows now, as `rbac.access` decides it: live assignments of people who may act, denies, the switches as
they stand, and what tenants have tightened. The gate judges by more, all that may still come (`rbac.flips`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.factors import with_factor
from accounts.models import GroupMembership, User
from immyrbac.arrays import any_of
from rbac.access import Access
from rbac.enrolment import objections_to
from rbac.estimates import Estimates, seen_spread
from rbac.flips import Flip, flip_of, governed_by
from rbac.flows import (
    FACTS,
    Affected,
    Flows,
    Member,
    Person,
    Share,
    Sight,
    grounds_of,
    member_of,
    sources_of,
    touched_by,
)
from rbac.judgement import Judge, holds_everything
from rbac.models import RoleAssignment
from rbac.outcomes import EXACT, Outcome
from rbac.permissions import Permission
from rbac.power import held_by
from rbac.regions import Estate
from rbac.shares import shares_in_rows
from rbac.switchboard import Switchboard
from rbac.switches import GOVERNING, SwitchKey, keeps


@dataclass(frozen=True, slots=True)
class Ripple:
    """What putting the switch to `enabled` does to the people whom the reader may see, by name.

    `tenants` and `computers`: how many lie in what somebody loses or gains. `beyond`: something happens outside the
    reader's view. `at_most`: of so many people that all of it is as the gate counts; `cast` names their roles.
    `is_counted`: otherwise so many are given it that nobody was looked at.
    """

    key: SwitchKey
    enabled: bool
    permissions: Sequence[Permission]
    people: Sequence[Affected]
    tenants: int
    computers: int
    beyond: bool
    at_most: bool = False
    cast: Callable[[Collection[int]], Sequence[Member]] | None = field(default=None, compare=False, repr=False)
    is_counted: bool = True

    def named(self, people: Sequence[Affected]) -> Sequence[Affected]:
        """These of them with the roles and groups that bring it; of a crowd they are looked up for the few shown."""
        if self.cast is None:
            return people
        held = {member.person.id: member for member in self.cast([each.person.id for each in people])}
        return [replace(each, roles=of.roles, groups=of.groups) for each in people for of in [held[each.person.id]]]

    @property
    def most(self) -> str:
        """What stands before its numbers where they are "at most"."""
        return "at most " if self.at_most else ""

    @property
    def touched(self) -> int:
        return sum(each.is_touched for each in self.people)

    @property
    def holders(self) -> int:
        """How many have any of it as the switch stands, or of what it guards."""
        return len(self.people) if self.guards else sum(each.had for each in self.people)

    @property
    def guards(self) -> bool:
        """Whether it takes nothing, and demands a second factor."""
        return bool(self.key.spec.guards)

    @property
    def suspended(self) -> list[Permission]:
        """What stops flowing through most roles."""
        return self._suspends(self.enabled)

    @property
    def released(self) -> list[Permission]:
        """What flows through every role again."""
        return self._suspends(not self.enabled)

    def _suspends(self, enabled: bool) -> list[Permission]:  # noqa: FBT001  a position of the switch
        found = {each for rule in self.key.spec.suspends if rule.when == enabled for each in rule.permissions}
        return [permission for permission in self.permissions if permission in found]


class Ripples:
    """The ripples of all switches for one reader. A fixed number of queries for each, whoever is touched."""

    def __init__(self, access: Access, at: datetime | None = None) -> None:
        self.access = access
        self.board = Switchboard(access)
        self._at = at
        self._flips: dict[tuple[SwitchKey, bool], tuple[Estate, Flip]] = {}

    def of(self, key: SwitchKey, *, enabled: bool, of_crowds: bool = True) -> Ripple:
        """What putting the switch there would do; where it stands already, nothing.

        Of more than `EXACT` people only with `of_crowds`.
        """
        concerned = key.spec.guards or governed_by(key)
        permissions = [permission for permission in Permission if permission in concerned]
        if not permissions:
            return Ripple(key, enabled, [], [], 0, 0, beyond=False)
        holders = _Holders(self.access, permissions, self._at)
        if not of_crowds and holders.are_many:
            return Ripple(key, enabled, permissions, [], 0, 0, beyond=False, is_counted=False)
        if key.spec.guards:
            return self._demand(key, holders, enabled=enabled)
        if len(holders.facts) > EXACT:
            return self._of_crowd(key, permissions, holders, enabled=enabled)
        cast = holders.cast()
        flows = Flows(self.board, grounds_of(self.access, permissions, cast), {key: enabled})
        people: list[Affected] = []
        touched: list[Share] = []
        beyond = False
        for member in cast:
            weighed = flows.of(member)
            told = member.told(weighed)
            if member.is_seen and (told.had or told.has):
                people.append(told)
                touched += weighed
            beyond |= any(share.flow.is_touched for share in weighed) and not (member.is_seen and told.is_touched)
        return Ripple(key, enabled, permissions, people, *touched_by(touched), beyond)

    def _of_crowd(
        self, key: SwitchKey, permissions: Sequence[Permission], holders: _Holders, *, enabled: bool
    ) -> Ripple:
        """As the gate counts it, which is weighed for the page in any case."""
        _, flip = self._flip(key, enabled=enabled)
        outcome = Outcome.of(flip.change)
        estimates = Estimates(permissions, flip.before, flip.after, outcome)
        everybody = [Affected(Person(*facts), (), (), estimates.of(facts[0])) for facts in holders.facts]
        seen = [each for each in everybody if each.person.id in holders.seen]
        people = [each for each in seen if each.had or each.has]
        spread = seen_spread(self.access, outcome, [each.person.id for each in people])
        beyond = any(each.is_touched and each.person.id not in holders.seen for each in everybody)
        return Ripple(
            key, enabled, permissions, people, spread.tenants, spread.computers, beyond, at_most=True, cast=holders.cast
        )

    def _flip(self, key: SwitchKey, *, enabled: bool) -> tuple[Estate, Flip]:
        """Weighed once, with what was looked up for it."""
        asked = (key, enabled)
        if asked not in self._flips:
            estate = Estate()
            estate.tenants.learn_all()
            self._flips[asked] = estate, flip_of(key, timezone.now(), estate, enabled=enabled)
        return self._flips[asked]

    def _demand(self, key: SwitchKey, everybody: _Holders, *, enabled: bool) -> Ripple:
        """Who holds what the switch guards, `holds` as `rbac.access` has it, and who of them lacks a second factor."""
        holders = [each for each in everybody.cast() if _holds(each, self.board.stands)]
        them = [each.person.id for each in holders]
        armed = set(with_factor().filter(any_of("user_id", them)).values_list("user_id", flat=True))
        people = [
            Affected(each.person, each.roles, each.groups, (), enrols=each.person.id not in armed)
            for each in holders
            if each.is_seen
        ]
        beyond = any(not each.is_seen and each.person.id not in armed for each in holders)
        return Ripple(key, enabled, [], people, 0, 0, beyond)

    def judged(self, key: SwitchKey, *, enabled: bool) -> tuple[list[str], Outcome]:
        """What the gate would say to this reader, nothing where they may, and what it would tell. Takes no lock."""
        estate, (_, _, change) = self._flip(key, enabled=enabled)
        judge = Judge(self.access, estate)
        judge.gains(change.gains, flipping=True)
        if not holds_everything(self.access):
            judge.losses(change.losses)
            judge.covers_others(held_by(claim.reach.person for claim in change.losses))
        objections = [*judge.objections, *objections_to(key, enabled=enabled, user_id=self.access.user_id)]
        return objections, Outcome.of(change)

    def flips(self, *, of_crowds: bool) -> dict[SwitchKey, Ripple]:
        """For each switch what flipping it would do, as `of` has it."""
        return {key: self.of(key, enabled=not self.board.stands(key), of_crowds=of_crowds) for key in SwitchKey}


# Who


def _holds(member: Member, stands: Callable[[SwitchKey], bool]) -> bool:
    """Whether `Access.holds` says yes for any of the permissions that the member was made with."""
    taken = {
        permission
        for source in member.before
        if not source.allows and source.tenants.is_everything and source.computers.is_everything
        for permission in source.permissions
    }
    return any(
        all(keeps(source.role_key, permission, key, enabled=stands(key)) for key in GOVERNING.get(permission, ()))
        for source in member.before
        if source.allows
        for permission in source.permissions - taken
    )


class _Holders:
    """Everybody who may act and whom a live assignment or share of these permissions reaches.

    At most three queries, looked up as they are asked for.
    """

    def __init__(self, access: Access, permissions: Sequence[Permission], at: datetime | None) -> None:
        self._access, self._permissions, self._at = access, frozenset(permissions), at
        self._rows = RoleAssignment.objects.live(at).filter(role__permissions__overlap=list(permissions)).order_by()
        groups = self._rows.filter(user=None).values("group_id")
        self._joined = GroupMembership.objects.live(at).filter(group__in=groups).order_by()
        self._shares = shares_in_rows(permissions, at)
        self._people = User.objects.able_to_act(at).filter(
            Q(pk__in=self._rows.filter(group=None).values("user_id"))
            | Q(pk__in=self._joined.values("user_id"))
            | Q(pk__in={row[1] for row in self._shares})
        )

    @property
    def are_many(self) -> bool:
        return self._people.order_by()[: EXACT + 1].count() > EXACT

    @cached_property
    def facts(self) -> list[tuple[Any, ...]]:
        """Those of `Person`, by name."""
        return list(self._people.order_by("name", "pk").values_list(*FACTS))

    @cached_property
    def seen(self) -> set[int]:
        """By number, those whom the reader sees."""
        found = {facts[0] for facts in self.facts}
        if self._access.is_total(User.VIEW):
            return found
        seen = self._access.seen(User).filter(any_of("pk", found)).order_by()
        return set(seen.values_list("pk", flat=True))

    def cast(self, among: Collection[int] | None = None) -> list[Member]:
        """All of them, or those with these numbers, with what bears on the permissions. Three queries."""
        rows, joined, shares = self._rows, self._joined, self._shares
        wanted = None if among is None else set(among)
        if among is not None:
            joined = joined.filter(any_of("user_id", among))
            rows = rows.filter(any_of("user_id", among) | Q(group__in=joined.values("group_id")))
        sight = set(self._access.seen(RoleAssignment).filter(pk__in=rows.values("pk")).values_list("pk", flat=True))
        sight |= {row[0] for row in shares}  # with the person
        held: defaultdict[tuple[int | None, int | None], list[tuple[Any, ...]]] = defaultdict(list)
        for row in (*sources_of(rows), *shares):
            held[row[1], row[2]].append(row)
        groups: defaultdict[int, list[int]] = defaultdict(list)
        for user_id, group_id in joined.values_list("user_id", "group_id"):
            groups[user_id].append(group_id)
        return [
            member_of(Person(*facts), reaching, self._permissions, Sight(self.seen, sight))
            for facts in self.facts
            if wanted is None or facts[0] in wanted
            for reaching in [held[facts[0], None] + [row for pk in groups[facts[0]] for row in held[None, pk]]]
        ]
