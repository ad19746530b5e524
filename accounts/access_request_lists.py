"""The list of access requests: what narrows it, and its order."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse_lazy

from accounts.models import AccessRequest
from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort
from immyrbac.searching import holding
from immyrbac.widgets import Combobox
from rbac.access import Access
from tenancy.filters import alone_field, tenant_in_words
from tenancy.models import Tenant

WAITING = Q(decided_at=None)
STATES: dict[str, tuple[str, Q]] = {
    "approved": ("Approved", ~WAITING & Q(refusal="")),
    "refused": ("Refused", ~Q(refusal="")),
    "any": ("Waiting or answered", Q()),
}
"""Without one of these, what waits."""


class AccessRequestFilters(Filters):
    q = forms.CharField(required=False, max_length=200)
    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None,
        required=False,
        empty_label="Any",
        widget=Combobox(source=reverse_lazy("tenancy:tenant-pick"), noun="tenants", first=0),
    )
    alone = alone_field()
    status = forms.ChoiceField(
        required=False, choices=[("", "Waiting"), *((name, label) for name, (label, _) in STATES.items())]
    )

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.offer(access.seen, tenant=Tenant)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.cleaned_data
        rows = rows.filter(STATES[chosen["status"]][1] if chosen["status"] else WAITING)
        if tenant := chosen["tenant"]:
            below = Q(user__tenant__path__contains=[tenant.pk])
            rows = rows.filter(Q(user__tenant=tenant) if chosen["alone"] else below)
        return rows.filter(holding(words, "name", "email", "message")) if (words := chosen["q"]) else rows

    def in_words(self, name: str, value: object) -> str:
        return tenant_in_words(self.cleaned_data, value) or super().in_words(name, value)


class AccessRequestListing(Listing[AccessRequest]):
    """Who waits longest comes first."""

    nouns = ("request", "requests")
    sorts: ClassVar[tuple[Sort, ...]] = (Sort("asked", "Asked", "asked_at"), Sort("name", "Who"))


class OwnRequests(Filters):
    """One's own: nothing narrows them."""

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows


class OwnRequestListing(Listing[AccessRequest]):
    nouns = ("request", "requests")
    sorts: ClassVar[tuple[Sort, ...]] = (Sort("asked", "Asked", "asked_at", down=True),)
