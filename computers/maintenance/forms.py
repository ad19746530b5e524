"""What agents report on a stage, bounded here, and what people fill in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import BadRequest

from computers.agents.forms import PartForm, Said, storable
from computers.maintenance.traffic import Report
from immyrbac.widgets import MomentInput

MOST_LINES = 3000
MOST_WORDS = 200


class ReportForm(PartForm):
    progress = forms.IntegerField(min_value=0, max_value=100, required=False)
    failed = Said(max_length=500, required=False, cuts=True)

    def clean(self) -> dict[str, Any]:
        said = self.data.get("lines")
        found = [_line(each) for each in said[:MOST_LINES]] if isinstance(said, list) else []
        self.cleaned_data["lines"] = [line for line in found if line]
        return self.cleaned_data

    @classmethod
    def read(cls, said: dict[str, Any]) -> Report:
        return Report(**cls.valid(said))


class PieceForm(forms.Form):
    """Which part of which file an agent asks for; positions in bytes."""

    file = forms.UUIDField()
    start = forms.IntegerField(min_value=0, max_value=2**50)

    @classmethod
    def read(cls, said: dict[str, Any]) -> tuple[UUID, int]:
        form = cls(said)
        if not form.is_valid():
            raise BadRequest(form.errors.as_json())
        return form.cleaned_data["file"], form.cleaned_data["start"]


def _line(said: object) -> list[str] | None:
    """A section, a name and a value; None for what is none."""
    if not isinstance(said, list) or len(said) != len(("section", "name", "value")):
        return None
    words = [storable(each)[:MOST_WORDS].strip() for each in said]
    return words if all(words[:2]) else None


class ConfirmForm(forms.Form):
    """Nothing to fill in."""


class PostponeForm(forms.Form):
    until = forms.DateTimeField(
        label="Not before", widget=MomentInput(), help_text="Within 30 days. It then begins when the agent asks next."
    )
