"""What agents do about maintenance: take the next stage of a session, and report how it goes.

Queued, running, over: a stage goes out once, by the right that whoever asked has at that moment; each report asks for
that right again. An agent does one thing at a time, so that one which asks for work has lost what it was at.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Now
from django.utils import timezone

from computers.agents.endings import checksum
from computers.agents.models import Agent, Run
from computers.agents.secrets import hashed, is_secret_of, new_secret, signature
from computers.agents.traffic import LEASE, Part, UnusableError, add_part, still_answered
from computers.maintenance.carrying import NotForItError, is_still_for, order_for, piece_of, put_stages, to_carry_out
from computers.maintenance.models import (
    NOT_PICKED_UP,
    SILENT,
    Inventory,
    MaintenanceSession,
    SessionState,
    Stage,
    StageState,
)
from computers.maintenance.services import needed_for
from immyrbac.sealing import unseal
from immyrbac.statements import Statement
from rbac.access import access_for
from rbac.audit import SYSTEM, named, place_of_entry, record
from rbac.delegation import Refused, act

NO_MORE = "Whoever asked for it may no longer do this here."
LOST = "The agent began anew in the middle of it."
NOT_ITS_AUTHOR = "The deployment is no longer for this computer by the rights of its author."


@dataclass(frozen=True)
class Report(Part):
    """A part of a stage's log. `progress` in percent; `failed`: why the stage did; `lines`: what an inventory found."""

    progress: int | None = None
    failed: str = ""
    lines: list[list[str]] = field(default_factory=list)


# Picking up

ONE_COMPUTER = -1
IDLE, ATTENDED = 5, 2
"""Seconds until an agent that got nothing asks again: it is answered at once, and holds nothing meanwhile."""
ATTENTION = timedelta(minutes=10)
"""For so long after a command somebody may be about to type the next one there."""


def pause_of(agent: Agent) -> int:
    """Seconds until it asks again; none where work may wait for it. One query, and all that most polls ask."""
    found = dict(_for_agents().rows({ONE_COMPUTER: agent.computer_id}))
    if True in found:
        return 0
    last = found.get(False)
    return ATTENDED if last and timezone.now() - last < ATTENTION else IDLE


@cache
def _for_agents() -> Statement:
    """Whether it waits and when it was asked for, of all that waits and of the last run. Agents ask this most often."""
    waits, last = Value(True), Value(False)
    stages = Stage.objects.pending_on(ONE_COMPUTER).order_by().values_list(waits, "session__asked_at")
    runs = Run.objects.waiting().filter(computer=ONE_COMPUTER).order_by().values_list(waits, "asked_at")
    newest = Run.objects.filter(computer=ONE_COMPUTER).order_by("-pk").values_list(last, "asked_at")[:1]
    return Statement(stages.union(runs, newest), planned_once=True)


def next_stage(agent: Agent, nonce: str) -> tuple[str, str] | None:
    """The stage that the agent does now, as JSON with its signature; None where there is none."""
    pending = Stage.objects.pending(agent).select_related("session__computer__tenant", "session__asked_by")
    stages = list(pending.defer("output")[:2])
    if not stages:
        return None
    stage, session = stages[0], stages[0].session
    if why := _lost(stage, session):
        _fail(session, why)
        return None
    try:
        return _send(agent, stage, nonce)
    except Refused as refusal:
        _end(session, SessionState.FAILED, f"{NO_MORE} {' '.join(refusal.reasons)}"[:500])
    except NotForItError as error:
        _skip(session, stage, str(error))
    return None


def _lost(stage: Stage, session: MaintenanceSession) -> str:
    """Why nothing comes of it any more; empty where something may."""
    if stage.state == StageState.SENT:
        return LOST
    if MaintenanceSession.objects.filter(pk=session.pk).lapsed().exists():
        return NOT_PICKED_UP if session.state == SessionState.QUEUED else SILENT
    return ""


