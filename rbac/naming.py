"""Whom a reader may read of by name, beside what stands in a tenant (design 3, "Objects")."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from rbac.access import Access
from rbac.permissions import Permission
from tenancy.models import Tenant

OPERATOR = "The operator of this system"
"""How all others read."""

OTHERS = "Others"
"""And where the thing is the instance's own, since anybody's customers may be among them."""


def is_named(access: Access, person: User, tenant: Tenant | None) -> bool:
    """People of the tenant, people of the MSP that it belongs to, and whom the reader may see anyway, or is."""
    at_home = tenant is not None and person.tenant_id in (tenant.pk, tenant.msp_id)
    return at_home or person.pk == access.user_id or access.can(Permission.USERS_VIEW, person)


def named(homes: Iterable[int | None], known: QuerySet[User]) -> Q:
    """The users who live in one of these tenants (a place and its MSP), and those whom the reader knows anyway."""
    at_home = Q(tenant__in=[pk for pk in homes if pk is not None])
    return at_home | Q(Exists(known.order_by().filter(pk=OuterRef("pk"))))


def unnamed(tenant: Tenant | None) -> str:
    """How those who stay unnamed read together, about something of this tenant, or of the instance."""
    return OTHERS if tenant is None else OPERATOR


def name_for(access: Access, person: User, tenant: Tenant | None) -> str:
    return person.name if is_named(access, person, tenant) else OPERATOR
