"""Scripts: the library's list, one script, and its making, editing and deleting."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from computers import script_services as services
from computers.forms import NewScriptForm, ScriptForm
from computers.lists import ScriptFilters, ScriptListing
from computers.models import Script
from computers.pages import script_page, suspension
from computers.shelves import SCRIPTS
from computers.views import library
from computers.views.submit import posted
from immyrbac.exports import Column
from immyrbac.http import render_page
from immyrbac.requests import Request
from rbac.access import INSTANCE
from rbac.decorators import FORM, requires
from rbac.permissions import Permission
from tenancy.models import Tenant

COLUMNS = (
    Column[Script]("Name", lambda script: script.name),
    Column[Script]("Owner", lambda script: script.tenant or "The instance"),
    Column[Script]("Language", lambda script: script.get_language_display()),
    Column[Script]("Lines", lambda script: len(script.body.splitlines())),
    Column[Script]("Edited", lambda script: script.updated_at.isoformat()),
)


@requires(Permission.SCRIPTS_VIEW)
def script_list(request: Request) -> HttpResponse:
    filters = ScriptFilters(request.GET, access=request.access)
    listing = ScriptListing(request, request.access.seen(Script).select_related("tenant"), filters)
    context = library.listed(request, SCRIPTS, listing)
    context["suspension"] = "" if context["may_create"] else suspension(request.access, SCRIPTS.manage)
    return render_page(request, "computers/script_list.html", "computers/_script_table.html", context)


@requires(Permission.SCRIPTS_VIEW)
def script_export(request: Request) -> HttpResponseBase:
    filters = ScriptFilters(request.GET, access=request.access)
    listing = ScriptListing(request, request.access.seen(Script), filters, paged=False)
    return library.exported(request, SCRIPTS, listing, COLUMNS)


@requires(Permission.SCRIPTS_VIEW, on=Script)
def script_detail(request: Request, script: Script) -> HttpResponse:
    context = script_page(request, script)
    return render_page(request, "computers/script_detail.html", "computers/script_detail.html", context)


@requires(Permission.SCRIPTS_MANAGE)
def script_start(request: Request) -> HttpResponse:
    return library.start(request, SCRIPTS)


@requires(Permission.SCRIPTS_MANAGE)
def script_owner_pick(request: Request) -> HttpResponse:
    return library.owner_pick(request, SCRIPTS)


@requires(Permission.SCRIPTS_MANAGE, on=Tenant, methods=FORM)
def script_create(request: Request, tenant: Tenant) -> HttpResponse:
    return library.create(request, SCRIPTS, NewScriptForm(posted(request)), tenant, services.create_script)


@requires(Permission.SCRIPTS_MANAGE, on=INSTANCE, methods=FORM)
def script_create_shared(request: Request) -> HttpResponse:
    """A script of the instance: every tenant reads it."""
    return library.create(request, SCRIPTS, NewScriptForm(posted(request)), None, services.create_script)


@requires(Permission.SCRIPTS_MANAGE, on=Script, methods=FORM)
def script_edit(request: Request, script: Script) -> HttpResponse:
    form = ScriptForm(posted(request), about=script)
    return library.edit(request, SCRIPTS, form, script, services.edit_script)


@requires(Permission.SCRIPTS_MANAGE, on=Script, methods=FORM)
def script_delete(request: Request, script: Script) -> HttpResponse:
    return library.delete(request, SCRIPTS, script, services.delete_script)
