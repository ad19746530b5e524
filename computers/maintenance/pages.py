"""What the Maintenance and Inventory tabs of a computer show: its sessions, one with its stages, and what was found."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse

from computers.agents.roster import agent_on
from computers.deployments.boards import CROSSING, TENANTS
from computers.maintenance.lists import STANDINGS, standing_of
from computers.maintenance.models import (
    OPEN,
    POSTPONED,
    MaintenanceSession,
    SessionKind,
    SessionState,
    Stage,
    StageKind,
    StageState,
)
from computers.maintenance.roster import inventories_of, sessions_of, stages_of
from computers.maintenance.services import NEEDED, STAGES
from computers.models import Computer
from computers.pages import computer_page
from immyrbac.requests import Request
from immyrbac.words import Status, listed
from rbac.access import INSTANCE, Access
from rbac.naming import name_for
from rbac.objects import view_of
from rbac.permissions import Permission

LATEST = 20
TAB, INVENTORY = "maintenance:computer-maintenance", "maintenance:inventory-detail"
WAITING = (SessionState.QUEUED, POSTPONED)
GOING_ON = (*OPEN, POSTPONED)

STAGE_STANDINGS = {
    StageState.WAITING: Status("new", StageState.WAITING.label),
    StageState.SENT: Status("live", StageState.SENT.label),
    StageState.DONE: Status("off", StageState.DONE.label),
    StageState.FAILED: Status("ended", StageState.FAILED.label),
    StageState.SKIPPED: Status("off", StageState.SKIPPED.label),
}


class Line(NamedTuple):
    """A session as a list has it; `may_choose`: whether a batch may take it."""

    session: MaintenanceSession
    status: Status
    kind: str
    asked_by: str
    may_choose: bool = False


class Act(NamedTuple):
    words: str
    icon: str
    url: str
    css: str = ""


class StageLine(NamedTuple):
    """A stage; of a deployment its name and page are told to whoever may see that one."""

    stage: Stage
    status: Status
    title: str
    url: str


class Section(NamedTuple):
    """A section of an inventory with its names and values."""

    title: str
    lines: list[tuple[str, str]]


def line_of(access: Access, session: MaintenanceSession, *, may_choose: bool = False) -> Line:
    """As the reader may read it: people by name only where design 3 names them."""
    status, kind = STANDINGS[standing_of(session)], str(SessionKind(session.kind).label)
    return Line(session, status, kind, name_for(access, session.asked_by, session.tenant), may_choose)


def maintenance_page(request: Request, computer: Computer) -> dict[str, Any]:
    """The context of every page of the tab."""
    access, agent = request.access, agent_on(computer)
    may_run = _may(request, computer, NEEDED[SessionKind.MAINTENANCE]) and agent is not None
    return computer_page(request, computer, TAB) | {
        "agent": agent,
        "acts_as": request.impersonation is not None,
        "run_url": reverse("maintenance:session-run", args=[computer.pk]) if may_run else "",
        "may_install": agent is None and access.can(Permission.AGENTS_INSTALL, computer),
    }


def lines_of(access: Access, computer: Computer) -> list[Line]:
    sessions = list(sessions_of(computer).select_related("tenant", "asked_by__tenant")[:LATEST])
    access.know([session.asked_by for session in sessions])
    return [line_of(access, session) for session in sessions]


def session_page(request: Request, computer: Computer, session: MaintenanceSession) -> dict[str, Any]:
    """One session; `goes_on`: the page asks again. Logs are for who may read them."""
    access, standing = request.access, standing_of(session)
    stages = list(stages_of(session))
    return {
        "session": session,
        "line": line_of(access, session),
        "goes_on": standing in GOING_ON,
        "progress": progress_of(stages),
        "stages": [
            StageLine(stage, _standing_of_stage(stage, standing), *named_stage(access, session, stage))
            for stage in stages
        ],
        "may_read": access.can(Permission.SESSIONS_VIEW_LOGS, computer),
        "session_acts": list(_acts(request, computer, session)),
        "postponed": standing == POSTPONED,
        "output_days": settings.OUTPUT_DAYS,
    }


def _standing_of_stage(stage: Stage, standing: str) -> Status:
    """A session that the clock has ended takes with it what was still to do."""
    if standing not in GOING_ON and stage.state in (StageState.WAITING, StageState.SENT):
        return STAGE_STANDINGS[StageState.SKIPPED if stage.state == StageState.WAITING else StageState.FAILED]
    return STAGE_STANDINGS[StageState(stage.state)]


def named_stage(access: Access, session: MaintenanceSession, stage: Stage) -> tuple[str, str]:
    """How the reader reads it, and where it leads.

    What was deleted is told as it was to whoever sees those of the tenant that it was done in, or, of one that crossed
    tenants, those of the instance.
    """
    if stage.kind != StageKind.DEPLOYMENT:
        return str(stage), ""
    board, found = CROSSING if stage.crosses else TENANTS, stage.deployment
    owner = found.tenant if found else None if stage.crosses else session.tenant
    if not access.can(view_of(board.model), owner or INSTANCE):
        return "A deployment that you do not see", ""
    return stage.title, board.page(found) if found else ""


def progress_of(stages: Iterable[Stage]) -> int:
    """In percent: each stage counts alike, one that is over wholly."""
    over = (StageState.DONE, StageState.FAILED, StageState.SKIPPED)
    parts = [100 if stage.state in over else stage.progress for stage in stages]
    return sum(parts) // len(parts) if parts else 0


def _acts(request: Request, computer: Computer, session: MaintenanceSession) -> Iterable[Act]:
    standing, of = standing_of(session), [computer.pk, session.pk]
    again = (Permission.SESSIONS_RERUN, NEEDED[SessionKind(session.kind)])
    if standing not in GOING_ON and all(_may(request, computer, permission) for permission in again):
        yield Act("Run again…", "restore", reverse("maintenance:session-rerun", args=of))
    if standing in WAITING and _may(request, computer, Permission.SESSIONS_POSTPONE):
        yield Act("Postpone…", "clock", reverse("maintenance:session-postpone", args=of))
    if standing in GOING_ON and _may(request, computer, Permission.SESSIONS_CANCEL):
        yield Act("Cancel…", "close", reverse("maintenance:session-cancel", args=of), "takes")


def _may(request: Request, computer: Computer, permission: Permission) -> bool:
    """Nobody does this as somebody else, and nothing is done on a computer that was deleted."""
    is_open = request.impersonation is None and computer.deleted_at is None
    return is_open and request.access.can(permission, computer)


def stages_in_words(kind: SessionKind) -> str:
    """What a session of this kind will do."""
    stages = [str(StageKind(stage).label).lower() for stage in STAGES[kind]]
    return listed([*stages, *(["each deployment that is for it then"] if kind == SessionKind.MAINTENANCE else [])])


def inventory_page(request: Request, computer: Computer) -> dict[str, Any]:
    """What the newest inventory found, and the sessions that the reader may see of it."""
    access, found = request.access, inventories_of(computer).first()
    session = sessions_of(computer).first() if access.can(Permission.SESSIONS_VIEW, computer) else None
    agent, may_refresh = agent_on(computer), _may(request, computer, NEEDED[SessionKind.INVENTORY])
    return computer_page(request, computer, INVENTORY) | {
        "agent": agent,
        "acts_as": request.impersonation is not None,
        "inventory": found,
        "sections": sections_of(found.lines) if found else [],
        "going_on": session if session and standing_of(session) in GOING_ON else None,
        "refresh_url": reverse("maintenance:inventory-refresh", args=[computer.pk]) if agent and may_refresh else "",
    }


def sections_of(lines: list[list[str]]) -> list[Section]:
    return [
        Section(title, [(name, value) for _, name, value in found])
        for title, found in groupby(lines, key=lambda line: line[0])
    ]
