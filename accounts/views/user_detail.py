"""One user: who they are, and the groups that they share assignments with."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from accounts.memberships import memberships_seen
from accounts.models import Person, User
from accounts.pages import user_page
from immyrbac.http import render_page
from immyrbac.requests import Request
from rbac.decorators import requires
from rbac.permissions import Permission
from rbac.receipts import last_receipt


@requires(Permission.USERS_VIEW, on=User)
def user_detail(request: Request, user: User) -> HttpResponse:
    context = user_page(request, user, "accounts:user-detail")
    context["uses_as"] = request.access.seen(Person).filter(user=user).first()
    if (entry := last_receipt(user)) is not None:
        context["receipt_url"] = reverse("rbac:leaving-detail", kwargs={"pk": user.pk, "entry": entry})
    return render_page(request, "accounts/user_detail.html", "accounts/user_detail.html", context)


@requires(Permission.USERS_VIEW, on=User)
def user_group_list(request: Request, user: User) -> HttpResponse:
    memberships = list(memberships_seen(request.access, user).select_related("group__tenant", "added_by"))
    known = {each.pk for each in request.access.seen(User).filter(pk__in=[row.added_by_id for row in memberships])}
    context = user_page(request, user, "accounts:user-group-list") | {"memberships": memberships, "known": known}
    return render_page(request, "accounts/user_groups.html", "accounts/user_groups.html", context)
