"""The list of groups, the list as CSV, and what comboboxes ask for groups."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from accounts.forms.groups import describe_group
from accounts.group_lists import GroupFilters, GroupListing
from accounts.memberships import with_members
from accounts.models import Group
from immyrbac.exports import Column, csv_response
from immyrbac.http import render_options, render_page
from immyrbac.requests import Request
from rbac.access import Access
from rbac.acting import access_of
from rbac.decorators import requires
from rbac.permissions import Permission
from rbac.rosters import Shared, share, shared_by


class Row(NamedTuple):
    group: Group
    shared: Shared

    @property
    def roles(self) -> str:
        return ", ".join(role.name for role in self.shared.roles)

    @property
    def others(self) -> list[str]:
        """The roles beside the first, which stands in full."""
        return [role.name for role in self.shared.roles[1:]]


COLUMNS = (
    Column[Group]("Group", lambda group: group.name),
    Column[Group]("Description", lambda group: group.description),
    Column[Group]("Owner", lambda group: group.tenant or "The instance"),
    Column[Group]("Roles", lambda group: _row(group).roles),
    Column[Group]("Assignments", lambda group: _row(group).shared.assignments),
    Column[Group]("Members", lambda group: getattr(group, "member_count")),  # noqa: B009  what `with_members` counted
)


@requires(Permission.GROUPS_VIEW)
def group_list(request: Request) -> HttpResponse:
    listing = GroupListing(request, _rows(request.access), GroupFilters(request.GET, access=request.access))
    share(request.access, listing.rows)
    create_url = reverse("accounts:group-place") if request.access.holds(Permission.GROUPS_MANAGE) else ""
    context = {
        "listing": listing,
        "rows": [_row(group) for group in listing.rows],
        "export_url": reverse("accounts:group-export"),
        "create_url": create_url,
        "first_action": ("New group", create_url) if create_url else None,
    }
    return render_page(request, "accounts/group_list.html", "accounts/_group_table.html", context)


@requires(Permission.GROUPS_VIEW)
def group_export(request: Request) -> HttpResponseBase:
    """The rows of the list; the right to see them is asked anew while it is written."""
    filters = GroupFilters(request.GET, access=request.access)
    listing = GroupListing(request, _rows(request.access), filters, paged=False)
    access = request.access

    def scoped() -> QuerySet[Group] | None:
        nonlocal access
        access = access_of(request.actor)
        return _rows(access) if access.holds(Permission.GROUPS_VIEW) else None

    return csv_response("groups", listing, COLUMNS, scoped, lambda groups: share(access, groups))


@requires(Permission.GROUPS_VIEW)
def group_pick(request: Request) -> HttpResponse:
    return render_options(request, request.access.seen(Group).select_related("tenant"), describe=describe_group)


def _rows(access: Access) -> QuerySet[Group]:
    return with_members(access, access.seen(Group))


def _row(group: Group) -> Row:
    return Row(group, shared_by(group, timezone.now()))
