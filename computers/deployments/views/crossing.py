"""Deployments for more tenants than one: of an MSP, of a tenant with all below it, or of the instance."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from computers.deployments.boards import CROSSING
from computers.deployments.models import CrossTenantDeployment
from computers.deployments.views import shared
from immyrbac.requests import Request
from rbac.access import INSTANCE
from rbac.decorators import FORM, requires
from rbac.permissions import Permission
from tenancy.models import Tenant

VIEW, MANAGE = Permission.DEPLOYMENTS_VIEW_CROSS_TENANT, Permission.DEPLOYMENTS_MANAGE_CROSS_TENANT
REQUEST = Permission.DEPLOYMENTS_MANAGE_CHANGE_REQUESTS


@requires(VIEW)
def cross_deployment_list(request: Request) -> HttpResponse:
    return shared.listed(request, CROSSING)


@requires(VIEW)
def cross_deployment_export(request: Request) -> HttpResponseBase:
    return shared.exported(request, CROSSING)


@requires(MANAGE)
def cross_deployment_place(request: Request) -> HttpResponse:
    return shared.place(request, CROSSING)


@requires(MANAGE)
def cross_deployment_owner_pick(request: Request) -> HttpResponse:
    return shared.owner_pick(request, CROSSING)


@requires(MANAGE, on=Tenant, or_holds=(REQUEST,))
def cross_deployment_software_pick(request: Request, tenant: Tenant) -> HttpResponse:
    return shared.software_pick(request, tenant)


@requires(MANAGE, or_holds=(REQUEST,))
def cross_deployment_software_pick_shared(request: Request) -> HttpResponse:
    return shared.software_pick(request, None)


@requires(MANAGE, on=Tenant, or_holds=(REQUEST,))
def cross_deployment_script_pick(request: Request, tenant: Tenant) -> HttpResponse:
    return shared.script_pick(request, tenant)


@requires(MANAGE, or_holds=(REQUEST,))
def cross_deployment_script_pick_shared(request: Request) -> HttpResponse:
    return shared.script_pick(request, None)


@requires(MANAGE, on=Tenant, methods=FORM)
def cross_deployment_create(request: Request, tenant: Tenant) -> HttpResponse:
    return shared.create(request, CROSSING, tenant)


@requires(MANAGE, on=INSTANCE, methods=FORM)
def cross_deployment_create_shared(request: Request) -> HttpResponse:
    """Of the instance: for every tenant, or for those that bear a tag."""
    return shared.create(request, CROSSING, None)


@requires(VIEW, on=CrossTenantDeployment)
def cross_deployment_detail(request: Request, found: CrossTenantDeployment) -> HttpResponse:
    return shared.detail(request, found)


@requires(Permission.DEPLOYMENTS_PREVIEW_TARGETS, on=CrossTenantDeployment)
def cross_deployment_computers(request: Request, found: CrossTenantDeployment) -> HttpResponse:
    return shared.computers(request, CROSSING, found)


@requires(MANAGE, on=CrossTenantDeployment, methods=FORM)
def cross_deployment_edit(request: Request, found: CrossTenantDeployment) -> HttpResponse:
    return shared.edit(request, CROSSING, found)


@requires(MANAGE, on=CrossTenantDeployment, methods=FORM)
def cross_deployment_delete(request: Request, found: CrossTenantDeployment) -> HttpResponse:
    return shared.delete(request, CROSSING, found)
