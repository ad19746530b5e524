"""What is typed about an account, alone or for several at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User, normal_email
from accounts.services import values_of
from immyrbac.versions import version_of
from immyrbac.widgets import Combobox, MomentInput, VersionField
from rbac.access import Access
from rbac.permissions import Permission
from tenancy.models import Tenant


class UserForm(forms.Form):
    name = forms.CharField(max_length=120, error_messages={"required": "Give a name."})
    email = forms.EmailField(label="E-mail", max_length=254, error_messages={"required": "Give an address."})
    access_expires_at = forms.DateTimeField(
        label="Access ends", required=False, widget=MomentInput, help_text="Empty: no end."
    )

    def __init__(self, data: Any, *, access: Access, user: User | None = None) -> None:
        super().__init__(data, initial=values_of(user) if user else None)
        self.others = access.seen(User).exclude(pk=user.pk if user else None)

    def clean_email(self) -> str:
        """Whom the reader may see is named; of anybody else the service says only that it cannot be used."""
        email: str = self.cleaned_data["email"]
        if other := self.others.filter(email=normal_email(email)).first():
            raise forms.ValidationError(f"{other.name} already signs in with this address.")
        return email

    def clean_access_expires_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["access_expires_at"]
        before: datetime | None = self.initial.get("access_expires_at")
        if before is not None and moment == before.replace(second=0, microsecond=0):
            return before  # the control knows minutes only: what was not touched stays as it is
        return ahead(moment)


class UserEditForm(UserForm):
    """`tenant` may be any that the actor manages users in, and the one where the user is."""

    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(None, label="Home tenant", empty_label=None)
    version = VersionField()
    field_order = ("name", "email", "tenant", "access_expires_at")

    def __init__(self, data: Any, *, access: Access, user: User) -> None:
        super().__init__(data, access=access, user=user)
        self.initial["version"] = version_of(values_of(user))
        field: Any = self.fields["tenant"]
        field.widget = Combobox(source=reverse("accounts:user-place-pick"), noun="tenants")
        field.queryset = places(access)


def ahead(moment: datetime | None) -> datetime | None:
    if moment is not None and moment <= timezone.now():
        raise forms.ValidationError("This has passed. Choose a later moment, or leave it empty.")
    return moment


def places(access: Access) -> QuerySet[Tenant]:
    """The tenants in which the actor may have users."""
    return access.reachable(Tenant, Permission.USERS_MANAGE)


class PlaceForm(forms.Form):
    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(None, empty_label=None)

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["tenant"]
        field.widget = Combobox(source=reverse("accounts:user-place-pick"), noun="tenants")
        field.queryset = places(access)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=2000,
        help_text="Shown to auditors and to the customer’s administrators.",
        error_messages={"required": "Say why: whoever reads this later will want to know."},
    )


class AccessEndForm(ReasonForm):
    access_expires_at = forms.DateTimeField(
        label="Access ends", required=False, widget=MomentInput, help_text="Empty: no end."
    )
    field_order = ("access_expires_at", "reason")

    def clean_access_expires_at(self) -> datetime | None:
        return ahead(self.cleaned_data["access_expires_at"])


class RemoveForm(ReasonForm):
    """The name is typed to confirm; case and spaces do not matter."""

    confirmation = forms.CharField(max_length=200, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"]
        if not is_confirmed(typed, self.user.name):
            raise forms.ValidationError(f"Type {self.user.name} to confirm.")
        return typed


def is_confirmed(typed: str, phrase: str) -> bool:
    """Whether somebody typed the phrase; forms.js asks the same before the button wakes."""
    return " ".join(typed.split()).casefold() == " ".join(phrase.split()).casefold()
