"""Which computers have an agent, how another comes in, and how one goes."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from computers.agents.forms import ConfirmForm, PlaceForm, ReasonForm, places
from computers.agents.lists import AgentFilters, AgentListing, type_held
from computers.agents.models import OPEN, Enrolment
from computers.agents.roster import held_on, with_agents
from computers.agents.services import LIFETIME, create_enrolment, remove_agent, revoke_enrolment
from computers.lists import presence
from computers.models import Computer
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.exports import Column, csv_response
from immyrbac.http import INVALID, redirect, render_dialog, render_options, render_page, toast
from immyrbac.lists import capped
from immyrbac.requests import Request
from immyrbac.words import Status
from rbac.acting import access_of
from rbac.decorators import FORM, requires
from rbac.permissions import Permission
from tenancy.forms import describe_tenant
from tenancy.models import Tenant

MOST_OPEN = 20
COLUMNS = (
    Column[Computer]("Computer", lambda computer: computer.name),
    Column[Computer]("Tenant", lambda computer: computer.tenant),
    Column[Computer]("Type", lambda computer: computer.get_type_display()),
    Column[Computer]("Agent reports", type_held),
    Column[Computer]("Operating system", lambda computer: computer.os),
    Column[Computer]("Last seen", lambda computer: computer.last_seen_at and computer.last_seen_at.isoformat()),
)


class Row(NamedTuple):
    computer: Computer
    status: Status
    held: str
    may_remove: bool


@requires(Permission.AGENTS_VIEW)
def agent_list(request: Request) -> HttpResponse:
    rows = with_agents(request.access.reachable(Computer, Permission.AGENTS_VIEW)).select_related("tenant")
    listing = AgentListing(request, rows, AgentFilters(request.GET, access=request.access))
    may_install = request.access.holds(Permission.AGENTS_INSTALL)
    waiting = request.access.seen(Enrolment).filter(OPEN).select_related("tenant", "computer")
    revocable = request.access.reachable(Enrolment, Permission.AGENTS_INSTALL).values_list("pk", flat=True)
    context = {
        "listing": listing,
        "rows": _rows(request, listing.rows),
        "export_url": reverse("agents:agent-export"),
        "action": ("Install an agent", reverse("agents:enrolment-place")) if may_install else None,
        "held": capped(held_on(request.access)) if request.access.holds(Permission.COMPUTERS_MANAGE) else None,
        "waiting": list(waiting[:MOST_OPEN]),
        "revocable": set(revocable.filter(OPEN)[:MOST_OPEN]) if may_install else set(),
    }
    return render_page(request, "agents/agent_list.html", "agents/_agent_table.html", context)


def _rows(request: Request, computers: list[Computer]) -> list[Row]:
    now = timezone.now()
    request.access.know(computers)
    may = [request.access.can(Permission.AGENTS_MANAGE, computer) for computer in computers]
    return [
        Row(computer, presence(computer, now), type_held(computer), may_remove)
        for computer, may_remove in zip(computers, may, strict=True)
    ]


@requires(Permission.AGENTS_VIEW)
def agent_export(request: Request) -> HttpResponseBase:
    """The rows of the list; what the reader may see is asked anew while they are written."""
    filters = AgentFilters(request.GET, access=request.access)
    rows = with_agents(request.access.reachable(Computer, Permission.AGENTS_VIEW))
    listing = AgentListing(request, rows, filters, paged=False)

    def scoped() -> QuerySet[Computer] | None:
        access = access_of(request.actor)
        found = with_agents(access.reachable(Computer, Permission.AGENTS_VIEW)).select_related("tenant")
        return found if access.holds(Permission.AGENTS_VIEW) else None

    return csv_response("agents", listing, COLUMNS, scoped)


@requires(Permission.AGENTS_INSTALL)
def enrolment_place(request: Request) -> HttpResponse:
    """Into which tenant? It then stands in the address of the form."""
    form = PlaceForm(request.GET if "tenant" in request.GET else None, access=request.access)
    if form.is_valid():
        return redirect(request, reverse("agents:enrolment-create", args=[form.cleaned_data["tenant"].pk]))
    page, status = "agents/enrolment_place.html", INVALID if form.is_bound else 200
    return render_page(request, page, page, {"form": form}, status=status)


@requires(Permission.AGENTS_INSTALL)
def enrolment_place_pick(request: Request) -> HttpResponse:
    return render_options(request, places(request.access), describe=describe_tenant)


@requires(Permission.AGENTS_INSTALL, on=Tenant, methods=FORM)
def enrolment_create(request: Request, tenant: Tenant) -> HttpResponse:
    """On a computer that is new to the tenant."""
    return _enrol(request, tenant, None)


@requires(Permission.AGENTS_INSTALL, on=Computer, methods=FORM)
def enrolment_create_for(request: Request, computer: Computer) -> HttpResponse:
    """On this computer, which the product knows already."""
    return _enrol(request, computer.tenant, computer)


def _enrol(request: Request, tenant: Tenant, computer: Computer | None) -> HttpResponse:
    """The command is shown once, on the answer itself: its secret is kept nowhere."""
    form, command = ConfirmForm(posted(request)), ""
    if form.is_valid():
        with attempting(form):
            _, secret = create_enrolment(actor=request.actor, tenant=tenant, computer=computer)
            site = request.build_absolute_uri("/").rstrip("/")
            program = site + reverse("agents:agent-program")
            command = f"curl -fsSO {program} && python3 immyrbac_agent.py --server {site} --enrolment {secret}"
    back = reverse("computers:computer-detail", args=[computer.pk]) if computer else reverse("agents:agent-list")
    hours = int(LIFETIME.total_seconds() // 3600)
    context = {"form": form, "tenant": tenant, "computer": computer, "command": command, "hours": hours}
    dialog, title = "agents/_enrolment_create_dialog.html", f"Install an agent on {computer or 'a new computer'}"
    status = 200 if command else status_of(request, form)
    return render_dialog(request, dialog, context, title=title, cancel_url=back, status=status)


@requires(Permission.AGENTS_INSTALL, on=Enrolment, methods=FORM)
def enrolment_revoke(request: Request, enrolment: Enrolment) -> HttpResponse:
    form, back = ConfirmForm(posted(request)), reverse("agents:agent-list")
    if form.is_valid():
        with attempting(form):
            revoke_enrolment(actor=request.actor, enrolment=enrolment)
            toast(request, "Enrolment revoked", "Its command no longer lets an agent in.")
            return redirect(request, back)
    dialog, title = "agents/_enrolment_revoke_dialog.html", "Revoke this enrolment?"
    context = {"form": form, "enrolment": enrolment}
    return render_dialog(request, dialog, context, title=title, cancel_url=back, status=status_of(request, form))


@requires(Permission.AGENTS_MANAGE, on=Computer, methods=FORM)
def agent_remove(request: Request, computer: Computer) -> HttpResponse:
    form, back = ReasonForm(posted(request)), reverse("computers:computer-detail", args=[computer.pk])
    if form.is_valid():
        with attempting(form):
            remove_agent(actor=request.actor, computer=computer, **form.cleaned_data)
            toast(request, f"Removed the agent of {computer}", "Nothing runs there any more.")
            return redirect(request, back)
    dialog, title = "agents/_agent_remove_dialog.html", f"Remove the agent of {computer}?"
    context = {"form": form, "computer": computer}
    return render_dialog(request, dialog, context, title=title, cancel_url=back, status=status_of(request, form))