def _send(agent: Agent, stage: Stage, nonce: str) -> tuple[str, str] | None:
    secret, key, session = new_secret(), unseal(agent.sealed_key), stage.session
    asked: dict[str, Any] = {"target": session, "label": str(session), "tenant": session.tenant_id}
    planned = to_carry_out(session)
    with act(SYSTEM, "maintenance.sent", **asked, authority=session.asked_by) as gate:
        computer = gate.lock(agent.computer)
        for permission in needed_for(session):
            gate.require(permission, computer)
        if key is None or not still_answered(agent):
            return None
        mine = _locked(session)
        still = Stage.objects.pending(agent).filter(pk=stage.pk, state=StageState.WAITING).exists()
        if mine is None or not still:
            return None  # another poll was quicker, or it was cancelled
        order = order_for(stage, computer)
        put_stages(mine, planned)
        mine.state, mine.started_at = SessionState.RUNNING, mine.started_at or gate.now
        mine.lease_until = gate.now + LEASE
        mine.save(update_fields=("state", "started_at", "lease_until"))
        said = {"state": StageState.SENT, "agent": agent, "token_hash": hashed(secret), "sent_at": gate.now}
        Stage.objects.filter(pk=stage.pk).update(**said)
        asked["tenant"] = place_of_entry([session.tenant_id, *order.owners])
        gate.record(**asked, after={"computers": named([computer]), "stage": str(stage), **order.told})
    job = json.dumps({"stage": stage.pk, "token": secret, **order.job})
    return job, signature(key, nonce, job)


def _locked(session: MaintenanceSession) -> MaintenanceSession | None:
    return MaintenanceSession.objects.open().select_for_update(of=("self",), no_key=True).filter(pk=session.pk).first()


# Reporting


@transaction.atomic
def receive(agent: Agent, stage_id: int, secret: str, report: Report) -> bool:
    """Take a report on a stage that this agent does; returns whether it shall go on.

    Each report is taken once; the last one may come again, since its answer may have been lost with the server. The
    session fails where whoever asked may no longer do this. Raises UnusableError.
    """
    session, stage = _going_on(agent, stage_id, secret)
    if report.number == stage.parts - 1 and not report.done:
        return True
    if report.number != stage.parts:
        raise UnusableError(f"Report {stage.parts} comes next.")
    add_part(stage, report)
    stage.progress = max(stage.progress, report.progress or 0)
    stage.save(update_fields=("output", "is_cut", "parts", "progress"))
    MaintenanceSession.objects.filter(pk=session.pk).update(lease_until=timezone.now() + LEASE)
    if not _may_go_on(session):
        _end(session, SessionState.FAILED, NO_MORE)
        record(SYSTEM, "maintenance.stopped", **_told(session, stage))
        return False
    if not report.done and not is_still_for(stage, session.computer):
        _finish(session, stage, replace(report, failed=NOT_ITS_AUTHOR))
        return False
    if report.done:
        _finish(session, stage, report)
    return True


@transaction.atomic
def send_piece(agent: Agent, stage_id: int, secret: str, token: UUID, start: int) -> bytes:
    """Of a file that the agent needs for its stage what comes from here on; empty at its end. Raises UnusableError."""
    session, stage = _going_on(agent, stage_id, secret)
    if not _may_go_on(session):
        raise UnusableError(NO_MORE)
    if not is_still_for(stage, session.computer):
        raise UnusableError(NOT_ITS_AUTHOR)
    piece = piece_of(stage, token, start)
    if piece is None:
        raise UnusableError("This file is no longer there.")
    return piece


