"""The Terminal tab: run a command or a script on one computer, and watch what it says."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.urls import reverse

from computers.agents.forms import RunForm
from computers.agents.lists import RunFilters, RunListing
from computers.agents.models import Run
from computers.agents.pages import latest_lines, lines_of, run_page, terminal_page
from computers.agents.roster import runs_of
from computers.agents.services import ask_run, stop_run
from computers.models import Computer, Script
from immyrbac.attempts import attempting, posted, status_of
from immyrbac.http import INVALID, redirect, render_options, render_page, toast
from immyrbac.requests import Request
from rbac.decorators import FORM, WRITE, requires
from rbac.permissions import Permission
from rbac.refusals import refuse


@requires(Permission.COMPUTERS_USE_TERMINAL, on=Computer, methods=FORM)
def terminal(request: Request, computer: Computer) -> HttpResponse:
    _may_run(request, computer)
    form = RunForm(posted(request), about=computer, access=request.access)
    if form.is_valid():
        with attempting(form):
            run = ask_run(actor=request.actor, computer=computer, **form.cleaned_data)
            return redirect(request, reverse("agents:run-detail", args=[computer.pk, run.pk]))
    page = "agents/terminal.html"
    context = terminal_page(request, computer) | {"form": form, "lines": latest_lines(request.access, computer)}
    return render_page(request, page, page, context, status=status_of(request, form))


@requires(Permission.COMPUTERS_USE_TERMINAL, on=Computer)
def run_script_pick(request: Request, computer: Computer) -> HttpResponse:
    _may_run(request, computer)
    return render_options(request, request.access.seen(Script).select_related("tenant"), describe=_described)


@requires(Permission.COMPUTERS_USE_TERMINAL, on=Computer)
def run_detail(request: Request, computer: Computer, number: int) -> HttpResponse:
    """One run; htmx gets it alone, and asks again while it goes on."""
    _may_run(request, computer)
    return _run_answer(request, computer, _run_of(computer, number))


@requires(Permission.COMPUTERS_USE_TERMINAL, on=Computer, methods=WRITE)
def run_stop(request: Request, computer: Computer, number: int) -> HttpResponse:
    """Whoever may ask for a run may end one."""
    _may_run(request, computer)
    run = _run_of(computer, number)
    try:
        stop_run(actor=request.actor, run=run)
    except ValidationError as error:
        return _run_answer(request, computer, _run_of(computer, number), said=error.messages, status=INVALID)
    toast(request, f"Stopped {run}", "What runs already ends within seconds, with all that it started.")
    return redirect(request, reverse("agents:run-detail", args=[computer.pk, run.pk]))


@requires(Permission.COMPUTERS_USE_TERMINAL, on=Computer)
def run_list(request: Request, computer: Computer) -> HttpResponse:
    """All that ran on it while it was in this tenant."""
    _may_run(request, computer)
    listing = RunListing(request, runs_of(computer).defer("output", "body"), RunFilters(request.GET))
    lines = lines_of(request.access, computer, listing.rows)
    context = terminal_page(request, computer) | {"listing": listing, "lines": lines}
    return render_page(request, "agents/run_list.html", "agents/_run_list.html", context)


def _run_of(computer: Computer, number: int) -> Run:
    run = runs_of(computer).filter(pk=number).first()
    if run is None:
        raise Http404
    return run


def _run_answer(
    request: Request, computer: Computer, run: Run, *, said: Sequence[str] = (), status: int = 200
) -> HttpResponse:
    context = terminal_page(request, computer) | run_page(request.access, run, computer) | {"said": said}
    return render_page(request, "agents/run_detail.html", "agents/_run.html", context, status=status)


def _described(script: Script) -> dict[str, str]:
    return {"help": str(script.tenant or "The instance")}


def _may_run(request: Request, computer: Computer) -> None:
    """Both permissions: who may no longer run scripts has nothing to do in a terminal."""
    if not request.access.can(Permission.SCRIPTS_RUN, computer):
        refuse(request, Permission.SCRIPTS_RUN, computer)
