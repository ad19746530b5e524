"""The list of schedules."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from computers.lists import EDITED, OWNED, OwnedFilters
from computers.schedules.models import Does, Schedule
from immyrbac.lists import Listing, Sort
from immyrbac.words import Status

STANDS = {"on": ("enabled", True), "off": ("disabled", False)}


def standing(schedule: Schedule) -> Status:
    return Status("live", "Enabled") if schedule.is_enabled else Status("off", "Disabled")


class ScheduleFilters(OwnedFilters):
    does = forms.ChoiceField(required=False, label="What it does", choices=[("", "Any"), *Does.choices])
    stands = forms.ChoiceField(
        required=False, label="Status", choices=[("", "Any"), *((name, words) for name, (words, _) in STANDS.items())]
    )

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        rows = super().narrow(rows)
        if said["does"]:
            rows = rows.filter(does=said["does"])
        return rows.filter(is_enabled=STANDS[said["stands"]][1]) if said["stands"] else rows


class ScheduleListing(Listing[Schedule]):
    nouns = ("schedule", "schedules")
    sorts: ClassVar = (*OWNED, Sort("next", "Next run", "next_run_at"), EDITED)
