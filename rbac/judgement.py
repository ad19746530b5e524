"""The rules of delegation (design 6): what an actor may give, take and manage, as a list of objections.

Judgement alone, over an Access and the difference that an act makes; `rbac.delegation` brings the two together. An act
without objections is allowed. Objections are sentences for the actor and name nothing that the actor may not know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from accounts.models import Group, User
from computers.scopes import AllScope
from immyrbac.arrays import any_of
from immyrbac.words import instant, listed
from rbac.access import Access
from rbac.grants import Grant, scopes_of_row
from rbac.models import RoleAssignment, Switch
from rbac.moves import Telling
from rbac.permissions import ASSIGN_PERMISSIONS, Permission, Scoping
from rbac.power import Claim, Person, Reach, RoleFacts, reaches_of
from rbac.regions import Estate, Region, contains, disjoint
from rbac.shares import SHARE
from rbac.switches import GOVERNING, resilience
from tenancy.models import Tenant, TenantScopeKind
from tenancy.scopes import SingleScope, owned_region

SIMPLE_ROLE = "tenant_user"
"""The built-in role that may be given with *Manage Users* alone (rule 3)."""

FULL_POWER = "msp_administrator"
"""The built-in role that holds every permission, and keeps it wherever the switches stand."""

GIVES = {**ASSIGN_PERMISSIONS, SHARE: Permission.SOFTWARE_SHARE}
"""What giving each kind of scope takes, one item among them; `own_tenant` takes `users:manage` (rule 1)."""

STRONGER = "This person holds access that you do not hold yourself."


class Judge:
    """Collects what speaks against an act. `objections` stand in the order in which they were found, each once."""

    def __init__(self, access: Access, estate: Estate | None = None) -> None:
        self.access = access
        self.estate = estate or Estate()
        self.objections: list[str] = []
        self._allows = [grant for grant in access.grants if grant.allows]
        self._denies = [grant for grant in access.grants if not grant.allows]
        self._lacking: dict[Any, frozenset[Permission]] = {}

    def look_again(self, reaches: Collection[Reach]) -> None:
        """After a write: forget what was looked up, and look up at once what judging these will ask."""
        self.estate, self._lacking = Estate(), {}
        self.learn(reaches)

    def object(self, sentence: str) -> None:
        if sentence not in self.objections:
            self.objections.append(sentence)

    def learn(self, reaches: Collection[Reach]) -> None:
        """All that judging these may look up about scopes and homes, in six queries however many they are."""
        people = {pk for reach in reaches if (pk := reach.person.user_id) is not None}
        homes = set(User.objects.filter(any_of("pk", people)).values_list("tenant_id", flat=True))
        own = {grant.region for grant in self.access.grants}
        near = {Region.of(SingleScope(home), AllScope()) for home in homes}
        self.estate.learn(own | near | {reach.region for reach in reaches})

    def telling(self) -> Telling:
        """By what this judge tells places apart: the actor's scopes, and tenants that turn a switch off. 6 queries."""
        tightened = Tenant.objects.filter(pk__in=Switch.objects.filter(enabled=False).values("tenant"))
        alone = frozenset(map(SingleScope, tightened.order_by().values_list("pk", flat=True)))
        denies = [deny.region for deny in self._later_denies]
        return Telling(alone) | Telling.of([*(grant.region for grant in self.access.grants), *denies])

    # Giving

    def granted(self, reaches: Iterable[Reach]) -> None:
        """Rule 1 for the own scope of a row that is granted, allow or deny, whatever it makes different."""
        for kind, region in {(reach.kind, reach.region) for reach in reaches}:
            self._kind_of_scope(kind, region)

    def shared(self, reaches: Iterable[Reach]) -> None:
        """Rules 1 and 2 for what is shared of one item, whatever it makes different: it may outlast all else."""
        for reach in reaches:
            self.learn([reach])
            self._kind_of_scope(reach.kind, reach.region)
            self._only_what_you_hold(Claim(reach, reach.permissions, reach.region, reach.ends))

    def gains(self, claims: Iterable[Claim], *, flipping: bool = False) -> None:
        """Rules 1, 2, 3 and 5 for what becomes possible; flipping a switch is excepted from rule 5."""
        seen, claims = set(), list(claims)
        for claim in claims:
            if claim.reach.person.user_id == self.access.user_id and not flipping:
                self.object("This would raise your own access. Somebody else has to do it.")
            reach = claim.reach
            # Many claims are about one region: to hash it takes longer than to judge it.
            case = (reach.kind, reach.role, claim.permissions, id(claim.region), claim.ends)
            if case not in seen:
                seen.add(case)
                self._kind_of_scope(reach.kind, claim.region)
                self._only_what_you_hold(claim)
                self._strong_role(reach.kind, reach.role, claim)

    def _kind_of_scope(self, kind: str, region: Region) -> None:
        """Rule 1."""
        needed = GIVES.get(kind, Permission.USERS_MANAGE)
        if kind == SHARE and not self._covers(needed, region):
            self.object(f"Sharing it takes {needed.label} there.")
        elif not self._covers(needed, region):
            self.object(f"The scope {TenantScopeKind(kind).label} takes {needed.label} over all that it covers.")

    def _only_what_you_hold(self, claim: Claim) -> None:
        """Rule 2."""
        key = claim.reach.role.key
        if missing := self.lacking(claim.permissions, claim.region):
            self.object(f"You do not hold {_labels(missing)} on all of it.")
        elif fragile := self.lacking(claim.permissions, claim.region, role_key=key):
            self.object(f"A switch can take {_labels(fragile)} from you, but not from this role.")
        elif self.lacking(claim.permissions, claim.region, role_key=key, until=claim.ends, bounded=True):
            latest = self.latest_end(claim.permissions, claim.region)
            when = f" until {instant(latest)}" if latest else " for a shorter time"
            self.object(f"You hold this yourself only{when}; it can end no later.")

    def _strong_role(self, kind: str, role: RoleFacts, claim: Claim) -> None:
        """Rule 3."""
        if _is_strong(claim.permissions) and not self._covers(Permission.USERS_ASSIGN_CROSS_TENANT_ROLES, claim.region):
            label = Permission.USERS_ASSIGN_CROSS_TENANT_ROLES.label
            self.object(f"This role holds permissions of the system or of MSP users: it takes {label} there.")
        if kind != TenantScopeKind.OWN_TENANT or is_simple(role):
            return
        if not any(self._covers(assign, claim.region) for assign in ASSIGN_PERMISSIONS.values()):
            self.object("With Manage Users alone you can give Tenant User, or a custom role without administration.")

    # Taking

    def ended(self, rows: Iterable[RoleAssignment]) -> None:
        """Who ends a row manages its person (of a group: its owner), or could give that scope. One's own is free."""
        if not all(map(self.may_end, rows)):
            self.object("Ending it takes Manage Users for this person, or the permission to give its scope.")

    def may_end(self, row: RoleAssignment) -> bool:
        if row.user_id == self.access.user_id:
            return True
        owner = row.user.tenant_id if row.user else row.group.tenant_id if row.group else None
        if self._manages(owner):
            return True
        tenants, computers = scopes_of_row(row, owner or 0)
        if row.group and row.scope == TenantScopeKind.OWN_TENANT:
            tenants = owned_region(owner)
        return self._assigns(row.scope, Region.of(tenants, computers))

    def losses(self, claims: Iterable[Claim]) -> None:
        """Who takes something from people manages them, or could give that scope; and holds it where it is lost."""
        own = Person(self.access.user_id)
        others = [claim for claim in claims if claim.reach.person != own]
        homes = _homes(claim.reach.person for claim in others)
        self.estate.tenants.learn(home for home in homes.values() if home is not None)
        taken = {(homes[each.reach.person], each.reach.kind, id(each.region)): each.region for each in others}
        for (home, kind, _), region in taken.items():
            if not self._manages(home) and not self._assigns(kind, region):
                self.object("Somebody would lose access whom you may not manage, on a scope that you may not give.")
        for claim in {(each.permissions, id(each.region), each.reach.role.key): each for each in others}.values():
            # Looked up now, a thing that moved away is in no scope of theirs: rule 4 is about what they held before.
            if self.lacking(claim.permissions, claim.region.as_it_was(), role_key=claim.reach.role.key):
                self.object(STRONGER)

    def covers_person(self, reaches: Iterable[Reach], *, as_long: bool = False) -> None:
        """Rule 4: all that the person holds, anywhere, the actor holds there now; `as_long` for acts on an account."""
        if not self.holds_all(reaches, as_long=as_long):
            self.object(STRONGER)

    def covers_others(self, power: Mapping[Person, Iterable[Reach]]) -> None:
        """Rule 4 for these; the actor covers themselves."""
        for person, reaches in power.items():
            if person != Person(self.access.user_id):
                self.covers_person(reaches)

    def sends_home(self, reaches: Collection[Reach]) -> None:
        """Rule 4 for deactivating and removing: it is enough to manage users wherever the person reaches."""
        inside = all(
            self._covers(Permission.USERS_MANAGE, Region(reach.region.tenants, (AllScope(),)))
            for reach in reaches
            if reach.allows
        )
        if not inside:
            self.covers_person(reaches)

    def holds_all(self, reaches: Iterable[Reach], *, as_long: bool = False) -> bool:
        """Whether the actor holds all that these allow, there and now."""
        return not any(
            self.lacking(reach.permissions, reach.region, role_key=reach.role.key, until=reach.ends, bounded=as_long)
            for reach in reaches
            if reach.allows
        )

    # What the actor holds

    def lacking(
        self,
        permissions: frozenset[Permission],
        region: Region,
        *,
        role_key: str | None = None,
        until: datetime | None = None,
        bounded: bool = False,
    ) -> frozenset[Permission]:
        """The permissions that no one grant of the actor holds on all of the region, or that a deny may take there.

        What a switch suspends counts as held, unless a role with `role_key` keeps it where the actor's would not.
        With `bounded`, no grant counts that ends before `until` (None: never), and a deny that starts before it does.
        Remembered, since the members of a group have much in common.
        """
        asked = (permissions, region, role_key, until if bounded else None, bounded)
        if asked not in self._lacking:
            self._lacking[asked] = self._looked_up(*asked)
        return self._lacking[asked]

    def _looked_up(
        self,
        permissions: frozenset[Permission],
        region: Region,
        role_key: str | None,
        until: datetime | None,
        bounded: bool,  # noqa: FBT001  as `lacking` has it
    ) -> frozenset[Permission]:
        held: set[Permission] = set()
        for grant in self._allows:
            if contains(grant.region, region, self.estate) and (not bounded or _lasts(grant, until)):
                held.update(
                    permission
                    for permission in grant.permissions & permissions
                    if role_key is None or resilience(grant.role_key, permission) >= resilience(role_key, permission)
                )
        for deny in [*self._denies, *(self._denies_before(until) if bounded else ())]:
            if deny.permissions & held and not disjoint(deny.region, region, self.estate):
                held -= deny.permissions
        return permissions - held

    def _denies_before(self, until: datetime | None) -> Iterator[Reach]:
        """What the actor is denied from some later instant on, if that comes before `until` (None: never)."""
        return (deny for deny in self._later_denies if until is None or (deny.starts and deny.starts < until))

    @cached_property
    def _later_denies(self) -> list[Reach]:
        own = () if self.access.user_id is None else [self.access.user_id]
        return [reach for reach in reaches_of(own) if not reach.allows and reach.starts]

    def latest_end(self, permissions: frozenset[Permission], region: Region) -> datetime | None:
        """Until when the actor holds all of these there; None is no end, or that they are not held at all."""
        ends = [
            max(
                (grant.ends for grant in self._holding(permission, region) if grant.ends is not None),
                default=None,
            )
            for permission in permissions
            if all(grant.ends is not None for grant in self._holding(permission, region))
        ]
        return min((end for end in ends if end is not None), default=None)

    def _holding(self, permission: Permission, region: Region) -> list[Grant]:
        return [
            grant
            for grant in self._allows
            if permission in grant.permissions and contains(grant.region, region, self.estate)
        ]

    def _covers(self, permission: Permission, region: Region) -> bool:
        return self.access.covers(permission, region, self.estate)

    def _manages(self, tenant_id: int | None) -> bool:
        owner = owned_region(None) if tenant_id is None else SingleScope(tenant_id)
        return self._covers(Permission.USERS_MANAGE, Region.of(owner, AllScope()))

    def _assigns(self, kind: str, region: Region) -> bool:
        return self._covers(GIVES.get(kind, Permission.USERS_MANAGE), region)


