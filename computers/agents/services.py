"""What people do about agents: let one in, take that back, remove one, and run something through it (design 6).

A run asks both of its permissions when it is asked for and again when the agent picks it up (`agents.traffic`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Container
from datetime import timedelta
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from computers.agents.endings import over
from computers.agents.models import HAS_ONE, Agent, Enrolment, Run, RunState
from computers.agents.secrets import hashed, new_secret
from computers.models import Computer, Script, ScriptVersion
from computers.services import all_of
from immyrbac.words import counted
from rbac.audit import Actor, named
from rbac.delegation import Gate, Refused, act
from rbac.permissions import Permission
from tenancy.models import Tenant

LIFETIME = timedelta(hours=24)
MOST_WAITING = 20
"""Runs that wait on one computer: a queue that nobody empties is a mistake."""

GONE = "It is no longer there."
NO_AGENT = "There is no agent on this computer, so that nothing can run on it."


def create_enrolment(*, actor: Actor, tenant: Tenant, computer: Computer | None = None) -> tuple[Enrolment, str]:
    """Let one agent in, as this computer of the tenant or as a new one; returns the secret, which is shown once."""
    label = str(computer or tenant)
    with act(actor, "agent.invited", target=computer or tenant, label=label, tenant=tenant.pk) as gate:
        gate.require(Permission.AGENTS_INSTALL, gate.lock(tenant))
        if computer:
            computer = _present(gate, computer, Permission.AGENTS_INSTALL)
            if computer.tenant_id != tenant.pk:
                raise Refused([GONE])
            if Agent.objects.on(computer).exists():
                raise ValidationError(HAS_ONE)
        secret, ends = new_secret(), timezone.now() + LIFETIME
        enrolment = Enrolment.objects.create(
            tenant=tenant, computer=computer, token_hash=hashed(secret), made_by=actor.user, expires_at=ends
        )
        gate.keeping(enrolment)
        gate.record(target=enrolment, tenant=tenant.pk, after={"expires_at": ends})
    return enrolment, secret


def revoke_enrolment(*, actor: Actor, enrolment: Enrolment) -> None:
    with act(actor, "agent.uninvited", target=enrolment, tenant=enrolment.tenant_id) as gate:
        found = gate.lock(enrolment)
        gate.require(Permission.AGENTS_INSTALL, found.tenant)
        if found.used_at or found.revoked_at:
            raise ValidationError("It was used or revoked meanwhile.")
        Enrolment.objects.filter(pk=found.pk).update(revoked_at=Now())
        gate.record(target=found, tenant=found.tenant_id)


def remove_agent(*, actor: Actor, computer: Computer, reason: str) -> None:
    """The computer stays; its agent is answered no more, and what waits or runs on it ends."""
    with act(actor, "agent.removed", target=computer, tenant=computer.tenant_id) as gate:
        found = _present(gate, computer, Permission.AGENTS_MANAGE)
        agent = Agent.objects.on(found).select_for_update(of=("self",), no_key=True).first()
        if agent is None:
            raise ValidationError("There is no agent on this computer any more.")
        Agent.objects.filter(pk=agent.pk).update(removed_at=Now())
        gate.record(target=agent, label=str(found), tenant=found.tenant_id, reason=reason)


def dismiss_type(*, actor: Actor, computer: Computer, type: str) -> None:  # noqa: A002  the column
    """What its agent reports of the computer is not so, and asks nobody again: until it reports something else.

    `type` is what the actor saw; to confirm it is to change the computer's type (`set_computer_type`).
    """
    with act(actor, "agent.type_dismissed", target=computer, tenant=computer.tenant_id) as gate:
        found = _present(gate, computer, Permission.COMPUTERS_MANAGE)
        agent = Agent.objects.on(found).select_for_update(of=("self",), no_key=True).first()
        if agent is None or agent.reported_type != type or found.type == type:
            raise ValidationError("Its agent does not report this any more.")
        Agent.objects.filter(pk=agent.pk).update(dismissed_type=type)
        gate.record(
            target=agent, label=str(found), tenant=found.tenant_id, after={"type": agent.get_reported_type_display()}
        )


def ask_run(*, actor: Actor, computer: Computer, command: str = "", script: Script | None = None) -> Run:
    """Queue a command, or the script as it is now, for the agent of this computer.

    What the same person asked for here moments ago, and goes on, is not asked for again: a form that is sent twice.
    """
    if actor.user is None:
        raise ValueError("A run counts by the right of somebody: the system asks for none.")
    label = str(script or command)
    with act(actor, "run.asked", target=computer, label=f"{label} on {computer}", tenant=computer.tenant_id) as gate:
        found = _present(gate, computer, Permission.COMPUTERS_USE_TERMINAL)
        gate.require(Permission.SCRIPTS_RUN, found)
        script = gate.lock(script) if script else None
        body = script.body if script else command
        if not body.strip():
            raise ValidationError("There is nothing to run.")
        title = script.name if script else _first_line(body)
        said: dict[str, Any] = {"title": title, "script": script.name if script else "", "body": body}
        said["language"] = script.language if script else ""
        if twin := gate.twin("run.asked", Run.objects.going_on().filter(computer=found, **said)):
            return twin
        _check_agent(found)
        run = Run.objects.create(computer=found, tenant_id=found.tenant_id, asked_by=actor.user, **said)
        after = {"computers": named([found]), **described(run)}
        gate.record(target=run, label=f"{run} on {found}", tenant=found.tenant_id, after=after)
    return run


class Queued(NamedTuple):
    """The runs that were made, and the computers for which none was: with too many that wait, or without an agent."""

    runs: list[Run]
    busy: list[Computer]
    bare: list[Computer]


def queue_runs(
    gate: Gate,
    computers: Collection[Computer],
    version: ScriptVersion,
    asked_by: User,
    *,
    busy: Container[int] = (),
    **more: Any,
) -> Queued:
    """Within an act by that person's right, whose entry tells of it: this version on each that can take it.

    Of these computers `busy` get none; `more` are columns of the runs.
    """
    found = all_of(gate, computers, Permission.COMPUTERS_USE_TERMINAL, Permission.SCRIPTS_RUN)
    with_agent = set(Agent.objects.live().filter(computer__in=found).values_list("computer", flat=True))
    waiting = Counter(Run.objects.waiting().filter(computer__in=found).values_list("computer", flat=True))
    queued, name = Queued([], [], []), version.script.name
    said: dict[str, Any] = {"title": name, "script": name, "body": version.body, "language": version.language}
    for computer in found:
        if computer.pk not in with_agent:
            queued.bare.append(computer)
        elif waiting[computer.pk] >= MOST_WAITING or computer.pk in busy:
            queued.busy.append(computer)
        else:
            queued.runs.append(Run(computer=computer, tenant_id=computer.tenant_id, asked_by=asked_by, **said, **more))
    Run.objects.bulk_create(queued.runs)
    return queued


def stop_run(*, actor: Actor, run: Run) -> None:
    """End one that waits or goes on, by the right that asking for it takes.

    The agent never gets one that waits; of one that it does, it hears with the next part, and ends the program and
    all that this has started. Raises ValidationError where it is over.
    """
    label = f"{run} on {run.computer}"
    with act(actor, "run.stopped", target=run, label=label, tenant=run.tenant_id) as gate:
        computer = _present(gate, run.computer, Permission.COMPUTERS_USE_TERMINAL)
        gate.require(Permission.SCRIPTS_RUN, computer)
        going_on = Run.objects.going_on().filter(pk=run.pk, tenant=computer.tenant_id)
        found = going_on.select_for_update(of=("self",), no_key=True).select_related("computer").first()
        if found is None:
            raise ValidationError("It is over already.")
        found.stopped_by = actor.user
        gate.record(**over(found, RunState.STOPPED))


def described(run: Run) -> dict[str, str]:
    """What audit says of it: a command as it is; of a script its name and hash, since scripts may hold secrets."""
    if not run.script:
        return {"command": run.body}
    lines, digest = len(run.body.splitlines()), hashlib.sha256(run.body.encode()).hexdigest()
    return {"script": f"{run.script}, {counted(lines, 'line')}, SHA-256 {digest}"}


def _first_line(body: str) -> str:
    return body.strip().splitlines()[0][:120]


def _present(gate: Gate, computer: Computer, permission: Permission) -> Computer:
    """The computer as it is now, locked; nothing is done on one that was deleted."""
    found = gate.lock(computer)
    gate.require(permission, found)
    if found.deleted_at is not None:
        raise Refused([GONE])
    return found


def _check_agent(computer: Computer) -> None:
    if not Agent.objects.on(computer).exists():
        raise ValidationError(NO_AGENT)
    if Run.objects.waiting().filter(computer=computer).count() >= MOST_WAITING:
        raise ValidationError(f"{counted(MOST_WAITING, 'run')} wait on this computer already.")
