"""What is done about maintenance of one computer, each in its dialog."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse

from computers.maintenance import services
from computers.maintenance.forms import ConfirmForm, PostponeForm
from computers.maintenance.models import MaintenanceSession, SessionKind
from computers.maintenance.pages import stages_in_words
from computers.maintenance.views.finding import find_session
from computers.models import Computer
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import redirect, render_dialog, toast
from immyrbac.requests import Request
from rbac.decorators import FORM, requires
from rbac.permissions import Permission


@requires(Permission.SESSIONS_RUN, on=Computer, methods=FORM)
def session_run(request: Request, computer: Computer) -> HttpResponse:
    form, back = ConfirmForm(posted(request)), reverse("maintenance:computer-maintenance", args=[computer.pk])
    if form.is_valid():
        with attempting(form):
            begun = services.run_maintenance(actor=request.actor, computers=[computer])
            return redirect(request, _address(begun.sessions[0]))
    lead = f"It begins when the agent asks for work next. Stages: {stages_in_words(SessionKind.MAINTENANCE)}."
    said = {"lead": lead, "button": "Run maintenance", "back": back}
    return _dialog(request, form, f"Run maintenance on {computer}?", said)


@requires(Permission.SESSIONS_RERUN, on=Computer, methods=FORM)
def session_rerun(request: Request, computer: Computer, number: int) -> HttpResponse:
    form, session = ConfirmForm(posted(request)), find_session(request, computer, number)
    if form.is_valid():
        with attempting(form):
            begun = services.rerun_sessions(actor=request.actor, sessions=[session])
            return redirect(request, _address(begun.sessions[0]))
    lead = f"A new session does what this one was to do: {stages_in_words(SessionKind(session.kind))}."
    said = {"lead": lead, "button": "Run again", "back": _address(session)}
    return _dialog(request, form, f"Run this again on {computer}?", said)


@requires(Permission.SESSIONS_POSTPONE, on=Computer, methods=FORM)
def session_postpone(request: Request, computer: Computer, number: int) -> HttpResponse:
    form, session = PostponeForm(posted(request)), find_session(request, computer, number)
    if form.is_valid():
        with attempting(form):
            services.postpone_sessions(actor=request.actor, sessions=[session], **form.cleaned_data)
            toast(request, f"Postponed maintenance on {computer}")
            return redirect(request, _address(session))
    lead = "It waits until then, and begins when the agent asks for work next."
    said = {"lead": lead, "button": "Postpone session", "back": _address(session)}
    return _dialog(request, form, f"Postpone maintenance on {computer}", said)


@requires(Permission.SESSIONS_CANCEL, on=Computer, methods=FORM)
def session_cancel(request: Request, computer: Computer, number: int) -> HttpResponse:
    form, session = ConfirmForm(posted(request)), find_session(request, computer, number)
    if form.is_valid():
        with attempting(form):
            services.cancel_sessions(actor=request.actor, sessions=[session])
            toast(request, f"Cancelled maintenance on {computer}")
            return redirect(request, _address(session))
    lead = "What waits never begins. What runs is stopped where it stands: what it has done stays done."
    said = {"lead": lead, "button": "Cancel session", "css": "danger", "back": _address(session)}
    return _dialog(request, form, f"Cancel maintenance on {computer}?", said)


def _address(session: MaintenanceSession) -> str:
    return reverse("maintenance:session-detail", args=[session.computer_id, session.pk])


def _dialog(request: Request, form: Form, title: str, said: dict[str, Any]) -> HttpResponse:
    dialog, context = "maintenance/_session_act_dialog.html", {"form": form, **said}
    return render_dialog(
        request, dialog, context, title=title, cancel_url=said["back"], status=status_of(request, form)
    )
