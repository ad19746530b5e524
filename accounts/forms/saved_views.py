"""What is typed about a saved view."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse

from accounts.models import Group, SavedView
from accounts.saved_views import shareable
from immyrbac.widgets import Combobox
from rbac.access import Access


class SavedViewForm(forms.Form):
    """`group` may be any that the reader may share with, and the one that shares the view already."""

    name = forms.CharField(max_length=60, error_messages={"required": "Give it a name."})
    group: forms.ModelChoiceField[Group] = forms.ModelChoiceField(
        None, label="Shared with", required=False, empty_label="Nobody", help_text="Everybody in the group finds it."
    )

    def __init__(self, data: Any, *, access: Access, view: SavedView | None = None) -> None:
        super().__init__(data, initial={"name": view.name, "group": view.group_id} if view else None)
        field: Any = self.fields["group"]
        field.widget = Combobox(source=reverse("accounts:saved-view-group-pick"), noun="groups")
        field.queryset = shareable(access, view)
        if not field.queryset.exists():
            del self.fields["group"]
