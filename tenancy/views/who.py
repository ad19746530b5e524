"""Who can touch one tenant, by group and by person, and why: also for its own administrators."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from immyrbac.http import render_page
from immyrbac.requests import Request
from rbac.access import access_for
from rbac.decorators import requires
from rbac.matrix import Matrix
from rbac.permissions import Permission
from rbac.who import WhoFilters, WhoListing, explained, group_page, matrix_page
from tenancy.models import Tenant
from tenancy.pages import tenant_page


@requires(Permission.GOVERNANCE_EXPLAIN_ACCESS, on=Tenant)
def tenant_who(request: Request, tenant: Tenant) -> HttpResponse:
    matrix = Matrix(tenant, request.access)
    listing = WhoListing(request, matrix.principals.filter(matrix.named), WhoFilters(request.GET))
    context = matrix_page(matrix, listing, by_group=True)
    return _page(request, tenant, context)


@requires(Permission.GOVERNANCE_EXPLAIN_ACCESS, on=Tenant)
def tenant_who_people(request: Request, tenant: Tenant) -> HttpResponse:
    matrix = Matrix(tenant, request.access)
    listing = WhoListing(request, matrix.people.filter(matrix.named), WhoFilters(request.GET))
    context = matrix_page(matrix, listing, by_group=False)
    return _page(request, tenant, context)


@requires(Permission.GOVERNANCE_EXPLAIN_ACCESS, on=Tenant)
def tenant_why(request: Request, tenant: Tenant, user_id: int, permission: str) -> HttpResponse:
    """Why this user may or may not: only of those whom the matrix names, and whom the reader sees anyway."""
    matrix = Matrix(tenant, request.access)
    person = matrix.people_and_seen.select_related("tenant").filter(pk=user_id).first()
    if person is None or permission not in matrix.actions:
        raise Http404
    decision = access_for(person).explain(permission, tenant)
    context = tenant_page(request, tenant, "tenancy:tenant-who")
    context |= explained(matrix, decision, person, Permission(permission))
    return render_page(request, "tenancy/tenant_why.html", "tenancy/tenant_why.html", context)


@requires(Permission.GOVERNANCE_EXPLAIN_ACCESS, on=Tenant)
def tenant_why_group(request: Request, tenant: Tenant, group_id: int, permission: str) -> HttpResponse:
    """What this group gives or takes of it, and to whom."""
    matrix = Matrix(tenant, request.access)
    group = next((group for group in matrix.groups("") if group.pk == group_id), None)
    if group is None or permission not in matrix.actions:
        raise Http404
    context = tenant_page(request, tenant, "tenancy:tenant-who")
    context |= group_page(matrix, group, Permission(permission))
    return render_page(request, "tenancy/tenant_why.html", "tenancy/tenant_why.html", context)


def _page(request: Request, tenant: Tenant, matrix: dict[str, object]) -> HttpResponse:
    context = tenant_page(request, tenant, "tenancy:tenant-who") | matrix
    return render_page(request, "tenancy/tenant_who.html", "rbac/_who_matrix.html", context)
