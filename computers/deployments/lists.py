"""The lists of deployments and of the computers that one reaches."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from computers.deployments.models import ChangeRequest, Deployment, RequestState, State
from computers.lists import EDITED, OWNED, ComputerListing, tenant_field
from computers.maintenance.outcomes import Outcome
from computers.models import ComputerType
from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort
from immyrbac.searching import holding
from immyrbac.words import Status
from rbac.access import Access
from tenancy.filters import alone_field, in_tenant, tenant_in_words
from tenancy.models import Tenant

STANDS = {"on": ("enabled", True), "off": ("paused", False)}


def standing(deployment: Deployment) -> Status:
    return Status("live", "Enabled") if deployment.is_enabled else Status("off", "Paused")


class DeploymentFilters(Filters):
    q = forms.CharField(required=False, max_length=200)
    tenant = tenant_field()
    alone = alone_field()
    state = forms.ChoiceField(required=False, label="What it does", choices=[("", "Any"), *State.choices])
    stands = forms.ChoiceField(
        required=False, label="Status", choices=[("", "Any"), *((name, words) for name, (words, _) in STANDS.items())]
    )

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.offer(access.seen, tenant=Tenant)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        rows = rows.filter(in_tenant(said), holding(said["q"], "name"))
        if said["state"]:
            rows = rows.filter(state=said["state"])
        return rows.filter(is_enabled=STANDS[said["stands"]][1]) if said["stands"] else rows

    def in_words(self, name: str, value: object) -> str:
        return tenant_in_words(self.cleaned_data, value) or super().in_words(name, value)


class DeploymentListing(Listing[Deployment]):
    nouns = ("deployment", "deployments")
    sorts: ClassVar = (*OWNED, EDITED)


class TargetFilters(Filters):
    q = forms.CharField(required=False, max_length=200)
    type = forms.ChoiceField(required=False, choices=[("", "Any"), *ComputerType.choices])
    outcome = forms.ChoiceField(required=False, choices=[("", "Any"), *Outcome.choices])

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        rows = rows.filter(holding(said["q"], "name", "os", "serial_number"))
        return rows.filter(**{name: said[name] for name in ("type", "outcome") if said[name]})


class TargetListing(ComputerListing):
    """The computers that a deployment reaches, as far as the reader sees them."""


class RequestFilters(Filters):
    q = forms.CharField(required=False, max_length=200)
    tenant = tenant_field()
    alone = alone_field()
    state = forms.ChoiceField(required=False, label="Status", choices=[("", "Any"), *RequestState.choices])

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.offer(access.seen, tenant=Tenant)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        rows = rows.filter(in_tenant(said), holding(said["q"], "name"))
        return rows.filter(state=said["state"]) if said["state"] else rows

    def in_words(self, name: str, value: object) -> str:
        return tenant_in_words(self.cleaned_data, value) or super().in_words(name, value)


class RequestListing(Listing[ChangeRequest]):
    nouns = ("change request", "change requests")
    sorts: ClassVar = (Sort("asked", "Sent", "asked_at", down=True), *OWNED)
