"""What one user may do, and what happened to their account, as far as the reader may see it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts.models import User
from accounts.pages import user_page
from immyrbac.http import render_page
from immyrbac.requests import Request
from rbac.decorators import requires
from rbac.effective import effective_access, in_short
from rbac.explain_pages import asked_ways
from rbac.lists import AuditFilters, AuditListing, days_of, entries_about
from rbac.models import AuditEntry
from rbac.permissions import Permission
from rbac.receipts import receipt_of
from rbac.rosters import roster_of
from rbac.share_lists import shares_of_user


@requires(Permission.GOVERNANCE_EXPLAIN_ACCESS, on=User)
def user_access(request: Request, user: User) -> HttpResponse:
    """Each permission, where it counts and through which assignment."""
    ways = effective_access(request.access, user)
    context = user_page(request, user, "rbac:user-access") | {
        "ways": asked_ways(request.access, user, ways),
        "short": in_short(ways),
        "shares": shares_of_user(request.access, user),
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


@requires(Permission.USERS_VIEW, on=User)
def leaving_detail(request: Request, user: User, entry: int) -> HttpResponse:
    """The receipt of their leaving, to read and to print; the entry itself where the reader may see it."""
    receipt = receipt_of(request.access, user, entry)
    if receipt is None:
        raise Http404
    seen = request.access.seen(AuditEntry).filter(pk=entry).exists()
    audit_url = reverse("rbac:audit-detail", args=[entry]) if seen else ""
    context = {"person": user, "receipt": receipt, "audit_url": audit_url}
    return render_page(request, "rbac/leaving_detail.html", "rbac/leaving_detail.html", context)