def _going_on(agent: Agent, stage_id: int, secret: str) -> tuple[MaintenanceSession, Stage]:
    """The stage that this agent does with this secret, and its session, locked. Raises UnusableError."""
    running = MaintenanceSession.objects.open().filter(state=SessionState.RUNNING, stages=stage_id)
    session = (
        running.select_for_update(of=("self",), no_key=True).select_related("computer__tenant", "asked_by").first()
    )
    stage = Stage.objects.filter(pk=stage_id, agent=agent, state=StageState.SENT).first()
    if session is None or stage is None or not is_secret_of(secret, stage.token_hash):
        raise UnusableError("No such stage is going on.")
    return session, stage


def _may_go_on(session: MaintenanceSession) -> bool:
    access = access_for(session.asked_by)
    return all(access.can(permission, session.computer) for permission in needed_for(session))


def _finish(session: MaintenanceSession, stage: Stage, report: Report) -> None:
    """The stage is over: failed where the agent says so, or what it ran."""
    why = report.failed or (f"It ended with exit code {report.exit_code}." if report.exit_code else "")
    stage.state = StageState.FAILED if why else StageState.DONE
    stage.token_hash, stage.finished_at, stage.why = "", timezone.now(), why[:500]
    stage.progress = 100 if stage.state == StageState.DONE else stage.progress
    stage.save(update_fields=("state", "token_hash", "finished_at", "why", "progress"))
    if report.lines and stage.state == StageState.DONE:
        of = {"computer": session.computer, "tenant_id": session.tenant_id}
        Inventory.objects.create(stage=stage, lines=report.lines, **of)
    _go_on(session, stage)


def _go_on(session: MaintenanceSession, stage: Stage, skipped: str = "") -> None:
    """To the next stage; with the last one the session is over, and has failed where any of them did.

    `skipped`: why this one was not begun.
    """
    whys, told = dict(session.stages.order_by("-position").values_list("state", "why")), _told(session, stage)
    told["reason"] = skipped
    if StageState.WAITING in whys and skipped:
        record(SYSTEM, "maintenance.skipped", **told)
    elif StageState.WAITING in whys:
        record(SYSTEM, "maintenance.went_on", **told)
    elif StageState.FAILED in whys:
        _end(session, SessionState.FAILED, whys[StageState.FAILED])
        record(SYSTEM, "maintenance.failed", **told)
    else:
        _end(session, SessionState.DONE, "")
        record(SYSTEM, "maintenance.finished", **told)


def _end(session: MaintenanceSession, state: SessionState, why: str) -> None:
    MaintenanceSession.objects.filter(pk=session.pk).end(state, why)


@transaction.atomic
def _skip(session: MaintenanceSession, stage: Stage, why: str) -> None:
    """Write down that the stage is not begun, once, and let the next one come."""
    mine = _locked(session)
    waiting = Stage.objects.filter(pk=stage.pk, state=StageState.WAITING)
    stage.output = f"{why}\n"
    said = {"state": StageState.SKIPPED, "finished_at": Now(), "why": why, "output": stage.output}
    if mine and waiting.update(**said):
        MaintenanceSession.objects.filter(pk=mine.pk).update(lease_until=timezone.now() + LEASE)
        _go_on(mine, stage, skipped=why)


@transaction.atomic
def _fail(session: MaintenanceSession, why: str) -> None:
    """Write down that nothing comes of it, once: a poll that comes late finds it over, or gone on."""
    rows = MaintenanceSession.objects.filter(pk=session.pk, state=session.state)
    mine = rows.select_for_update(of=("self",), no_key=True).select_related("computer").first()
    if mine and mine.lease_until == session.lease_until:
        _end(mine, SessionState.FAILED, why)
        record(SYSTEM, "maintenance.lost", **_told(mine), reason=why)


def _told(session: MaintenanceSession, stage: Stage | None = None) -> dict[str, Any]:
    """What audit says: of what a stage logged the hash."""
    after: dict[str, Any] = {"computers": named([session.computer])}
    if stage:
        after |= {"stage": str(stage), "output": f"SHA-256 {checksum(stage)}"}
    return {"target": session, "label": str(session), "tenant": session.tenant_id, "after": after}
