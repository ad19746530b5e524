"""The list of schedules."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from computers.lists import EDITED, OWNED, tenant_field
from computers.models import ComputerType
from computers.schedules.models import Does, Schedule
from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort
from immyrbac.searching import holding
from immyrbac.words import Status
from rbac.access import Access
from tenancy.filters import alone_field, in_tenant, tenant_in_words
from tenancy.models import Tenant

STANDS = {"on": ("enabled", True), "off": ("disabled", False)}


def standing(schedule: Schedule) -> Status:
    return Status("live", "Enabled") if schedule.is_enabled else Status("off", "Disabled")


class ScheduleFilters(Filters):
    q = forms.CharField(required=False, max_length=200)
    tenant = tenant_field()
    alone = alone_field()
    does = forms.ChoiceField(required=False, label="What it does", choices=[("", "Any"), *Does.choices])
    stands = forms.ChoiceField(
        required=False, label="Status", choices=[("", "Any"), *((name, words) for name, (words, _) in STANDS.items())]
    )

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.offer(access.seen, tenant=Tenant)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        rows = rows.filter(in_tenant(said), holding(said["q"], "name"))
        if said["does"]:
            rows = rows.filter(does=said["does"])
        return rows.filter(is_enabled=STANDS[said["stands"]][1]) if said["stands"] else rows

    def in_words(self, name: str, value: object) -> str:
        return tenant_in_words(self.cleaned_data, value) or super().in_words(name, value)


class ScheduleListing(Listing[Schedule]):
    nouns = ("schedule", "schedules")
    sorts: ClassVar = (*OWNED, Sort("next", "Next run", "next_run_at"), EDITED)


class ReachFilters(Filters):
    """Of the computers that a schedule reaches."""

    q = forms.CharField(required=False, max_length=200)
    type = forms.ChoiceField(required=False, choices=[("", "Any"), *ComputerType.choices])

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        rows = rows.filter(holding(said["q"], "name", "os", "serial_number"))
        return rows.filter(type=said["type"]) if said["type"] else rows
