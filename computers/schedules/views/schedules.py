"""Schedules: the list, one of them, and its form. People of tenants see nothing of them."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from computers.deployments.forms import OwnerForm, describe_version, version_words
from computers.deployments.lists import ReachFilters
from computers.deployments.targets import versions_for
from computers.lists import ComputerListing, presence
from computers.schedules.forms import ScheduleForm
from computers.schedules.lists import ScheduleFilters, ScheduleListing
from computers.schedules.models import Schedule
from computers.schedules.pages import (
    author_name,
    doing_for,
    editor_page,
    lines_of,
    preview_page,
    reached_for,
    schedule_page,
    timing,
)
from computers.schedules.rights import NEEDS, aim_of
from computers.schedules.services import create_schedule, edit_schedule
from immyrbac.exports import Column, csv_response
from immyrbac.finding import best
from immyrbac.http import (
    INVALID,
    MOST_OPTIONS,
    redirect,
    render_choices,
    render_options,
    render_page,
    search_words,
    toast,
)
from immyrbac.requests import Request
from rbac.access import INSTANCE
from rbac.acting import access_of
from rbac.decorators import FORM, requires
from rbac.editing import Editor
from rbac.permissions import Permission
from rbac.sentences import plain
from tenancy.forms import describe_tenant
from tenancy.models import Tenant

VIEW, MANAGE = Permission.SCHEDULES_VIEW, Permission.SCHEDULES_MANAGE
PAGE, PART, PREVIEW = (f"schedules/{name}.html" for name in ("schedule_edit", "_editor", "_preview"))


@requires(VIEW)
def schedule_list(request: Request) -> HttpResponse:
    filters = ScheduleFilters(request.GET, access=request.access)
    listing = ScheduleListing(request, request.access.seen(Schedule).select_related(*NEEDS), filters)
    may_create = request.access.holds(MANAGE) and request.impersonation is None
    context = {
        "listing": listing,
        "rows": lines_of(request.access, listing.rows),
        "action": ("New schedule", reverse("schedules:schedule-place")) if may_create else None,
        "export_url": reverse("schedules:schedule-export"),
    }
    return render_page(request, "schedules/schedule_list.html", "schedules/_table.html", context)


@requires(VIEW)
def schedule_export(request: Request) -> HttpResponseBase:
    """The rows of the list; what the reader may see is asked anew while they are written."""
    filters = ScheduleFilters(request.GET, access=request.access)
    listing = ScheduleListing(request, request.access.seen(Schedule), filters, paged=False)
    columns = (
        Column[Schedule]("Name", lambda found: found.name),
        Column[Schedule]("Owner", lambda found: found.tenant or "The instance"),
        Column[Schedule]("Does", lambda found: doing_for(request.access, found)),
        Column[Schedule]("Target", lambda found: plain(aim_of(found))),
        Column[Schedule]("Cron", lambda found: found.cron),
        Column[Schedule]("Time zone", lambda found: found.zone),
        Column[Schedule]("When", timing),
        Column[Schedule]("Next run", lambda found: found.next_run_at.isoformat() if found.next_run_at else ""),
        Column[Schedule]("Enabled", lambda found: "yes" if found.is_enabled else "no"),
        Column[Schedule]("Author", lambda found: author_name(request.access, found)),
        Column[Schedule]("Saved", lambda found: found.updated_at.isoformat()),
    )

    def scoped() -> Any:
        access = access_of(request.actor)
        return access.seen(Schedule).select_related(*NEEDS) if access.holds(VIEW) else None

    return csv_response("schedules", listing, columns, scoped)


@requires(MANAGE)
def schedule_place(request: Request) -> HttpResponse:
    """Whose shall the new one be? The owner then stands in the address of its form."""
    owners = request.access.reachable(Tenant, MANAGE)
    said = request.GET if "tenant" in request.GET else None
    form = OwnerForm(said, owners=owners, source=reverse("schedules:schedule-owner-pick"))
    if form.is_valid():
        return redirect(request, reverse("schedules:schedule-create", args=[form.cleaned_data["tenant"].pk]))
    has_shared = request.access.can(MANAGE, INSTANCE)
    context = {"form": form, "shared_url": reverse("schedules:schedule-create-shared") if has_shared else ""}
    page, status = "schedules/schedule_place.html", INVALID if form.is_bound else 200
    return render_page(request, page, page, context, status=status)


@requires(MANAGE)
def schedule_owner_pick(request: Request) -> HttpResponse:
    return render_options(request, request.access.reachable(Tenant, MANAGE), describe=describe_tenant)


@requires(MANAGE, on=Tenant)
def schedule_script_pick(request: Request, tenant: Tenant) -> HttpResponse:
    return _scripts(request, tenant)


@requires(MANAGE)
def schedule_script_pick_shared(request: Request) -> HttpResponse:
    return _scripts(request, None)


@requires(MANAGE, on=Tenant, methods=FORM)
def schedule_create(request: Request, tenant: Tenant) -> HttpResponse:
    form = ScheduleForm(_said(request), access=request.access, owner=tenant)
    return _edited(request, form, reverse("schedules:schedule-create", args=[tenant.pk]))


@requires(MANAGE, on=INSTANCE, methods=FORM)
def schedule_create_shared(request: Request) -> HttpResponse:
    """Of the instance: for every tenant, or for those that bear a tag."""
    form = ScheduleForm(_said(request), access=request.access, owner=None)
    return _edited(request, form, reverse("schedules:schedule-create-shared"))


@requires(VIEW, on=Schedule)
def schedule_detail(request: Request, found: Schedule) -> HttpResponse:
    page = "schedules/schedule_detail.html"
    return render_page(request, page, page, schedule_page(request, found))


@requires(VIEW, on=Schedule)
def schedule_computers(request: Request, found: Schedule) -> HttpResponse:
    """All that it reaches now, as far as the reader sees it."""
    rows, now = reached_for(request.access, found).select_related("tenant"), timezone.now()
    listing = ComputerListing(request, rows, ReachFilters(request.GET))
    context = {"schedule": found, "listing": listing, "rows": [(each, presence(each, now)) for each in listing.rows]}
    page = "schedules/computer_list.html"
    return render_page(request, page, "schedules/_computer_table.html", context)


@requires(MANAGE, on=Schedule, methods=FORM)
def schedule_edit(request: Request, found: Schedule) -> HttpResponse:
    form = ScheduleForm(_said(request), access=request.access, owner=found.tenant, about=found)
    return _edited(request, form, reverse("schedules:schedule-edit", args=[found.pk]))


def _scripts(request: Request, owner: Tenant | None) -> HttpResponse:
    """Which versions of which scripts a schedule of this owner may run."""
    found = best(versions_for(request.access, owner), search_words(request), "script__name", most=MOST_OPTIONS + 1)
    return render_choices(request, ((row.pk, version_words(row), describe_version(row)) for row in found))


def _said(request: Request) -> QueryDict | None:
    """The whole form: sent, or as its preview asks it."""
    return request.POST if request.method == "POST" else request.GET if "name" in request.GET else None


def _edited(request: Request, form: ScheduleForm, address: str) -> HttpResponse:
    about = form.about
    back = reverse("schedules:schedule-detail", args=[about.pk]) if about else reverse("schedules:schedule-list")
    around, beside = partial(editor_page, form, address, back), partial(preview_page, form, address, back)
    editor = Editor(request, PAGE, PART, PREVIEW, around, beside)
    if request.method != "POST":
        form.is_valid()
        return editor.drawn()
    return editor.attempt(form, partial(_save, request, form)) if form.is_valid() else editor.sent_back(form)


def _save(request: Request, form: ScheduleForm) -> HttpResponse:
    if form.about is None:
        made, done = create_schedule(actor=request.actor, draft=form.draft()), "Created"
    else:
        version = form.cleaned_data["version"]
        made, done = edit_schedule(actor=request.actor, draft=form.draft(), version=version), "Saved"
    toast(request, f"{done} {made}.", "You are its author.")
    return redirect(request, reverse("schedules:schedule-detail", args=[made.pk]))
