"""The list of computers, one computer, and the list as CSV."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from computers.lists import ComputerFilters, ComputerListing, presence, shown_tags, with_tags
from computers.models import Computer
from computers.pages import computer_page, facts_of
from computers.people_pages import primary_fact
from immyrbac.exports import Column, csv_response
from immyrbac.http import render_page
from immyrbac.requests import Request
from immyrbac.words import Status
from rbac.acting import access_of
from rbac.decorators import requires
from rbac.permissions import Permission

COLUMNS = (
    Column[Computer]("Name", lambda computer: computer.name),
    Column[Computer]("Tenant", lambda computer: computer.tenant),
    Column[Computer]("Type", lambda computer: computer.get_type_display()),
    Column[Computer]("Operating system", lambda computer: computer.os),
    Column[Computer]("Serial number", lambda computer: computer.serial_number),
    Column[Computer]("Tags", lambda computer: ", ".join(tag.name for tag in shown_tags(computer))),
    Column[Computer]("Last seen", lambda computer: computer.last_seen_at and computer.last_seen_at.isoformat()),
    Column[Computer]("Onboarding", lambda computer: computer.get_onboarding_display()),
)


class Row(NamedTuple):
    """One line of the list; `may_choose`: whether some batch may take it."""

    computer: Computer
    status: Status
    may_choose: bool


BATCH = (
    ("Run maintenance…", "maintenance:session-batch-run", Permission.SESSIONS_RUN),
    ("Change tags…", "computers:computer-batch-tags", Permission.COMPUTERS_MANAGE_TAGS),
)


@requires(Permission.COMPUTERS_VIEW)
def computer_list(request: Request) -> HttpResponse:
    filters = ComputerFilters(request.GET, access=request.access)
    listing = ComputerListing(request, with_tags(request.access.seen(Computer)), filters)
    batch = [each for each in BATCH if request.access.holds(each[2])]
    may_export = request.access.holds(Permission.COMPUTERS_EXPORT)
    context = {
        "listing": listing,
        "rows": _rows(request, listing.rows, [permission for _, _, permission in batch]),
        "export_url": reverse("computers:computer-export") if may_export else "",
        "batch": [(words, reverse(route), "") for words, route, _ in batch],
    }
    return render_page(request, "computers/computer_list.html", "computers/_computer_table.html", context)


def _rows(request: Request, computers: list[Computer], permissions: list[Permission]) -> list[Row]:
    now, access = timezone.now(), request.access
    if permissions:
        access.know(computers)
    return [
        Row(computer, presence(computer, now), any(access.can(permission, computer) for permission in permissions))
        for computer in computers
    ]


@requires(Permission.COMPUTERS_EXPORT)
def computer_export(request: Request) -> HttpResponseBase:
    """The rows of the list that the right to export covers as well; both are asked anew while it is written."""
    filters = ComputerFilters(request.GET, access=request.access)
    listing = ComputerListing(request, request.access.seen(Computer), filters, paged=False)

    def scoped() -> QuerySet[Computer] | None:
        access = access_of(request.actor)
        may = access.holds(Permission.COMPUTERS_EXPORT)
        return with_tags(access.reachable(Computer, Permission.COMPUTERS_EXPORT)) if may else None

    return csv_response("computers", listing, COLUMNS, scoped)


@requires(Permission.COMPUTERS_VIEW, on=Computer)
def computer_detail(request: Request, computer: Computer) -> HttpResponse:
    page = "computers/computer_detail.html"
    context = computer_page(request, computer, "computers:computer-detail") | {
        "facts": [*primary_fact(request.access, computer), *facts_of(computer)]
    }
    return render_page(request, page, page, context)
