"""The two kinds of deployments as their pages name them."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet
from django.urls import reverse

from computers.deployments.models import OF_ONE_TENANT, CrossTenantDeployment, Deployment, Target, TenantDeployment
from rbac.access import Access
from rbac.permissions import Permission
from tenancy.models import Tenant


class Board(NamedTuple):
    """`noun` begins the names of its routes, `kind` its name in the audit log; `manage` opens its forms."""

    noun: str
    title: str
    one: str
    model: type[Deployment]
    manage: Permission

    @property
    def kind(self) -> str:
        return self.model._meta.model_name or ""

    def url(self, act: str, *args: int) -> str:
        return reverse(f"deployments:{self.noun}-{act}", args=args)

    def page(self, found: Deployment) -> str:
        return self.url("detail", found.pk)

    def owners(self, access: Access) -> QuerySet[Tenant]:
        """The tenants for which the reader may make one."""
        return access.reachable(Tenant, self.manage)

    def targets(self, access: Access, owner: Tenant | None) -> list[Target]:
        """What one of this owner may be for, as far as the reader may save it."""
        if self is CROSSING:
            return [Target.OWNER, Target.TAG] if owner is None else _below(owner)
        whole = access.can(Permission.DEPLOYMENTS_MANAGE_SINGLE_TENANT, owner)
        return [Target.INDIVIDUAL, Target.TENANT] if whole else [Target.INDIVIDUAL]


def _below(owner: Tenant) -> list[Target]:
    return [*([Target.MSP] if owner.is_msp else []), Target.CHILDREN, Target.TAG]


TENANTS = Board("deployment", "Deployments", "deployment", TenantDeployment, Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL)
CROSSING = Board(
    "cross-deployment",
    "Cross-tenant deployments",
    "cross-tenant deployment",
    CrossTenantDeployment,
    Permission.DEPLOYMENTS_MANAGE_CROSS_TENANT,
)


def board_of(found: Deployment) -> Board:
    return TENANTS if found.target in OF_ONE_TENANT else CROSSING
