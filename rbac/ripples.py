"""What flipping a switch would do, person by person, before it is done (design 7; guide, "Ripple page").

It counts what flows now, as `rbac.access` decides it: live assignments of people who may act, denies, the switches as
they stand, and what tenants have tightened. The gate judges by more, all that may still come (`rbac.flips`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.factors import with_factor
from accounts.models import GroupMembership, User
from immyrbac.arrays import any_of
from rbac.access import Access
from rbac.enrolment import objections_to
from rbac.flips import flipped, governed_by
from rbac.flows import Affected, Flows, Member, Person, Share, Sight, grounds_of, member_of, sources_of, touched_by
from rbac.judgement import Judge, holds_everything
from rbac.models import RoleAssignment
from rbac.outcomes import Outcome
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
    reader's view.
    """

    key: SwitchKey
    enabled: bool
    permissions: Sequence[Permission]
    people: Sequence[Affected]
    tenants: int
    computers: int
    beyond: bool

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

    def of(self, key: SwitchKey, *, enabled: bool) -> Ripple:
        """What putting the switch there would do; where it stands already, nothing."""
        if key.spec.guards:
            return self._demand(key, enabled=enabled)
        governed = governed_by(key)
        permissions = [permission for permission in Permission if permission in governed]
        if not permissions:
            return Ripple(key, enabled, [], [], 0, 0, beyond=False)
        cast = _cast(self.access, permissions, self._at)
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

    def _demand(self, key: SwitchKey, *, enabled: bool) -> Ripple:
        """Who holds what the switch guards, `holds` as `rbac.access` has it, and who of them lacks a second factor."""
        holders = [
            each for each in _cast(self.access, sorted(key.spec.guards), self._at) if _holds(each, self.board.stands)
        ]
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
        estate = Estate()
        estate.tenants.learn_all()
        change = flipped(key, timezone.now(), enabled=enabled, estate=estate)
        judge = Judge(self.access, estate)
        judge.gains(change.gains, flipping=True)
        judge.losses(change.losses)
        if not holds_everything(self.access):
            judge.covers_others(held_by(claim.reach.person for claim in change.losses))
        objections = [*judge.objections, *objections_to(key, enabled=enabled, user_id=self.access.user_id)]
        return objections, Outcome.of(change)

    def flips(self) -> dict[SwitchKey, Ripple]:
        """For each switch what flipping it would do."""
        return {key: self.of(key, enabled=not self.board.stands(key)) for key in SwitchKey}


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


def _cast(access: Access, permissions: Sequence[Permission], at: datetime | None) -> list[Member]:
    """Everybody who may act and whom a live assignment or share of these permissions reaches, by name.

    Six queries, five where none of them can be shared.
    """
    rows = RoleAssignment.objects.live(at).filter(role__permissions__overlap=list(permissions)).order_by()
    joined = GroupMembership.objects.live(at).filter(group__in=rows.filter(user=None).values("group_id"))
    shares = shares_in_rows(permissions, at)
    people = User.objects.able_to_act(at).filter(
        Q(pk__in=rows.filter(group=None).values("user_id"))
        | Q(pk__in=joined.values("user_id"))
        | Q(pk__in={row[1] for row in shares})
    )
    columns = ("pk", "name", "email", "tenant__name", "tenant_id", "tenant__is_msp")
    seen_people = set(access.seen(User).filter(pk__in=people.order_by().values("pk")).values_list("pk", flat=True))
    seen = set(access.seen(RoleAssignment).filter(pk__in=rows.values("pk")).values_list("pk", flat=True))
    by_principal: defaultdict[tuple[int | None, int | None], list[tuple[Any, ...]]] = defaultdict(list)
    seen |= {row[0] for row in shares}  # with the person
    for row in (*sources_of(rows), *shares):
        by_principal[row[1], row[2]].append(row)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for user_id, group_id in joined.values_list("user_id", "group_id"):
        groups[user_id].append(group_id)
    return [
        member_of(Person(*facts), held, frozenset(permissions), Sight(seen_people, seen))
        for facts in people.order_by("name", "pk").values_list(*columns)
        for held in [by_principal[facts[0], None] + [row for pk in groups[facts[0]] for row in by_principal[None, pk]]]
    ]
