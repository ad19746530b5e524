"""Licenses: the list, one license, its making, editing and deleting, and the reading of its key."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from computers import license_services as services
from computers.forms import LicenseForm, LicenseOwnerForm, NewLicenseForm, ReasonForm, license_owners
from computers.lists import LicenseFilters, LicenseListing, standing
from computers.models import License
from computers.pages import license_page
from computers.views.submit import DONE, posted, submit
from immyrbac.exports import Column, csv_response
from immyrbac.http import INVALID, redirect, render_dialog, render_options, render_page, toast
from immyrbac.requests import Request
from rbac.access import INSTANCE
from rbac.acting import access_of
from rbac.decorators import FORM, WRITE, requires
from rbac.permissions import Permission
from tenancy.forms import describe_tenant
from tenancy.models import Tenant

COLUMNS = (
    Column[License]("Name", lambda found: found.name),
    Column[License]("Owner", lambda found: found.tenant or "The instance"),
    Column[License]("Seats", lambda found: found.seats),
    Column[License]("Expires", lambda found: found.expires_on),
    Column[License]("Status", lambda found: standing(found, timezone.localdate()).words),
    Column[License]("Edited", lambda found: found.updated_at.isoformat()),
)


@requires(Permission.LICENSES_VIEW)
def license_list(request: Request) -> HttpResponse:
    filters = LicenseFilters(request.GET, access=request.access)
    listing = LicenseListing(request, request.access.seen(License).select_related("tenant"), filters)
    may_create = request.access.holds(Permission.LICENSES_MANAGE)
    today = timezone.localdate()
    context = {
        "listing": listing,
        "rows": [(found, standing(found, today)) for found in listing.rows],
        "may_create": may_create,
        "action": ("New license", reverse("computers:license-start")) if may_create else None,
        "export_url": reverse("computers:license-export"),
    }
    return render_page(request, "computers/license_list.html", "computers/_license_table.html", context)


@requires(Permission.LICENSES_VIEW)
def license_export(request: Request) -> HttpResponseBase:
    """The rows of the list, without keys; what the reader may see is asked anew while they are written."""
    filters = LicenseFilters(request.GET, access=request.access)
    listing = LicenseListing(request, request.access.seen(License), filters, paged=False)

    def scoped() -> QuerySet[License] | None:
        access = access_of(request.actor)
        return access.seen(License).select_related("tenant") if access.holds(License.VIEW) else None

    return csv_response("licenses", listing, COLUMNS, scoped)


@requires(Permission.LICENSES_VIEW, on=License)
def license_detail(request: Request, found: License) -> HttpResponse:
    page = "computers/license_detail.html"
    return render_page(request, page, page, license_page(request, found))


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
    """Whose shall the new license be? The owner then stands in the address of its form."""
    form = LicenseOwnerForm(request.GET if "tenant" in request.GET else None, access=request.access)
    if form.is_valid():
        return redirect(request, reverse("computers:license-create", args=[form.cleaned_data["tenant"].pk]))
    may_share = request.access.can(Permission.LICENSES_MANAGE, INSTANCE)
    context = {"form": form, "shared_url": reverse("computers:license-create-shared") if may_share else ""}
    page, status = "computers/license_start.html", INVALID if form.is_bound else 200
    return render_page(request, page, page, context, status=status)


@requires(Permission.LICENSES_MANAGE)
def license_owner_pick(request: Request) -> HttpResponse:
    return render_options(request, license_owners(request.access), describe=describe_tenant)


@requires(Permission.LICENSES_MANAGE, on=Tenant, methods=FORM)
def license_create(request: Request, tenant: Tenant) -> HttpResponse:
    return _create(request, tenant)


@requires(Permission.LICENSES_MANAGE, on=INSTANCE, methods=FORM)
def license_create_shared(request: Request) -> HttpResponse:
    """A license of the instance: whoever may view licenses anywhere sees it."""
    return _create(request, None)


@requires(Permission.LICENSES_MANAGE, on=License, methods=FORM)
def license_edit(request: Request, found: License) -> HttpResponse:
    form = LicenseForm(posted(request), about=found)
    status = submit(request, form, partial(services.edit_license, actor=request.actor, license=found))
    if status == DONE:
        toast(request, f"Edited {form.cleaned_data['name']}.")
        return redirect(request, _url(found))
    context = {"title": f"Edit “{found}”", "owner": found.tenant, "button": "Save license", "back": _url(found)}
    return _form(request, form, context, status)


@requires(Permission.LICENSES_MANAGE, on=License, methods=FORM)
def license_delete(request: Request, found: License) -> HttpResponse:
    form = ReasonForm(posted(request), about=found)
    status = submit(request, form, partial(services.delete_license, actor=request.actor, license=found))
    if status == DONE:
        toast(request, f"Deleted {found}.")
        return redirect(request, reverse("computers:license-list"))
    dialog, context = "computers/_license_delete_dialog.html", {"form": form, "license": found}
    title = f"Delete “{found}”?"
    return render_dialog(request, dialog, context, title=title, cancel_url=_url(found), status=status)


def _create(request: Request, tenant: Tenant | None) -> HttpResponse:
    form = NewLicenseForm(posted(request))
    made: list[License] = []

    def create(**said: Any) -> None:
        made.append(services.create_license(actor=request.actor, tenant=tenant, **said))

    status = submit(request, form, create)
    if status == DONE:
        toast(request, f"Created {made[0]}.")
        return redirect(request, _url(made[0]))
    back = reverse("computers:license-list")
    context = {"title": "New license", "owner": tenant, "button": "Create license", "back": back}
    return _form(request, form, context, status)


def _form(request: Request, form: Any, context: dict[str, Any], status: int) -> HttpResponse:
    page, context = "computers/license_form.html", context | {"form": form}
    return render_page(request, page, page, context, status=status)


def _url(found: License) -> str:
    return reverse("computers:license-detail", args=[found.pk])
