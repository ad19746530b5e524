"""What the views of scripts, software and licenses have in common; each of them names its door itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from computers.forms import OwnerForm, ReasonForm
from computers.models import LibraryItem
from computers.shelves import Shelf
from computers.views.submit import DONE, posted, submit
from immyrbac.exports import Column, csv_response
from immyrbac.http import INVALID, redirect, render_dialog, render_options, render_page, toast
from immyrbac.lists import Listing
from immyrbac.requests import Request
from rbac.access import INSTANCE
from rbac.acting import access_of
from rbac.objects import view_of
from tenancy.forms import describe_tenant
from tenancy.models import Tenant


def listed(request: Request, shelf: Shelf, listing: Listing[Any]) -> dict[str, Any]:
    """The context of a list."""
    may_create = request.access.holds(shelf.manage)
    return {
        "listing": listing,
        "may_create": may_create,
        "action": (f"New {shelf.noun}", shelf.url("start")) if may_create else None,
        "export_url": shelf.url("export"),
    }


def exported(
    request: Request,
    shelf: Shelf,
    listing: Listing[Any],
    columns: tuple[Column[Any], ...],
    shown: Callable[[Any], Any] = lambda rows: rows.select_related("tenant"),
    *,
    prepare: Callable[[Sequence[Any]], None] | None = None,
) -> HttpResponseBase:
    """The rows of the list; what the reader may see is asked anew while they are written."""
    model = listing.matching.model

    def scoped() -> Any:
        access = access_of(request.actor)
        return shown(access.seen(model)) if access.holds(view_of(model)) else None

    return csv_response(shelf.plural.lower(), listing, columns, scoped, prepare)


def start(request: Request, shelf: Shelf) -> HttpResponse:
    """Whose shall the new one be? The owner then stands in the address of its form."""
    form = OwnerForm(request.GET if "tenant" in request.GET else None, shelf=shelf, access=request.access)
    if form.is_valid():
        return redirect(request, shelf.url("create", form.cleaned_data["tenant"].pk))
    may_share = request.access.can(shelf.manage, INSTANCE)
    context = {"form": form, "shelf": shelf, "list_url": shelf.url("list")}
    context["shared_url"] = shelf.url("create-shared") if may_share else ""
    page, status = "computers/library_start.html", INVALID if form.is_bound else 200
    return render_page(request, page, page, context, status=status)


def owner_pick(request: Request, shelf: Shelf) -> HttpResponse:
    return render_options(request, shelf.owners(request.access), describe=describe_tenant)


def create(
    request: Request, shelf: Shelf, form: Any, tenant: Tenant | None, service: Callable[..., LibraryItem]
) -> HttpResponse:
    """`service` makes it; None is a tenant that there is not: it will be the instance's."""
    made: list[LibraryItem] = []
    status = submit(request, form, lambda **said: made.append(service(actor=request.actor, tenant=tenant, **said)))
    if status == DONE:
        toast(request, f"Created {made[0]}.")
        return redirect(request, shelf.page(made[0]))
    context = {"title": f"New {shelf.noun}", "owner": tenant, "button": f"Create {shelf.noun}"}
    return _form(request, shelf, form, {**context, "back": shelf.url("list")}, status)


def edit(
    request: Request, shelf: Shelf, form: Any, found: LibraryItem, service: Callable[..., LibraryItem]
) -> HttpResponse:
    status = submit(request, form, partial(service, actor=request.actor, **{shelf.noun: found}))
    if status == DONE:
        toast(request, f"Edited {form.cleaned_data['name']}.")
        return redirect(request, shelf.page(found))
    context = {"title": f"Edit “{found}”", "owner": found.tenant, "button": f"Save {shelf.noun}"}
    return _form(request, shelf, form, {**context, "back": shelf.page(found)}, status)


def delete(request: Request, shelf: Shelf, found: LibraryItem, service: Callable[..., None]) -> HttpResponse:
    form = ReasonForm(posted(request), about=found)
    status = submit(request, form, partial(service, actor=request.actor, **{shelf.noun: found}))
    if status == DONE:
        toast(request, f"Deleted {found}.")
        return redirect(request, shelf.url("list"))
    context = {"form": form, "shelf": shelf}
    dialog, title = "computers/_library_delete_dialog.html", f"Delete “{found}”?"
    return render_dialog(request, dialog, context, title=title, cancel_url=shelf.page(found), status=status)


def _form(request: Request, shelf: Shelf, form: Any, context: dict[str, Any], status: int) -> HttpResponse:
    page, context = "computers/library_form.html", {**context, "form": form, "shelf": shelf}
    context["list_url"] = shelf.url("list")
    return render_page(request, page, page, context, status=status)
