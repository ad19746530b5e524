"""What an actor may offer in the assignment editor: kinds of scope, what these may name, and which roles (design 6).

It spares people the gate's refusals; the gate alone decides.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import Group, User
from computers.models import Computer
from computers.scopes import AllScope
from rbac.access import INSTANCE, Access, Subject
from rbac.judgement import is_simple
from rbac.models import Role
from rbac.permissions import ASSIGN_PERMISSIONS, Permission, Scoping
from rbac.power import RoleFacts
from rbac.regions import Region
from tenancy.models import Tag, Tenant, TenantScopeKind
from tenancy.scopes import owned_region

Principal = User | Group


def kinds_for(access: Access, principal: Principal) -> list[TenantScopeKind]:
    """The kinds of tenant scope that the actor may give this user or group (rule 1); at most three queries."""
    offered = {
        TenantScopeKind.OWNER: access.can(Permission.USERS_ASSIGN_OWNER_SCOPED_ROLES, INSTANCE),
        TenantScopeKind.MSP: tenants_for(access, TenantScopeKind.MSP).exists(),
        TenantScopeKind.TAG: tags_for(access).exists(),
        TenantScopeKind.TENANT: tenants_for(access, TenantScopeKind.TENANT).exists(),
        TenantScopeKind.OWN_TENANT: manages(access, principal),
    }
    return [kind for kind, is_offered in offered.items() if is_offered]


def tenants_for(access: Access, kind: TenantScopeKind) -> QuerySet[Tenant]:
    rows: QuerySet[Tenant] = access.reachable(Tenant, ASSIGN_PERMISSIONS[kind])
    return rows.filter(is_msp=True) if kind == TenantScopeKind.MSP else rows


def tags_for(access: Access) -> QuerySet[Tag]:
    return access.reachable(Tag, ASSIGN_PERMISSIONS[TenantScopeKind.TAG]).select_related("tenant")


def pickable(access: Access, field: str) -> QuerySet[Any]:
    """What one picker of the editor offers, by the name of its field."""
    match field:
        case "msp" | "tenant":
            return tenants_for(access, TenantScopeKind(field))
        case "tag":
            return tags_for(access)
        case "computer":
            return access.scope(Computer, Permission.COMPUTERS_VIEW).filter(deleted_at=None).select_related("tenant")
    return access.seen(Tag).select_related("tenant")


def manages(access: Access, principal: Principal) -> bool:
    """Whether the actor manages this person; or, of a group, whoever its owner lets into it."""
    if isinstance(principal, User):
        return access.can(Permission.USERS_MANAGE, principal)
    return access.covers(Permission.USERS_MANAGE, Region.of(owned_region(principal.tenant_id), AllScope()))


def to_change_members(group: Group) -> tuple[Permission, Subject]:
    """What changing who is in a group takes, and on what: of a tenant's, or of the instance's (design 3, "Objects")."""
    if group.tenant is None:
        return Permission.GROUPS_MANAGE_PUBLIC, INSTANCE
    return Permission.GROUPS_MANAGE, group.tenant


def latest_end(access: Access) -> datetime | None:
    """When the last of what the actor holds ends, hence the latest end that they may give; None: something does not."""
    ends = [grant.ends for grant in access.grants if grant.allows and grant.item is None]
    return None if None in ends else max((end for end in ends if end is not None), default=None)


def in_sight(access: Access) -> list[TenantScopeKind]:
    """The kinds of scope that may be looked at without giving anything (docs/decisions/what-if.md)."""
    rows = {"msp": TenantScopeKind.MSP, "tag": TenantScopeKind.TAG, "tenant": TenantScopeKind.TENANT}
    seen = {kind for field, kind in rows.items() if visible(access, field).exists()} | {TenantScopeKind.OWN_TENANT}
    if access.can(Permission.GOVERNANCE_SIMULATE_CHANGES, INSTANCE):
        seen.add(TenantScopeKind.OWNER)
    return [kind for kind in TenantScopeKind if kind in seen]


def visible(access: Access, field: str) -> QuerySet[Any]:
    """What a picker of the editor offers there: whatever the reader sees, whoever may give it."""
    match field:
        case "msp":
            return access.seen(Tenant).filter(is_msp=True)
        case "tenant":
            return access.seen(Tenant)
        case "tag":
            return access.seen(Tag).select_related("tenant")
    return pickable(access, field)


class Barriers:
    """Why the actor could not give a role with the effect allow, whatever its scope."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._held = {each for grant in access.grants if grant.allows and not grant.item for each in grant.permissions}
        self._held -= {
            each for grant in access.grants if not grant.allows and grant.is_everywhere for each in grant.permissions
        }
        self._only_manages = not any(access.holds(each) for each in ASSIGN_PERMISSIONS.values())

    def of(self, role: Role) -> str:
        """A sentence; empty where there is some scope at which they might give it."""
        least = _least(role)
        if missing := [each.label for each in least if each not in self._held]:
            return f"You do not hold {missing[0]}" + (f" and {len(missing) - 1} more" if missing[1:] else "")
        if self._only_manages and not is_simple(RoleFacts(role.pk, role.key, frozenset(role.permissions))):
            return "Giving this takes a permission to assign roles"
        strong = Permission.USERS_ASSIGN_CROSS_TENANT_ROLES
        if any(each.spec.msp_only for each in least) and strong not in self._held:
            return f"You need {strong.label} to give this"
        return ""


def _least(role: Role) -> list[Permission]:
    """What of the role is left in its narrowest scope: narrowed computers leave no permission of a tenant."""
    held = [each for each in Permission if each in role.permissions and each.spec.scoping != Scoping.SYSTEM]
    return [each for each in held if each.spec.scoping == Scoping.COMPUTER] or held
