"""The list of users, and what is done to several of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from accounts.lists import UserFilters, UserListing, account_status, choosable
from accounts.models import User
from immyrbac.exports import Column, csv_response
from immyrbac.http import render_page
from immyrbac.lists import capped
from immyrbac.requests import Request
from immyrbac.words import Status
from rbac.acting import access_of
from rbac.decorators import requires
from rbac.permissions import Permission
from rbac.rosters import HeldRole, roles_of

BATCH = (
    ("Set access end…", "accounts:user-expire", ""),
    ("Activate…", "accounts:user-activate", ""),
    ("Deactivate…", "accounts:user-deactivate", "takes"),
)


COLUMNS = (
    Column[User]("Name", lambda user: user.name),
    Column[User]("E-mail", lambda user: user.email),
    Column[User]("Tenant", lambda user: user.tenant),
    Column[User]("Roles", lambda user: ", ".join(role.name for role in getattr(user, "shown_roles"))),  # noqa: B009
    Column[User]("Status", lambda user: account_status(user, timezone.now()).words),
    Column[User]("Access ends", lambda user: user.access_expires_at and user.access_expires_at.isoformat()),
    Column[User]("Last seen", lambda user: user.last_seen_at and user.last_seen_at.isoformat()),
)


@dataclass(frozen=True)
class Row:
    """One line of the list. `may_change`: whether the reader manages this user, who can then be chosen for a batch."""

    user: User
    status: Status
    roles: list[HeldRole]
    may_change: bool


@requires(Permission.USERS_VIEW)
def user_list(request: Request) -> HttpResponse:
    filters = UserFilters(request.GET, access=request.access)
    listing = UserListing(request, request.access.seen(User).select_related("tenant"), filters)
    context = {
        "listing": listing,
        "rows": _rows(request, listing.rows),
        "create_url": _place_url(request, listing, "accounts:user-place"),
        "invite_url": _place_url(request, listing, "accounts:invitation-place"),
        "export_url": reverse("accounts:user-export"),
        **_batch(request, listing),
    }
    return render_page(request, "accounts/user_list.html", "accounts/_user_table.html", context)


@requires(Permission.USERS_VIEW)
def user_export(request: Request) -> HttpResponseBase:
    """The rows of the list; what the reader may see is asked anew while they are written."""
    filters = UserFilters(request.GET, access=request.access)
    listing = UserListing(request, request.access.seen(User), filters, paged=False)
    access = request.access

    def scoped() -> QuerySet[User] | None:
        nonlocal access
        access = access_of(request.actor)
        return access.seen(User).select_related("tenant") if access.holds(User.VIEW) else None

    def learn(users: Sequence[User]) -> None:
        held = roles_of(access, [user.pk for user in users])
        for user in users:
            user.shown_roles = held.get(user.pk, [])  # type: ignore[attr-defined]  # for the column alone

    return csv_response("users", listing, COLUMNS, scoped, learn)


def _place_url(request: Request, listing: UserListing, route: str) -> str:
    """Where somebody new comes in: in the tenant that the list is narrowed to, where there is one."""
    if not request.access.holds(Permission.USERS_MANAGE):
        return ""
    tenant = listing.applied.get("tenant")
    return reverse(route) + (f"?tenant={tenant.pk}" if tenant else "")


def _batch(request: Request, listing: UserListing) -> dict[str, Any]:
    """What may be done to several, and to how many of those that match; nothing for who manages nobody."""
    if not request.access.holds(Permission.USERS_MANAGE) or listing.filters.cleaned_data["status"] == "removed":
        return {}
    actions = [(words, reverse(name), css) for words, name, css in BATCH]
    if not (listing.next_url or listing.previous_url):
        return {"batch": actions, "choosable": listing.total}
    return {"batch": actions, "choosable": capped(listing.filters.narrow(choosable(request.access)))}


def _rows(request: Request, users: list[User]) -> list[Row]:
    roles = roles_of(request.access, [user.pk for user in users])
    request.access.know(users)
    now = timezone.now()
    return [
        Row(
            user,
            account_status(user, now),
            roles.get(user.pk, []),
            user.removed_at is None and user != request.user and request.access.can(Permission.USERS_MANAGE, user),
        )
        for user in users
    ]
