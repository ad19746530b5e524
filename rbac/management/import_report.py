"""A plan with its proof, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from immyrbac.words import counted, instant
from rbac.legacy.parity import Cell, Parity, Profile, Verdict
from rbac.legacy.plan import Person, Plan
from rbac.management.table import table
from rbac.models import RoleAssignment
from rbac.sentences import plain, sentence
from rbac.switches import SwitchKey

NOTHING = "-"


def lines(plan: Plan, parity: Parity) -> Iterator[str]:
    """The tables, what differs for single people, and what would be written."""
    for profile, cells in parity.profiles.items():
        yield f"{_called(profile)}, {counted(len(parity.people[profile]), 'person', 'people')}"
        yield table([("  Ability", "Old", "New", ""), *(_row(cell) for cell in cells)])
        yield ""
    for person, differing in parity.single:
        yield f"Differs for {person.old.email}"
        yield table([_row(cell) for cell in differing])
        yield ""
    if plan.is_empty:
        yield "Nothing to write: all of it is here."
        return
    yield "To write"
    for key in plan.flips:
        yield f"  {_flip(plan, key)}"
    for person in plan.people:
        yield from _written(person)
    for person in plan.empowered:
        yield f"Gains great power: {person.old.email}"


def _called(profile: Profile) -> str:
    flags = profile.flags
    crossing = ", manages cross-tenant deployments" if flags.cross_tenant else ""
    return f"{flags.level.label}{crossing}{', access has ended' if profile.is_expired else ''}"


def _row(cell: Cell) -> tuple[str, str, str, str]:
    old, new = (NOTHING if extent is None else str(extent.label) for extent in (cell.old, cell.new))
    told = str(cell.verdict.label) if cell.verdict == Verdict.EQUAL else f"{cell.verdict.label}: {cell.because}"
    return f"  {cell.ability.label}", old, new, told if cell.because else str(cell.verdict.label)


def _flip(plan: Plan, key: SwitchKey) -> str:
    return f"Turn {'on' if plan.preferences[key] else 'off'} “{key.label}”"


def _written(person: Person) -> Iterator[str]:
    if person.is_new:
        ends = f", access ends {instant(person.old.expires_at)}" if person.old.expires_at else ""
        yield f"  {person.old.email}: new account of {person.old.name} in {person.user.tenant}{ends}"
    for draft in person.drafts:
        yield f"  {person.old.email}: {_told(draft)}"


def _told(row: RoleAssignment) -> str:
    return plain(sentence(row))


# For programs


def data(plan: Plan, parity: Parity) -> dict[str, Any]:
    """The same: `profiles` with their cells, and each person with the number of theirs and what differs from it."""
    numbers = {profile: number for number, profile in enumerate(parity.profiles)}
    differing = {person.old.line: cells for person, cells in parity.single}
    profiles = {person.old.line: numbers[profile] for profile, people in parity.people.items() for person in people}
    return {
        "profiles": [_profile(profile, cells, parity) for profile, cells in parity.profiles.items()],
        "people": [
            _person(person, profiles[person.old.line], differing.get(person.old.line, [])) for person in plan.people
        ],
        "switches": [{"key": key.value, "enabled": plan.preferences[key]} for key in plan.flips],
        "great_power": [person.old.email for person in plan.empowered],
        "unexplained": parity.unexplained,
        "nothing_to_write": plan.is_empty,
    }


def _profile(profile: Profile, cells: list[Cell], parity: Parity) -> dict[str, Any]:
    flags = profile.flags
    return {
        "level": flags.level.value,
        "can_manage_cross_tenant_deployments": flags.cross_tenant,
        "is_expired": profile.is_expired,
        "people": len(parity.people[profile]),
        "cells": [_cell(cell) for cell in cells],
    }


def _cell(cell: Cell) -> dict[str, str | None]:
    return {
        "ability": cell.ability.label,
        "permission": cell.ability.permission,
        "old": cell.old and cell.old.value,
        "new": cell.new and cell.new.value,
        "verdict": cell.verdict.value,
        "because": cell.because,
    }


def _person(person: Person, profile: int, differing: list[Cell]) -> dict[str, Any]:
    return {
        "line": person.old.line,
        "email": person.old.email,
        "tenant": person.user.tenant.slug,
        "is_new": person.is_new,
        "profile": profile,
        "gives": [_told(draft) for draft in person.drafts],
        "there": [_told(row) for row in person.there],
        "differing": [_cell(cell) for cell in differing],
    }
