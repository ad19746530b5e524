"""Who can do what on one computer: the rule of `rbac.access` for many people at once (guide, "Matrix").

The number of queries does not depend on how many people or assignments there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import Group, GroupMembership, User
from computers.models import Computer
from immyrbac.arrays import any_of
from immyrbac.searching import holding
from immyrbac.words import SOON
from rbac.access import Access, who_can
from rbac.grants import counting_permissions, earliest, scopes_of_row
from rbac.holders import Principal, Reach
from rbac.models import Effect, RoleAssignment, Switch
from rbac.naming import named
from rbac.objects import Facts
from rbac.permissions import Permission, Scoping
from rbac.sentences import SENTENCE_RELATIONS
from rbac.switches import GOVERNING, SwitchKey, keeps
from tenancy.models import TenantScopeKind

ACTIONS = tuple(permission for permission in Permission if permission.spec.scoping == Scoping.COMPUTER)
"""What can be done on a computer now."""

LISTED = [permission.value for permission in ACTIONS]


class State(StrEnum):
    """What stands in a cell; the values are the matrix's own words (parts/matrix.html)."""

    ALLOW = "allow"
    DENY = "deny"
    SOON = "soon"
    SUSPENDED = "suspended"
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


@dataclass(frozen=True, slots=True)
class Members:
    """How many live members of a group are named to the reader; who lives here, above, and at an MSP among all."""

    named: int = 0
    here: int = 0
    above: int = 0
    msp: int = 0


class Matrix:
    """One computer at one moment, as one reader may read of it (design 3, "Objects")."""

    def __init__(self, computer: Computer, access: Access) -> None:
        facts = Facts()
        facts.learn_computers([computer.pk])
        self.computer, self.access, self.now = computer, access, timezone.now()
        self._tenant, self._facts = facts.tenants[computer.tenant_id], facts.computers[computer.pk]
        self._off = facts.switched_off[computer.tenant_id]
        self._stands = dict(Switch.objects.filter(tenant=None).values_list("key", "enabled"))
        self._reach = Reach([self._tenant], self._facts)

    # Who

    @property
    def named(self) -> Q:
        """The users whom the reader may read of by name: of the tenant, of its MSP, and whom they see anyway."""
        return named((self._tenant.id, self._tenant.msp_id), self.access.seen(User))

    @property
    def people(self) -> QuerySet[User]:
        """Everybody whom some allow reaches here, denied or suspended or not."""
        return self._able().filter(any_of("pk", self._reach.people(self._reached[Effect.ALLOW])))

    @property
    def principals(self) -> QuerySet[User]:
        """Those who have an assignment of their own here, and those reached through a group that stays unnamed."""
        groups = {each.group_id for each in self._reached[Effect.ALLOW] if each.group_id is not None}
        named = set(self._named_groups().filter(pk__in=groups).values_list("pk", flat=True))
        direct = [each for found in self._reached.values() for each in found if each.group_id is None]
        unnamed = [each for each in self._reached[Effect.ALLOW] if each.group_id and each.group_id not in named]
        return self._able().filter(any_of("pk", self._reach.people([*direct, *unnamed])))

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
        able = {p for p in ACTIONS if who_can(p, self.computer).exclude(self.named).exists()}
        return {permission: State.ALLOW if permission in able else State.NONE for permission in ACTIONS}

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
        able = GroupMembership.objects.live().filter(group__in=set(groups), user__in=User.objects.able_to_act())
        named = User.objects.filter(self.named).values("pk")
        counted = {
            "named": Q(user__in=named),
            "here": Q(user__tenant=self._tenant.id),
            "above": Q(user__tenant__in=self._tenant.path),
            "msp": Q(user__tenant__is_msp=True),
        }
        counts = {name: Count("pk", filter=condition) for name, condition in counted.items()}
        rows = able.order_by().values("group").annotate(**counts).values_list("group", *counts)
        return defaultdict(Members, {group: Members(*numbers) for group, *numbers in rows})

    def state(self, permission: Permission, reaching: Sequence[Reaching]) -> State:
        """The verdict for somebody whom exactly these reach."""
        held = [each for each in reaching if permission in each.permissions]
        if any(not each.allows for each in held):
            return State.DENY
        flowing = [each for each in held if self._flows(permission, each.assignment.role.key)]
        if not flowing:
            return State.SUSPENDED if held else State.NONE
        ends = [each.ends for each in flowing]
        return State.ALLOW if None in ends or max(filter(None, ends)) - self.now > SOON else State.SOON

    def visible(self, reaching: Iterable[Reaching]) -> frozenset[int]:
        """Which of these assignments the reader may see; the others are access outside their view."""
        seen = self.access.seen(RoleAssignment).filter(pk__in={each.assignment.pk for each in reaching})
        return frozenset(seen.order_by().values_list("pk", flat=True))

    # How

    def _able(self) -> QuerySet[User]:
        return User.objects.able_to_act().select_related("tenant")

    @cached_property
    def _reached(self) -> dict[str, list[Principal]]:
        """Whom live assignments of each effect name here."""
        return self._reach.named(Q(role__permissions__overlap=LISTED))

    def _rows(self, *conditions: Q, **more: object) -> QuerySet[RoleAssignment]:
        """Live assignments that may cover the computer, for some home; `_covers` says for which."""
        rows = self._reach.rows().filter(*conditions, role__permissions__overlap=LISTED, **more)
        return rows.select_related("group", *SENTENCE_RELATIONS).order_by("pk")

    def _covers(self, row: RoleAssignment, home_id: int) -> bool:
        tenants, computers = scopes_of_row(row, home_id)
        return tenants.covers(self._tenant) and computers.covers(self._facts)

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
