"""The lists of groups and of their members: what narrows them, their order, and how a membership stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse_lazy

from accounts.lists import account_status
from accounts.models import Group, GroupMembership
from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort
from immyrbac.searching import holding
from immyrbac.widgets import Combobox
from immyrbac.words import SOON, Status, lifetime
from rbac.access import Access
from rbac.rosters import groups_holding
from tenancy.models import Tenant


class GroupFilters(Filters):
    """`assignments`: whether the reader sees one that the group holds, or will hold."""

    q = forms.CharField(required=False, max_length=200)
    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None,
        label="Owner",
        required=False,
        empty_label="Any",
        widget=Combobox(source=reverse_lazy("tenancy:tenant-pick"), noun="tenants", first=0),
    )
    instance = forms.BooleanField(label="Of the instance", required=False)
    assignments = forms.ChoiceField(required=False, choices=[("", "Any"), ("some", "Some"), ("none", "None")])

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.access = access
        self.offer(access.seen, tenant=Tenant)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.cleaned_data
        rows = rows.filter(holding(chosen["q"], "name", "description"))
        if tenant := chosen["tenant"]:
            rows = rows.filter(tenant__path__contains=[tenant.pk])
        if chosen["instance"]:
            rows = rows.filter(tenant=None)
        if chosen["assignments"]:
            some = Q(pk__in=groups_holding(self.access))
            rows = rows.filter(some if chosen["assignments"] == "some" else ~some)
        return rows

    def in_words(self, name: str, value: object) -> str:
        shown = super().in_words(name, value)
        return f"{shown} and all below" if name == "tenant" and isinstance(value, Model) else shown


class GroupListing(Listing[Group]):
    nouns = ("group", "groups")
    sorts: ClassVar[tuple[Sort, ...]] = (Sort("name", "Group", "name"), Sort("owner", "Owner", "tenant__name"))


LIVE = Q(ended_at=None) & (Q(expires_at=None) | Q(expires_at__gt=Now()))
STATES: dict[str, tuple[str, Q]] = {
    "soon": ("Ends soon", LIVE & Q(expires_at__lte=Now() + SOON)),
    "over": ("Expired or ended", ~LIVE),
}
"""What the list of members can be narrowed to; without it, who is in the group now."""


class MemberFilters(Filters):
    q = forms.CharField(required=False, max_length=200)
    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None,
        label="Home",
        required=False,
        empty_label="Any",
        widget=Combobox(source=reverse_lazy("tenancy:tenant-pick"), noun="tenants", first=0),
    )
    status = forms.ChoiceField(
        label="Membership",
        required=False,
        choices=[("", "In the group now"), *((name, label) for name, (label, _) in STATES.items())],
    )

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.offer(access.seen, tenant=Tenant)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.cleaned_data
        rows = rows.filter(STATES[chosen["status"]][1] if chosen["status"] else LIVE)
        rows = rows.filter(holding(chosen["q"], "user__name", "user__email"))
        if tenant := chosen["tenant"]:
            rows = rows.filter(user__tenant__path__contains=[tenant.pk])
        return rows


class MemberListing(Listing[GroupMembership]):
    nouns = ("member", "members")
    sorts: ClassVar[tuple[Sort, ...]] = (
        Sort("name", "Member", "user__name"),
        Sort("tenant", "Home", "user__tenant__name"),
        Sort("added", "Added", "added_at", down=True),
        Sort("until", "Until", "expires_at"),
    )


def membership_status(membership: GroupMembership, now: datetime) -> Status:
    """How it stands; where it lasts, how the account does, if that is out. Reads the user with their tenant."""
    if membership.ended_at is not None:
        return Status("off", "Ended")
    stands = lifetime(now, None, membership.expires_at, live="Member")
    account = account_status(membership.user, now)
    return account if stands.kind == "live" and account.kind not in ("live", "soon") else stands
