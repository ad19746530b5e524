"""Who uses a computer: its primary person and the others, all of its own tenant (design 2).

It gives nobody access. People are named, made primary and taken off one at a time, each in an act of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.models import Person
from accounts.persons import check_person
from computers.agents.models import Agent
from computers.models import Computer, ComputerPerson
from rbac.audit import Actor, named
from rbac.delegation import Gate, Refused, act
from rbac.permissions import Permission

SET = Permission.COMPUTERS_SET_PRIMARY_PERSON
ELSEWHERE = "A computer is used by people of its own tenant."
THERE = "{} is named on this computer already."
NOT_THERE = "{} is not named on this computer any more."
UNREPORTED = "The agent on this computer no longer reports this name."


def add_computer_person(*, actor: Actor, computer: Computer, person: Person, is_primary: bool = False) -> None:
    """Name somebody who uses the computer; a primary person who was there before is one of the others then."""
    with acting_on(actor, "computer.person_added", computer) as (gate, found):
        person = gate.lock(person)
        _add(gate, found, person, is_primary=is_primary)


def set_primary_person(*, actor: Actor, computer: Computer, person: Person) -> None:
    """One who is named already becomes the primary person."""
    with acting_on(actor, "computer.primary_person_set", computer) as (gate, found):
        person = gate.lock(person)
        before = _primary(found)
        if not _of(found).filter(person=person).exists():
            raise ValidationError(NOT_THERE.format(person))
        if not _of(found).filter(person=person, is_primary=True).exists():
            _demote(found)
            _of(found).filter(person=person).update(is_primary=True)
            _record(gate, found, person, before)


def remove_computer_person(*, actor: Actor, computer: Computer, person: Person) -> None:
    with acting_on(actor, "computer.person_removed", computer) as (gate, found):
        person, before = gate.lock(person), _primary(found)
        gone, _ = _of(found).filter(person=person).delete()
        if not gone:
            raise ValidationError(NOT_THERE.format(person))
        after = {"primary_person": _primary(found)}
        said = {"person": person.name, "persons": named([person]), "primary_person": before}
        gate.record(target=found, tenant=found.tenant_id, before=said, after=after)


def adopt_reported_person(*, actor: Actor, computer: Computer, name: str) -> Person:
    """Name whom the agent reports as signed in there; somebody new of that name is made, where nobody has it.

    They are the primary person where there is none yet.
    """
    with acting_on(actor, "computer.reported_person_added", computer) as (gate, found):
        gate.require(Permission.AGENTS_VIEW, found)
        reported = Agent.objects.on(found).values_list("people", flat=True)
        if not any(name in people for people in reported):  # here, since the database takes no NUL to look for
            raise ValidationError(UNREPORTED)
        known = Person.objects.filter(tenant=found.tenant_id, login=name).first()
        person = gate.lock(known) if known else _make(gate, found, name)
        _add(gate, found, person, is_primary=not _primary(found))
    return person


def put_primary_person(gate: Gate, computer: Computer, person: Person) -> dict[str, str]:
    """Within an act on the locked computer: name them there, as its primary person. Returns who was before and is now.

    Raises ValidationError.
    """
    gate.require(SET, computer)
    person, before = gate.lock(person), _primary(computer)
    if person.tenant_id != computer.tenant_id:
        raise ValidationError({"person": ELSEWHERE})
    _demote(computer)
    ComputerPerson.objects.update_or_create(computer=computer, person=person, defaults={"is_primary": True})
    return {"before": before, "after": person.name}


@contextmanager
def acting_on(
    actor: Actor, action: str, computer: Computer, permission: Permission = SET
) -> Iterator[tuple[Gate, Computer]]:
    """One act on one computer that is not deleted, locked, by whoever holds the permission on it."""
    with act(actor, action, target=computer, tenant=computer.tenant_id) as gate:
        found = gate.lock(computer)
        gate.require(permission, found)
        if found.deleted_at is not None:
            raise Refused(["It is no longer there."])
        yield gate, found
        gate.keeping(found)


def _make(gate: Gate, computer: Computer, name: str) -> Person:
    gate.require(Permission.USERS_MANAGE, computer.tenant)
    made = Person(tenant_id=computer.tenant_id, name=name, login=name)
    check_person(made)
    made.save(force_insert=True)
    gate.keeping(made)
    return made


def _add(gate: Gate, computer: Computer, person: Person, *, is_primary: bool) -> None:
    if person.tenant_id != computer.tenant_id:
        raise ValidationError({"person": ELSEWHERE})
    if _of(computer).filter(person=person).exists():
        raise ValidationError({"person": THERE.format(person)})
    before = _primary(computer)
    if is_primary:
        _demote(computer)
    ComputerPerson.objects.create(computer=computer, person=person, is_primary=is_primary)
    _record(gate, computer, person, before)


def _of(computer: Computer) -> QuerySet[ComputerPerson]:
    return ComputerPerson.objects.filter(computer=computer)


def _demote(computer: Computer) -> None:
    _of(computer).filter(is_primary=True).update(is_primary=False)


def _primary(computer: Computer) -> str:
    """By name; empty where there is none."""
    found = _of(computer).filter(is_primary=True).select_related("person").first()
    return found.person.name if found else ""


def _record(gate: Gate, computer: Computer, person: Person, before: str) -> None:
    after = {"person": person.name, "persons": named([person]), "primary_person": _primary(computer)}
    gate.record(target=computer, tenant=computer.tenant_id, before={"primary_person": before}, after=after)