def holds_everything(access: Access) -> bool:
    """MSP Administrator at owner on all computers, and no deny: nobody holds what they do not."""
    full = (grant for grant in access.grants if grant.is_everywhere and grant.role_key == FULL_POWER)
    return any(len(grant.permissions) == len(Permission) for grant in full) and all(
        grant.allows for grant in access.grants
    )


@lru_cache(maxsize=1024)
def _is_strong(permissions: frozenset[Permission]) -> bool:
    """Whether any of them is one of the system or of MSP users."""
    return any(each.spec.msp_only or each.spec.scoping == Scoping.SYSTEM for each in permissions)


@lru_cache(maxsize=1024)
def is_simple(role: RoleFacts) -> bool:
    """Whether *Manage Users* alone suffices to give the role (rule 3): nothing administrative, nothing switched."""
    if role.key is not None:
        return role.key == SIMPLE_ROLE
    held = [permission for permission in Permission if permission in role.permissions]
    return not any(permission.spec.administrative or permission in GOVERNING for permission in held)


def _homes(people: Iterable[Person]) -> dict[Person, int | None]:
    """Where these live; for the member more of a group, its owner. Two queries."""
    people = set(people)
    users, groups = ({getattr(person, name) for person in people} - {None} for name in ("user_id", "group_id"))
    homes = dict(User.objects.filter(any_of("pk", users)).order_by().values_list("pk", "tenant_id"))
    owners = dict(Group.objects.filter(any_of("pk", groups)).order_by().values_list("pk", "tenant_id"))
    return {each: owners[each.group_id or 0] if each.user_id is None else homes[each.user_id] for each in people}


def _lasts(grant: Grant, until: datetime | None) -> bool:
    return grant.ends is None or (until is not None and until <= grant.ends)


def _labels(permissions: Iterable[Permission]) -> str:
    return listed(sorted(permission.label for permission in permissions))
