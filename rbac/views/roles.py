"""Roles: the list, one role with what it holds, who has it and where, and several beside each other."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from immyrbac.exports import Column, csv_response
from immyrbac.http import render_options, render_page, wants_fragment
from immyrbac.lists import Total
from immyrbac.requests import Request
from rbac.access import Access
from rbac.acting import access_of
from rbac.decorators import requires
from rbac.grants import Holding
from rbac.models import Role, RoleAssignment
from rbac.permissions import Permission
from rbac.role_lists import (
    Asked,
    Compared,
    HolderFilters,
    HolderListing,
    RoleFilters,
    RoleListing,
    owner_of,
    roles_listed,
    type_of,
)
from rbac.role_pages import (
    compare_page,
    describe_role,
    detail_page,
    kinds,
    lines_of,
    permissions_page,
    role_page,
    rows_of,
)
from rbac.role_use import HOLDER_RELATIONS, Use, assignments_of, giver, sees_holders, suspended_of, uses_of
from rbac.sentences import place, plain, told


@requires(Permission.ROLES_VIEW)
def role_list(request: Request) -> HttpResponse:
    filters = RoleFilters(request.GET, access=request.access)
    listing = RoleListing(request, roles_listed(request.access), filters)
    context = {
        "listing": listing,
        "rows": rows_of(request.access, listing.rows),
        "kinds": [] if wants_fragment(request) else kinds(request.access),
        "sees_holders": sees_holders(request.access),
        "may_create": request.access.holds(Permission.ROLES_MANAGE),
    }
    return render_page(request, "rbac/role_list.html", "rbac/_role_table.html", context)


@requires(Permission.ROLES_VIEW)
def role_export(request: Request) -> HttpResponseBase:
    """The rows of the list; what the reader may see is asked anew while it is written."""
    filters = RoleFilters(request.GET, access=request.access)
    listing = RoleExport(request, roles_listed(request.access), filters, paged=False)

    def scoped() -> QuerySet[Role] | None:
        listing.access = access = access_of(request.actor)
        return roles_listed(access) if access.holds(Permission.ROLES_VIEW) else None

    return csv_response("roles", listing, _role_columns(listing, with_use=sees_holders(request.access)), scoped)


@requires(Permission.ROLES_VIEW)
def role_pick(request: Request) -> HttpResponse:
    return render_options(request, request.access.seen(Role), describe=describe_role)


@requires(Permission.ROLES_VIEW)
def role_compare(request: Request) -> HttpResponse:
    context = compare_page(request, Compared(request.GET, access=request.access).checked())
    return render_page(request, "rbac/role_compare.html", "rbac/role_compare.html", context)


@requires(Permission.ROLES_VIEW, on=Role)
def role_detail(request: Request, role: Role) -> HttpResponse:
    context = permissions_page(request, role, Asked(request.GET).checked())
    if not wants_fragment(request):
        context |= detail_page(request, _listed(request.access, role))
    return render_page(request, "rbac/role_detail.html", "rbac/_role_permissions.html", context)


@requires(Permission.ROLES_VIEW, on=Role)
def role_holder_list(request: Request, role: Role) -> HttpResponse:
    """Every assignment of the role that is not over, newest first."""
    listing = HolderListing(request, assignments_of(request.access, role), HolderFilters(request.GET))
    context = role_page(request, _listed(request.access, role)) | {
        "listing": listing,
        "lines": lines_of(request.access, told(listing.rows), suspended_of(request.access, role)),
    }
    return render_page(request, "rbac/role_holder_list.html", "rbac/_role_holder_table.html", context)


@requires(Permission.ROLES_VIEW, on=Role)
def role_holder_export(request: Request, role: Role) -> HttpResponseBase:
    """The rows of who has it and where; the role must still be seen while it is written."""
    rows = assignments_of(request.access, role)
    listing = HolderListing(request, rows, HolderFilters(request.GET), paged=False)

    def scoped() -> QuerySet[RoleAssignment] | None:
        access = access_of(request.actor)
        may = sees_holders(access) and access.seen(Role).filter(pk=role.pk).exists()
        return assignments_of(access, role).select_related(*HOLDER_RELATIONS) if may else None

    return csv_response(f"role-{role.pk}-holders", listing, _holder_columns(request.access), scoped)


class RoleExport(RoleListing):
    """The list for CSV: with each row comes how much it is used, as `access` may see it by then."""

    access = Access(Holding())
    uses: dict[int, Use] = {}

    def after(self, rows: QuerySet[Role], last: Role | None, limit: int) -> list[Role]:
        found = super().after(rows, last, limit)
        self.uses = uses_of(self.access, found)
        return found

    def use(self, role: Role) -> Use:
        return self.uses.get(role.pk, Use())


def _role_columns(listing: RoleExport, *, with_use: bool) -> list[Column[Role]]:
    """What each role holds stands there by codename."""
    counts = [
        Column[Role]("Assignments", lambda role: _plain(listing.use(role).assignments)),
        Column[Role]("Users", lambda role: _plain(listing.use(role).people)),
    ]
    return [
        Column("Name", lambda role: role.name),
        Column("Type", type_of),
        Column("Owner", owner_of),
        Column("Description", lambda role: role.description),
        *(counts if with_use else ()),
        Column("Permissions", lambda role: len(role.permissions)),
        Column("Holds", lambda role: " ".join(role.permissions)),
    ]


def _plain(total: Total) -> int | str:
    return str(total) if total.capped else total.count


def _holder_columns(access: Access) -> list[Column[RoleAssignment]]:
    return [
        Column("Who", lambda row: row.user or row.group),
        Column("Kind", lambda row: "Group" if row.group_id else "User"),
        Column("E-mail", lambda row: row.user and row.user.email),
        Column("Effect", lambda row: row.get_effect_display()),
        Column("Where", lambda row: plain(place(row))),
        Column("Starts", lambda row: row.starts_at and row.starts_at.isoformat()),
        Column("Ends", lambda row: row.expires_at and row.expires_at.isoformat()),
        Column("Given by", lambda row: giver(access, row)),
        Column("Given", lambda row: row.granted_at.isoformat()),
        Column("Reason", lambda row: row.reason),
    ]


def _listed(access: Access, role: Role) -> Role:
    """The same role, with what the list says of it."""
    found: Role = roles_listed(access).get(pk=role.pk)
    return found
