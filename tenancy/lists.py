"""The lists of tenants and tags: what narrows them, and how a tenant stands (guide, "Status")."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.query import prefetch_related_objects
from django.urls import reverse, reverse_lazy

from accounts.models import User
from computers.models import Computer
from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort, Total
from immyrbac.searching import holding
from immyrbac.widgets import Combobox
from immyrbac.words import Status
from rbac.access import Access
from tenancy.models import Tag, Tenant

MOST = 1_000
"""How far the people and the computers of one tenant of a list are counted."""


def picker(source: str, noun: str) -> Combobox:
    return Combobox(source=reverse_lazy(source), noun=noun, first=0)


def standing(tenant: Tenant) -> Status:
    return Status("live", "Active") if tenant.is_active else Status("off", "Inactive")


NARROWING: dict[str, Callable[[Any], Q]] = {
    "q": lambda said: holding(said, "name", "slug"),
    "msp": lambda msp: Q(msp=msp),
    "under": lambda above: Q(path__contains=[above.pk]) & ~Q(pk=above.pk),
    "tag": lambda tag: Q(tags=tag),
    "status": lambda name: Q(is_active=name == "active"),
    "msps": lambda _: Q(is_msp=True),
}
"""What each filter leaves."""


class TenantFilters(Filters):
    q = forms.CharField(required=False, max_length=200)
    msp: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None, required=False, label="Belongs to", empty_label="Any", widget=picker("tenancy:msp-pick", "MSPs")
    )
    under: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None, required=False, label="Below", empty_label="Any", widget=picker("tenancy:tenant-pick", "tenants")
    )
    tag: forms.ModelChoiceField[Tag] = forms.ModelChoiceField(
        None, required=False, empty_label="Any", widget=picker("tenancy:tag-pick", "tags")
    )
    status = forms.ChoiceField(required=False, choices=[("", "Any"), ("active", "Active"), ("inactive", "Inactive")])
    msps = forms.BooleanField(required=False, label="MSPs alone")

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.offer(access.seen, msp=Tenant, under=Tenant, tag=Tag)
        field: Any = self.fields["msp"]
        field.queryset = field.queryset.filter(is_msp=True)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        return rows.filter(*(NARROWING[name](value) for name, value in said.items() if value))


class TenantListing(Listing[Tenant]):
    nouns = ("tenant", "tenants")
    sorts: ClassVar[tuple[Sort, ...]] = (
        Sort("name", "Tenant"),
        Sort("msp", "Belongs to", "msp__name"),
        Sort("created", "Created", "created_at", down=True),
    )


class TreeListing(Listing[Tenant]):
    """Whole tenants by name: the tree's order within every branch."""

    nouns = ("tenant", "tenants")
    sorts = (Sort("name", "Tenant"),)


def with_parent(access: Access, tenants: QuerySet[Any]) -> QuerySet[Any]:
    """Each with its MSP and, as `parent_name`, its parent's name where the reader sees that one."""
    above = access.seen(Tenant).filter(pk=OuterRef("parent_id")).order_by().values("name")
    named: QuerySet[Any] = tenants.select_related("msp").annotate(parent_name=Subquery(above[:1]))
    return named


def with_tags(tenants: QuerySet[Any]) -> QuerySet[Any]:
    """Each with its tags as `shown_tags`: whoever sees a tenant sees these (design 3)."""
    return tenants.prefetch_related(_TAGS)


def learn_tags(tenants: Collection[Tenant]) -> None:
    """The same for tenants that are there already. One query."""
    prefetch_related_objects(list(tenants), _TAGS)


_TAGS = Prefetch("tags", to_attr="shown_tags")


def shown_tags(tenant: Tenant) -> list[Tag]:
    tags: list[Tag] = getattr(tenant, "shown_tags", [])
    return tags


# What stands in a tenant


class Number(NamedTuple):
    """How many of something stand in a tenant itself, as far as the reader sees them; `address` lists them."""

    total: Total
    address: str


class Numbers(NamedTuple):
    """None where the reader may see none of the kind anywhere."""

    people: Number | None
    computers: Number | None


def numbers_of(access: Access, tenants: Collection[Tenant]) -> dict[int, Numbers]:
    """The people and the computers of each tenant, without those of tenants below. One query; each is capped."""
    people, computers = access.seen(User).filter(removed_at=None), access.scope(Computer, Computer.VIEW)
    kinds = {
        "people": (User.VIEW, people, reverse("accounts:user-list")),
        "computers": (Computer.VIEW, computers.filter(deleted_at=None), reverse("computers:computer-list")),
    }
    shown = {name: kind for name, kind in kinds.items() if access.holds(kind[0])}
    counts = {f"{name}_here": _capped(rows) for name, (_, rows, _) in shown.items()}
    ids = [tenant.pk for tenant in tenants]
    found = access.seen(Tenant).filter(pk__in=ids).order_by().annotate(**counts).values("pk", *counts)

    def number(row: dict[str, int], name: str) -> Number | None:
        if name not in shown:
            return None
        address = f"{shown[name][2]}?tenant={row['pk']}&alone=on"
        count = row[f"{name}_here"]
        return Number(Total(min(count, MOST), capped=count > MOST), address)

    return {row["pk"]: Numbers(number(row, "people"), number(row, "computers")) for row in found}


def _capped(rows: QuerySet[Any]) -> Func:
    """How many of the rows stand in the tenant of the query around, counted no further than one beyond MOST."""
    few = rows.filter(tenant=OuterRef("pk")).order_by().values("pk")[: MOST + 1]
    return Func(ArraySubquery(few), function="cardinality", output_field=IntegerField())


# Tags


class TagFilters(Filters):
    q = forms.CharField(required=False, max_length=200)
    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None, required=False, label="Owner", empty_label="Any", widget=picker("tenancy:tenant-pick", "tenants")
    )
    shared = forms.BooleanField(required=False, label="Of the instance")

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.offer(access.seen, tenant=Tenant)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        if said["q"]:
            rows = rows.filter(holding(said["q"], "name"))
        if said["tenant"]:
            rows = rows.filter(tenant__path__contains=[said["tenant"].pk])
        return rows.filter(tenant=None) if said["shared"] else rows

    def in_words(self, name: str, value: object) -> str:
        return f"{value} and all below" if isinstance(value, Tenant) else super().in_words(name, value)


class TagListing(Listing[Tag]):
    nouns = ("tag", "tags")
    sorts: ClassVar[tuple[Sort, ...]] = (Sort("name", "Tag"), Sort("owner", "Owner", "tenant__name"))
