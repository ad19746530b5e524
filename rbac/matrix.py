"""Who can do what on one computer, or in one tenant: the rule of `rbac.access` for many people (guide, "Matrix").

The number of queries does not depend on how many people or assignments there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import Group, GroupMembership, User
from computers.models import Computer, ComputerScopeKind
from immyrbac.arrays import gathered
from immyrbac.searching import holding
from immyrbac.words import SOON
from rbac.access import Access, who_can
from rbac.grants import counting_permissions, earliest, scopes_of_row
from rbac.holders import Reach
from rbac.models import Effect, RoleAssignment, Switch
from rbac.naming import named
from rbac.objects import Facts
from rbac.permissions import Permission, Scoping
from rbac.sentences import SENTENCE_RELATIONS
from rbac.switches import GOVERNING, SwitchKey, keeps
from tenancy.models import Tenant, TenantScopeKind

Place = Computer | Tenant

ACTIONS: dict[type[Place], tuple[Permission, ...]] = {
    Computer: tuple(permission for permission in Permission if permission.spec.scoping == Scoping.COMPUTER),
    Tenant: (
        Permission.TENANTS_VIEW,
        Permission.TENANTS_MANAGE,
        Permission.TAGS_MANAGE,
        Permission.USERS_VIEW,
        Permission.USERS_MANAGE,
        Permission.COMPUTERS_VIEW,
        Permission.COMPUTERS_MANAGE,
        Permission.SCRIPTS_MANAGE,
        Permission.AUDIT_VIEW,
    ),
}
"""What is told of each person: all that can be done on a computer, and what weighs in a tenant."""

LISTED: dict[type[Place], list[str]] = {
    Computer: [permission.value for permission in ACTIONS[Computer]],
    Tenant: [permission.value for permission in Permission if permission.spec.scoping != Scoping.SYSTEM],
}
"""Whoever holds one of these here has a row."""


class State(StrEnum):
    """What stands in a cell; the values are the matrix's own words (parts/matrix.html)."""

    ALLOW = "allow"
    DENY = "deny"
    SOON = "soon"
    SUSPENDED = "suspended"
    PART = "part"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reaching:
    """One live assignment that reaches somebody here, with what counts of it for them, and when it ends for them."""

    assignment: RoleAssignment
    permissions: frozenset[Permission]
    ends: datetime | None

    @property
    def allows(self) -> bool:
        return self.assignment.effect == Effect.ALLOW


class Held(NamedTuple):
    """One assignment of one person: their number, and the group through which they hold it, if any."""

    holder: int
    group_id: int | None
    allows: bool


@dataclass(frozen=True, slots=True)
class Members:
    """How many live members of a group are named to the reader; who lives here, above, and at an MSP among all."""

    named: int = 0
    here: int = 0
    above: int = 0
    msp: int = 0


