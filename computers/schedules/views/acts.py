"""What is done about one schedule, each in its dialog."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse

from computers.deployments.forms import EndForm
from computers.schedules.forms import ConfirmForm
from computers.schedules.models import Schedule
from computers.schedules.pages import came_of
from computers.schedules.services import delete_schedule, disable_schedule, enable_schedule, run_schedule, values_of
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import redirect, render_dialog, toast
from immyrbac.requests import Request
from immyrbac.versions import version_of
from rbac.decorators import FORM, requires
from rbac.permissions import Permission

MANAGE = Permission.SCHEDULES_MANAGE


@requires(MANAGE, on=Schedule, methods=FORM)
def schedule_run(request: Request, found: Schedule) -> HttpResponse:
    form = ConfirmForm(posted(request))
    if form.is_valid():
        with attempting(form):
            run = run_schedule(actor=request.actor, schedule=found)
            toast(request, f"Ran {found}.", came_of(found, run, counts=True))
            return redirect(request, _page(found))
    lead = "It does at once what it does at its times, on the computers that you may reach and by your right."
    return _dialog(request, found, form, f"Run “{found}” now?", {"lead": lead, "button": "Run now"})


@requires(MANAGE, on=Schedule, methods=FORM)
def schedule_enable(request: Request, found: Schedule) -> HttpResponse:
    form = ConfirmForm(posted(request))
    if form.is_valid():
        with attempting(form):
            enable_schedule(actor=request.actor, schedule=found)
            toast(request, f"Enabled {found}.", "You are its author.")
            return redirect(request, _page(found))
    lead = "It runs from its next time on. You become its author: it reaches what you may reach."
    return _dialog(request, found, form, f"Enable “{found}”?", {"lead": lead, "button": "Enable schedule"})


@requires(MANAGE, on=Schedule, methods=FORM)
def schedule_disable(request: Request, found: Schedule) -> HttpResponse:
    form = ConfirmForm(posted(request))
    if form.is_valid():
        with attempting(form):
            disable_schedule(actor=request.actor, schedule=found)
            toast(request, f"Disabled {found}.")
            return redirect(request, _page(found))
    lead = "It does not run until somebody enables it. What it has begun goes on."
    said = {"lead": lead, "button": "Disable schedule", "css": "danger"}
    return _dialog(request, found, form, f"Disable “{found}”?", said)


@requires(MANAGE, on=Schedule, methods=FORM)
def schedule_delete(request: Request, found: Schedule) -> HttpResponse:
    form = EndForm(posted(request), initial={"version": version_of(values_of(found))})
    if form.is_valid():
        with attempting(form):
            delete_schedule(actor=request.actor, schedule=found, **form.cleaned_data)
            toast(request, f"Deleted {found}.", "What it has begun goes on.")
            return redirect(request, reverse("schedules:schedule-list"))
    lead = "This cannot be undone. What is known of its runs goes with it; what it has begun goes on."
    said = {"lead": lead, "button": "Delete schedule", "css": "danger"}
    return _dialog(request, found, form, f"Delete “{found}”?", said)


def _page(found: Schedule) -> str:
    return reverse("schedules:schedule-detail", args=[found.pk])


def _dialog(request: Request, found: Schedule, form: Form, title: str, said: dict[str, Any]) -> HttpResponse:
    dialog, context, status = "schedules/_act_dialog.html", {"form": form, **said}, status_of(request, form)
    return render_dialog(request, dialog, context, title=title, cancel_url=_page(found), status=status)
