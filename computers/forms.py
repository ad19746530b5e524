"""The forms of computers and the library. They validate only; what may be chosen comes from the actor (safety 15)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse_lazy

from computers.models import Computer, ComputerType, License, Script
from computers.services import offered_tags, tags_of, tags_on, tags_usable_on
from immyrbac.widgets import Combobox, RadioCards, TagBoxes
from immyrbac.words import counted, listed
from rbac.access import Access
from rbac.permissions import Permission
from rbac.tag_uses import tags_that_carry_access
from tenancy.models import Tag, Tenant

STALE = "This form is too old. Load the page again."


class VersionField(forms.CharField):
    """When the object was last written before the form was drawn, to the microsecond."""

    widget = forms.HiddenInput

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> Any:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError as error:
            raise ValidationError(STALE) from error
        if moment.tzinfo is None:
            raise ValidationError(STALE)
        return moment


class VersionedForm(forms.Form):
    """A form about one object as it was when the form was drawn."""

    version = VersionField()

    def __init__(self, data: Any, *, about: Computer | Script | License, initial: dict[str, Any] | None = None) -> None:
        self.about = about
        given = {name: getattr(about, name) for name in self.base_fields if hasattr(about, name)}
        super().__init__(data, initial={**given, "version": about.updated_at, **(initial or {})})

    def overtaken(self, now: Any) -> None:
        """Say that somebody else was quicker and what stands now; the next save is made knowing it."""
        data: Any = self.data
        self.data = data = data.copy()
        data["version"] = now.updated_at.isoformat()
        self.add_error(None, "Somebody else changed this meanwhile. Nothing of theirs was overwritten.")
        for name in self.fields:
            said, stands = self.cleaned_data.get(name), getattr(now, name, None)
            if isinstance(stands, str) and name in self.cleaned_data and stands != said:
                self.add_error(name, f"Now stands: {stands or 'nothing'}")


class ComputerForm(VersionedForm):
    name = forms.CharField(max_length=120)
    os = forms.CharField(max_length=120, required=False, label="Operating system")
    serial_number = forms.CharField(max_length=120, required=False)


class NotesForm(VersionedForm):
    notes = forms.CharField(required=False, max_length=20_000, widget=forms.Textarea)


class TypeForm(VersionedForm):
    type = forms.ChoiceField(choices=ComputerType.choices, widget=RadioCards(slim=True, full=True))


class ReasonForm(VersionedForm):
    reason = forms.CharField(max_length=1000, widget=forms.Textarea({"rows": 3}))


class ConfirmForm(VersionedForm):
    """Nothing to fill in."""


class MoveForm(VersionedForm):
    """The tenants to which the actor may move computers; `dropping` are the tags whose removal was announced."""

    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None, label="New tenant", widget=Combobox(source=reverse_lazy("computers:destination-pick"), noun="tenants")
    )
    dropping: forms.ModelMultipleChoiceField[Tag] = forms.ModelMultipleChoiceField(
        None, required=False, widget=forms.MultipleHiddenInput
    )

    def __init__(self, data: Any, *, about: Computer, access: Access) -> None:
        super().__init__(data, about=about, initial={"tenant": None})
        fields: Any = self.fields
        fields["tenant"].queryset = destinations(access).exclude(pk=about.tenant_id)
        fields["dropping"].queryset = tags_of(about)
        self.lost: list[Tag] = []

    def clean_dropping(self) -> Any:
        """What was announced stays on the form while the rest of it is looked at."""
        self.lost = list(self.cleaned_data["dropping"])
        return self.cleaned_data["dropping"]

    def announce(self, lost: Iterable[Tag]) -> None:
        """Name the tags that the move would remove; the form then carries their ids."""
        self.lost = list(lost)
        data: Any = self.data
        self.data = data = data.copy()
        data.setlist("dropping", [str(tag.pk) for tag in self.lost])

    @property
    def lost_words(self) -> str:
        names = listed([tag.name for tag in self.lost], limit=len(self.lost))
        return f"{counted(len(self.lost), 'tag')} cannot be used there and will be removed: {names}."


def destinations(access: Access) -> QuerySet[Tenant]:
    return access.reachable(Tenant, Permission.COMPUTERS_CHANGE_TENANT)


def tags_field(label: str = "Tags") -> forms.ModelMultipleChoiceField[Tag]:
    return forms.ModelMultipleChoiceField(None, required=False, label=label, widget=TagBoxes)


def offer(field: Any, tags: QuerySet[Tag]) -> None:
    field.queryset = tags.select_related("tenant")
    field.widget.carrying = tags_that_carry_access()


class TagsForm(VersionedForm):
    """The tags that may be on this computer and that the actor sees, and those that are on it."""

    tags = tags_field()

    def __init__(self, data: Any, *, about: Computer, access: Access) -> None:
        super().__init__(data, about=about, initial={"tags": list(tags_of(about))})
        offer(self.fields["tags"], offered_tags(about, access.seen(Tag)))


class BatchTagsForm(forms.Form):
    """What to put on several computers, and what to take from them."""

    put = tags_field("Put on")
    take = tags_field("Take off")

    def __init__(self, data: Any, *, computers: Sequence[Computer], access: Access) -> None:
        super().__init__(data)
        offer(self.fields["put"], tags_usable_on(computers, access.seen(Tag)))
        offer(self.fields["take"], tags_on(computers))

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if not said.get("put") and not said.get("take"):
            raise ValidationError("Choose a tag to put on or to take off.")
        if set(said.get("put", ())) & set(said.get("take", ())):
            raise ValidationError("A tag is either put on or taken off.")
        return said


class ScriptForm(VersionedForm):
    name = forms.CharField(max_length=120)
    body = forms.CharField(
        label="Text", required=False, strip=False, max_length=200_000, widget=forms.Textarea({"class": "mono tall"})
    )


class NewScriptForm(forms.Form):
    name = forms.CharField(max_length=120)
    body = forms.CharField(
        label="Text", required=False, strip=False, max_length=200_000, widget=forms.Textarea({"class": "mono tall"})
    )


class OwnerForm(forms.Form):
    """Which tenant a new script shall belong to."""

    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None, label="Tenant", widget=Combobox(source=reverse_lazy("computers:script-owner-pick"), noun="tenants")
    )

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        field: Any = self.fields["tenant"]
        field.queryset = script_owners(access)


def script_owners(access: Access) -> QuerySet[Tenant]:
    return access.reachable(Tenant, Permission.SCRIPTS_MANAGE)


def _key_field(*, required: bool) -> forms.CharField:
    help_text = "Encrypted when saved, and masked from then on." if required else "Empty: the key that is there stays."
    attributes = {"class": "mono", "rows": 3, "autocomplete": "off", "spellcheck": "false"}
    return forms.CharField(max_length=20_000, required=required, widget=forms.Textarea(attributes), help_text=help_text)


class _LicenseFields(forms.Form):
    name = forms.CharField(max_length=120)
    seats = forms.IntegerField(min_value=1, max_value=2_000_000_000, required=False)
    expires_on = forms.DateField(
        required=False, label="Expires", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    notes = forms.CharField(required=False, max_length=20_000, widget=forms.Textarea({"rows": 4}))


class NewLicenseForm(_LicenseFields):
    key = _key_field(required=True)
    field_order = ("name", "key")


class LicenseForm(VersionedForm, _LicenseFields):
    key = _key_field(required=False)
    field_order = ("name", "key", "seats", "expires_on", "notes", "version")


class LicenseOwnerForm(forms.Form):
    """Which tenant a new license shall belong to."""

    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None, label="Tenant", widget=Combobox(source=reverse_lazy("computers:license-owner-pick"), noun="tenants")
    )

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        field: Any = self.fields["tenant"]
        field.queryset = license_owners(access)


def license_owners(access: Access) -> QuerySet[Tenant]:
    return access.reachable(Tenant, Permission.LICENSES_MANAGE)
