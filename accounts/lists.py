"""The list of users: its filters, its order, and how an account stands (guide, "Status")."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse

from accounts.models import Group, User
from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort
from immyrbac.searching import holding
from immyrbac.widgets import Combobox
from immyrbac.words import SOON, Status, lifetime
from rbac.access import Access
from rbac.permissions import Permission
from rbac.rosters import ROLES, holders_of
from tenancy.filters import alone_field, in_tenant, tenant_in_words
from tenancy.models import Tenant

EXPIRED = Q(access_expires_at__lte=Now())
OUT = Q(is_active=False) | Q(tenant__is_active=False)
PRESENT = Q(removed_at=None)
"""What the indexes of people say of theirs: it is said even where it follows."""
STATES: dict[str, tuple[str, Q]] = {
    "active": ("Active", ~OUT & ~EXPIRED),
    "soon": ("Ends soon", ~OUT & PRESENT & Q(access_expires_at__gt=Now(), access_expires_at__lte=Now() + SOON)),
    "expired": ("Expired", ~OUT & PRESENT & EXPIRED),
    "disabled": ("Disabled", OUT & PRESENT),
    "removed": ("Removed", Q(removed_at__isnull=False)),
}
"""The states that the list can be narrowed to; whoever was removed is seen in the last one alone."""


PICKERS = {"tenant": "tenancy:tenant-pick", "role": "rbac:role-pick", "group": "accounts:group-pick"}


def account_status(user: User, now: datetime) -> Status:
    """How the account stands; reads the user's tenant."""
    if user.removed_at is not None:
        return Status("off", "Removed")
    if not user.is_active:
        return Status("off", "Disabled")
    if not user.tenant.is_active:
        return Status("off", "Tenant inactive")
    return lifetime(now, None, user.access_expires_at, live="Active")


class UserFilters(Filters):
    q = forms.CharField(required=False, max_length=200)
    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(None, required=False, empty_label="Any")
    alone = alone_field()
    role: forms.ModelChoiceField[Any] = forms.ModelChoiceField(None, required=False, empty_label="Any")
    group: forms.ModelChoiceField[Group] = forms.ModelChoiceField(None, required=False, empty_label="Any")
    status = forms.ChoiceField(
        required=False, choices=[("", "Any"), *((name, label) for name, (label, _) in STATES.items())]
    )

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.access = access
        for name, route in PICKERS.items():
            self.fields[name].widget = Combobox(source=reverse(route), noun=f"{name}s", first=0)
        self.offer(access.seen, tenant=Tenant, role=ROLES, group=Group)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.cleaned_data
        rows = rows.filter(in_tenant(chosen), STATES[chosen["status"]][1] if chosen["status"] else PRESENT)
        if words := chosen["q"]:
            rows = rows.filter(holding(words, "name", "email"))
        if role := chosen["role"]:
            rows = rows.filter(holders_of(self.access, role))
        if group := chosen["group"]:
            live = Q(memberships__expires_at=None) | Q(memberships__expires_at__gt=Now())
            rows = rows.filter(live, memberships__group=group, memberships__ended_at=None)
        return rows

    def in_words(self, name: str, value: object) -> str:
        return tenant_in_words(self.cleaned_data, value) or super().in_words(name, value)


def choosable(access: Access) -> QuerySet[User]:
    """Whom the actor may choose for a batch; nobody switches themselves off in one."""
    return access.reachable(User, Permission.USERS_MANAGE).filter(removed_at=None).exclude(pk=access.user_id)


class UserListing(Listing[User]):
    nouns = ("user", "users")
    sorts: ClassVar[tuple[Sort, ...]] = (
        Sort("name", "Name"),
        Sort("tenant", "Tenant", "tenant__name"),
        Sort("ends", "Access ends", "access_expires_at"),
        Sort("seen", "Last seen", "last_seen_at", down=True),
    )
