"""Who holds which roles, as far as a reader may see it (design 3, "Objects"): for lists and pages about people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Group, GroupMembership, User
from computers.models import Computer, ComputerScopeKind
from immyrbac.arrays import any_of
from immyrbac.attaching import attach, of_keys
from immyrbac.statements import Statement
from immyrbac.words import Status, lifetime, listed
from rbac.access import Access
from rbac.grants import counting_permissions, scopes_of_row
from rbac.models import Effect, Role, RoleAssignment, RoleAssignmentQuerySet, Switch
from rbac.naming import name_for
from rbac.permissions import Permission
from rbac.sentences import told
from rbac.sight import COLUMNS, Sighted, sighted
from rbac.switches import GOVERNING, SwitchKey, keeps
from tenancy.models import Tenant, TenantScopeKind

# Lists of people


class HeldRole(NamedTuple):
    name: str
    great_power: bool


def roles_of(access: Access, users: Collection[int]) -> dict[int, list[HeldRole]]:
    """The roles that these people may use now, directly or through a group, as the reader may see; seven queries.

    Those of great power come first, then those that hold most.
    """
    joined: defaultdict[int, list[tuple[int, bool]]] = defaultdict(list)
    for group, user, of_msp in _joined().rows({-1: sorted(users)}) if users else ():
        joined[group].append((user, of_msp))
    rows = _allowing().rows({-1: sorted(users), -2: sorted(joined)}) if users else []
    seen = access.visible([Sighted(*row[: len(COLUMNS)]) for row in rows])
    shown = [(Sighted(*row[: len(COLUMNS)]), *row[len(COLUMNS) :]) for row in rows if row[0] in seen]
    roles = {role.pk: role for role in of_keys(Role, {role for _, role, _, _ in shown})}
    held: defaultdict[int, set[tuple[bool, int, str]]] = defaultdict(set)
    for row, role_id, computers, of_msp in shown:
        role = roles[role_id]
        for user_id, is_msp in [(row.user, of_msp)] if row.user else joined[row.group or 0]:
            power = great_power(role.permissions, row.scope, computers, msp_only=bool(is_msp))
            held[user_id].add((not power, -len(role.permissions), role.name))
    return {user_id: _named(roles) for user_id, roles in held.items()}


@cache
def _joined() -> Statement:
    rows = GroupMembership.objects.live().filter(any_of("user_id", [-1])).order_by()
    return Statement(rows.values_list("group_id", "user_id", "user__tenant__is_msp"), planned_once=True)


@cache
def _allowing() -> Statement:
    rows = RoleAssignment.objects.live().filter(effect=Effect.ALLOW).order_by()
    rows = rows.filter(any_of("user_id", [-1]) | any_of("group_id", [-2]))
    columns = (*COLUMNS, "role_id", "computer_scope", "user__tenant__is_msp")
    return Statement(rows.values_list(*columns), planned_once=True)


def _named(roles: Iterable[tuple[bool, int, str]]) -> list[HeldRole]:
    by_name: dict[str, HeldRole] = {}
    for harmless, _, name in sorted(roles):
        by_name.setdefault(name, HeldRole(name, great_power=not harmless))
    return list(by_name.values())


def holders_of(access: Access, role: Role) -> Q:
    """The users who may use the role now through an assignment that the reader may see."""
    seen = _seen(access, RoleAssignment.objects.live().filter(effect=Effect.ALLOW, role=role))
    members = GroupMembership.objects.live().filter(group__in=seen.filter(user=None).values("group_id"))
    return Q(pk__in=seen.filter(group=None).values("user_id")) | Q(pk__in=members.values("user_id"))


def groups_holding(access: Access) -> QuerySet[Any, Any]:
    """The groups, by number, with an assignment that is not over and that the reader may see."""
    return _seen(access, RoleAssignment.objects.unexpired().filter(user=None)).values("group_id")


class Shared(NamedTuple):
    """What the reader may see of what one group holds: how many assignments that are not over, and the roles in use."""

    assignments: int
    roles: list[HeldRole]


def share(access: Access, groups: Iterable[Group]) -> None:
    """Give each of these groups what `shared_by` reads. Seven queries at most."""
    known: dict[int, Any] = {group.pk: group for group in groups}
    rows = _shared().objects({-1: sorted(known)}) if known else []
    attach(rows, "role")
    attach(rows, "tag", "computer_tag")
    for row in rows:
        row.group = known[row.group_id]
    seen = access.visible([*map(sighted, rows)])
    for pk, group in known.items():
        group.shared_rows = [row for row in rows if row.group_id == pk and row.pk in seen]


@cache
def _shared() -> Statement:
    return Statement(RoleAssignment.objects.unexpired().filter(any_of("group_id", [-1])).order_by(), planned_once=True)


def shared_by(group: Group, now: datetime) -> Shared:
    """The roles as `roles_of` has them, for whoever may be in the group."""
    rows: list[RoleAssignment] = getattr(group, "shared_rows")  # noqa: B009  what `share` gave it
    allows = [row for row in rows if row.effect == Effect.ALLOW and (row.starts_at is None or row.starts_at <= now)]
    power = [great_power(row.role.permissions, row.scope, row.computer_scope, msp_only=True) for row in allows]
    held = {(not p, -len(row.role.permissions), row.role.name) for p, row in zip(power, allows, strict=True)}
    return Shared(len(rows), _named(held))


ROLES = Role
"""What a list outside of `rbac`, which reads no roles itself, narrows by."""


def roles_seen(access: Access) -> QuerySet[Role]:
    return access.seen(Role)


# The page of one user, or of one group


@dataclass(frozen=True, slots=True)
class Held:
    """One assignment on the page of who holds it; `membership` where it comes through a group.

    `power`: how many permissions of great power count in it. `given_by` and `ended_by` are
    names as far as the reader may read them, `opens` and `opens_group` whether they may open the computer that it names
    and the group that it comes through. `note` says which tenants switch something of it off for themselves.
    """

    row: RoleAssignment
    membership: GroupMembership | None
    status: Status
    power: int
    given_by: str
    ended_by: str
    opens: bool
    opens_group: bool
    note: str

    @property
    def denies(self) -> bool:
        return self.row.effect == Effect.DENY

    @property
    def is_over(self) -> bool:
        return self.status.kind in ("ended", "off")


@dataclass(frozen=True, slots=True)
class Roster:
    """Everything that a principal holds or held, as the reader may see it; `beyond`: there is more than that."""

    direct: list[Held]
    through: list[Held]
    over: list[Held]
    beyond: bool


def roster_of(access: Access, principal: User | Group) -> Roster:
    """What this user or group holds: deny first, then live, suspended and starting. 16 queries at most."""
    memberships = _memberships(principal)
    rows = told(_held_by(principal, memberships))
    shown = _shown(access, rows, principal)
    seen, now = [row for row in rows if row.pk in shown], timezone.now()
    beyond = any(row.pk not in shown and _is_unexpired(row, now) for row in rows)
    access.know(person for row in seen for person in (row.granted_by, row.ended_by) if person is not None)
    reading = _Reading(access, principal, seen)
    held = [reading.held(row, memberships.get(row.group_id or 0)) for row in seen]
    held.sort(key=_standing)
    return Roster(
        [each for each in held if each.membership is None and not each.is_over],
        [each for each in held if each.membership is not None and not each.is_over],
        [each for each in held if each.is_over],
        beyond,
    )


def count_held(access: Access, principal: User | Group) -> int:
    """How many assignments that are not over the reader sees on the principal's page; ten queries at most."""
    now = timezone.now()
    rows = [row for row in _held_by(principal, _memberships(principal)) if _is_unexpired(row, now)]
    attach(rows, "user")
    attach(rows, "group")
    attach(rows, "tag", "computer_tag")
    return len(_shown(access, rows, principal))


