"""What happened to one group, as far as the reader may see it."""

from __future__ import annotations

from django.http import HttpResponse

from accounts.models import Group
from accounts.pages import group_page
from immyrbac.http import render_page
from immyrbac.requests import Request
from rbac.decorators import requires
from rbac.lists import AuditFilters, AuditListing, days_of, entries_about
from rbac.permissions import Permission


@requires(Permission.AUDIT_VIEW, on=Group)
def group_history(request: Request, group: Group) -> HttpResponse:
    """What was done to this group, to who is in it and to what it holds."""
    entries = entries_about(request.access, "group", group.pk, "groups")
    listing = AuditListing(request, entries, AuditFilters(request.GET, access=request.access))
    context = group_page(request, group, "rbac:group-history")
    context |= {"listing": listing, "days": days_of(listing.rows, request.access)}
    return render_page(request, "rbac/group_history.html", "rbac/_audit_table.html", context)
