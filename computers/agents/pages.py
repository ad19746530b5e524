"""What the Terminal tab of a computer shows: its agent, what ran on it, and one run with its output."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from computers.agents.endings import checksum
from computers.agents.lists import is_going_on, status_of_run, type_held
from computers.agents.models import Run
from computers.agents.roster import agent_on, runs_of
from computers.models import Computer
from computers.pages import computer_page
from immyrbac.requests import Request
from immyrbac.words import Status, spanned
from rbac.access import Access
from rbac.naming import name_for
from rbac.permissions import Permission

LATEST = 20
TAB = "agents:terminal"


class Line(NamedTuple):
    run: Run
    status: Status
    asked_by: str


def terminal_page(request: Request, computer: Computer) -> dict[str, Any]:
    """The context of every page of the tab."""
    access = request.access
    agent = agent_on(computer)
    may_remove = agent is not None and access.can(Permission.AGENTS_MANAGE, computer)
    return computer_page(request, computer, TAB) | {
        "agent": agent,
        "people": ", ".join(agent.people) if agent else "",
        "held": type_held(agent) if agent else "",
        "reported": agent.reported_type if agent else "",
        "may_confirm": access.can(Permission.COMPUTERS_MANAGE, computer),
        "may_install": agent is None and access.can(Permission.AGENTS_INSTALL, computer),
        "may_remove": may_remove,
        "may_run": agent is not None and request.impersonation is None,
        "acts_as": request.impersonation is not None,
    }


def latest_lines(access: Access, computer: Computer) -> list[Line]:
    return lines_of(access, computer, list(runs_of(computer).defer("output", "body")[:LATEST]))


def lines_of(access: Access, computer: Computer, runs: list[Run]) -> list[Line]:
    now = timezone.now()
    access.know([run.asked_by for run in runs])
    return [Line(run, status_of_run(run, now), name_for(access, run.asked_by, computer.tenant)) for run in runs]


def run_page(access: Access, run: Run, computer: Computer) -> dict[str, Any]:
    """One run; `goes_on`: the page asks again."""
    now = timezone.now()
    people = {"asked_by": run.asked_by, "stopped_by": run.stopped_by}
    return {
        "run": run,
        "run_status": status_of_run(run, now),
        "goes_on": is_going_on(run, now),
        "output_days": settings.OUTPUT_DAYS,
        "waits": spanned(run.waits),
        **{name: name_for(access, person, computer.tenant) if person else "" for name, person in people.items()},
        "checksum": checksum(run) if run.finished_at and run.output else "",
    }