def _is_unexpired(row: RoleAssignment, now: datetime) -> bool:
    return row.ended_at is None and (row.expires_at is None or row.expires_at > now)


def _shown(access: Access, rows: Iterable[RoleAssignment], principal: User | Group) -> set[int]:
    """Those that the reader may see: with their principal and their scope. What reaches oneself needs no permission."""
    if isinstance(principal, User) and principal.pk == access.user_id:
        return {row.pk for row in rows}
    return access.visible([*map(sighted, rows)])


def _seen(access: Access, rows: RoleAssignmentQuerySet) -> QuerySet[RoleAssignment]:
    """Those of these assignments that the reader may see; unordered."""
    return access.scope(rows, RoleAssignment.VIEW).order_by()


def _memberships(principal: User | Group) -> dict[int, GroupMembership]:
    """By group."""
    if isinstance(principal, Group):
        return {}
    return {row.group_id: row for row in _belonging().objects({-1: [principal.pk]})}


@cache
def _belonging() -> Statement:
    rows = GroupMembership.objects.live().filter(any_of("user_id", [-1])).order_by()
    return Statement(rows, planned_once=True)


def _held_by(principal: User | Group, memberships: Collection[int]) -> list[RoleAssignment]:
    """Of a user also what their groups hold and was not ended; the newest first."""
    if isinstance(principal, Group):
        return _history().objects({-1: [], -2: [principal.pk], -3: []})
    return _history().objects({-1: [principal.pk], -2: [], -3: sorted(memberships)})


@cache
def _history() -> Statement:
    own = any_of("user_id", [-1]) | any_of("group_id", [-2])
    through = any_of("group_id", [-3]) & Q(ended_at=None)
    return Statement(RoleAssignment.objects.filter(own | through).order_by("-granted_at", "-pk"), planned_once=True)


def great_power(permissions: Iterable[str], scope: str, computers: str, *, msp_only: bool) -> int:
    counting = counting_permissions(
        frozenset(permissions),
        whole=scope == TenantScopeKind.OWNER,
        every=computers == ComputerScopeKind.ALL,
        msp_only=msp_only,
    )
    return sum(permission.spec.great_power for permission in counting)


OWN = TenantScopeKind.OWN_TENANT
PARTLY_SUSPENDED = Status("suspended", "Partly suspended")


