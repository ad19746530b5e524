"""Role assignments on the page of who holds them."""

from __future__ import annotations

from django.http import HttpResponse

from accounts.models import User
from accounts.pages import user_page
from immyrbac.http import render_page
from immyrbac.requests import Request
from rbac.decorators import requires
from rbac.permissions import Permission
from rbac.rosters import roster_of


@requires(Permission.USERS_VIEW, on=User)
def assignment_list(request: Request, user: User) -> HttpResponse:
    context = user_page(request, user, "rbac:assignment-list") | {
        "roster": roster_of(request.access, user),
        "show_over": "ended" in request.GET,
    }
    return render_page(request, "rbac/assignment_list.html", "rbac/assignment_list.html", context)
