"""What is done about maintenance of several computers or sessions at once, all that was chosen or nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse

from computers.lists import ComputerFilters, ComputerListing
from computers.maintenance import services
from computers.maintenance.forms import ConfirmForm, PostponeForm
from computers.maintenance.lists import SessionFilters, SessionListing
from computers.maintenance.models import SessionKind
from computers.maintenance.pages import stages_in_words
from computers.maintenance.roster import sessions_on
from computers.models import Computer
from immyrbac.attempts import attempting, status_of
from immyrbac.http import redirect, render_dialog, toast
from immyrbac.requests import Request
from immyrbac.selections import StaleSelectionError, selection
from immyrbac.words import counted
from rbac.decorators import WRITE, requires
from rbac.permissions import Permission

MOST = services.MOST_AT_ONCE
CONFLICT = 409
Service = Callable[..., Any]


class Batch(NamedTuple):
    """One act on what was chosen: its dialog in words, with the number in them, and the list that it came from."""

    title: str
    lead: str
    button: str
    back: str
    noun: str = "session"
    css: str = "primary"


RUN = Batch(
    "Run maintenance on {many}?",
    f"Each begins when its agent asks for work next. Stages: {stages_in_words(SessionKind.MAINTENANCE)}. "
    "Computers without an agent, and those with a session that is not over, are left out.",
    "Run on {many}",
    "computers:computer-list",
    noun="computer",
)
RERUN = Batch(
    "Run {many} again?",
    "A new session does what each was to do, once for each computer. Computers without an agent, and those with a "
    "session that is not over, are left out.",
    "Run {many} again",
    "maintenance:session-list",
)
POSTPONE = Batch(
    "Postpone {many}",
    "Those that wait begin then, when their agents ask for work next. What has begun or is over stays as it is.",
    "Postpone {many}",
    "maintenance:session-list",
)
CANCEL = Batch(
    "Cancel {many}?",
    "What waits never begins, what runs is stopped where it stands, and what is over stays as it is.",
    "Cancel {many}",
    "maintenance:session-list",
    css="danger",
)


@requires(Permission.SESSIONS_RUN, methods=WRITE)
def session_batch_run(request: Request) -> HttpResponse:
    may = request.access.reachable(Computer, Permission.SESSIONS_RUN).filter(deleted_at=None)
    seen = request.access.seen(Computer)

    def matching(params: Any) -> QuerySet[Computer]:
        filters = ComputerFilters(params, access=request.access)
        return ComputerListing(request, seen, filters, paged=False, params=params).matching

    chosen = _chosen(request, may.select_related("tenant"), matching)
    if chosen is None:
        return _again(request, RUN)
    run = partial(services.run_maintenance, computers=chosen)
    return _act(request, RUN, ConfirmForm, chosen, run)


@requires(Permission.SESSIONS_RERUN, methods=WRITE)
def session_batch_rerun(request: Request) -> HttpResponse:
    return _act_on_sessions(request, RERUN, Permission.SESSIONS_RERUN, ConfirmForm, services.rerun_sessions)


@requires(Permission.SESSIONS_POSTPONE, methods=WRITE)
def session_batch_postpone(request: Request) -> HttpResponse:
    return _act_on_sessions(request, POSTPONE, Permission.SESSIONS_POSTPONE, PostponeForm, services.postpone_sessions)


@requires(Permission.SESSIONS_CANCEL, methods=WRITE)
def session_batch_cancel(request: Request) -> HttpResponse:
    return _act_on_sessions(request, CANCEL, Permission.SESSIONS_CANCEL, ConfirmForm, services.cancel_sessions)


def _act_on_sessions(
    request: Request, batch: Batch, permission: Permission, form: type[Form], service: Service
) -> HttpResponse:
    visible = request.access.reachable(Computer, Permission.SESSIONS_VIEW)
    may = sessions_on(request.access.scope(visible, permission)).select_related("computer__tenant")
    seen = sessions_on(visible)

    def matching(params: Any) -> QuerySet[Any]:
        filters = SessionFilters(params, access=request.access)
        listing = SessionListing(request, seen, filters, paged=False, params=params)
        return listing.matching.select_related("computer__tenant")

    chosen = _chosen(request, may, matching)
    if chosen is None:
        return _again(request, batch)
    return _act(request, batch, form, chosen, partial(service, sessions=chosen))


def _chosen(request: Request, rows: QuerySet[Any], matching: Callable[[Any], QuerySet[Any]]) -> list[Any] | None:
    """What was selected, where every one of it is the reader's for this; None where it is not, or is too much."""
    try:
        chosen = selection(request.POST, rows, matching)
    except StaleSelectionError:
        return None
    ids = [each.pk for each in chosen]
    return chosen if len(ids) <= MOST and rows.filter(pk__in=ids).count() == len(ids) else None


def _act(request: Request, batch: Batch, kind: type[Form], chosen: list[Any], service: Service) -> HttpResponse:
    """The batch bar posts what was selected; the form that it gets carries these ids."""
    form, many = kind(request.POST if "save" in request.POST else None), counted(len(chosen), batch.noun)
    back = reverse(batch.back)
    if form.is_valid():
        with attempting(form):
            done = service(actor=request.actor, **form.cleaned_data)
            toast(request, *_told(done, chosen))
            return redirect(request, back)
    said = {"lead": batch.lead, "button": batch.button.format(many=many), "css": batch.css}
    context = {"form": form, "ids": [each.pk for each in chosen], **said}
    dialog, title = "maintenance/_session_act_dialog.html", batch.title.format(many=many)
    return render_dialog(request, dialog, context, title=title, cancel_url=back, status=status_of(request, form))


def _told(done: Any, chosen: list[Any]) -> tuple[str, str]:
    """How many, how many not, and why."""
    if isinstance(done, services.Begun):
        return f"{counted(len(done.sessions), 'session')} queued", done.told()
    left = len(chosen) - len(done)
    return f"Changed {counted(len(done), 'session')}", f"{left:,} left as they are." if left else ""


def _again(request: Request, batch: Batch) -> HttpResponse:
    """Nothing was changed: the list has moved on, or holds what is not the reader's."""
    title, context = "The selection does not hold any more", {"most": MOST}
    dialog, back = "maintenance/_batch_stale_dialog.html", reverse(batch.back)
    return render_dialog(request, dialog, context, title=title, cancel_url=back, status=CONFLICT)