class _Reading:
    """How one reader reads the assignments of one principal."""

    def __init__(self, access: Access, principal: User | Group, rows: Iterable[RoleAssignment]) -> None:
        self.access, self.place, self.now = access, principal.tenant, timezone.now()
        self.home = principal.tenant_id if isinstance(principal, User) else None
        self.user = principal if isinstance(principal, User) else None
        computers = {row.computer_id for row in rows if row.computer_id}
        seen = access.seen(Computer).filter(pk__in=computers).values_list("pk", flat=True) if computers else ()
        self.open = set(seen)
        # What reaches somebody else is seen through a group that is seen; what reaches oneself, in any case.
        self.open_groups = {row.group_id for row in rows if row.group_id}
        if self.open_groups and isinstance(principal, User) and principal.pk == access.user_id:
            seen_groups = access.seen(Group).filter(pk__in=self.open_groups)
            self.open_groups = set(seen_groups.values_list("pk", flat=True))
        self.names: dict[int, str] = {}
        self.tightened = self._tightened(rows)

    def held(self, row: RoleAssignment, membership: GroupMembership | None) -> Held:
        power = power_of(row, self.user)
        off = self._switched_off(row)
        status = self._status(row, membership, partly=bool(off))
        given_by, ended_by = self._name(row.granted_by), self._name(row.ended_by)
        note = f"Switched off in {listed(off)}." if off else ""
        opens, opens_group = row.computer_id in self.open, row.group_id in self.open_groups
        return Held(row, membership, status, power, given_by, ended_by, opens, opens_group, note)

    def _name(self, person: User | None) -> str:
        return "The system" if person is None else name_for(self.access, person, self.place)

    def _tightened(self, rows: Iterable[RoleAssignment]) -> list[tuple[SwitchKey, int]]:
        """Which tenants turned off, for their own objects, what a role of these rows may depend on (design 7)."""
        if not any(permission in row.role.permissions for row in rows for permission in GOVERNING):
            return []
        off: Iterable[tuple[str, int]] = Switch.objects.filter(tenant__isnull=False, enabled=False).values_list(
            "key", "tenant_id"
        )
        found = [(SwitchKey(key), pk) for key, pk in off if SwitchKey(key).spec.tenant_may_tighten]
        self.access.facts.learn_tenants(pk for _, pk in found)
        self.names = dict(self.access.seen(Tenant).filter(pk__in=[pk for _, pk in found]).values_list("pk", "name"))
        return found

    def _switched_off(self, row: RoleAssignment) -> list[str]:
        """The tenants of its scope in which something of an allow is switched off, by name as far as they are seen."""
        if row.effect == Effect.DENY or not self.tightened or (self.home is None and row.scope == OWN):
            return []
        tenants, _ = scopes_of_row(row, self.home)
        off = {
            pk
            for key, pk in self.tightened
            for permission in GOVERNING
            if permission in row.role.permissions
            and not keeps(row.role.key, permission, key, enabled=False)
            and tenants.covers(self.access.facts.tenants[pk])
        }
        return sorted({self.names.get(pk, "a tenant outside your view") for pk in off})

    def _status(self, row: RoleAssignment, membership: GroupMembership | None, *, partly: bool) -> Status:
        if row.ended_at is not None:
            return Status("off", "Ended")
        ends = [moment for moment in (row.expires_at, membership and membership.expires_at) if moment]
        status = lifetime(self.now, row.starts_at, min(ends, default=None))
        if status.kind not in ("live", "soon"):
            return status
        return suspension(self.access, row) or (PARTLY_SUSPENDED if partly else status)


def suspension(access: Access, row: RoleAssignment) -> Status | None:
    """What the switches of the instance stop in an allow, as shape and words; None where nothing.

    What a switch stops in part that stands as it came is not said: nobody took that away, and every row would say it.
    """
    if row.effect == Effect.DENY:
        return None
    held = frozenset(Permission).intersection(row.role.permissions)
    stopped = [by for permission in GOVERNING if permission in held and (by := _stopping(access, row, permission))]
    if held and len(stopped) == len(held):
        return Status("suspended", "Suspended")
    flipped = any(_stands(access, key) != key.spec.default for by in stopped for key in by)
    return PARTLY_SUSPENDED if flipped else None


def _stopping(access: Access, row: RoleAssignment, permission: Permission) -> list[SwitchKey]:
    keys = GOVERNING.get(permission, ())
    return [key for key in keys if not keeps(row.role.key, permission, key, enabled=_stands(access, key))]


def _stands(access: Access, key: SwitchKey) -> bool:
    return access.switches.get(key, key.spec.default)


def power_of(row: RoleAssignment, holder: User | None) -> int:
    """How many permissions of great power count in it, for this user or for whoever may be in the group."""
    msp_only = holder is None or holder.tenant.is_msp or row.effect == Effect.DENY
    return great_power(row.role.permissions, row.scope, row.computer_scope, msp_only=msp_only)


_ORDER = ("live", "soon", "suspended", "new")


def _standing(held: Held) -> tuple[bool, int]:
    kind = held.status.kind
    return not held.denies, _ORDER.index(kind) if kind in _ORDER else len(_ORDER)
