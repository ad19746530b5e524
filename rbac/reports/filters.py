"""What a report can be narrowed to: one tenant, with all below it."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.urls import reverse_lazy

from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort
from immyrbac.requests import Request
from immyrbac.widgets import Combobox
from rbac.access import Access
from tenancy.models import Tenant


class ReportFilters(Filters):
    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None,
        required=False,
        empty_label="Any",
        widget=Combobox(source=reverse_lazy("tenancy:tenant-pick"), noun="tenants", first=0),
    )

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.offer(access.seen, tenant=Tenant)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        tenant = self.cleaned_data["tenant"]
        return rows.filter(path__contains=[tenant.pk]) if tenant else rows

    def in_words(self, name: str, value: object) -> str:
        return f"{super().in_words(name, value)} and all below"


class ReportListing(Listing[Tenant]):
    """The tenants of a report, for what every list has: its chips, its filters, and its 400 for what is malformed."""

    nouns = ("tenant", "tenants")
    sorts: ClassVar[tuple[Sort, ...]] = (Sort("name", "Name"),)

    @classmethod
    def of(cls, request: Request) -> ReportListing:
        return cls(request, request.access.seen(Tenant), ReportFilters(request.GET, access=request.access), paged=False)

    @property
    def tenant(self) -> Tenant | None:
        tenant: Tenant | None = self.filters.cleaned_data["tenant"]
        return tenant
