"""The list of invitations: what narrows it, and its order."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse_lazy

from accounts.models import Invitation
from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort
from immyrbac.searching import holding
from immyrbac.widgets import Combobox
from rbac.access import Access
from tenancy.filters import alone_field, in_tenant, tenant_in_words
from tenancy.models import Tenant

OVER = Q(expires_at__lte=Now()) | Q(access_expires_at__lte=Now())
OPEN = Q(accepted_at=None, revoked_at=None)
STATES: dict[str, tuple[str, Q]] = {
    "pending": ("Waits for an answer", OPEN & ~(Q(expires_at__lte=Now()) | Q(access_expires_at__isnull=False) & OVER)),
    "expired": ("Expired", OPEN & OVER),
    "accepted": ("Accepted", Q(accepted_at__isnull=False)),
    "revoked": ("Revoked", Q(revoked_at__isnull=False)),
}
"""Without one of these, what waits and what expired unanswered."""


class InvitationFilters(Filters):
    q = forms.CharField(required=False, max_length=200)
    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None,
        required=False,
        empty_label="Any",
        widget=Combobox(source=reverse_lazy("tenancy:tenant-pick"), noun="tenants", first=0),
    )
    alone = alone_field()
    status = forms.ChoiceField(
        required=False, choices=[("", "Open"), *((name, label) for name, (label, _) in STATES.items())]
    )

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.offer(access.seen, tenant=Tenant)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.cleaned_data
        rows = rows.filter(in_tenant(chosen), STATES[chosen["status"]][1] if chosen["status"] else OPEN)
        return rows.filter(holding(words, "name", "email")) if (words := chosen["q"]) else rows

    def in_words(self, name: str, value: object) -> str:
        return tenant_in_words(self.cleaned_data, value) or super().in_words(name, value)


class InvitationListing(Listing[Invitation]):
    nouns = ("invitation", "invitations")
    sorts: ClassVar[tuple[Sort, ...]] = (
        Sort("email", "E-mail"),
        Sort("tenant", "Tenant", "tenant__name"),
        Sort("sent", "Sent", "invited_at", down=True),
        Sort("expires", "Link ends", "expires_at"),
    )
