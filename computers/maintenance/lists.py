"""The list of sessions, and how each stands."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.urls import reverse_lazy

from computers.lists import tenant_field
from computers.maintenance.models import POSTPONED, MaintenanceSession, SessionKind, SessionState
from computers.models import Computer
from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort
from immyrbac.searching import holding
from immyrbac.widgets import Combobox
from immyrbac.words import Status
from rbac.access import Access
from tenancy.filters import alone_field, in_tenant, tenant_in_words
from tenancy.models import Tenant

STANDINGS: dict[str, Status] = {
    SessionState.QUEUED: Status("new", SessionState.QUEUED.label),
    POSTPONED: Status("soon", "Postponed"),
    SessionState.RUNNING: Status("live", SessionState.RUNNING.label),
    SessionState.DONE: Status("off", SessionState.DONE.label),
    SessionState.FAILED: Status("ended", SessionState.FAILED.label),
    SessionState.CANCELLED: Status("off", SessionState.CANCELLED.label),
}


def standing_of(session: Any) -> str:
    """Its state by the clock, as the rows of `roster` have it."""
    found: str = session.standing
    return found


class SessionFilters(Filters):
    q = forms.CharField(required=False, max_length=200)
    state = forms.ChoiceField(
        required=False, choices=[("", "Any"), *((str(name), status.words) for name, status in STANDINGS.items())]
    )
    kind = forms.ChoiceField(required=False, choices=[("", "Any"), *SessionKind.choices])
    tenant = tenant_field()
    alone = alone_field()
    computer: forms.ModelChoiceField[Computer] = forms.ModelChoiceField(
        None,
        required=False,
        empty_label="Any",
        widget=Combobox(source=reverse_lazy("maintenance:session-computer-pick"), noun="computers", first=0),
    )

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.offer(access.seen, tenant=Tenant, computer=Computer)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        rows = rows.filter(in_tenant(said), **({"computer": said["computer"]} if said["computer"] else {}))
        if said["q"]:
            rows = rows.filter(holding(said["q"], "computer__name", "computer__os", "computer__serial_number"))
        if said["kind"]:
            rows = rows.filter(kind=said["kind"])
        return rows.filter(standing=said["state"]) if said["state"] else rows

    def in_words(self, name: str, value: object) -> str:
        return tenant_in_words(self.cleaned_data, value) or super().in_words(name, value)


class SessionListing(Listing[MaintenanceSession]):
    nouns = ("session", "sessions")
    sorts: ClassVar[tuple[Sort, ...]] = (
        Sort("asked", "Asked", "asked_at", down=True),
        Sort("computer", "Computer", "computer__name"),
        Sort("tenant", "Tenant", "tenant__name"),
    )
