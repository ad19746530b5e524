"""The list of people who use computers: what narrows it, and its order."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.urls import reverse_lazy

from accounts.models import Person
from computers.people_uses import uses_some
from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort
from immyrbac.searching import holding
from immyrbac.widgets import Combobox
from rbac.access import Access
from tenancy.filters import alone_field, in_tenant, tenant_in_words
from tenancy.models import Tenant


class PersonFilters(Filters):
    q = forms.CharField(required=False, max_length=200)
    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None,
        required=False,
        empty_label="Any",
        widget=Combobox(source=reverse_lazy("tenancy:tenant-pick"), noun="tenants", first=0),
    )
    alone = alone_field()
    account = forms.ChoiceField(
        required=False, label="User account", choices=[("", "Any"), ("some", "Has one"), ("none", "Has none")]
    )

    computers = forms.ChoiceField(required=False, choices=[("", "Any"), ("some", "Uses some"), ("none", "Uses none")])

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.access = access
        self.offer(access.seen, tenant=Tenant)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        rows = rows.filter(in_tenant(said), holding(said["q"], "name", "email", "login"))
        if said["account"]:
            rows = rows.filter(user__isnull=said["account"] == "none")
        if said["computers"]:
            uses = uses_some(self.access)
            rows = rows.filter(uses if said["computers"] == "some" else ~uses)
        return rows

    def in_words(self, name: str, value: object) -> str:
        return tenant_in_words(self.cleaned_data, value) or super().in_words(name, value)


class PersonListing(Listing[Person]):
    nouns = ("person", "people")
    sorts: ClassVar[tuple[Sort, ...]] = (
        Sort("name", "Name"),
        Sort("tenant", "Tenant", "tenant__name"),
        Sort("login", "Name on computers"),
    )
