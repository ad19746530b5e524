"""The list of sessions, the Maintenance tab of a computer, and one session while it goes on."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from computers.maintenance.lists import STANDINGS, SessionFilters, SessionListing, standing_of
from computers.maintenance.models import MaintenanceSession
from computers.maintenance.pages import line_of, lines_of, maintenance_page, session_page
from computers.maintenance.roster import sessions_on
from computers.maintenance.views.finding import find_session
from computers.models import Computer
from immyrbac.exports import Column, csv_response
from immyrbac.http import render_options, render_page
from immyrbac.requests import Request
from rbac.access import Access
from rbac.acting import access_of
from rbac.decorators import requires
from rbac.permissions import Permission

BATCH = (
    ("Run again…", "maintenance:session-batch-rerun", Permission.SESSIONS_RERUN),
    ("Postpone…", "maintenance:session-batch-postpone", Permission.SESSIONS_POSTPONE),
    ("Cancel…", "maintenance:session-batch-cancel", Permission.SESSIONS_CANCEL),
)
COLUMNS = (
    Column[MaintenanceSession]("Computer", lambda session: session.computer.name),
    Column[MaintenanceSession]("Tenant", lambda session: session.tenant),
    Column[MaintenanceSession]("Kind", lambda session: session.get_kind_display()),
    Column[MaintenanceSession]("Status", lambda session: STANDINGS[standing_of(session)].words),
    Column[MaintenanceSession]("Why", lambda session: session.why),
    Column[MaintenanceSession]("Asked", lambda session: session.asked_at.isoformat()),
    Column[MaintenanceSession]("Not before", lambda session: session.due_at.isoformat()),
    Column[MaintenanceSession]("Started", lambda session: session.started_at and session.started_at.isoformat()),
    Column[MaintenanceSession]("Over", lambda session: session.finished_at and session.finished_at.isoformat()),
)


def seen(access: Access) -> QuerySet[MaintenanceSession]:
    return sessions_on(access.reachable(Computer, Permission.SESSIONS_VIEW)).select_related("computer", "tenant")


@requires(Permission.SESSIONS_VIEW)
def session_list(request: Request) -> HttpResponse:
    rows = seen(request.access).select_related("asked_by__tenant")
    listing = SessionListing(request, rows, SessionFilters(request.GET, access=request.access))
    may = [each for each in BATCH if request.access.holds(each[2]) and request.impersonation is None]
    request.access.know([*(each.computer for each in listing.rows), *(each.asked_by for each in listing.rows)])
    context = {
        "listing": listing,
        "lines": [
            line_of(request.access, each, may_choose=any(request.access.can(act[2], each.computer) for act in may))
            for each in listing.rows
        ],
        "export_url": reverse("maintenance:session-export"),
        "batch": [(words, reverse(route), "") for words, route, _ in may],
    }
    return render_page(request, "maintenance/session_list.html", "maintenance/_session_table.html", context)


@requires(Permission.SESSIONS_VIEW)
def session_export(request: Request) -> HttpResponseBase:
    """The rows of the list; what the reader may see is asked anew while they are written."""
    filters = SessionFilters(request.GET, access=request.access)
    listing = SessionListing(request, seen(request.access), filters, paged=False)

    def scoped() -> QuerySet[MaintenanceSession] | None:
        access = access_of(request.actor)
        return seen(access) if access.holds(Permission.SESSIONS_VIEW) else None

    return csv_response("sessions", listing, COLUMNS, scoped)


@requires(Permission.SESSIONS_VIEW)
def session_computer_pick(request: Request) -> HttpResponse:
    rows = request.access.reachable(Computer, Permission.SESSIONS_VIEW).filter(deleted_at=None)
    return render_options(request, rows.select_related("tenant"), describe=lambda each: {"help": str(each.tenant)})


@requires(Permission.SESSIONS_VIEW, on=Computer)
def computer_maintenance(request: Request, computer: Computer) -> HttpResponse:
    """What was done to this computer, the newest first."""
    page = "maintenance/computer_maintenance.html"
    context = maintenance_page(request, computer) | {"lines": lines_of(request.access, computer)}
    return render_page(request, page, page, context)


@requires(Permission.SESSIONS_VIEW, on=Computer)
def session_detail(request: Request, computer: Computer, number: int) -> HttpResponse:
    """One session; htmx gets it alone, and asks again while it goes on."""
    session = find_session(request, computer, number)
    context = maintenance_page(request, computer) | session_page(request, computer, session)
    return render_page(request, "maintenance/session_detail.html", "maintenance/_session.html", context)
