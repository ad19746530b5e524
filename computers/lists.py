"""The lists of computers, scripts and licenses: what narrows them, and how a computer stands (guide, "Status")."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse_lazy
from django.utils import timezone

from computers.models import Computer, ComputerType, License, Onboarding, Script, ScriptLanguage, Software, SoftwareFile
from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort
from immyrbac.searching import holding
from immyrbac.widgets import Combobox
from immyrbac.words import Status
from rbac.access import Access
from tenancy.filters import alone_field, in_tenant, tenant_in_words
from tenancy.models import Tag, Tenant

ONLINE = timedelta(minutes=15)
"""Agents report every few minutes; after three missed reports a computer is offline."""

SEEN: dict[str, tuple[str, Callable[[datetime], Q]]] = {
    "now": ("online", lambda now: Q(last_seen_at__gt=now - ONLINE)),
    "day": ("in the last 24 hours", lambda now: Q(last_seen_at__gt=now - timedelta(days=1))),
    "week": ("in the last 7 days", lambda now: Q(last_seen_at__gt=now - timedelta(days=7))),
    "days": ("1 to 7 days ago", lambda now: _between(now, 7, 1)),
    "weeks": ("7 to 30 days ago", lambda now: _between(now, 30, 7)),
    "stale": ("not for 30 days", lambda now: Q(last_seen_at__lte=now - timedelta(days=30))),
    "never": ("never", lambda _: Q(last_seen_at=None)),
}


def _between(now: datetime, longest: int, shortest: int) -> Q:
    """Last seen less than `longest` days ago, and `shortest` or more."""
    return Q(last_seen_at__gt=now - timedelta(days=longest), last_seen_at__lte=now - timedelta(days=shortest))


def presence(computer: Computer, now: datetime) -> Status:
    if computer.deleted_at is not None:
        return Status("ended", "Deleted")
    if computer.last_seen_at is None:
        return Status("new", "Never seen")
    return Status("live", "Online") if now - computer.last_seen_at < ONLINE else Status("off", "Offline")


def with_tags(computers: QuerySet[Any]) -> QuerySet[Any]:
    """Each with its tenant and, as `shown_tags`, its tags: whoever sees a computer sees these (design 3).

    Both for the rows of a page alone: joined, every tenant there is would be hashed before the page is cut.
    """
    return computers.prefetch_related("tenant", Prefetch("tags", to_attr="shown_tags"))


def shown_tags(computer: Computer) -> list[Tag]:
    tags: list[Tag] = getattr(computer, "shown_tags", [])
    return tags


def tenant_field() -> forms.ModelChoiceField[Tenant]:
    picker = Combobox(source=reverse_lazy("tenancy:tenant-pick"), noun="tenants", first=0)
    return forms.ModelChoiceField(None, required=False, empty_label="Any", widget=picker)


NARROWING: dict[str, Callable[[Any], Q]] = {
    "q": lambda said: holding(said, "name", "os", "serial_number"),
    "type": lambda kind: Q(type=kind),
    "onboarding": lambda stage: Q(onboarding=stage),
    "tag": lambda tag: Q(tags=tag),
    "seen": lambda name: SEEN[name][1](timezone.now()),
}
"""What each filter leaves."""


class ComputerFilters(Filters):
    """Deleted computers are listed apart, for who may restore some."""

    q = forms.CharField(required=False, max_length=200)
    tenant = tenant_field()
    alone = alone_field()
    type = forms.ChoiceField(required=False, choices=[("", "Any"), *ComputerType.choices])
    tag: forms.ModelChoiceField[Tag] = forms.ModelChoiceField(
        None,
        required=False,
        empty_label="Any",
        widget=Combobox(source=reverse_lazy("tenancy:tag-pick"), noun="tags", first=0),
    )
    seen = forms.ChoiceField(
        required=False,
        label="Last seen",
        choices=[("", "Any time"), *((name, said) for name, (said, _) in SEEN.items())],
    )
    onboarding = forms.ChoiceField(required=False, choices=[("", "Any"), *Onboarding.choices])
    deleted = forms.BooleanField(required=False, label="Deleted")

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.offer(access.seen, tenant=Tenant, tag=Tag)
        if not access.holds(Computer.RESTORE):
            del self.fields["deleted"]

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        rows = rows.filter(in_tenant(said), deleted_at__isnull=not said.get("deleted"))
        return rows.filter(*(NARROWING[name](value) for name, value in said.items() if value and name in NARROWING))

    def in_words(self, name: str, value: object) -> str:
        return tenant_in_words(self.cleaned_data, value) or super().in_words(name, value)


class ComputerListing(Listing[Computer]):
    nouns = ("computer", "computers")
    sorts: ClassVar[tuple[Sort, ...]] = (
        Sort("name", "Name"),
        Sort("tenant", "Tenant", "tenant__name"),
        Sort("type", "Type"),
        Sort("seen", "Last seen", "last_seen_at", down=True),
    )


class OwnedFilters(Filters):
    """By words in `searched` and by owner: of whatever a tenant or the instance owns."""

    searched: ClassVar[tuple[str, ...]] = ("name",)

    q = forms.CharField(required=False, max_length=200)
    tenant = tenant_field()
    alone = alone_field()

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.offer(access.seen, tenant=Tenant)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        if said["q"]:
            rows = rows.filter(holding(said["q"], *self.searched))
        return rows.filter(in_tenant(said))

    def in_words(self, name: str, value: object) -> str:
        return tenant_in_words(self.cleaned_data, value) or super().in_words(name, value)


class LibraryFilters(OwnedFilters):
    shared = forms.BooleanField(required=False, label="Of the instance")

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().narrow(rows)
        return rows.filter(tenant=None) if self.cleaned_data["shared"] else rows


OWNED = (Sort("name", "Name"), Sort("owner", "Owner", "tenant__name"))
EDITED = Sort("edited", "Edited", "updated_at", down=True)


class ScriptFilters(LibraryFilters):
    language = forms.ChoiceField(required=False, choices=[("", "Any"), *ScriptLanguage.choices])

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        language = self.cleaned_data["language"]
        return super().narrow(rows.filter(language=language) if language else rows)


class ScriptListing(Listing[Script]):
    nouns = ("script", "scripts")
    sorts: ClassVar[tuple[Sort, ...]] = (*OWNED, EDITED)


class SoftwareFilters(LibraryFilters):
    searched = ("name", "publisher")


class SoftwareListing(Listing[Software]):
    nouns = ("piece of software", "pieces of software")
    sorts: ClassVar[tuple[Sort, ...]] = (*OWNED, EDITED)


def with_files(found: QuerySet[Software]) -> QuerySet[Software]:
    """What a row of software shows."""
    return found.select_related("tenant").prefetch_related(Prefetch("files", to_attr="shown_files"))


def shown_files(found: Software) -> list[SoftwareFile]:
    files: list[SoftwareFile] = getattr(found, "shown_files", [])
    return files


SOON = timedelta(days=30)

ENDS: dict[str, tuple[str, Callable[[Any], Q]]] = {
    "ended": ("has ended", lambda today: Q(expires_on__lt=today)),
    "soon": ("within 30 days", lambda today: Q(expires_on__gte=today, expires_on__lte=today + SOON)),
    "later": ("later", lambda today: Q(expires_on__gt=today + SOON)),
    "never": ("never", lambda _: Q(expires_on=None)),
}


def standing(found: License, today: date) -> Status:
    """Counts through its last day."""
    if found.expires_on is None or found.expires_on > today + SOON:
        return Status("live", "Valid")
    return Status("ended", "Expired") if found.expires_on < today else Status("soon", "Ends soon")


class LicenseFilters(LibraryFilters):
    ends = forms.ChoiceField(
        required=False, label="Expires", choices=[("", "Any time"), *((name, said) for name, (said, _) in ENDS.items())]
    )

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        ends = self.cleaned_data["ends"]
        return super().narrow(rows.filter(ENDS[ends][1](timezone.localdate())) if ends else rows)


class LicenseListing(Listing[License]):
    nouns = ("license", "licenses")
    sorts: ClassVar[tuple[Sort, ...]] = (*OWNED, Sort("expires", "Expires", "expires_on"), EDITED)
