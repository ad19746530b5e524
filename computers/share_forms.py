"""The form that shares one library item with one user."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy

from accounts.models import User
from computers.models import LibraryItem
from immyrbac.widgets import Combobox, MomentInput
from rbac.access import Access
from rbac.permissions import Permission
from rbac.shares import shareable


def sharable_with(access: Access) -> Any:
    """Whom the reader sees and may choose: whoever was not removed, but not themselves."""
    return access.seen(User).filter(removed_at=None).exclude(pk=access.user_id)


class ShareForm(forms.Form):
    """What may be shared is what the actor may do themselves; the gate asks again."""

    user: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        None, label="With", widget=Combobox(source=reverse_lazy("computers:share-user-pick"), noun="people", first=0)
    )
    permissions = forms.MultipleChoiceField(
        label="What they may do",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what they may do with it."},
    )
    expires_at = forms.DateTimeField(
        required=False, label="Ends", widget=MomentInput, help_text="Empty: it has no end."
    )
    reason = forms.CharField(max_length=1000, widget=forms.Textarea({"rows": 3}))

    def __init__(self, data: Any, *, item: LibraryItem, access: Access) -> None:
        super().__init__(data)
        user, permissions = self.fields["user"], self.fields["permissions"]
        held = [each for each in shareable(type(item)) if access.can(each, item)]
        user.queryset = sharable_with(access).order_by("name", "pk")  # type: ignore[attr-defined]  # a ModelChoiceField
        permissions.choices = [(each.value, each.label) for each in held]  # type: ignore[attr-defined]  # a ChoiceField
        permissions.initial = [each.value for each in held[:1]]

    def clean_permissions(self) -> list[Permission]:
        return [Permission(each) for each in self.cleaned_data["permissions"]]


class EndShareForm(forms.Form):
    reason = forms.CharField(max_length=1000, widget=forms.Textarea({"rows": 3}))
