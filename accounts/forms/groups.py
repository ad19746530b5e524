"""What is typed about a group, and about who comes into it or leaves it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse, reverse_lazy

from accounts.forms.users import ahead
from accounts.group_services import values_of
from accounts.memberships import candidates
from accounts.models import Group, User
from immyrbac.versions import version_of
from immyrbac.widgets import Combobox, MomentInput, VersionField
from rbac.access import Access
from rbac.permissions import Permission
from tenancy.models import Tenant


def owners(access: Access) -> QuerySet[Tenant]:
    """The tenants that may own a group which the actor makes."""
    return access.reachable(Tenant, Permission.GROUPS_MANAGE)


def describe_group(group: Group) -> dict[str, object]:
    """What stands beside a group as an option; it comes with its owner."""
    return {"help": f"of {group.tenant}" if group.tenant else "of the instance"}


class GroupPlaceForm(forms.Form):
    """Which tenant a new group shall belong to."""

    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None,
        label="Owner",
        empty_label=None,
        widget=Combobox(source=reverse_lazy("accounts:group-place-pick"), noun="tenants"),
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["tenant"]
        field.queryset = owners(access)


class GroupForm(forms.Form):
    name = forms.CharField(max_length=120, error_messages={"required": "Give a name."})
    description = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="What the group is for: whoever gives it a role reads this.",
    )


class GroupEditForm(GroupForm):
    version = VersionField()

    def __init__(self, data: Any, *, group: Group) -> None:
        shown = values_of(group)
        super().__init__(data, initial={**shown, "version": version_of(shown)})


def describe_candidate(user: User) -> dict[str, object]:
    return {"help": f"{user.email}, {user.tenant}"}


class MembershipForm(forms.Form):
    """Who comes into the group, and until when."""

    user: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        None, label="Person", empty_label="", error_messages={"required": "Choose somebody."}
    )
    expires_at = forms.DateTimeField(
        label="Until", required=False, widget=MomentInput, help_text="Empty: until somebody takes them out."
    )
    reason = forms.CharField(
        max_length=2000, required=False, help_text="Shown to auditors and to the customer’s administrators."
    )

    def __init__(self, data: Any = None, *, access: Access, group: Group) -> None:
        super().__init__(data)
        self.group = group
        field: Any = self.fields["user"]
        source = reverse("accounts:membership-pick", args=[group.pk])
        field.widget = Combobox(describe=describe_candidate, source=source, noun="people")
        field.queryset = candidates(access, group)

    def clean_expires_at(self) -> datetime | None:
        return ahead(self.cleaned_data["expires_at"])

    @property
    def contradictions(self) -> list[str]:
        """What is wrong with what was chosen so far; what is only missing is not."""
        found = [error for errors in self.errors.as_data().values() for error in errors if error.code != "required"]
        return [message for error in found for message in error.messages]
