"""Onboarding: a computer that came with its agent waits until somebody confirms what it is, or leaves that out.

Whoever onboards it says its name and whom it is for, and its first maintenance begins. Waiting takes nothing from it:
it is reached, maintained and deployed to as every other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Person
from computers.maintenance.models import MaintenanceSession
from computers.maintenance.services import begin_sessions, why_none
from computers.models import Computer, ComputerPerson, Onboarding
from computers.people_services import acting_on, put_primary_person
from computers.services import put_name
from rbac.audit import Actor, named
from rbac.delegation import ConflictError, Gate
from rbac.permissions import Permission

ONBOARD = Permission.COMPUTERS_ONBOARD
NOT_WAITING = "It does not wait to be onboarded any more."
WAITS = "It waits to be onboarded already."


def start_onboarding(
    *, actor: Actor, computer: Computer, version: datetime, name: str, person: Person | None = None
) -> MaintenanceSession:
    """Confirm what it is called and whom it is for, and begin its first maintenance. Raises ValidationError.

    Another name takes *Manage Computers*, another primary person *Set Primary Person*; None leaves who there is.
    """
    with acting_on(actor, "onboarding.started", computer, ONBOARD) as (gate, found):
        if found.updated_at != version:
            raise ConflictError(found)
        if found.onboarding != Onboarding.WAITING:
            raise ValidationError(NOT_WAITING)
        before, after = _confirm(gate, found, name.strip(), person)
        begun, ended = begin_sessions(gate, [found], _somebody(gate))
        if not begun.sessions:
            raise ValidationError(why_none(begun))
        _put(found, Onboarding.STARTED)
        before |= {"maintenance": named(ended)} if ended else {}
        _record(gate, found, before, {**after, "maintenance": named(begun.sessions)})
    return begun.sessions[0]


def skip_onboarding(*, actor: Actor, computer: Computer) -> None:
    """Nobody is asked any more; nothing else changes."""
    with acting_on(actor, "onboarding.skipped", computer, ONBOARD) as (gate, found):
        if found.onboarding != Onboarding.WAITING:
            raise ValidationError(NOT_WAITING)
        _put(found, Onboarding.SKIPPED)
        _record(gate, found, {}, {})


def repeat_onboarding(*, actor: Actor, computer: Computer) -> None:
    """Let it wait again: it goes to somebody else, or is set up anew."""
    with acting_on(actor, "onboarding.repeated", computer, ONBOARD) as (gate, found):
        if found.onboarding == Onboarding.WAITING:
            raise ValidationError(WAITS)
        _put(found, Onboarding.WAITING)
        _record(gate, found, {}, {})


def _confirm(gate: Gate, computer: Computer, name: str, person: Person | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write what differs; returns what an entry says of it, before and after."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if name != computer.name:
        before["name"], after["name"] = computer.name, name
        put_name(gate, computer, name)
    is_new = person and not ComputerPerson.objects.filter(computer=computer, person=person, is_primary=True).exists()
    if person and is_new:
        moved = put_primary_person(gate, computer, person)
        before["primary_person"], after["primary_person"] = moved["before"], moved["after"]
        after["persons"] = named([person])
    return before, after


def _put(computer: Computer, onboarding: Onboarding) -> None:
    computer.onboarding = onboarding
    computer.save(update_fields=("onboarding", "updated_at"))


def _record(gate: Gate, computer: Computer, before: dict[str, Any], after: dict[str, Any]) -> None:
    after = {"computers": named([computer]), **after} if "maintenance" in after else after
    gate.record(target=computer, tenant=computer.tenant_id, before=before or None, after=after or None)


def _somebody(gate: Gate) -> Any:
    if gate.actor.user is None:
        raise ValueError("Maintenance counts by the right of somebody: the system asks for none.")
    return gate.actor.user
