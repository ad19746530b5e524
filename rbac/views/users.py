"""What one user may do, and what happened to their account, as far as the reader may see it."""

from __future__ import annotations

from django.http import HttpResponse

from accounts.models import User
from accounts.pages import user_page
from immyrbac.http import render_page
from immyrbac.requests import Request
from rbac.decorators import requires
from rbac.effective import effective_access, in_short
from rbac.explain_pages import asked_ways
from rbac.lists import AuditFilters, AuditListing, days_of, entries_about
from rbac.permissions import Permission
from rbac.rosters import roster_of


@requires(Permission.GOVERNANCE_EXPLAIN_ACCESS, on=User)
def user_access(request: Request, user: User) -> HttpResponse:
    """Each permission, where it counts and through which assignment."""
    ways = effective_access(request.access, user)
    context = user_page(request, user, "rbac:user-access") | {
        "ways": asked_ways(request.access, user, ways),
        "short": in_short(ways),
        "beyond": roster_of(request.access, user).beyond,
    }
    return render_page(request, "rbac/user_access.html", "rbac/user_access.html", context)


@requires(Permission.AUDIT_VIEW, on=User)
def user_history(request: Request, user: User) -> HttpResponse:
    """What was done to this account and to what it holds."""
    entries = entries_about(request.access, "user", user.pk, "users")
    listing = AuditListing(request, entries, AuditFilters(request.GET, access=request.access))
    context = user_page(request, user, "rbac:user-history")
    context |= {"listing": listing, "days": days_of(listing.rows, request.access)}
    return render_page(request, "rbac/user_history.html", "rbac/_audit_table.html", context)
