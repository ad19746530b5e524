"""What somebody may do now, where and through what, and what of their roles does not count, with the reason (design 3).

For their own profile and for the page about them: the same rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, TextChoices
from django.utils import timezone

from accounts.models import GroupMembership, User
from computers.scopes import computer_words
from immyrbac.words import Status, counted, lifetime, listed
from rbac.access import Access
from rbac.grants import SCOPE_COLUMNS, earliest, scopes_of
from rbac.models import Effect, RoleAssignment, Switch
from rbac.permissions import Permission, Scoping, is_inert
from rbac.regions import Estate, Region, contains, disjoint
from rbac.sentences import SENTENCE_RELATIONS, moment_words, plain, sentence
from rbac.switches import GOVERNING, keeps
from tenancy.models import Tenant, TenantScopeKind
from tenancy.scopes import SingleScope, Word, tenant_words

OUTSIDE = "Something outside your view takes it"
INERT = {
    Scoping.SYSTEM: "It counts only under scope owner, on all computers.",
    Scoping.TENANT: "It is asked of a tenant, and this assignment is narrowed to some of its computers.",
}


class Standing(TextChoices):
    """How one permission of one live assignment stands; in the order in which rows are told."""

    DENIES = "denies", "Denies"
    COUNTS = "counts", "Counts"
    PARTLY_DENIED = "partly_denied", "Partly denied"
    PARTLY_SUSPENDED = "partly_suspended", "Partly suspended"
    DENIED = "denied", "Denied"
    SUSPENDED = "suspended", "Suspended"
    MSP_ONLY = "msp_only", "MSP users only"
    INERT = "inert", "Inert"
    OUT = "out", "Account not active"


SOMEWHERE = frozenset({Standing.COUNTS, Standing.PARTLY_DENIED, Standing.PARTLY_SUSPENDED})
KINDS = {
    Standing.COUNTS: "live",
    Standing.DENIES: "ended",
    Standing.PARTLY_DENIED: "ended",
    Standing.DENIED: "ended",
    Standing.PARTLY_SUSPENDED: "suspended",
    Standing.SUSPENDED: "suspended",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One permission through one assignment. `where` reads as words, with the end; `why` says what takes it."""

    permission: Permission
    row: RoleAssignment
    where: tuple[Word, ...]
    standing: Standing
    why: str
    status: Status

    @property
    def subject(self) -> str:
        return self.permission.spec.subject


def in_short(ways: Sequence[Way]) -> str:
    """The answer before the rows, as in: 14 permissions count, through 3 assignments."""
    count = {way.permission for way in ways if way.standing in SOMEWHERE}
    through = {way.row.pk for way in ways if way.standing in SOMEWHERE}
    idle = {way.permission for way in ways if way.standing != Standing.DENIES} - count
    said = f"{counted(len(count), 'permission')} {'counts' if len(count) == 1 else 'count'}"
    said += f", through {counted(len(through), 'assignment')}." if through else "."
    return f"{said} {counted(len(idle), 'other')} {'counts' if len(idle) == 1 else 'count'} nowhere." if idle else said


def effective_access(reader: Access, user: User, at: datetime | None = None) -> list[Way]:
    """Each permission of each live assignment of the user, in the catalogue's order, denies first.

    Somebody else's assignments only as far as the reader sees them; what lies outside may still be why one does not
    count. Seven queries, and at most two for each pair of an allow's and a deny's scope that has to be looked up.
    """
    sources = _sources(reader, user, at)
    weighing = _Weighing(reader, user, [source for source in sources if source.denies], at)
    ways = [
        weighing.way(permission, source)
        for source in sources
        if source.is_seen
        for permission in Permission
        if permission in source.row.role.permissions
    ]
    order, standings = list(Permission), list(Standing)
    ways.sort(key=lambda way: (order.index(way.permission), standings.index(way.standing), way.row.pk))
    return ways


@dataclass(frozen=True, slots=True)
class _Source:
    """One live assignment, where it reaches for this user, and until when."""

    row: RoleAssignment
    region: Region
    ends: datetime | None
    is_seen: bool

    @property
    def denies(self) -> bool:
        return self.row.effect == Effect.DENY

    def is_inert(self, permission: Permission) -> bool:
        tenants, computers = self.region.tenants[0], self.region.computers[0]
        return is_inert(permission, whole_instance=tenants.is_everything, all_computers=computers.is_everything)


def _sources(reader: Access, user: User, at: datetime | None) -> list[_Source]:
    leaving = dict(GroupMembership.objects.live(at).filter(user=user).values_list("group_id", "expires_at"))
    mine = RoleAssignment.objects.live(at).filter(Q(user=user) | Q(group__in=list(leaving)))
    seen = (
        mine if reader.user_id == user.pk else reader.seen(RoleAssignment).filter(pk__in=mine.order_by().values("pk"))
    )
    ids = set(seen.order_by().values_list("pk", flat=True))
    return [
        _Source(
            row,
            Region.of(*scopes_of([getattr(row, column) for column in SCOPE_COLUMNS], user.tenant_id)),
            earliest(row.expires_at, leaving.get(row.group_id or 0), user.access_expires_at),
            row.pk in ids,
        )
        for row in mine.select_related("group", *SENTENCE_RELATIONS)
    ]


