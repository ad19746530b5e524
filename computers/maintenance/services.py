"""What people do about maintenance: ask for it, ask again, cancel it, postpone it; on one computer or many (design 6).

The right to what was asked for is asked again when the agent picks a stage up and when it reports (`traffic`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from accounts.models import User
from computers.agents.models import Agent
from computers.agents.services import GONE, NO_AGENT
from computers.maintenance.models import (
    NOT_PICKED_UP,
    SILENT,
    MaintenanceSession,
    MaintenanceSessionQuerySet,
    SessionKind,
    SessionState,
    Stage,
    StageKind,
)
from computers.models import Computer
from computers.services import all_of
from immyrbac.words import counted
from rbac.audit import Actor, named, place_of_entry
from rbac.delegation import Gate, Refused, act
from rbac.permissions import Permission

LONGEST_DELAY = timedelta(days=30)
MOST_AT_ONCE = 200
"""Computers or sessions in one act of somebody."""

BUSY = "A session of this computer is not over yet."
OVER = "It is over already."
BEGUN = "It has begun already."

VIEW = Permission.SESSIONS_VIEW
NEEDED = {
    SessionKind.MAINTENANCE: Permission.SESSIONS_RUN,
    SessionKind.INVENTORY: Permission.COMPUTERS_REINVENTORY,
}
STAGES = {
    SessionKind.MAINTENANCE: (StageKind.INVENTORY,),
    SessionKind.INVENTORY: (StageKind.INVENTORY,),
}
"""What a session of each kind does, in this order."""


class Begun(NamedTuple):
    """The sessions that were made, and the computers for which none was: not over yet, or without an agent."""

    sessions: list[MaintenanceSession]
    busy: list[Computer]
    bare: list[Computer]

    def told(self) -> str:
        """What the others are left out for; empty where there are none."""
        why = [(len(self.busy), "has a session that is not over", "have a session that is not over")]
        why.append((len(self.bare), "has no agent", "have no agent"))
        return " ".join(f"{count:,} {one if count == 1 else many}." for count, one, many in why if count)


def needed_for(session: MaintenanceSession) -> tuple[Permission, ...]:
    """What whoever asked for it must be allowed there, from then until it is over."""
    needed = NEEDED[SessionKind(session.kind)]
    return (needed, Permission.SESSIONS_RERUN) if session.repeats_id else (needed,)


def run_maintenance(*, actor: Actor, computers: Collection[Computer]) -> Begun:
    """Queue a session for each of these computers that can have one. Raises ValidationError where none can."""
    drafts = [MaintenanceSession(computer=computer) for computer in computers]
    return _ask(actor, "maintenance.asked", drafts, Permission.SESSIONS_RUN)


def refresh_inventory(*, actor: Actor, computer: Computer) -> Begun:
    drafts = [MaintenanceSession(computer=computer, kind=SessionKind.INVENTORY)]
    return _ask(actor, "maintenance.inventory_asked", drafts, Permission.COMPUTERS_REINVENTORY)


def rerun_sessions(*, actor: Actor, sessions: Collection[MaintenanceSession]) -> Begun:
    """Queue each of these anew, once for a computer; all of them must be over."""
    drafts = {
        each.computer_id: MaintenanceSession(computer=each.computer, kind=each.kind, repeats=each)
        for each in sorted(sessions, key=lambda each: each.pk)
    }
    kinds = {NEEDED[SessionKind(each.kind)] for each in sessions}
    return _ask(actor, "maintenance.repeated", list(drafts.values()), Permission.SESSIONS_RERUN, *sorted(kinds), VIEW)


def begin_sessions(
    gate: Gate, computers: Collection[Computer], asked_by: User
) -> tuple[Begun, list[MaintenanceSession]]:
    """Within an act by that person's right, whose entry tells of it: a session on each that can have one.

    With them come the sessions that were over already, which this writes down.
    """
    found = all_of(gate, computers, Permission.SESSIONS_RUN)
    ended = _write_down(found)
    drafts = {each.pk: MaintenanceSession(computer=each, asked_by=asked_by) for each in found}
    return _begin(drafts, found), ended


def cancel_sessions(*, actor: Actor, sessions: Collection[MaintenanceSession]) -> list[MaintenanceSession]:
    """End these, whether they wait or run; those that are over stay. Raises ValidationError where all of them are."""
    with _acting(actor, "maintenance.cancelled", sessions) as gate:
        found = _sessions_of(gate, sessions, Permission.SESSIONS_CANCEL)
        ending = list(found.open().select_related("computer"))
        if not ending:
            raise ValidationError(OVER)
        MaintenanceSession.objects.filter(pk__in=[each.pk for each in ending]).end(SessionState.CANCELLED, "")
        _record(gate, ending)
    return ending


def postpone_sessions(
    *, actor: Actor, sessions: Collection[MaintenanceSession], until: datetime
) -> list[MaintenanceSession]:
    """Let these begin at `until` at the earliest; those that have begun stay. Raises ValidationError."""
    with _acting(actor, "maintenance.postponed", sessions) as gate:
        if not gate.now < until <= gate.now + LONGEST_DELAY:
            raise ValidationError({"until": f"It must lie ahead, within {LONGEST_DELAY.days} days."})
        found = _sessions_of(gate, sessions, Permission.SESSIONS_POSTPONE)
        waiting = list(found.open().filter(state=SessionState.QUEUED).select_related("computer"))
        if not waiting:
            raise ValidationError(BEGUN)
        MaintenanceSession.objects.filter(pk__in=[each.pk for each in waiting]).update(due_at=until)
        _record(gate, waiting, until=until)
    return waiting


# Inside an act


def _ask(actor: Actor, action: str, drafts: Sequence[MaintenanceSession], *needed: Permission) -> Begun:
    if actor.user is None:
        raise ValueError("A session counts by the right of somebody: the system asks for none.")
    for draft in drafts:
        draft.asked_by = actor.user
    with _acting(actor, action, drafts) as gate:
        computers = all_of(gate, [draft.computer for draft in drafts], *needed)
        ended = _write_down(computers)
        begun = _begin({draft.computer_id: draft for draft in drafts}, computers)
        if not begun.sessions:
            raise ValidationError(why_none(begun))
        _record(gate, begun.sessions, ended=ended)
    return begun


def _acting(actor: Actor, action: str, sessions: Collection[MaintenanceSession]) -> Any:
    computers = list({each.computer_id: each.computer for each in sessions}.values())
    place = place_of_entry(computer.tenant_id for computer in computers)
    target = computers[0] if len(computers) == 1 else None
    return act(actor, action, target=target, label=_label(computers), tenant=place)


def _label(computers: Sequence[Computer]) -> str:
    return str(computers[0]) if len(computers) == 1 else counted(len(computers), "computer")


def _write_down(computers: Iterable[Computer]) -> list[MaintenanceSession]:
    """The ends that nobody has written down yet, so that another session may begin."""
    lapsed = MaintenanceSession.objects.filter(computer__in=computers).lapsed()
    ended = list(lapsed.select_for_update(of=("self",), no_key=True).select_related("computer"))
    for state, why in ((SessionState.QUEUED, NOT_PICKED_UP), (SessionState.RUNNING, SILENT)):
        pks = [each.pk for each in ended if each.state == state]
        MaintenanceSession.objects.filter(pk__in=pks).end(SessionState.FAILED, why)
    return ended


def _begin(drafts: dict[int, MaintenanceSession], computers: Sequence[Computer]) -> Begun:
    with_agent = set(Agent.objects.live().filter(computer__in=computers).values_list("computer", flat=True))
    going_on = MaintenanceSession.objects.open().here().filter(computer__in=computers)
    busy_ids = set(going_on.values_list("computer", flat=True))
    begun = Begun([], [], [])
    for computer in computers:
        if computer.pk not in with_agent:
            begun.bare.append(computer)
        elif computer.pk in busy_ids:
            begun.busy.append(computer)
        else:
            draft = drafts[computer.pk]
            if draft.repeats and draft.repeats.tenant_id != computer.tenant_id:
                raise Refused([GONE])
            draft.computer, draft.tenant = computer, computer.tenant
            begun.sessions.append(draft)
    MaintenanceSession.objects.bulk_create(begun.sessions)
    Stage.objects.bulk_create(
        Stage(session=session, position=position, kind=kind)
        for session in begun.sessions
        for position, kind in enumerate(STAGES[SessionKind(session.kind)])
    )
    return begun


def why_none(begun: Begun) -> str:
    if len(begun.busy) + len(begun.bare) > 1:
        return f"There is nothing to begin. {begun.told()}"
    return BUSY if begun.busy else NO_AGENT


def _sessions_of(
    gate: Gate, sessions: Collection[MaintenanceSession], permission: Permission
) -> MaintenanceSessionQuerySet:
    """These as they are now, locked, each on a computer where the actor may do that."""
    all_of(gate, list({each.computer_id: each.computer for each in sessions}.values()), permission, VIEW)
    rows = MaintenanceSession.objects.here().filter(pk__in=[each.pk for each in sessions])
    return rows.select_for_update(of=("self",), no_key=True)


def _record(
    gate: Gate,
    sessions: Sequence[MaintenanceSession],
    *,
    ended: Sequence[MaintenanceSession] = (),
    until: datetime | None = None,
) -> None:
    """One entry for all of them, which is about the session where it is one."""
    computers = [each.computer for each in sessions]
    after: dict[str, Any] = {"computers": named(computers), "maintenance": named(sessions)}
    after |= {"until": until} if until else {}
    before = {"maintenance": named(ended)} if ended else None
    place = place_of_entry(each.tenant_id for each in sessions)
    target = sessions[0] if len(sessions) == 1 else None
    gate.record(target=target, label=_label(computers), tenant=place, before=before, after=after)
