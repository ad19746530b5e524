"""What happened to one computer, as far as the reader may see the audit log."""

from __future__ import annotations

from django.http import HttpResponse

from computers.models import Computer
from computers.pages import computer_page
from immyrbac.http import render_page
from immyrbac.requests import Request
from rbac.decorators import requires
from rbac.lists import AuditFilters, AuditListing, days_of, entries_about
from rbac.permissions import Permission


@requires(Permission.AUDIT_VIEW, on=Computer)
def computer_history(request: Request, computer: Computer) -> HttpResponse:
    entries = entries_about(request.access, "computer", computer.pk, "computers")
    listing = AuditListing(request, entries, AuditFilters(request.GET, access=request.access))
    context = computer_page(request, computer, "computers:computer-history")
    context |= {"listing": listing, "days": days_of(listing.rows, request.access)}
    return render_page(request, "computers/computer_history.html", "rbac/_audit_table.html", context)
