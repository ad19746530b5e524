"""Whom a reader may read of by name, beside what stands in a tenant (design 3, "Objects")."""

from __future__ import annotations

from accounts.models import User
from rbac.access import Access
from rbac.permissions import Permission
from tenancy.models import Tenant

OPERATOR = "The operator of this system"
"""How all others read."""


def is_named(access: Access, person: User, tenant: Tenant | None) -> bool:
    """People of the tenant, people of the MSP that it belongs to, and whom the reader may see anyway, or is."""
    at_home = tenant is not None and person.tenant_id in (tenant.pk, tenant.msp_id)
    return at_home or person.pk == access.user_id or access.can(Permission.USERS_VIEW, person)


def name_for(access: Access, person: User, tenant: Tenant | None) -> str:
    return person.name if is_named(access, person, tenant) else OPERATOR
