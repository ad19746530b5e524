"""The inbox of types that agents report: each waits here until somebody confirms or dismisses it.

To confirm one is to change the computer's type, which shows whom that gives and takes (`computers:computer-type`).
"""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from computers.agents.forms import DismissForm
from computers.agents.lists import AgentListing, HeldFilters, type_held
from computers.agents.roster import agent_on, held_on
from computers.agents.services import dismiss_type
from computers.models import Computer
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.exports import Column, csv_response
from immyrbac.http import redirect, render_dialog, render_page, toast
from immyrbac.requests import Request
from rbac.acting import access_of
from rbac.decorators import FORM, requires
from rbac.permissions import Permission

COLUMNS = (
    Column[Computer]("Computer", lambda computer: computer.name),
    Column[Computer]("Tenant", lambda computer: computer.tenant),
    Column[Computer]("Type", lambda computer: computer.get_type_display()),
    Column[Computer]("Agent reports", type_held),
)


@requires(Permission.COMPUTERS_MANAGE)
def held_list(request: Request) -> HttpResponse:
    rows = held_on(request.access).select_related("tenant")
    listing = AgentListing(request, rows, HeldFilters(request.GET, access=request.access))
    context = {
        "listing": listing,
        "rows": [(computer, type_held(computer)) for computer in listing.rows],
        "export_url": reverse("agents:held-export"),
    }
    return render_page(request, "agents/held_list.html", "agents/_held_table.html", context)


@requires(Permission.COMPUTERS_MANAGE)
def held_export(request: Request) -> HttpResponseBase:
    filters = HeldFilters(request.GET, access=request.access)
    listing = AgentListing(request, held_on(request.access), filters, paged=False)

    def scoped() -> QuerySet[Computer] | None:
        access = access_of(request.actor)
        return held_on(access).select_related("tenant") if access.holds(Permission.COMPUTERS_MANAGE) else None

    return csv_response("types-to-confirm", listing, COLUMNS, scoped)


@requires(Permission.COMPUTERS_MANAGE, on=Computer, methods=FORM)
def type_dismiss(request: Request, computer: Computer) -> HttpResponse:
    """The form says which type was seen: another one that is reported meanwhile is not dismissed with it."""
    agent, back = agent_on(computer), reverse("computers:computer-detail", args=[computer.pk])
    form = DismissForm(posted(request), initial={"type": agent.reported_type if agent else computer.type})
    if form.is_valid():
        with attempting(form):
            dismiss_type(actor=request.actor, computer=computer, **form.cleaned_data)
            toast(request, f"{computer} stays as it is", "It is asked again when its agent reports another type.")
            return redirect(request, reverse("agents:held-list"))
    context = {"form": form, "computer": computer, "held": type_held(agent) if agent else ""}
    dialog, title = "agents/_type_dismiss_dialog.html", f"Dismiss what the agent of {computer} reports?"
    return render_dialog(request, dialog, context, title=title, cancel_url=back, status=status_of(request, form))
