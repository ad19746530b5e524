"""Licenses: the list, one license, its making, editing and deleting, and the reading of its key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from computers import license_services as services
from computers.deployments.lists import ReachFilters
from computers.forms import LicenseForm, NewLicenseForm, software_for
from computers.lists import ComputerListing, LicenseFilters, LicenseListing, standing
from computers.models import License, Software
from computers.pages import license_page, seat_lines
from computers.seats import Taken
from computers.shelves import LICENSES
from computers.views import library
from computers.views.submit import posted
from immyrbac.exports import Column
from immyrbac.http import INVALID, render_options, render_page
from immyrbac.requests import Request
from rbac.access import INSTANCE
from rbac.acting import access_of
from rbac.decorators import FORM, WRITE, requires
from rbac.permissions import Permission
from tenancy.models import Tenant

COLUMNS = (
    Column[License]("Name", lambda found: found.name),
    Column[License]("Owner", lambda found: found.tenant or "The instance"),
    Column[License]("Seats", lambda found: found.seats),
    Column[Any]("Seats in use", lambda found: found.use and found.use.used),
    Column[License]("Expires", lambda found: found.expires_on),
    Column[License]("Status", lambda found: standing(found, timezone.localdate()).words),
    Column[License]("Edited", lambda found: found.updated_at.isoformat()),
)


@requires(Permission.LICENSES_VIEW)
def license_list(request: Request) -> HttpResponse:
    filters = LicenseFilters(request.GET, access=request.access)
    listing = LicenseListing(request, request.access.seen(License).select_related("tenant"), filters)
    today = timezone.localdate()
    context = library.listed(request, LICENSES, listing)
    uses = Taken(request.access, listing.rows).uses()
    context["rows"] = [(found, standing(found, today), uses.get(found.pk)) for found in listing.rows]
    return render_page(request, "computers/license_list.html", "computers/_license_table.html", context)


@requires(Permission.LICENSES_VIEW)
def license_export(request: Request) -> HttpResponseBase:
    """Without keys."""
    filters = LicenseFilters(request.GET, access=request.access)
    listing = LicenseListing(request, request.access.seen(License), filters, paged=False)

    def count(rows: Sequence[Any]) -> None:
        uses = Taken(access_of(request.actor), rows).uses()
        for found in rows:
            found.use = uses.get(found.pk)

    return library.exported(request, LICENSES, listing, COLUMNS, prepare=count)


@requires(Permission.LICENSES_VIEW, on=License)
def license_detail(request: Request, found: License) -> HttpResponse:
    page = "computers/license_detail.html"
    return render_page(request, page, page, license_page(request, found))


@requires(Permission.LICENSES_VIEW, on=License)
def license_computers(request: Request, found: License) -> HttpResponse:
    """Those that take its seats, as far as the reader may know it."""
    rows = Taken(request.access, [found]).rows(found).select_related("tenant")
    listing = ComputerListing(request, rows, ReachFilters(request.GET))
    context = {"license": found, "listing": listing, "rows": seat_lines(listing.rows)}
    return render_page(request, "computers/license_computers.html", "computers/_license_computer_table.html", context)


@requires(Permission.LICENSES_DOWNLOAD, on=License, methods=WRITE)
def license_reveal(request: Request, found: License) -> HttpResponse:
    """Its page with the key in it, in an answer that nothing keeps."""
    try:
        context = license_page(request, found, services.reveal_license(actor=request.actor, license=found))
    except ValidationError as error:
        context = license_page(request, found) | {"lost": " ".join(error.messages)}
    page = "computers/license_detail.html"
    return render_page(request, page, page, context, status=INVALID if "lost" in context else 200)


@requires(Permission.LICENSES_MANAGE)
def license_start(request: Request) -> HttpResponse:
    return library.start(request, LICENSES)


@requires(Permission.LICENSES_MANAGE)
def license_owner_pick(request: Request) -> HttpResponse:
    return library.owner_pick(request, LICENSES)


@requires(Permission.LICENSES_MANAGE, on=Tenant)
def license_software_pick(request: Request, tenant: Tenant) -> HttpResponse:
    """What a license of this tenant may be for."""
    return render_options(request, software_for(request.access, tenant), describe=_describe_software)


@requires(Permission.LICENSES_MANAGE, on=INSTANCE)
def license_software_pick_shared(request: Request) -> HttpResponse:
    return render_options(request, software_for(request.access, None), describe=_describe_software)


@requires(Permission.LICENSES_MANAGE, on=Tenant, methods=FORM)
def license_create(request: Request, tenant: Tenant) -> HttpResponse:
    form = NewLicenseForm(posted(request), access=request.access, owner=tenant)
    return library.create(request, LICENSES, form, tenant, services.create_license)


@requires(Permission.LICENSES_MANAGE, on=INSTANCE, methods=FORM)
def license_create_shared(request: Request) -> HttpResponse:
    """A license of the instance: whoever may view licenses anywhere sees it."""
    form = NewLicenseForm(posted(request), access=request.access, owner=None)
    return library.create(request, LICENSES, form, None, services.create_license)


@requires(Permission.LICENSES_MANAGE, on=License, methods=FORM)
def license_edit(request: Request, found: License) -> HttpResponse:
    form = LicenseForm(posted(request), about=found, access=request.access)
    return library.edit(request, LICENSES, form, found, services.edit_license)


@requires(Permission.LICENSES_MANAGE, on=License, methods=FORM)
def license_delete(request: Request, found: License) -> HttpResponse:
    return library.delete(request, LICENSES, found, services.delete_license)


def _describe_software(found: Software) -> dict[str, str]:
    return {"help": " ".join(filter(None, (found.publisher, found.release)))}
