"""What an assignment would do, before it is given: the gate's own judgement without a write (design 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from computers.models import Computer
from rbac.access import Access
from rbac.grants import scopes_of_row
from rbac.judgement import Judge
from rbac.models import Effect, RoleAssignment
from rbac.objects import KINDS
from rbac.permissions import Permission, Scoping
from rbac.power import Reach, difference, reaches_of, reaches_of_draft
from rbac.regions import Estate
from rbac.sentences import sentence
from tenancy.models import Tenant, TenantScopeKind
from tenancy.scopes import Word, owned_region


@dataclass(frozen=True, slots=True)
class Preview:
    """Counts are of what the reader may see. `inert`: permissions of the role that do nothing in this scope, and why.

    `gained` is new to the person (great power first), `held` they hold already on all of it; for a deny, `lost` is what
    it takes now. `objections` are the gate's; `latest_end` bounds the end where the giver's own grants do.
    """

    words: list[Word]
    tenants: int
    computers: int
    effective: list[Permission]
    inert: list[tuple[Permission, str]]
    gained: list[Permission]
    held: list[Permission]
    lost: list[Permission]
    objections: list[str]
    latest_end: datetime | None

    @property
    def great_power(self) -> list[Permission]:
        return [permission for permission in self.gained if permission.spec.great_power]


def preview_assignment(access: Access, draft: RoleAssignment) -> Preview:
    """What giving this unsaved assignment would do, and what the gate would say to this actor. Takes no lock."""
    added = reaches_of_draft(draft)
    users = {draft.user_id} if draft.user_id else set()
    before = reaches_of(users, {draft.group_id} if draft.group_id else set())
    estate = Estate()
    change = difference(before, [*before, *added], timezone.now(), estate)
    judge = Judge(access, estate)
    judge.granted(added)
    judge.gains(change.gains)
    judge.losses(change.losses)
    if draft.effect == Effect.DENY:
        _cover(judge, before, added)
    effective = sorted({each for reach in added for each in reach.permissions}, key=_power_first)
    gained = sorted({each for claim in change.gains for each in claim.permissions}, key=_power_first)
    lost = sorted({each for claim in change.losses for each in claim.permissions}, key=_power_first)
    tenants, computers = _counts(access, draft)
    allows = draft.effect == Effect.ALLOW
    return Preview(
        sentence(draft),
        tenants,
        computers,
        effective,
        _inert(draft, effective),
        gained,
        [each for each in effective if allows and each not in gained],
        lost,
        judge.objections,
        min((end for reach in added if (end := judge.latest_end(reach.permissions, reach.region))), default=None),
    )


def _cover(judge: Judge, before: list[Reach], reached: list[Reach]) -> None:
    """Rule 4 for the people whom a deny reaches, as the gate asks it; the actor covers themselves."""
    people = {reach.person for reach in reached if reach.person.user_id not in (None, judge.access.user_id)}
    for person in people:
        judge.covers_person([reach for reach in before if reach.person == person])


def _counts(access: Access, draft: RoleAssignment) -> tuple[int, int]:
    """How many tenants and computers the scope covers, of those that the reader may see."""
    home = draft.user.tenant_id if draft.user else None
    if draft.group and draft.scope == TenantScopeKind.OWN_TENANT:
        scope = owned_region(draft.group.tenant_id)
        computers = scopes_of_row(draft, draft.group.tenant_id or 0)[1]
    else:
        scope, computers = scopes_of_row(draft, home)
    tenants = access.scope(Tenant, Permission.TENANTS_VIEW).filter(scope.rows(KINDS[Tenant].columns))
    devices = access.scope(Computer, Permission.COMPUTERS_VIEW).filter(
        scope.rows(KINDS[Computer].columns) & computers.rows(), deleted_at=None
    )
    return tenants.count(), devices.count()


def _inert(draft: RoleAssignment, effective: list[Permission]) -> list[tuple[Permission, str]]:
    listed = [permission for permission in Permission if permission in draft.role.permissions]
    return [(permission, _why_inert(permission)) for permission in listed if permission not in effective]


def _why_inert(permission: Permission) -> str:
    if permission.spec.scoping == Scoping.SYSTEM:
        return "It belongs to the whole system: it counts only in scope Owner on all computers."
    return "It belongs to a tenant, and this assignment is narrowed to some computers."


def _power_first(permission: Permission) -> tuple[bool, int]:
    return not permission.spec.great_power, list(Permission).index(permission)
