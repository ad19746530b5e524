"""The smallest grant that would let somebody do one thing: for a refusal, and for whoever answers a request."""

from __future__ import annotations

from django.db.models import BooleanField, ExpressionWrapper, F, Func, IntegerField, Q

from computers.models import Computer, ComputerScopeKind
from rbac.access import Access
from rbac.models import Effect, Role, RoleAssignment
from rbac.objects import INSTANCE, Subject
from rbac.permissions import Permission, Scoping
from tenancy.models import Tenant, TenantScopeKind


def smallest_grant(access: Access, permission: Permission, obj: Subject | None, home: Tenant) -> RoleAssignment | None:
    """Unsaved, for somebody at this home: of the roles that the reader sees the one that holds least besides.

    One without great power comes first. Without an object it is asked about the home. None where no grant would do, or
    the reader sees no such role. One query.
    """
    if permission.spec.msp_only and not home.is_msp:
        return None
    place = _place(permission, obj, home)
    fitting = Q(tenant=None) | Q(tenant__in=place.path) if place is not None else Q(tenant=None)
    holding = access.seen(Role).filter(fitting, deny_only=False, permissions__contains=[permission.value])
    size = Func(F("permissions"), function="cardinality", output_field=IntegerField())
    great = [each.value for each in Permission if each.spec.great_power and each != permission]
    strong = ExpressionWrapper(Q(permissions__overlap=great), output_field=BooleanField())
    role = holding.alias(size=size, strong=strong).order_by("strong", "size", "pk").first()
    return None if role is None else _draft(role, permission, obj, place, home)


def has_more_power(role: Role, permission: Permission) -> bool:
    """Whether the role holds great power besides this permission: nobody should come to give it by a glance."""
    return any(each in role.permissions and each.spec.great_power and each != permission for each in Permission)


def _place(permission: Permission, obj: Subject | None, home: Tenant) -> Tenant | None:
    """The tenant that has to be covered; None is the instance."""
    if permission.spec.scoping == Scoping.SYSTEM or obj is INSTANCE:
        return None
    if obj is None:
        return home
    found: Tenant | None = obj if isinstance(obj, Tenant) else getattr(obj, "tenant", None)
    return found


def _draft(
    role: Role, permission: Permission, obj: Subject | None, place: Tenant | None, home: Tenant
) -> RoleAssignment:
    draft = RoleAssignment(role=role, effect=Effect.ALLOW, computer_scope=ComputerScopeKind.ALL)
    if place is None:
        draft.scope = TenantScopeKind.OWNER
    elif place == home:
        draft.scope = TenantScopeKind.OWN_TENANT
    else:
        draft.scope, draft.tenant = TenantScopeKind.TENANT, place
    if isinstance(obj, Computer) and permission.spec.scoping == Scoping.COMPUTER:
        draft.computer_scope, draft.computer = ComputerScopeKind.COMPUTER, obj
    return draft
