"""Who has which role and where, as far as a reader may see it (design 3, "Objects").

Bounded, however many there are: what is counted beside a role is counted up to `CAP`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, FilteredRelation, Func, IntegerField, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from accounts.models import GroupMembership, User
from immyrbac.lists import Total
from immyrbac.words import Status, lifetime, listed
from rbac.access import Access
from rbac.models import Effect, Role, RoleAssignment, RoleAssignmentQuerySet, Switch
from rbac.naming import name_for
from rbac.objects import KINDS
from rbac.permissions import Permission
from rbac.sentences import SENTENCE_RELATIONS
from rbac.switches import GOVERNING, SwitchKey, keeps
from tenancy.models import Tenant, TenantScopeKind
from tenancy.scopes import tenant_scope, union_rows

CAP = 1_000
NOBODY: Final = Total(0, capped=False)
OWN: Final = TenantScopeKind.OWN_TENANT


def sees_holders(access: Access) -> bool:
    """Whether the reader may see anybody at all who has a role."""
    return access.holds(RoleAssignment.VIEW)


def assignments_of(access: Access, role: Role) -> QuerySet[RoleAssignment]:
    """The assignments of the role that are not over, started or not, as the reader may see them."""
    return _seen(access, RoleAssignment.objects.unexpired().filter(role=role))


def _seen(access: Access, rows: RoleAssignmentQuerySet) -> QuerySet[RoleAssignment]:
    seen: QuerySet[RoleAssignment] = access.scope(rows, RoleAssignment.VIEW).order_by()
    return seen


# Numbers


def with_use(access: Access, roles: QuerySet[Role]) -> QuerySet[Role]:
    """Each role with `assigned`, the number of its assignments, and `held_by`, the users who may use it now.

    Both end one beyond `CAP`; a user stands among `held_by` once for each way to the role.
    """
    assigned = _seen(access, RoleAssignment.objects.unexpired().filter(role=OuterRef("pk")))
    holders = _holders(access, RoleAssignment.objects.filter(role=OuterRef("pk")))
    return roles.annotate(
        assigned=Func(
            ArraySubquery(assigned.values("pk")[: CAP + 1]), function="CARDINALITY", output_field=IntegerField()
        ),
        held_by=ArraySubquery(holders.values("holder")[: CAP + 1]),
    )


def _holders(access: Access, rows: RoleAssignmentQuerySet) -> QuerySet[Any]:
    """The live allows among these rows, once for each user whom one reaches: `holder`."""
    live = _seen(access, rows.live().filter(effect=Effect.ALLOW))
    joined = FilteredRelation("group__memberships", condition=_live_membership("group__memberships"))
    held = live.annotate(joined=joined).annotate(holder=Coalesce("user_id", "joined__user_id"))
    return held.filter(holder__in=people(access).values("pk"))


def people(access: Access) -> QuerySet[User]:
    """Who is listed and counted: those whom the list of users shows without a filter."""
    seen: QuerySet[User] = access.seen(User).filter(removed_at=None).order_by()
    return seen


def _live_membership(path: str) -> Q:
    endless = Q(**{f"{path}__expires_at": None}) | Q(**{f"{path}__expires_at__gt": Now()})
    return Q(**{f"{path}__ended_at": None}) & endless


class Use(NamedTuple):
    """How much one role is used, as a reader may see it."""

    assignments: Total = NOBODY
    people: Total = NOBODY


def use_of(role: Role) -> Use:
    """Of a role that comes from `with_use`."""
    assigned: int = getattr(role, "assigned", 0)
    held_by: Collection[int] = getattr(role, "held_by", ())
    users = len(set(held_by))
    capped = len(held_by) > CAP
    return Use(
        Total(min(assigned, CAP), capped=assigned > CAP),
        Total(users - 1 if capped else users, capped=capped),  # beyond the cap stands at least the last of them
    )


def tenants_of(access: Access, role: Role) -> Total | None:
    """On how many of the tenants that the reader sees somebody may use the role now; None is every tenant.

    Three queries. Where more than `CAP` assignments would have to be read, it says "more than" what these cover.
    """
    live = _seen(access, RoleAssignment.objects.live().filter(role=role, effect=Effect.ALLOW))
    fixed = live.exclude(scope=OWN).values_list("scope", "tenant_id", "tag_id", "include_children")[: CAP + 1]
    homes = _holders(access, RoleAssignment.objects.filter(role=role, scope=OWN))
    homes = homes.annotate(home=Coalesce("user__tenant_id", "joined__user__tenant_id"))
    own = homes.values_list("scope", "home", "tag_id", "include_children")[: CAP + 1]
    scopes = {tenant_scope(kind, pk, tag, include_children=children) for kind, pk, tag, children in (*fixed, *own)}
    if any(scope.is_everything for scope in scopes):
        return None
    covered = access.seen(Tenant).filter(union_rows(scopes, KINDS[Tenant].columns)).order_by()
    count = covered.values("pk")[: CAP + 1].count()
    capped = max(len(fixed), len(own), count) > CAP
    return Total(count - 1 if capped else count, capped=capped)


# The rows


@dataclass(frozen=True, slots=True)
class Holder:
    """One assignment of a role: who has it (`members`: how many, of a group), how it stands, and who gave it."""

    row: RoleAssignment
    status: Status
    members: int
    given_by: str

    @property
    def denies(self) -> bool:
        return self.row.effect == Effect.DENY


HOLDER_RELATIONS = ("user__tenant", "group__tenant", "granted_by__tenant", *SENTENCE_RELATIONS)
"""What `holders` reads besides the row."""


def holders(access: Access, rows: Collection[RoleAssignment], suspended: Suspended) -> list[Holder]:
    """These rows, which come with `HOLDER_RELATIONS`, as the reader may read them; two queries at most."""
    groups = {row.group_id for row in rows if row.group_id is not None}
    members = _members(access, groups) if groups else {}
    access.know(row.granted_by for row in rows if row.granted_by is not None)
    now = timezone.now()
    return [
        Holder(row, _status(row, now, suspended), members.get(row.group_id or 0, 0), giver(access, row)) for row in rows
    ]


def _members(access: Access, groups: Collection[int]) -> dict[int, int]:
    live = GroupMembership.objects.live().filter(group__in=groups, user__in=people(access).values("pk"))
    return dict(live.values("group_id").annotate(members=Count("pk")).values_list("group_id", "members"))


def giver(access: Access, row: RoleAssignment) -> str:
    """Who gave it, as far as the reader may read names."""
    principal = row.user or row.group
    place = principal.tenant if principal else None
    return "The system" if row.granted_by is None else name_for(access, row.granted_by, place)


def _status(row: RoleAssignment, now: datetime, suspended: Suspended) -> Status:
    status = lifetime(now, row.starts_at, row.expires_at)
    if row.effect == Effect.DENY or status.kind not in ("live", "soon") or not suspended.everywhere:
        return status
    whole = suspended.everywhere.issuperset(row.role.permissions)
    return Status("suspended", "Suspended" if whole else "Partly suspended")


# Switches


@dataclass(frozen=True, slots=True)
class Suspended:
    """What switches take of a role now: `everywhere` those of the instance; `words` says it of each permission."""

    everywhere: frozenset[Permission] = frozenset()
    words: Mapping[Permission, str] = field(default_factory=dict)


def suspended_of(access: Access, role: Role) -> Suspended:
    """Tenants that turned a switch off are named as far as the reader sees them; one query for each such switch."""
    words: dict[Permission, str] = {}
    everywhere = set()
    for permission, keys in GOVERNING.items():
        if permission not in role.permissions or role.deny_only:
            continue
        for key in keys:
            enabled = access.switches.get(key, key.spec.default)
            if not keeps(role.key, permission, key, enabled=enabled):
                everywhere.add(permission)
                words[permission] = f"Suspended: {key.label} is {'on' if enabled else 'off'}."
            elif names := _switched_off(access, role, permission, key):
                words[permission] = f"Suspended in {listed(names)}, where {key.label} is off."
    return Suspended(frozenset(everywhere), words)


def _switched_off(access: Access, role: Role, permission: Permission, key: SwitchKey) -> list[str]:
    """The tenants that turned the switch off for themselves, by name, at most one beyond `CAP`."""
    if not key.spec.tenant_may_tighten or keeps(role.key, permission, key, enabled=False):
        return []
    off = Switch.objects.filter(key=key, tenant__isnull=False, enabled=False)
    seen = access.seen(Tenant).filter(pk__in=off.values("tenant_id"))
    return list(seen.order_by("name").values_list("name", flat=True)[: CAP + 1])
