"""Tenants as a list, as a tree, as CSV; one tenant, and what happened to it."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse

from immyrbac.exports import Column, csv_response
from immyrbac.http import render_page
from immyrbac.requests import Request
from rbac.acting import access_of
from rbac.decorators import requires
from rbac.lists import AuditFilters, AuditListing, days_of, entries_about
from rbac.permissions import Permission
from tenancy.lists import TenantFilters, TenantListing, TreeListing, shown_tags, standing, with_parent, with_tags
from tenancy.models import Tenant
from tenancy.pages import details, rows_of, tenant_page, tree_rows, views
from tenancy.tree import announced, chosen, grown, matching, tops

COLUMNS = (
    Column[Tenant]("Name", lambda tenant: tenant.name),
    Column[Tenant]("Short name", lambda tenant: tenant.slug),
    Column[Tenant]("Parent", lambda tenant: getattr(tenant, "parent_name", None)),
    Column[Tenant]("Belongs to", lambda tenant: tenant.msp),
    Column[Tenant]("MSP", lambda tenant: "yes" if tenant.is_msp else "no"),
    Column[Tenant]("Tags", lambda tenant: ", ".join(tag.name for tag in shown_tags(tenant))),
    Column[Tenant]("Status", lambda tenant: standing(tenant).words),
    Column[Tenant]("Created", lambda tenant: tenant.created_at.isoformat()),
)


@requires(Permission.TENANTS_VIEW)
def tenant_list(request: Request) -> HttpResponse:
    rows = with_tags(with_parent(request.access, request.access.seen(Tenant)))
    listing = TenantListing(request, rows, TenantFilters(request.GET, access=request.access))
    context = {
        "listing": listing,
        "rows": rows_of(request.access, listing.rows),
        "views": views(request, "tenancy:tenant-list"),
        "create_url": _create_url(request),
        "export_url": reverse("tenancy:tenant-export"),
    }
    return render_page(request, "tenancy/tenant_list.html", "tenancy/_tenant_table.html", context)


@requires(Permission.TENANTS_VIEW)
def tenant_tree(request: Request) -> HttpResponse:
    """The branches that the address opens; where it narrows, what matches with all that stands above it."""
    opened, seen = chosen(request.GET), request.access.seen(Tenant)
    filters = TenantFilters(_without_open(request), access=request.access)
    listing = TreeListing(request, seen, filters, params=_without_open(request))
    if listing.is_narrowed:
        branches, opened = matching(seen, listing.rows), None
    else:
        listing = TreeListing(request, tops(seen), filters, params=_without_open(request))
        if opened is None:  # whose tree has one root would see next to nothing
            opened = [tenant.pk for tenant in listing.rows] if len(listing.rows) == 1 else []
        branches = grown(seen, listing.rows, opened)
    context = {
        "listing": listing,
        "rows": tree_rows(request, branches, opened),
        "views": views(request, "tenancy:tenant-tree"),
        "create_url": _create_url(request),
        "legend": "that match, each in its place" if opened is None else "at the top",
        "announcement": announced(branches, opened) or listing.announcement,
    }
    return render_page(request, "tenancy/tenant_tree.html", "tenancy/_tenant_tree.html", context)


def _without_open(request: Request) -> QueryDict:
    kept = request.GET.copy()
    kept.pop("open", None)
    return kept


def _create_url(request: Request) -> str:
    return reverse("tenancy:tenant-place") if request.access.holds(Permission.TENANTS_MANAGE) else ""


@requires(Permission.TENANTS_VIEW)
def tenant_export(request: Request) -> HttpResponseBase:
    """The rows of the list; the right to see them is asked anew while they are written."""
    filters = TenantFilters(request.GET, access=request.access)
    listing = TenantListing(request, request.access.seen(Tenant), filters, paged=False)

    def scoped() -> QuerySet[Tenant] | None:
        access = access_of(request.actor)
        return with_tags(with_parent(access, access.seen(Tenant))) if access.holds(Tenant.VIEW) else None

    return csv_response("tenants", listing, COLUMNS, scoped)


@requires(Permission.TENANTS_VIEW, on=Tenant)
def tenant_detail(request: Request, tenant: Tenant) -> HttpResponse:
    context = tenant_page(request, tenant, "tenancy:tenant-detail") | details(request, tenant)
    return render_page(request, "tenancy/tenant_detail.html", "tenancy/tenant_detail.html", context)


@requires(Permission.AUDIT_VIEW, on=Tenant)
def tenant_history(request: Request, tenant: Tenant) -> HttpResponse:
    entries = entries_about(request.access, "tenant", tenant.pk, "tenants")
    listing = AuditListing(request, entries, AuditFilters(request.GET, access=request.access))
    context = tenant_page(request, tenant, "tenancy:tenant-history")
    context |= {"listing": listing, "days": days_of(listing.rows, request.access)}
    return render_page(request, "tenancy/tenant_history.html", "rbac/_audit_table.html", context)
