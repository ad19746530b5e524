"""The list of agents, which is one of their computers, and how runs stand."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from computers.agents.models import Run, RunState
from computers.lists import tenant_field
from computers.models import Computer, ComputerType
from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort
from immyrbac.searching import holding
from immyrbac.words import Status, spanned
from rbac.access import Access
from tenancy.filters import alone_field, in_tenant, tenant_in_words
from tenancy.models import Tenant


def type_held(computer: Any) -> str:
    """What its agent reports where that is another type than people say: it changes nothing until they confirm it."""
    return str(ComputerType(computer.reported_type).label) if computer.is_held else ""


class HeldFilters(Filters):
    """Of the inbox; of the list of agents as well, in which not every type is held."""

    q = forms.CharField(required=False, max_length=200)
    tenant = tenant_field()
    alone = alone_field()

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.offer(access.seen, tenant=Tenant)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        rows = rows.filter(in_tenant(said))
        if said["q"]:
            rows = rows.filter(holding(said["q"], "name", "os", "serial_number"))
        return rows

    def in_words(self, name: str, value: object) -> str:
        return tenant_in_words(self.cleaned_data, value) or super().in_words(name, value)


class AgentFilters(HeldFilters):
    held = forms.BooleanField(required=False, label="Type to confirm")

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().narrow(rows)
        return rows.filter(is_held=True) if self.cleaned_data["held"] else rows


class AgentListing(Listing[Computer]):
    nouns = ("agent", "agents")
    sorts: ClassVar[tuple[Sort, ...]] = (
        Sort("name", "Computer", "name"),
        Sort("tenant", "Tenant", "tenant__name"),
        Sort("seen", "Last seen", "last_seen_at", down=True),
    )


class RunFilters(Filters):
    state = forms.ChoiceField(required=False, choices=[("", "Any"), *RunState.choices])

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        state = self.cleaned_data["state"]
        return rows.filter(state=state) if state else rows


class RunListing(Listing[Run]):
    nouns = ("run", "runs")
    sorts: ClassVar[tuple[Sort, ...]] = (Sort("asked", "Asked", "asked_at", down=True),)


STATES = {
    RunState.QUEUED: "new",
    RunState.SENT: "live",
    RunState.FINISHED: "off",
    RunState.REFUSED: "ended",
    RunState.STOPPED: "ended",
}


def is_going_on(run: Run, now: datetime) -> bool:
    """Whether anything may still come of it."""
    if run.state == RunState.QUEUED:
        return run.asked_at > now - run.waits
    return run.state == RunState.SENT and run.lease_until is not None and run.lease_until > now


def status_of_run(run: Run, now: datetime) -> Status:
    """Where it stands; one whose agent fell silent is lost, and is never sent again."""
    if run.state == RunState.QUEUED and not is_going_on(run, now):
        return Status("ended", f"Not picked up within {spanned(run.waits)}")
    if run.state == RunState.SENT and not is_going_on(run, now):
        return Status("ended", "Lost: the agent fell silent")
    if run.state == RunState.FINISHED:
        return Status("off", "Finished") if not run.exit_code else Status("ended", f"Failed with code {run.exit_code}")
    return Status(STATES[RunState(run.state)], RunState(run.state).label)
