"""What may be read beyond the bare rule (design 3, "Objects", last column): part of what `rbac.access` decides.

Each takes the rows of the bare rule.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from accounts.models import Group, GroupMembership, User
from computers.models import LIBRARY, Computer
from immyrbac.arrays import Unnested
from rbac.models import AuditEntry, Role, RoleAssignment
from rbac.objects import INSTANCE, KINDS, Subject, view_of
from rbac.permissions import Permission
from rbac.rules import NOTHING
from tenancy.models import Tag, Tenant, TenantScopeKind


class Reader(Protocol):
    """What is asked of an `Access`."""

    user_id: int | None
    at: datetime | None

    def can(self, permission: str, obj: Subject | None) -> bool: ...
    def is_total(self, permission: str) -> bool: ...
    def scope(self, source: type[Model] | QuerySet[Any], permission: str) -> QuerySet[Any]: ...


def read_if_held(_access: Reader, bare: Q) -> Q:
    """What the instance owns is read by whoever holds the view permission anywhere."""
    return bare | Q(tenant=None)


def read_groups(access: Reader, bare: Q) -> Q:
    """A group of the instance is read by members who hold the permission (docs/decisions/groups-of-the-instance.md)."""
    mine = GroupMembership.objects.live(access.at).filter(user=access.user_id).values("group_id")
    return bare | Q(tenant=None, pk__in=mine)


def read_roles(access: Reader, _bare: Q) -> Q:
    """A role is seen in its owner and below: by whoever may view roles in some tenant there."""
    if access.is_total(Permission.ROLES_VIEW):  # in every tenant, so in each owner: the paths of all need no look
        return Q(tenant=None) | Q(tenant__isnull=False)
    tenants = access.scope(Tenant, Permission.ROLES_VIEW).order_by()
    return Q(tenant=None) | Q(tenant__in=tenants.values(ancestor=Unnested("path")))


def read_audit(access: Reader, bare: Q) -> Q:
    """What belongs to no tenant takes the system permission."""
    system = access.can(Permission.AUDIT_VIEW_SYSTEM, INSTANCE)
    return (bare & Q(tenant__isnull=False)) | (Q(tenant=None) if system else NOTHING)


def read_assignments(access: Reader, _bare: Q) -> Q:
    """An assignment is seen with its principal and with its scope."""
    return (seen_at(access, "user", User) | seen_at(access, "group", Group)) & scopes_seen(access)


def scopes_seen(access: Reader) -> Q:
    """The assignments of whomever whose scope the reader may see; owner scope takes seeing users of the instance."""
    seen = partial(seen_at, access)
    everywhere = Q(scope=TenantScopeKind.OWNER) if access.can(Permission.USERS_VIEW, INSTANCE) else NOTHING
    return (
        (everywhere | Q(scope=TenantScopeKind.OWN_TENANT) | seen("tenant", Tenant) | seen("tag", Tag))
        & (Q(computer=None) | seen("computer", Computer))
        & (Q(computer_tag=None) | seen("computer_tag", Tag))
    )


def seen_at(access: Reader, column: str, model: type[Model]) -> Q:
    """The rows that name something which the reader may see. Asked of each row, since a million do not fit a hash."""
    if access.is_total(view_of(model)) and not KINDS[model].gone_when_removed:
        return Q(**{f"{column}__isnull": False})
    return Q(Exists(access.scope(model, view_of(model)).order_by().filter(pk=OuterRef(column))))


READS: dict[tuple[type, str], Callable[[Reader, Q], Q]] = {
    (Tag, Permission.TAGS_VIEW): read_if_held,
    **{(model, view_of(model)): read_if_held for model in LIBRARY},
    (Role, Permission.ROLES_VIEW): read_roles,
    (Group, Permission.GROUPS_VIEW): read_groups,
    (AuditEntry, Permission.AUDIT_VIEW): read_audit,
    (AuditEntry, Permission.AUDIT_EXPORT): lambda _access, bare: bare,  # copied, never acted on
    (RoleAssignment, Permission.USERS_VIEW): read_assignments,
}
