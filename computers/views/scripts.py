"""Scripts: the library's list, one script, and its making, editing and deleting."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from computers import script_services as services
from computers.forms import NewScriptForm, OwnerForm, ReasonForm, ScriptForm, script_owners
from computers.lists import ScriptFilters, ScriptListing
from computers.models import Script
from computers.pages import script_page, suspension
from computers.views.submit import DONE, posted, submit
from immyrbac.exports import Column, csv_response
from immyrbac.http import INVALID, redirect, render_dialog, render_options, render_page, toast
from immyrbac.requests import Request
from rbac.access import INSTANCE
from rbac.acting import access_of
from rbac.decorators import FORM, requires
from rbac.permissions import Permission
from tenancy.forms import describe_tenant
from tenancy.models import Tenant

COLUMNS = (
    Column[Script]("Name", lambda script: script.name),
    Column[Script]("Owner", lambda script: script.tenant or "The instance"),
    Column[Script]("Lines", lambda script: len(script.body.splitlines())),
    Column[Script]("Edited", lambda script: script.updated_at.isoformat()),
)


@requires(Permission.SCRIPTS_VIEW)
def script_list(request: Request) -> HttpResponse:
    filters = ScriptFilters(request.GET, access=request.access)
    listing = ScriptListing(request, request.access.seen(Script).select_related("tenant"), filters)
    may_create = request.access.holds(Permission.SCRIPTS_MANAGE)
    action = ("New script", reverse("computers:script-start")) if may_create else None
    note = "" if may_create else suspension(request.access, Permission.SCRIPTS_MANAGE)
    context = {"listing": listing, "may_create": may_create, "suspension": note, "action": action}
    context["export_url"] = reverse("computers:script-export")
    return render_page(request, "computers/script_list.html", "computers/_script_table.html", context)


@requires(Permission.SCRIPTS_VIEW)
def script_export(request: Request) -> HttpResponseBase:
    """The rows of the list; what the reader may see is asked anew while they are written."""
    filters = ScriptFilters(request.GET, access=request.access)
    listing = ScriptListing(request, request.access.seen(Script), filters, paged=False)

    def scoped() -> QuerySet[Script] | None:
        access = access_of(request.actor)
        return access.seen(Script).select_related("tenant") if access.holds(Script.VIEW) else None

    return csv_response("scripts", listing, COLUMNS, scoped)


@requires(Permission.SCRIPTS_VIEW, on=Script)
def script_detail(request: Request, script: Script) -> HttpResponse:
    context = script_page(request, script)
    return render_page(request, "computers/script_detail.html", "computers/script_detail.html", context)


@requires(Permission.SCRIPTS_MANAGE)
def script_start(request: Request) -> HttpResponse:
    """Whose shall the new script be? The owner then stands in the address of its form."""
    form = OwnerForm(request.GET if "tenant" in request.GET else None, access=request.access)
    if form.is_valid():
        return redirect(request, reverse("computers:script-create", args=[form.cleaned_data["tenant"].pk]))
    may_share = request.access.can(Permission.SCRIPTS_MANAGE, INSTANCE)
    context = {"form": form, "shared_url": reverse("computers:script-create-shared") if may_share else ""}
    page, status = "computers/script_start.html", INVALID if form.is_bound else 200
    return render_page(request, page, page, context, status=status)


@requires(Permission.SCRIPTS_MANAGE)
def script_owner_pick(request: Request) -> HttpResponse:
    return render_options(request, script_owners(request.access), describe=describe_tenant)


@requires(Permission.SCRIPTS_MANAGE, on=Tenant, methods=FORM)
def script_create(request: Request, tenant: Tenant) -> HttpResponse:
    return _create(request, tenant)


@requires(Permission.SCRIPTS_MANAGE, on=INSTANCE, methods=FORM)
def script_create_shared(request: Request) -> HttpResponse:
    """A script of the instance: every tenant reads it."""
    return _create(request, None)


@requires(Permission.SCRIPTS_MANAGE, on=Script, methods=FORM)
def script_edit(request: Request, script: Script) -> HttpResponse:
    form = ScriptForm(posted(request), about=script)
    status = submit(request, form, partial(services.edit_script, actor=request.actor, script=script))
    if status == DONE:
        toast(request, f"Edited {form.cleaned_data['name']}.")
        return redirect(request, _url(script))
    context = {"title": f"Edit “{script}”", "owner": script.tenant, "button": "Save script", "back": _url(script)}
    return _form(request, form, context, status)


@requires(Permission.SCRIPTS_MANAGE, on=Script, methods=FORM)
def script_delete(request: Request, script: Script) -> HttpResponse:
    form = ReasonForm(posted(request), about=script)
    status = submit(request, form, partial(services.delete_script, actor=request.actor, script=script))
    if status == DONE:
        toast(request, f"Deleted {script}.")
        return redirect(request, reverse("computers:script-list"))
    dialog, context = "computers/_script_delete_dialog.html", {"form": form, "script": script}
    title = f"Delete “{script}”?"
    return render_dialog(request, dialog, context, title=title, cancel_url=_url(script), status=status)


def _create(request: Request, tenant: Tenant | None) -> HttpResponse:
    form = NewScriptForm(posted(request))
    made: list[Script] = []

    def create(**said: Any) -> None:
        made.append(services.create_script(actor=request.actor, tenant=tenant, **said))

    status = submit(request, form, create)
    if status == DONE:
        toast(request, f"Created {made[0]}.")
        return redirect(request, _url(made[0]))
    back = reverse("computers:script-list")
    context = {"title": "New script", "owner": tenant, "button": "Create script", "back": back}
    return _form(request, form, context, status)


def _form(request: Request, form: Any, context: dict[str, Any], status: int) -> HttpResponse:
    page, context = "computers/script_form.html", context | {"form": form}
    return render_page(request, page, page, context, status=status)


def _url(script: Script) -> str:
    return reverse("computers:script-detail", args=[script.pk])
