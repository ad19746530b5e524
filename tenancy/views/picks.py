"""What comboboxes of every page ask for while somebody types: tenants and tags that the reader may see."""

from __future__ import annotations

from django.http import HttpResponse

from immyrbac.http import render_options
from immyrbac.requests import Request
from rbac.decorators import requires
from rbac.permissions import Permission
from rbac.tag_uses import tags_that_carry_access
from tenancy.forms import describe_tag, describe_tenant, managed_tenants, msps, tag_owners
from tenancy.models import Tag, Tenant


@requires(Permission.TENANTS_VIEW)
def tenant_pick(request: Request) -> HttpResponse:
    return render_options(request, request.access.seen(Tenant), describe=describe_tenant)


@requires(Permission.TENANTS_VIEW)
def msp_pick(request: Request) -> HttpResponse:
    return render_options(request, msps(request.access), describe=describe_tenant)


@requires(Permission.TENANTS_MANAGE)
def parent_pick(request: Request) -> HttpResponse:
    """Where the reader may create tenants, and move them to."""
    return render_options(request, managed_tenants(request.access), describe=describe_tenant)


@requires(Permission.TAGS_VIEW)
def tag_pick(request: Request) -> HttpResponse:
    carrying = tags_that_carry_access("tenants") | tags_that_carry_access("computers")
    rows = request.access.seen(Tag).select_related("tenant")
    return render_options(request, rows, describe=describe_tag(carrying))


@requires(Permission.TAGS_MANAGE)
def tag_owner_pick(request: Request) -> HttpResponse:
    return render_options(request, tag_owners(request.access), describe=describe_tenant)