class _Weighing:
    """What stands against an allow: the account, its scope, its holder's home, the switches, and the user's denies."""

    def __init__(self, reader: Access, user: User, denies: Sequence[_Source], at: datetime | None) -> None:
        self.user, self.denies, self.estate, self.now = user, denies, Estate(), at or timezone.now()
        self.able = User.objects.able_to_act(at).filter(pk=user.pk).exists()
        self.switches: dict[str, bool] = {}
        self.tightened: defaultdict[str, list[int]] = defaultdict(list)
        states: Iterable[tuple[str, int | None, bool]] = Switch.objects.values_list("key", "tenant_id", "enabled")
        for key, tenant_id, enabled in states:
            if tenant_id is None:
                self.switches[key] = enabled
            elif not enabled:
                self.tightened[key].append(tenant_id)
        tenants = {pk for ids in self.tightened.values() for pk in ids}
        self.estate.tenants.learn(tenants | {pk for deny in denies if (pk := deny.row.tenant_id)})
        named = reader.seen(Tenant).filter(pk__in=tenants) if tenants else Tenant.objects.none()
        self.names: dict[int, str] = dict(named.values_list("pk", "name"))

    def way(self, permission: Permission, source: _Source) -> Way:
        standing, why = self._weigh(permission, source)
        status = Status(KINDS.get(standing, "off"), standing.label)
        if standing == Standing.COUNTS:
            status = lifetime(self.now, None, source.ends, live=standing.label)
        where = (*_where(permission, source.row, self.user), *moment_words(", until ", source.ends))
        return Way(permission, source.row, where, standing, why, status)

    def _weigh(self, permission: Permission, source: _Source) -> tuple[Standing, str]:
        if not self.able:
            return Standing.OUT, ""
        if source.is_inert(permission):
            return Standing.INERT, INERT[permission.spec.scoping]
        if source.denies:
            return Standing.DENIES, ""
        if permission.spec.msp_only and not self.user.tenant.is_msp:
            return Standing.MSP_ONLY, ""
        return (
            self._suspended(permission, source)
            or self._denied(permission, source)
            or self._partly_suspended(permission, source)
            or (Standing.COUNTS, "")
        )

    def _suspended(self, permission: Permission, source: _Source) -> tuple[Standing, str] | None:
        for key in GOVERNING.get(permission, ()):
            enabled = self.switches.get(key, key.spec.default)
            if not keeps(source.row.role.key, permission, key, enabled=enabled):
                return Standing.SUSPENDED, f"{key.label} is {'on' if enabled else 'off'}."
        return None

    def _denied(self, permission: Permission, source: _Source) -> tuple[Standing, str] | None:
        meeting = [
            deny
            for deny in self.denies
            if permission in deny.row.role.permissions
            and not deny.is_inert(permission)
            and not disjoint(deny.region, source.region, self.estate)
        ]
        for deny in meeting:
            if contains(deny.region, source.region, self.estate):
                return Standing.DENIED, f"{_said(deny)}."
        return (Standing.PARTLY_DENIED, f"{_said(meeting[0])}.") if meeting else None

    def _partly_suspended(self, permission: Permission, source: _Source) -> tuple[Standing, str] | None:
        """Tenants may turn a switch off for their own objects (design 7)."""
        scope = source.region.tenants[0]
        off = {
            pk
            for key in GOVERNING.get(permission, ())
            if key.spec.tenant_may_tighten and not keeps(source.row.role.key, permission, key, enabled=False)
            for pk in self.tightened[key]
            if scope.covers(self.estate.tenants.tenant(pk))
        }
        if not off:
            return None
        names = sorted(name for pk, name in self.names.items() if pk in off) or ["a tenant"]
        whole = scope in {SingleScope(pk) for pk in off}
        return Standing.SUSPENDED if whole else Standing.PARTLY_SUSPENDED, f"Switched off in {listed(names)}."


def _said(deny: _Source) -> str:
    return plain(sentence(deny.row)) if deny.is_seen else OUTSIDE


def _where(permission: Permission, row: RoleAssignment, user: User) -> tuple[Word, ...]:
    """What of the assignment's scope bears on the permission; *own tenant* by its name."""
    if permission.spec.scoping == Scoping.SYSTEM:
        return (Word("the whole system"),)
    own = row.scope == TenantScopeKind.OWN_TENANT
    tenants = (
        [Word(str(user.tenant), strong=True, target=user.tenant), *tenant_words(row)[1:]] if own else tenant_words(row)
    )
    if permission.spec.scoping == Scoping.TENANT:
        return tuple(tenants)
    return (*computer_words(row), Word(" of "), *tenants)
