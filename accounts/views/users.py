"""The list of users, and what is done to several of them at once."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils import timezone

from accounts.lists import UserFilters, UserListing, account_status
from accounts.models import User
from immyrbac.http import render_page
from immyrbac.requests import Request
from immyrbac.words import Status
from rbac.decorators import requires
from rbac.permissions import Permission
from rbac.rosters import HeldRole, roles_of


@dataclass(frozen=True)
class Row:
    """One line of the list. `may_change`: whether the reader manages this user, who can then be chosen for a batch."""

    user: User
    status: Status
    roles: list[HeldRole]
    may_change: bool

    @property
    def others(self) -> list[str]:
        return [role.name for role in self.roles[1:]]


@requires(Permission.USERS_VIEW)
def user_list(request: Request) -> HttpResponse:
    filters = UserFilters(request.GET, access=request.access)
    listing = UserListing(request, request.access.seen(User).select_related("tenant"), filters)
    context = {"listing": listing, "rows": _rows(request, listing.rows)}
    return render_page(request, "accounts/user_list.html", "accounts/_user_table.html", context)


def _rows(request: Request, users: list[User]) -> list[Row]:
    roles = roles_of(request.access, [user.pk for user in users])
    request.access.know(users)
    now = timezone.now()
    return [
        Row(
            user,
            account_status(user, now),
            roles.get(user.pk, []),
            user.removed_at is None and request.access.can(Permission.USERS_MANAGE, user),
        )
        for user in users
    ]
