"""What agents post, and what people fill in. An agent's words are bounded here, and nothing of them is trusted."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy

from computers.agents.traffic import Facts, Part
from computers.models import Computer, ComputerType, Script
from immyrbac.widgets import Combobox
from rbac.access import Access
from rbac.permissions import Permission
from tenancy.models import Tenant

MOST_BYTES = 512 * 1024
MOST_PEOPLE = 50


def read_json(request: HttpRequest) -> dict[str, Any]:
    """The body as one JSON object. Raises BadRequest for anything else, and for what is too long or too deep."""
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        raise BadRequest("too long")
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise BadRequest("no JSON") from error
    if not isinstance(said, dict):
        raise BadRequest("no object")
    return said


def storable(value: object) -> str:
    """Text that the database takes: what it does not, NUL and halves of characters, becomes a mark."""
    text = value if isinstance(value, str) else ""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


class Said(forms.CharField):
    """Text of an agent; what is no text is none, and what is too long is cut where `cuts`."""

    def __init__(self, *, cuts: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.cuts = cuts

    def clean(self, value: Any) -> str:
        text = storable(value)
        return str(super().clean(text[: self.max_length] if self.cuts else text))


class FactsForm(forms.Form):
    name = Said(max_length=120)
    type = forms.ChoiceField(choices=ComputerType.choices)
    os = Said(max_length=120, required=False, cuts=True)
    serial_number = Said(max_length=120, required=False, cuts=True)

    def clean(self) -> dict[str, Any]:
        said = self.data.get("people")
        people = [storable(name)[:120].strip() for name in said] if isinstance(said, list) else []
        self.cleaned_data["people"] = sorted({name for name in people if name})[:MOST_PEOPLE]
        return self.cleaned_data

    @classmethod
    def read(cls, said: dict[str, Any]) -> Facts:
        return Facts(**_valid(cls(said)))


class PartForm(forms.Form):
    number = forms.IntegerField(min_value=0, max_value=1_000_000)
    output = Said(max_length=MOST_BYTES, required=False, strip=False)
    done = forms.BooleanField(required=False)
    is_cut = forms.BooleanField(required=False)
    exit_code = forms.IntegerField(min_value=-(2**31), max_value=2**31 - 1, required=False)
    refused = Said(max_length=500, required=False, cuts=True)

    @classmethod
    def read(cls, said: dict[str, Any]) -> Part:
        return Part(**cls.valid(said))

    @classmethod
    def valid(cls, said: dict[str, Any]) -> dict[str, Any]:
        return _valid(cls(said))


def _valid(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        raise BadRequest(form.errors.as_json())
    return form.cleaned_data


# What people fill in


class RunForm(forms.Form):
    """A command, or one of the scripts that the actor sees."""

    command = forms.CharField(
        required=False,
        strip=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 2, "class": "mono", "spellcheck": "false", "autocomplete": "off"}),
    )
    script: forms.ModelChoiceField[Script] = forms.ModelChoiceField(
        None, required=False, label="Or a script", empty_label="None", widget=Combobox(noun="scripts")
    )

    def __init__(self, data: Any, *, about: Computer, access: Access) -> None:
        super().__init__(data)
        field: Any = self.fields["script"]
        field.queryset = access.seen(Script)
        field.widget.source = reverse("agents:run-script-pick", args=[about.pk])

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if bool(said.get("command", "").strip()) == bool(said.get("script")) and not self.errors:
            raise ValidationError("Type a command, or choose a script.")
        return said


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=1000, widget=forms.Textarea({"rows": 3}))


class DismissForm(forms.Form):
    """What the agent was seen to report."""

    type = forms.ChoiceField(choices=ComputerType.choices, widget=forms.HiddenInput)


class ConfirmForm(forms.Form):
    """Nothing to fill in."""


class PlaceForm(forms.Form):
    """Which tenant a new agent shall come into."""

    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None, label="Tenant", widget=Combobox(source=reverse_lazy("agents:enrolment-place-pick"), noun="tenants")
    )

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        field: Any = self.fields["tenant"]
        field.queryset = places(access)


def places(access: Access) -> QuerySet[Tenant]:
    return access.reachable(Tenant, Permission.AGENTS_INSTALL)