class Matrix:
    """One computer or tenant at one moment, as one reader may read of it (design 3, "Objects").

    Of a tenant it also knows what reaches only some of its computers.
    """

    def __init__(self, place: Place, access: Access) -> None:
        self.place, self.access, self.now = place, access, timezone.now()
        self.actions, self._listed = ACTIONS[type(place)], LISTED[type(place)]
        facts, tenant_id = Facts(), place.tenant_id if isinstance(place, Computer) else place.pk
        if isinstance(place, Computer):
            facts.learn_computers([place.pk])
        else:
            facts.learn_tenants([place.pk])
        self._tenant, self._facts = facts.tenants[tenant_id], facts.computers.get(place.pk)
        self._off = facts.switched_off[tenant_id]
        self._stands = dict(Switch.objects.filter(tenant=None).values_list("key", "enabled"))
        self._reach = Reach([self._tenant], self._facts, parts=self._facts is None)
        self._members: defaultdict[int, Members] = defaultdict(Members)

    # Who

    @property
    def named(self) -> Q:
        """The users whom the reader may read of by name: of the tenant, of its MSP, and whom they see anyway."""
        return named((self._tenant.id, self._tenant.msp_id), self.access.seen(User))

    @property
    def people(self) -> QuerySet[User]:
        """Everybody whom some allow reaches here, denied or suspended or not."""
        return self._able().filter(gathered("pk", {each.holder for each in self._reached if each.allows}))

    @property
    def principals(self) -> QuerySet[User]:
        """Those who have an assignment of their own here, and those reached through a group that stays unnamed."""
        groups = {each.group_id for each in self._reached if each.group_id and each.allows}
        unnamed = groups.difference(self._named_groups().filter(pk__in=groups).values_list("pk", flat=True))
        own = {each.holder for each in self._reached if each.group_id is None}
        others = {each.holder for each in self._reached if each.group_id in unnamed and each.allows}
        return self._able().filter(gathered("pk", own | others))

    @property
    def people_and_seen(self) -> QuerySet[User]:
        """Those of whom the reader may ask: whom the matrix names, and whom they see anyway."""
        reached = self.people.filter(self.named).order_by().values("pk")
        return User.objects.filter(Q(pk__in=reached) | Q(pk__in=self.access.seen(User).order_by().values("pk")))

    def groups(self, words: str, limit: int | None = None) -> list[Group]:
        """Groups that the reader may read of, by name, with an assignment that reaches somebody here."""
        rows = self._rows(group__isnull=False)
        counts = self.members_of({row.group_id for row in rows if row.group_id})
        found = {row.group_id or 0 for row in rows if self._group_reaching(row, counts[row.group_id or 0])}
        return list(self._named_groups().filter(holding(words, "name"), pk__in=found).order_by("name", "pk")[:limit])

    def operator_states(self) -> dict[Permission, State] | None:
        """What all those together may do who stay unnamed; None where there is nobody."""
        if not self.people.exclude(self.named).exists():
            return None
        return {permission: self._operator_state(permission) for permission in self.actions}

    def _operator_state(self, permission: Permission) -> State:
        if who_can(permission, self.place).exclude(self.named).exists():
            return State.ALLOW
        if self._facts is not None or permission.spec.scoping != Scoping.COMPUTER:
            return State.NONE
        narrowed = Q(role__permissions__contains=[permission.value]) & ~Q(computer_scope=ComputerScopeKind.ALL)
        people = self._reach.people(narrowed).allowed
        unnamed = self._able().filter(gathered("pk", people)).exclude(self.named)
        return State.PART if unnamed.exists() else State.NONE

    # What

    def of_people(self, users: Collection[User]) -> dict[int, list[Reaching]]:
        """What reaches each of these users here; they come with their tenant. Two queries."""
        memberships = defaultdict(list)
        for joined in GroupMembership.objects.live().filter(user__in=users):
            memberships[joined.group_id].append(joined)
        by_id, found = {user.pk: user for user in users}, defaultdict(list)
        for row in self._rows(Q(user__in=users) | Q(group__in=memberships)):
            joins = [(joined.user_id, joined.expires_at) for joined in memberships[row.group_id or 0]]
            for user_id, leaves in [(row.user_id, None)] if row.user_id else joins:
                user = by_id[user_id]
                if self._covers(row, user.tenant_id):
                    ends = earliest(row.expires_at, leaves, user.access_expires_at)
                    found[user.pk].append(Reaching(row, _counting(row, is_msp=user.tenant.is_msp), ends))
        return found

    def of_groups(self, groups: Collection[Group]) -> dict[int, list[Reaching]]:
        """What each of these groups gives and takes here, for those of its members whom it reaches."""
        counts, found = self.members_of([group.pk for group in groups]), defaultdict(list)
        for row in self._rows(group__in=groups):
            members = counts[row.group_id or 0]
            if self._group_reaching(row, members):
                counting = _counting(row, is_msp=members.msp > 0)
                found[row.group_id or 0].append(Reaching(row, counting, row.expires_at))
        return found

    def members_of(self, groups: Iterable[int]) -> defaultdict[int, Members]:
        """Of these groups at least; each is counted once."""
        if missing := set(groups) - self._members.keys():
            self._members |= dict.fromkeys(missing, Members()) | self._counted(missing)
        return self._members

    def _counted(self, groups: Collection[int]) -> dict[int, Members]:
        able = GroupMembership.objects.live().filter(group__in=groups, user__in=User.objects.able_to_act())
        named = User.objects.filter(self.named).values("pk")
        counted = {
            "named": Q(user__in=named),
            "here": Q(user__tenant=self._tenant.id),
            "above": Q(user__tenant__in=self._tenant.path),
            "msp": Q(user__tenant__is_msp=True),
        }
        counts = {name: Count("pk", filter=condition) for name, condition in counted.items()}
        rows = able.order_by().values("group").annotate(**counts).values_list("group", *counts)
        return {group: Members(*numbers) for group, *numbers in rows}

    def state(self, permission: Permission, reaching: Sequence[Reaching]) -> State:
        """The verdict for somebody whom exactly these reach."""
        held = [each for each in reaching if permission in each.permissions]
        whole = [each for each in held if not self._is_part(each)]
        if any(not each.allows for each in whole):
            return State.DENY
        allows = [each for each in held if each.allows]
        flowing = [each for each in allows if self._flows(permission, each.assignment.role.key)]
        if not flowing:
            return State.SUSPENDED if allows else State.NONE
        if len(held) > len(allows) or not any(each in whole for each in flowing):
            return State.PART
        flowing = [each for each in flowing if each in whole]
        ends = [each.ends for each in flowing]
        return State.ALLOW if None in ends or max(filter(None, ends)) - self.now > SOON else State.SOON

    def visible(self, reaching: Iterable[Reaching]) -> frozenset[int]:
        """Which of these assignments the reader may see; the others are access outside their view."""
        seen = self.access.seen(RoleAssignment).filter(pk__in={each.assignment.pk for each in reaching})
        return frozenset(seen.order_by().values_list("pk", flat=True))

    # How

    def _able(self) -> QuerySet[User]:
        return User.objects.able_to_act().select_related("tenant")

    def _is_part(self, reaching: Reaching) -> bool:
        """Whether it covers only some computers of the tenant that this is about."""
        return self._facts is None and reaching.assignment.computer_scope != ComputerScopeKind.ALL

    @cached_property
    def _reached(self) -> list[Held]:
        """Whom live assignments reach here."""
        held = self._reach.held(Q(role__permissions__overlap=self._listed))
        return [
            Held(holder, group_id, effect == Effect.ALLOW)
            for holder, group_id, effect in held.values_list("holder", "group_id", "effect")
        ]

    def _rows(self, *conditions: Q, **more: object) -> QuerySet[RoleAssignment]:
        """Live assignments that may cover the place, for some home; `_covers` says for which."""
        rows = self._reach.rows().filter(*conditions, role__permissions__overlap=self._listed, **more)
        return rows.select_related("group", *SENTENCE_RELATIONS).order_by("pk")

    def _covers(self, row: RoleAssignment, home_id: int) -> bool:
        tenants, computers = scopes_of_row(row, home_id)
        return tenants.covers(self._tenant) and (self._facts is None or computers.covers(self._facts))

    def _group_reaching(self, row: RoleAssignment, members: Members) -> bool:
        if row.scope != TenantScopeKind.OWN_TENANT:
            return True
        return members.here > 0 or (row.include_children and members.above > 0)

    def _named_groups(self) -> QuerySet[Group]:
        homes = [pk for pk in (self._tenant.id, self._tenant.msp_id) if pk is not None]
        seen = self.access.seen(Group).order_by().values("pk")
        return Group.objects.live().filter(Q(tenant__in=homes) | Q(pk__in=seen))

    def _flows(self, permission: Permission, role_key: str | None) -> bool:
        return all(
            keeps(role_key, permission, key, enabled=enabled)
            for key in GOVERNING.get(permission, ())
            for enabled in self._states(key)
        )

    def _states(self, key: SwitchKey) -> set[bool]:
        """How the switch stands for the instance and, where the tenant tightened it, for the tenant."""
        stands = self._stands.get(key, key.spec.default)
        return {stands, False} if key.spec.tenant_may_tighten and key in self._off else {stands}


def _counting(row: RoleAssignment, *, is_msp: bool) -> frozenset[Permission]:
    tenants, computers = scopes_of_row(row, 0)
    return counting_permissions(
        frozenset(row.role.permissions),
        whole=tenants.is_everything,
        every=computers.is_everything,
        msp_only=row.effect == Effect.DENY or is_msp,
    )
