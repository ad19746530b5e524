"""The lists of roles and of who has one: what narrows them, and how they are ordered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

from django import forms
from django.core.exceptions import BadRequest
from django.db.models import Case, CharField, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Now
from django.http import QueryDict
from django.urls import reverse_lazy

from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort
from immyrbac.searching import holding
from immyrbac.widgets import Combobox
from immyrbac.words import SOON
from rbac.access import Access
from rbac.models import Effect, Role, RoleAssignment
from rbac.role_blocks import SUBJECTS
from tenancy.models import Tenant, TenantScopeKind

MOST_COMPARED = 4
"""So many roles fit beside each other."""

OUTSIDE = "Outside your view"

TYPES: dict[str, tuple[str, Q]] = {
    "built_in": ("Built-in", Q(key__isnull=False)),
    "custom": ("Custom", Q(key=None, deny_only=False)),
    "deny_only": ("For denying only", Q(deny_only=True)),
}
"""Every role is of exactly one of these."""


def type_of(role: Role) -> str:
    kind = "built_in" if role.key else "deny_only" if role.deny_only else "custom"
    return TYPES[kind][0]


def roles_listed(access: Access) -> QuerySet[Role]:
    """What the list shows: each role with its `type`, the name of its `owner` where the reader sees it, and `size`."""
    owner = access.seen(Tenant).filter(pk=OuterRef("tenant_id")).order_by().values("name")
    kinds = [When(condition, then=Value(label)) for label, condition in TYPES.values()]
    seen: QuerySet[Role] = access.seen(Role).annotate(
        type=Case(*kinds, output_field=CharField()),
        owner=Subquery(owner, output_field=CharField()),
        size=Func(F("permissions"), function="CARDINALITY", output_field=IntegerField()),
    )
    return seen


def owner_of(role: Role) -> str:
    """Whose it is, of a role that comes from `roles_listed`."""
    if role.tenant_id is None:
        return "The instance"
    return getattr(role, "owner", None) or OUTSIDE


class RoleFilters(Filters):
    q = forms.CharField(required=False, max_length=200)
    type = forms.ChoiceField(
        required=False, choices=[("", "Any"), *((name, label) for name, (label, _) in TYPES.items())]
    )
    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None,
        required=False,
        label="Owner",
        widget=Combobox(source=reverse_lazy("tenancy:tenant-pick"), noun="tenants", first=0),
    )
    shared = forms.BooleanField(required=False, label="Of the instance")
    permission = forms.ChoiceField(
        required=False,
        label="Holds",
        choices=[
            ("", "Any"),
            *((subject, [(each.value, each.label) for each in held]) for subject, held in SUBJECTS.items()),
        ],
    )

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.offer(access.seen, tenant=Tenant)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(*(NARROWING[name](value) for name, value in self.cleaned_data.items() if value))

    def in_words(self, name: str, value: object) -> str:
        return f"{value} and all below" if isinstance(value, Tenant) else super().in_words(name, value)


NARROWING: dict[str, Callable[[Any], Q]] = {
    "q": lambda said: holding(said, "name", "description"),
    "type": lambda name: TYPES[name][1],
    "tenant": lambda tenant: Q(tenant__path__contains=[tenant.pk]),
    "shared": lambda _: Q(tenant=None),
    "permission": lambda permission: Q(permissions__contains=[permission]),
}
"""What each filter leaves."""


class RoleListing(Listing[Role]):
    nouns = ("role", "roles")
    sorts: ClassVar[tuple[Sort, ...]] = (
        Sort("name", "Name"),
        Sort("type", "Type"),
        Sort("owner", "Owner"),
        Sort("permissions", "Permissions", "size", down=True),
    )


# Who has one


STANDING: dict[str, tuple[str, Q]] = {
    "live": ("Live", Q(starts_at=None) | Q(starts_at__lte=Now())),
    "new": ("Starts later", Q(starts_at__gt=Now())),
    "soon": ("Ends within 7 days", Q(expires_at__lte=Now() + SOON)),
    "endless": ("Without an end", Q(expires_at=None)),
}


class HolderFilters(Filters):
    q = forms.CharField(required=False, max_length=200)
    effect = forms.ChoiceField(required=False, choices=[("", "Any"), *Effect.choices])
    to = forms.ChoiceField(
        required=False, label="Given to", choices=[("", "Anybody"), ("users", "People"), ("groups", "Groups")]
    )
    scope = forms.ChoiceField(required=False, label="Where", choices=[("", "Any scope"), *TenantScopeKind.choices])
    status = forms.ChoiceField(
        required=False, choices=[("", "Any"), *((name, label) for name, (label, _) in STANDING.items())]
    )

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(*(HOLDING[name](value) for name, value in self.cleaned_data.items() if value))


HOLDING: dict[str, Callable[[Any], Q]] = {
    "q": lambda said: holding(said, "user__name", "user__email") | holding(said, "group__name"),
    "effect": lambda effect: Q(effect=effect),
    "to": lambda kind: Q(group=None) if kind == "users" else Q(user=None),
    "scope": lambda kind: Q(scope=kind),
    "status": lambda name: STANDING[name][1],
}


class HolderListing(Listing[RoleAssignment]):
    nouns = ("assignment", "assignments")
    sorts = (Sort("given", "Given", by="id", down=True),)


# One role, and several beside each other


class Strict(forms.Form):
    """A form in an address: what it does not know, or what is malformed, is refused (safety 17)."""

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        if unknown := data.keys() - self.fields.keys():
            raise BadRequest(f"unknown parameter: {', '.join(sorted(unknown))}")

    def checked(self) -> Self:
        if not self.is_valid():
            raise BadRequest(f"malformed parameter: {', '.join(self.errors)}")
        return self


class Asked(Strict):
    """What the permissions of a role are narrowed to."""

    q = forms.CharField(required=False, max_length=200)
    granted = forms.BooleanField(required=False)


class Compared(Strict):
    """Which roles stand beside each other, in the order of the address; `all`: what they agree on as well."""

    role: forms.ModelMultipleChoiceField[Role] = forms.ModelMultipleChoiceField(None, required=False)
    all = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict, *, access: Access) -> None:
        self.order = [value for value in data.getlist("role") if value]
        chosen = data.copy()
        chosen.setlist("role", self.order)
        super().__init__(chosen)
        field: Any = self.fields["role"]
        field.queryset = access.seen(Role)

    def clean_role(self) -> list[Role]:
        found = {str(role.pk): role for role in self.cleaned_data["role"]}
        if len(found) > MOST_COMPARED:
            raise forms.ValidationError(f"At most {MOST_COMPARED} roles fit beside each other.")
        return [found[pk] for pk in dict.fromkeys(self.order)]
