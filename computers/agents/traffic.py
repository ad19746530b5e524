"""What agents themselves do: come in, tell what they are, pick up work, and bring back what it said.

Nobody is signed in here: an agent is known by its secret (`rbac.decorators.by_token`), and acts by the right of whoever
let it in or asked for the run, as that right is at this moment. What an agent says is a claim, never a decision.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from computers.agents.endings import Work, over
from computers.agents.models import HAS_ONE, Agent, Enrolment, Run, RunState
from computers.agents.secrets import hashed, is_secret_of, new_secret, signature
from computers.models import Computer, ComputerType, Onboarding
from immyrbac.sealing import seal, unseal
from rbac.access import access_for
from rbac.audit import SYSTEM, Actor, named, record
from rbac.delegation import Gate, Refused, act
from rbac.permissions import Permission

LEASE = timedelta(seconds=60)
HEARD = timedelta(seconds=30)
"""How often it is written down that an agent was heard of: it asks every few seconds."""

MOST_OUTPUT = 256 * 1024
NEEDED = (Permission.COMPUTERS_USE_TERMINAL, Permission.SCRIPTS_RUN)
NO_MORE = "Whoever asked for it may no longer run it here."


class UnusableError(Exception):
    """What the agent wants is not, or no longer, what it may have; the words are for its log."""


@dataclass(frozen=True)
class Facts:
    """What an agent says of its computer; `type` is one of `ComputerType`."""

    name: str
    type: str
    os: str
    serial_number: str
    people: list[str]


@dataclass(frozen=True)
class Part:
    """A piece of what a run says, numbered from 0; the last one has `done`. `refused`: why the agent did not run it."""

    number: int
    output: str
    done: bool = False
    exit_code: int | None = None
    is_cut: bool = False
    refused: str = ""


# Coming in


def enrol_agent(enrolment: Enrolment, facts: Facts, *, origin: Actor = SYSTEM) -> tuple[Agent, str, str]:
    """Take the agent in, once, by the right of whoever made the enrolment. Returns its secret and its key as well.

    Raises UnusableError, `Refused`, and ValidationError where the tenant has a computer of that name.
    """
    place = enrolment.tenant_id
    with act(origin, "agent.enrolled", target=enrolment, tenant=place, authority=enrolment.made_by) as gate:
        found = Enrolment.objects.open().select_for_update(of=("self",), no_key=True).filter(pk=enrolment.pk).first()
        if found is None:
            raise UnusableError("This enrolment was used, was revoked, or has expired.")
        gate.require(Permission.AGENTS_INSTALL, found.tenant)
        computer = _own_computer(gate, found, facts)
        secret, key = new_secret(), new_secret()
        agent = Agent.objects.create(
            computer=computer,
            token_hash=hashed(secret),
            sealed_key=seal(key),
            reported_name=facts.name,
            reported_type=facts.type,
            people=facts.people,
        )
        Enrolment.objects.filter(pk=found.pk).update(used_at=Now())
        gate.keeping(computer)
        after = {"computers": named([computer]), "enrolments": named([found]), **_told(facts)}
        gate.record(target=agent, label=str(computer), tenant=place, after=after)
    return agent, secret, key


def _own_computer(gate: Gate, enrolment: Enrolment, facts: Facts) -> Computer:
    """The one that was meant; or a new one, which is a workstation until people say otherwise."""
    if enrolment.computer:
        found = gate.lock(enrolment.computer)
        if found.deleted_at or found.tenant_id != enrolment.tenant_id:
            raise UnusableError("The computer is no longer there.")
        if Agent.objects.on(found).exists():
            raise UnusableError(HAS_ONE)
        return found
    if Computer.objects.live().filter(tenant=enrolment.tenant, name=facts.name).exists():
        raise ValidationError(
            f"{enrolment.tenant} has a computer named {facts.name}. Enrol the agent as that computer."
        )
    computer = Computer(
        tenant=enrolment.tenant,
        name=facts.name,
        type=ComputerType.WORKSTATION,
        onboarding=Onboarding.WAITING,
        os=facts.os,
        serial_number=facts.serial_number,
    )
    computer.clean_fields(exclude=("msp",))
    computer.save(force_insert=True)
    computer.refresh_from_db()
    return computer


def report_facts(agent: Agent, facts: Facts) -> None:
    """Write down what differs from what the agent said before; its computer's name and type are people's to change."""
    computer = agent.computer
    before = _facts_of(agent, computer)
    after = {name: said for name, said in _told(facts).items() if said != before[name]}
    if not after:
        return
    with act(SYSTEM, "agent.reported", target=computer, tenant=computer.tenant_id) as gate:
        Agent.objects.filter(pk=agent.pk).update(
            reported_name=facts.name, reported_type=facts.type, people=facts.people
        )
        if {"os", "serial_number"} & set(after):
            found = gate.lock(computer)
            found.os, found.serial_number = facts.os, facts.serial_number
            found.save(update_fields=("os", "serial_number", "updated_at"))
        said = {"before": {name: before[name] for name in after}, "after": after}
        gate.record(target=computer, tenant=computer.tenant_id, **said)


def _told(facts: Facts) -> dict[str, Any]:
    return {
        "reported_name": facts.name,
        "reported_type": facts.type,
        "people": facts.people,
        "os": facts.os,
        "serial_number": facts.serial_number,
    }


def _facts_of(agent: Agent, computer: Computer) -> dict[str, Any]:
    return {
        "reported_name": agent.reported_name,
        "reported_type": agent.reported_type,
        "people": agent.people,
        "os": computer.os,
        "serial_number": computer.serial_number,
    }


# Picking up


def hear_of(agent: Agent) -> None:
    """Its computer was seen just now; written down every now and then, and no act of anybody."""
    seen = agent.computer.last_seen_at
    if seen is None or timezone.now() - seen > HEARD:
        Computer.objects.filter(pk=agent.computer_id).update(last_seen_at=Now())


def next_run(agent: Agent, nonce: str) -> tuple[str, str] | None:
    """The work that the agent does now, as JSON with its signature; None where there is none.

    Only here a run goes from queued to sent, by the right that whoever asked has now. It is told to be refused where
    that is gone, and no agent ever sees it.
    """
    run = Run.objects.waiting().filter(computer=agent.computer_id).select_related("asked_by").order_by("pk").first()
    if run is None:
        return None
    try:
        return _send(agent, run, nonce)
    except Refused as refusal:
        why = " ".join(refusal.reasons)[:500]
        Run.objects.filter(pk=run.pk, state=RunState.QUEUED).update(
            state=RunState.REFUSED, finished_at=Now(), why=f"{NO_MORE} {why}"
        )
        return None


def _send(agent: Agent, run: Run, nonce: str) -> tuple[str, str] | None:
    secret, key = new_secret(), unseal(agent.sealed_key)
    with act(SYSTEM, "run.sent", target=run, tenant=run.tenant_id, authority=run.asked_by) as gate:
        computer = gate.lock(agent.computer)
        for permission in NEEDED:
            gate.require(permission, computer)
        if key is None or not still_answered(agent):
            return None
        mine = _locked(Run.objects.waiting().filter(pk=run.pk, computer=computer))
        if mine is None:
            return None  # another poll was quicker
        mine.state, mine.agent, mine.token_hash = RunState.SENT, agent, hashed(secret)
        mine.sent_at, mine.lease_until = gate.now, gate.now + LEASE
        mine.save(update_fields=("state", "agent", "token_hash", "sent_at", "lease_until"))
        after = {"computers": named([computer]), "asked_by": str(run.asked_by)}
        gate.record(target=mine, label=f"{mine} on {computer}", tenant=mine.tenant_id, after=after)
    job = json.dumps({"run": run.pk, "token": secret, "language": run.language, "body": run.body})
    return job, signature(key, nonce, job)


def still_answered(agent: Agent) -> bool:
    """Whether nobody has removed it; locks it, so that nobody does before what goes out to it is written down."""
    return Agent.objects.live().select_for_update(of=("self",), no_key=True).filter(pk=agent.pk).exists()


def _locked(runs: QuerySet[Run]) -> Run | None:
    return runs.select_for_update(of=("self",), no_key=True).first()


# Bringing back


@transaction.atomic
def receive(agent: Agent, run_id: int, secret: str, part: Part) -> bool:
    """Take a part of the output of a run that this agent does; returns whether it shall go on.

    Each part is taken once. The run is stopped where whoever asked may no longer run it. Raises UnusableError.
    """
    running = Run.objects.filter(pk=run_id, agent=agent, state=RunState.SENT, lease_until__gt=Now())
    run = _locked(running.select_related("computer", "asked_by"))
    if run is None or not is_secret_of(secret, run.token_hash):
        raise UnusableError("No such run is going on.")
    if part.number != run.parts:
        raise UnusableError(f"Part {run.parts} comes next.")
    add_part(run, part)
    run.lease_until = timezone.now() + LEASE
    if part.done:
        _end(run, part)
    elif not _may_go_on(run):
        _stop(run)
    else:
        run.save(update_fields=("output", "is_cut", "parts", "lease_until"))
    return run.state == RunState.SENT


def add_part(work: Work, part: Part) -> None:
    """Keep what it says, as long as there is room."""
    room = MOST_OUTPUT - len(work.output)
    work.output += part.output[:room]
    work.is_cut = work.is_cut or part.is_cut or len(part.output) > room
    work.parts += 1


def _may_go_on(run: Run) -> bool:
    access = access_for(run.asked_by)
    return all(access.can(permission, run.computer) for permission in NEEDED)


def _end(run: Run, part: Part) -> None:
    """It came to its end, or the agent would not run it."""
    run.exit_code, run.why = part.exit_code, part.refused[:500]
    if part.refused:
        record(SYSTEM, "run.declined", **over(run, RunState.REFUSED))
    else:
        record(SYSTEM, "run.finished", **over(run, RunState.FINISHED))


def _stop(run: Run) -> None:
    run.why = NO_MORE
    record(SYSTEM, "run.stopped", **over(run, RunState.STOPPED))
