"""What happened to a computer, as its timeline tells it: entries of the audit log, without what only that log may say.

Whoever reads a timeline need not see the log: it tells what was done, never a reason, an address or a refused attempt.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django import forms
from django.core.validators import MaxValueValidator
from django.db.models import Q, QuerySet

from computers.agents.models import Agent
from computers.models import Computer
from immyrbac import words
from immyrbac.filters import Filters
from rbac.computer_entries import entries_of, entries_on_computer
from rbac.lists import DAY, LAST_DAY, NARROWING, NEEDS, AuditListing, midnight


class Told(NamedTuple):
    """How an action reads; `{person}` and `{what}` are filled in as far as the reader may know them."""

    icon: str
    words: str


class Kind(NamedTuple):
    label: str
    actions: dict[str, Told]
    begun: str = ""
    """The key under which a run of a schedule names what it began of this kind."""


KINDS: dict[str, Kind] = {
    "computer": Kind(
        "Computer",
        {
            "computer.edited": Told("edit", "Edited it"),
            "computer.noted": Told("edit", "Wrote notes"),
            "computer.type_changed": Told("computers", "Changed its type"),
            "computer.tagged": Told("tags", "Changed its tags"),
            "onboarding.started": Told("play", "Began onboarding"),
            "onboarding.skipped": Told("close", "Skipped onboarding"),
            "onboarding.repeated": Told("restore", "Let it wait to be onboarded again"),
            "computer.moved": Told("move", "Moved it here from another tenant"),
            "computer.deleted": Told("trash", "Deleted it"),
            "computer.restored": Told("restore", "Restored it"),
        },
    ),
    "people": Kind(
        "People",
        {
            "computer.person_added": Told("user", "Named {person}"),
            "computer.reported_person_added": Told("user", "Named {person}, as the agent reports"),
            "computer.primary_person_set": Told("user", "Made {person} the primary person"),
            "computer.person_removed": Told("user", "Took {person} off"),
        },
    ),
    "agent": Kind(
        "Agent",
        {
            "agent.enrolled": Told("agents", "An agent was enrolled"),
            "agent.reported": Told("agents", "The agent reported what is new"),
            "agent.removed": Told("trash", "Removed the agent"),
            "agent.type_dismissed": Told("agents", "Dismissed the type that the agent reports"),
        },
    ),
    "maintenance": Kind(
        "Maintenance",
        {
            "maintenance.asked": Told("maintenance", "Asked for maintenance"),
            "maintenance.inventory_asked": Told("maintenance", "Asked for an inventory"),
            "maintenance.repeated": Told("maintenance", "Asked for maintenance again"),
            "maintenance.postponed": Told("clock", "Postponed maintenance"),
            "maintenance.cancelled": Told("close", "Cancelled maintenance"),
            "maintenance.finished": Told("maintenance", "{what} is done"),
            "maintenance.failed": Told("deny", "{what} failed"),
            "maintenance.lost": Told("deny", "{what} was lost"),
            "maintenance.stopped": Told("deny", "{what} was stopped"),
        },
        "maintenance",
    ),
    "terminal": Kind(
        "Terminal",
        {
            "run.asked": Told("play", "Asked to run {what}"),
            "run.finished": Told("play", "Ran {what}"),
            "run.declined": Told("deny", "The agent did not run {what}"),
            "run.stopped": Told("deny", "Stopped {what}"),
        },
        "runs",
    ),
}

SCHEDULED = ("schedule.ran", "schedule.run_by_hand", "schedule.went_on")
BEGUN = {"maintenance": Told("maintenance", "Asked for maintenance"), "runs": Told("play", "Asked to run {what}")}
"""What schedules begin is told as what it is: who may not see schedules does not learn of one here."""

_TOLD = {action: told for kind in KINDS.values() for action, told in kind.actions.items()}
REPORTS = ("agent.enrolled", "agent.reported")


def events_on(computer: Computer, kinds: Iterable[str]) -> QuerySet[Any]:
    """What happened to it since it is in the tenant that it is in, of these kinds."""
    told = reduce(or_, map(_of_kind, kinds))
    return _entries_on(computer).filter(told).select_related(*NEEDS)


def reports_on(computer: Computer) -> QuerySet[Any]:
    """Where its agents said anew who is signed in, since it is in its tenant; the newest first."""
    return _entries_on(computer).filter(action__in=REPORTS, after__has_key="people").order_by("-pk")


def told_of(entry: Any) -> Told:
    if entry.action in SCHEDULED:
        return BEGUN["runs" if "runs" in (entry.after or {}) else "maintenance"]
    return _TOLD[entry.action]


def _entries_on(computer: Computer) -> QuerySet[Any]:
    agents = Agent.objects.filter(computer=computer).values_list("pk", flat=True)
    return entries_on_computer(computer.pk, list(agents))


def _of_kind(name: str) -> Q:
    kind = KINDS[name]
    told = Q(action__in=list(kind.actions))
    return told | Q(action__in=SCHEDULED, after__has_key=kind.begun) if kind.begun else told


class EventFilters(Filters):
    """`kinds` are those of which the reader may know."""

    kind = forms.ChoiceField(required=False, label="About")
    since = forms.DateField(required=False, label="From", widget=DAY)
    until = forms.DateField(required=False, label="Until", widget=DAY, validators=[MaxValueValidator(LAST_DAY)])

    def __init__(self, data: Any, *, kinds: Collection[str]) -> None:
        super().__init__(data)
        field: Any = self.fields["kind"]
        field.choices = [("", "Anything"), *((name, KINDS[name].label) for name in kinds)]

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        days = [NARROWING[name](said[name]) for name in ("since", "until") if said[name]]
        return rows.filter(*days, *([_of_kind(said["kind"])] if said["kind"] else []))

    def in_words(self, name: str, value: Any) -> str:
        return super().in_words(name, value) if name == "kind" else words.date(midnight(value))


class EventListing(AuditListing):
    nouns = ("event", "events")

    def whole(self, ids: list[int]) -> Iterable[Any]:
        return entries_of(ids).select_related(*NEEDS)
