"""Deployments for single computers or people of a tenant, or for all of it.

The forms are opened by the permission for single ones, on which the one for a whole tenant rests; what the target takes
is asked as well, of the form and by the service.
"""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from computers.deployments.boards import TENANTS
from computers.deployments.models import TenantDeployment
from computers.deployments.views import shared
from immyrbac.requests import Request
from rbac.decorators import FORM, requires
from rbac.permissions import Permission
from tenancy.models import Tenant

VIEW, MANAGE = Permission.DEPLOYMENTS_VIEW, Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL


@requires(VIEW)
def deployment_list(request: Request) -> HttpResponse:
    return shared.listed(request, TENANTS)


@requires(VIEW)
def deployment_export(request: Request) -> HttpResponseBase:
    return shared.exported(request, TENANTS)


@requires(MANAGE)
def deployment_place(request: Request) -> HttpResponse:
    return shared.place(request, TENANTS)


@requires(MANAGE)
def deployment_owner_pick(request: Request) -> HttpResponse:
    return shared.owner_pick(request, TENANTS)


@requires(MANAGE, on=Tenant)
def deployment_software_pick(request: Request, tenant: Tenant) -> HttpResponse:
    return shared.software_pick(request, tenant)


@requires(MANAGE, on=Tenant)
def deployment_script_pick(request: Request, tenant: Tenant) -> HttpResponse:
    return shared.script_pick(request, tenant)


@requires(MANAGE, on=Tenant, methods=FORM)
def deployment_create(request: Request, tenant: Tenant) -> HttpResponse:
    return shared.create(request, TENANTS, tenant)


@requires(VIEW, on=TenantDeployment)
def deployment_detail(request: Request, found: TenantDeployment) -> HttpResponse:
    return shared.detail(request, found)


@requires(Permission.DEPLOYMENTS_PREVIEW_TARGETS, on=TenantDeployment)
def deployment_computers(request: Request, found: TenantDeployment) -> HttpResponse:
    return shared.computers(request, TENANTS, found)


@requires(MANAGE, on=TenantDeployment, methods=FORM)
def deployment_edit(request: Request, found: TenantDeployment) -> HttpResponse:
    return shared.edit(request, TENANTS, found)


@requires(MANAGE, on=TenantDeployment, methods=FORM)
def deployment_delete(request: Request, found: TenantDeployment) -> HttpResponse:
    return shared.delete(request, TENANTS, found)
