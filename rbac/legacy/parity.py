"""The proof: what people could do in the old system beside what the rule lets them do here, cell by cell.

The new side is answered by `rbac.access` for what each would hold, with the switches as the import would put them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils import timezone

from computers.scopes import AllScope
from immyrbac.words import listed
from rbac.access import INSTANCE, Access
from rbac.grants import Grant, Holding, counting_permissions
from rbac.legacy.abilities import ABILITIES, Ability, Extent, Flags, Preferences, old_extent
from rbac.legacy.plan import Person, Plan
from rbac.legacy.proposal import Proposal, proposed
from rbac.models import RoleAssignment, Switch
from rbac.objects import Facts
from rbac.permissions import Permission
from rbac.power import Reach
from rbac.roles import BUILT_IN_ROLES
from rbac.sentences import plain, sentence
from rbac.switches import GOVERNING, SwitchKey, keeps
from tenancy.models import Tenant, TenantScopeKind
from tenancy.scopes import OwnerScope, SingleScope, TenantFacts

ROLES = {role.key: role for role in BUILT_IN_ROLES}

HOME, STRANGER = Tenant(pk=-1, name="their own tenant"), Tenant(pk=-2, name="another tenant")
"""Two tenants that nothing names: what reaches the second reaches any."""


class Verdict(TextChoices):
    EQUAL = "equal", "equal"
    EXPLAINED = "explained", "explained"
    UNEXPLAINED = "unexplained", "not explained"


class Cell(NamedTuple):
    """One ability of somebody: before, where the old guide says, and now, where anything here is guarded by it."""

    ability: Ability
    old: Extent | None
    new: Extent | None
    because: str = ""

    @property
    def verdict(self) -> Verdict:
        if self.old is not None and self.old == self.new:
            return Verdict.EQUAL
        return Verdict.EXPLAINED if self.because else Verdict.UNEXPLAINED


class Profile(NamedTuple):
    """What makes two people alike, as long as nothing else is there."""

    flags: Flags
    is_expired: bool


@dataclass(frozen=True)
class Parity:
    """The table of each profile, and what differs from it for single people because of what is here already."""

    profiles: Mapping[Profile, list[Cell]]
    people: Mapping[Profile, list[Person]]
    single: Sequence[tuple[Person, list[Cell]]]

    @property
    def unexplained(self) -> list[str]:
        cells = [(str(profile.flags.level.label), each) for profile, table in self.profiles.items() for each in table]
        cells += [(person.old.email, each) for person, differing in self.single for each in differing]
        return [f"{who}: {each.ability.label}" for who, each in cells if each.verdict == Verdict.UNEXPLAINED]


def parity_of(plan: Plan) -> Parity:
    """Two queries more than the plan took."""
    now = timezone.now()
    groups: defaultdict[Profile, list[Person]] = defaultdict(list)
    for person in plan.people:
        ends = person.old.expires_at
        groups[Profile(person.old.flags, ends is not None and ends <= now)].append(person)
    tables = {profile: list(_table(profile, plan.preferences)) for profile in groups}
    bench = _Bench(plan, now)
    single = [
        (person, differing)
        for profile, people in groups.items()
        for person in people
        if (differing := bench.differing(person, tables[profile]))
    ]
    return Parity(tables, groups, single)


# What the proposal gives by itself


def _table(profile: Profile, preferences: Preferences) -> Iterator[Cell]:
    """Old against new for somebody of the profile for whom nothing is here yet."""
    grants = () if profile.is_expired else tuple(_grants(proposed(profile.flags, preferences), profile.flags))
    access = _access(grants, preferences, _facts())
    for ability in ABILITIES:
        old = Extent.NOWHERE if profile.is_expired else old_extent(ability, profile.flags, preferences)
        new = extent_of(access, ability, HOME, {})
        yield Cell(ability, old, new, _why(old, new, profile.flags))


def _why(old: Extent | None, new: Extent | None, flags: Flags) -> str:
    if new is None:
        return "Nothing in this version is guarded by it yet."
    if old is None:
        return f"The old guide does not say; the role {ROLES[flags.level.value].name} decides."
    return ""


def _grants(proposals: Iterable[Proposal], flags: Flags) -> Iterator[Grant]:
    for role_key, scope in proposals:
        tenants = OwnerScope() if scope == TenantScopeKind.OWNER else SingleScope(HOME.pk)
        counting = counting_permissions(
            frozenset(ROLES[role_key].permissions), whole=tenants.is_everything, every=True, msp_only=flags.is_msp
        )
        yield Grant(0, None, True, counting, tenants, AllScope(), scope, 0, role_key, None)


def _facts() -> Facts:
    facts = Facts()
    for tenant in (HOME, STRANGER):
        facts.tenants[tenant.pk] = TenantFacts(tenant.pk)
        facts.switched_off[tenant.pk] = frozenset()
    return facts


def _access(grants: tuple[Grant, ...], preferences: Preferences, facts: Facts) -> Access:
    access = Access(Holding(None, grants, tuple(preferences.items())))
    access.facts = facts
    return access


def extent_of(
    access: Access, ability: Ability, home: Tenant, tightened: Mapping[SwitchKey, Collection[int]]
) -> Extent | None:
    """How far the rule lets them; None where the catalogue has no such permission.

    `tightened`: the tenants that turned a switch off for what is theirs.
    """
    if ability.permission not in Permission:
        return None
    permission, own = Permission(ability.permission), SingleScope(home.pk)
    at_home, elsewhere, instance = (access.can(permission, place) for place in (home, STRANGER, INSTANCE))
    giving = [grant for grant in access.grants if grant.allows and _flows(access, grant, permission)]
    taking = [grant for grant in access.grants if not grant.allows and permission in grant.permissions]
    if at_home and elsewhere and instance:
        off = [key for key in GOVERNING.get(permission, ()) if tightened.get(key)]
        whole = any(grant.is_everywhere and _keeps(grant, permission, off) for grant in giving)
        return Extent.EVERYWHERE if whole and not taking else Extent.PARTLY
    if elsewhere or instance or any(grant.tenants != own for grant in giving):
        return Extent.PARTLY
    if at_home:
        here = access.facts.tenants[home.pk]
        return Extent.PARTLY if any(grant.tenants.covers(here) for grant in taking) else Extent.OWN
    return Extent.NOWHERE if all(grant.computers.is_everything for grant in giving) else Extent.PARTLY


def _keeps(grant: Grant, permission: Permission, off: Iterable[SwitchKey]) -> bool:
    return all(keeps(grant.role_key, permission, key, enabled=False) for key in off)


def _flows(access: Access, grant: Grant, permission: Permission) -> bool:
    return permission in grant.permissions and all(
        keeps(grant.role_key, permission, key, enabled=access.switches.get(key, key.spec.default))
        for key in GOVERNING.get(permission, ())
    )


# What is here already


class _Bench:
    """Judges single people by all that they would hold, with what it looked up once for all of them."""

    def __init__(self, plan: Plan, now: datetime) -> None:
        self.preferences, self.now, self.facts = plan.preferences, now, _facts()
        self.facts.learn_tenants(person.user.tenant_id for person in plan.people)
        self.tightened: defaultdict[SwitchKey, set[int]] = defaultdict(set)
        for key, tenant_id in Switch.objects.filter(tenant__isnull=False, enabled=False).values_list("key", "tenant"):
            self.tightened[SwitchKey(key)].add(tenant_id)
        self._known: dict[tuple[int, tuple[Grant, ...]], list[Extent | None]] = {}

    def differing(self, person: Person, table: Iterable[Cell]) -> list[Cell]:
        """The cells that are not as the table has them, each with why."""
        return [
            Cell(cell.ability, cell.old, new, " ".join(self._why(person, cell.ability)))
            for cell, new in zip(table, self._extents(person), strict=True)
            if new != cell.new
        ]

    def _extents(self, person: Person) -> list[Extent | None]:
        """How far each ability goes: worked out once for all who are at home in one tenant and hold the same."""
        home, grants = person.user.tenant, self._grants_of(person)
        if (home.pk, grants) not in self._known:
            access = _access(grants, self.preferences, self.facts)
            self._known[home.pk, grants] = [extent_of(access, each, home, self.tightened) for each in ABILITIES]
        return self._known[home.pk, grants]

    def _grants_of(self, person: Person) -> tuple[Grant, ...]:
        able = person.user.is_active and person.user.tenant.is_active
        ends = person.user.access_expires_at
        reaches = person.after if able and (ends is None or ends > self.now) else []
        is_msp = person.user.tenant.is_msp
        live = (each for each in reaches if each.starts is None or each.starts <= self.now)
        return tuple(_as_grant(each, is_msp=is_msp) for each in live)

    def _why(self, person: Person, ability: Ability) -> Iterator[str]:
        if not person.user.is_active:
            yield "The account here is deactivated."
        if not person.user.tenant.is_active:
            yield f"{person.user.tenant} is inactive."
        if named := [_told(row) for row in person.held if ability.permission in row.role.permissions]:
            yield f"Here already: {listed(named)}."
        for key in GOVERNING.get(Permission(ability.permission), ()):
            if tenants := self.tightened[key]:
                yield f"{len(tenants)} of the tenants turned off “{key.label}” for what is theirs."


def _as_grant(reach: Reach, *, is_msp: bool) -> Grant:
    """A reach as it counts now: it is kept in the gross, with what counts for users of an MSP alone."""
    counting = {each for each in reach.permissions if is_msp or not (reach.allows and each.spec.msp_only)}
    (tenants,), (computers,) = reach.region.tenants, reach.region.computers
    return Grant(
        0,
        reach.person.group_id,
        reach.allows,
        frozenset(counting),
        tenants,
        computers,
        reach.kind,
        reach.role.id,
        reach.role.key,
        None,
    )


def _told(row: RoleAssignment) -> str:
    through = f", through {row.group}" if row.group else ""
    return f"{plain(sentence(row))}{through}"
