"""The lists of deployments and of the computers that one reaches."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from computers.deployments.models import ChangeRequest, Deployment, RequestState, State
from computers.lists import EDITED, OWNED, ComputerListing, OwnedFilters
from computers.maintenance.outcomes import Outcome
from computers.models import ComputerType
from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort
from immyrbac.searching import holding
from immyrbac.words import Status

STANDS = {"on": ("enabled", True), "off": ("paused", False)}


def standing(deployment: Deployment) -> Status:
    return Status("live", "Enabled") if deployment.is_enabled else Status("off", "Paused")


class DeploymentFilters(OwnedFilters):
    state = forms.ChoiceField(required=False, label="What it does", choices=[("", "Any"), *State.choices])
    stands = forms.ChoiceField(
        required=False, label="Status", choices=[("", "Any"), *((name, words) for name, (words, _) in STANDS.items())]
    )

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        rows = super().narrow(rows)
        if said["state"]:
            rows = rows.filter(state=said["state"])
        return rows.filter(is_enabled=STANDS[said["stands"]][1]) if said["stands"] else rows


class DeploymentListing(Listing[Deployment]):
    nouns = ("deployment", "deployments")
    sorts: ClassVar = (*OWNED, EDITED)


class HereFilters(Filters):
    """Of the deployments of one computer."""

    q = forms.CharField(required=False, max_length=200)
    state = forms.ChoiceField(required=False, label="What it does", choices=[("", "Any"), *State.choices])

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        rows = rows.filter(holding(said["q"], "name"))
        return rows.filter(state=said["state"]) if said["state"] else rows


class HereListing(DeploymentListing):
    """The deployments that are for one computer, or were tried there."""


class ReachFilters(Filters):
    """Of the computers that a target reaches."""

    q = forms.CharField(required=False, max_length=200)
    type = forms.ChoiceField(required=False, choices=[("", "Any"), *ComputerType.choices])

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        rows = rows.filter(holding(said["q"], "name", "os", "serial_number"))
        return rows.filter(type=said["type"]) if said["type"] else rows


class TargetFilters(ReachFilters):
    outcome = forms.ChoiceField(required=False, choices=[("", "Any"), *Outcome.choices])

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        outcome = self.cleaned_data["outcome"]
        return super().narrow(rows.filter(outcome=outcome) if outcome else rows)


class TargetListing(ComputerListing):
    """The computers that a deployment reaches, as far as the reader sees them."""


class RequestFilters(OwnedFilters):
    state = forms.ChoiceField(required=False, label="Status", choices=[("", "Any"), *RequestState.choices])

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        rows = super().narrow(rows)
        return rows.filter(state=said["state"]) if said["state"] else rows


class RequestListing(Listing[ChangeRequest]):
    nouns = ("change request", "change requests")
    sorts: ClassVar = (Sort("asked", "Sent", "asked_at", down=True), *OWNED)
