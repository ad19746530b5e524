"""The forms of tenants and tags: they validate only; what may be chosen comes from the actor (safety 15)."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse_lazy

from accounts.forms.users import is_confirmed
from immyrbac.markup import hue
from immyrbac.versions import version_of
from immyrbac.widgets import Combobox, Hues, TagBoxes, VersionField
from rbac.access import INSTANCE, Access
from rbac.permissions import Permission
from rbac.tag_uses import tags_that_carry_access
from tenancy.models import Tag, Tenant
from tenancy.services import offered_tags, tags_of, values_of

HUES = {
    "red": "h0", "orange": "h1", "yellow": "h2", "green": "h3",
    "teal": "h4", "blue": "h5", "violet": "h6", "pink": "h7",
}  # fmt: skip
"""The colours that a tag can have, with their classes."""


def describe_tenant(tenant: Tenant) -> dict[str, object]:
    return {"marks": "msp" if tenant.is_msp else ""}


def describe_tag(carrying: Container[int]) -> Callable[[Tag], dict[str, object]]:
    """How a tag reads: whose it is, and whether it is among those that carry access."""

    def describe(tag: Tag) -> dict[str, object]:
        owner = f"of {tag.tenant}" if tag.tenant else "of the instance"
        return {"help": f"{owner}. Carries access" if tag.pk in carrying else owner}

    return describe


# What may be chosen


def msps(access: Access) -> QuerySet[Tenant]:
    return access.seen(Tenant).filter(is_msp=True)


def managed_tenants(access: Access) -> QuerySet[Tenant]:
    """Below which the actor may create tenants, and hang others."""
    return access.reachable(Tenant, Permission.TENANTS_MANAGE)


def tag_owners(access: Access) -> QuerySet[Tenant]:
    """The tenants for which the actor may make tags."""
    return access.reachable(Tenant, Permission.TAGS_MANAGE)


# Tenants


class TenantForm(forms.Form):
    name = forms.CharField(max_length=120, error_messages={"required": "Give a name."})


class TenantEditForm(TenantForm):
    version = VersionField()

    def __init__(self, data: Any, *, tenant: Tenant) -> None:
        shown = {"name": tenant.name}
        super().__init__(data, initial={**shown, "version": version_of(shown)})


class NewTenantForm(TenantForm):
    slug = forms.SlugField(
        label="Short name",
        required=False,
        max_length=80,
        help_text="For files and commands; it never changes. Empty: made from the name.",
    )


class ParentForm(forms.Form):
    """Below which tenant a new one shall stand."""

    parent: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None, widget=Combobox(source=reverse_lazy("tenancy:parent-pick"), noun="tenants")
    )

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        field: Any = self.fields["parent"]
        field.queryset = managed_tenants(access)


class MoveForm(forms.Form):
    """Where a tenant shall stand; empty is at the top, for who may put tenants there."""

    parent: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None,
        label="New parent",
        widget=Combobox(source=reverse_lazy("tenancy:parent-pick"), noun="tenants"),
        error_messages={"required": "Choose where it shall stand."},
    )

    def __init__(self, data: Any, *, about: Tenant, access: Access) -> None:
        super().__init__(data, initial={"parent": about.parent_id})
        field: Any = self.fields["parent"]
        field.queryset = managed_tenants(access).exclude(path__contains=[about.pk])
        if access.can(Permission.TENANTS_MANAGE, INSTANCE):
            field.required, field.empty_label = False, "No parent: at the top"
            field.help_text = "Empty: at the top, below no other tenant."


class TenantTagsForm(forms.Form):
    """The tags that may be on this tenant and that the actor sees, and those that are on it."""

    tags: forms.ModelMultipleChoiceField[Tag] = forms.ModelMultipleChoiceField(None, required=False, widget=TagBoxes)

    def __init__(self, data: Any, *, about: Tenant, access: Access) -> None:
        super().__init__(data, initial={"tags": list(tags_of(about))})
        field: Any = self.fields["tags"]
        field.queryset = offered_tags(about, access.seen(Tag)).select_related("tenant")
        field.widget.carrying = tags_that_carry_access("tenants")


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": "Say why: whoever is touched and the auditors will read it."},
    )


class ConfirmedForm(ReasonForm):
    """The name is typed to confirm; case and spaces do not matter."""

    confirmation = forms.CharField(max_length=200, required=False)

    def __init__(self, data: Any, *, phrase: str) -> None:
        super().__init__(data)
        self.phrase = phrase

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"]
        if not is_confirmed(typed, self.phrase):
            raise ValidationError(f"Type {self.phrase} to confirm.")
        return typed


# Tags


class TagForm(forms.Form):
    name = forms.CharField(max_length=60, error_messages={"required": "Give a name."})
    color = forms.ChoiceField(
        label="Colour", choices=[(name, name.capitalize()) for name in HUES], widget=Hues(HUES), initial="blue"
    )


class TagEditForm(TagForm):
    version = VersionField()

    def __init__(self, data: Any, *, tag: Tag) -> None:
        names = {css: name for name, css in HUES.items()}
        shown = {"name": tag.name, "color": names[hue(tag.color, tag.name)]}
        super().__init__(data, initial={**shown, "version": version_of(values_of(tag))})


class OwnerForm(forms.Form):
    """Which tenant a new tag shall belong to."""

    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None, label="Owner", widget=Combobox(source=reverse_lazy("tenancy:tag-owner-pick"), noun="tenants")
    )

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        field: Any = self.fields["tenant"]
        field.queryset = tag_owners(access)
