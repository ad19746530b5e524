"""The forms of computers and the library. They validate only; what may be chosen comes from the actor (safety 15)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Q, QuerySet
from django.urls import reverse, reverse_lazy

from accounts.models import Person
from computers.models import Computer, ComputerType, LibraryItem, License, ScriptLanguage, Software
from computers.services import offered_tags, tags_of, tags_on, tags_usable_on
from computers.shelves import LICENSES, Shelf
from immyrbac.widgets import Combobox, Joined, RadioCards, TagBoxes
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

    def __init__(self, data: Any, *, about: Computer | LibraryItem, initial: dict[str, Any] | None = None) -> None:
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
    """`suggested` is chosen at first: the type that an agent reports."""

    type = forms.ChoiceField(choices=ComputerType.choices, widget=RadioCards(slim=True, full=True))

    def __init__(self, data: Any, *, about: Computer, suggested: str = "") -> None:
        if suggested and suggested not in ComputerType.values:
            raise BadRequest("no such type")
        super().__init__(data, about=about, initial={"type": suggested} if suggested else None)


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


def describe_person(person: Person) -> dict[str, str]:
    return {"help": ", ".join(filter(None, (person.login, person.email)))}


class ComputerPersonForm(forms.Form):
    """Somebody who uses the computer: one of `people`, whom the route `source` lists as well."""

    person: forms.ModelChoiceField[Person] = forms.ModelChoiceField(
        None, empty_label="", error_messages={"required": "Choose somebody."}
    )
    is_primary = forms.BooleanField(
        label="Primary person", required=False, help_text="Who was it before is one of the others then."
    )

    def __init__(self, data: Any, *, source: str, people: QuerySet[Person]) -> None:
        super().__init__(data)
        field: Any = self.fields["person"]
        field.widget = Combobox(describe=describe_person, source=source, noun="people")
        field.queryset = people


class OnboardingForm(VersionedForm):
    """What is confirmed of a computer as it is onboarded; without a field for what the reader may not change."""

    name = forms.CharField(max_length=120)
    person: forms.ModelChoiceField[Person] = forms.ModelChoiceField(
        None, required=False, label="Primary person", help_text="Whom this computer is for. It gives them no access."
    )

    def __init__(self, data: Any, *, about: Computer, primary: Person | None, people: QuerySet[Person] | None) -> None:
        super().__init__(data, about=about, initial={"person": primary})
        field: Any = self.fields["person"]
        if people is None:
            del self.fields["person"]
        else:
            source = reverse("computers:computer-person-pick", args=[about.pk])
            field.widget = Combobox(describe=describe_person, source=source, noun="people")
            field.queryset = people


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


class OwnerForm(forms.Form):
    """Which tenant a new library item shall belong to."""

    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None, label="Tenant", widget=Combobox(noun="tenants")
    )

    def __init__(self, data: Any, *, shelf: Shelf, access: Access) -> None:
        super().__init__(data)
        field: Any = self.fields["tenant"]
        field.widget.source = shelf.url("owner-pick")
        field.queryset = shelf.owners(access)


class NewScriptForm(forms.Form):
    name = forms.CharField(max_length=120)
    language = forms.ChoiceField(choices=ScriptLanguage.choices, initial=ScriptLanguage.POWERSHELL, widget=Joined())
    body = forms.CharField(
        label="Text", required=False, strip=False, max_length=200_000, widget=forms.Textarea({"class": "mono tall"})
    )

    def clean_body(self) -> str:
        """Browsers send each end of a line as two characters, with which bash finds no command."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")


class ScriptForm(VersionedForm, NewScriptForm):
    field_order = ("name", "language", "body", "version")


class CompareForm(forms.Form):
    """Two versions of a script; at first what the last change did."""

    before = forms.ChoiceField(label="From")
    after = forms.ChoiceField(label="To")

    def __init__(self, data: Any, *, lines: Sequence[Any]) -> None:
        numbers = [line.version.number for line in lines]
        super().__init__(data, initial={"before": numbers[1] if len(numbers) > 1 else numbers[0], "after": numbers[0]})
        fields: Any = self.fields
        for name in ("before", "after"):
            fields[name].choices = [(str(number), f"Version {number}") for number in numbers]


def _notes_field() -> forms.CharField:
    return forms.CharField(required=False, max_length=20_000, widget=forms.Textarea({"rows": 4}))


class NewSoftwareForm(forms.Form):
    name = forms.CharField(max_length=120)
    publisher = forms.CharField(max_length=120, required=False)
    release = forms.CharField(max_length=60, required=False, help_text="As its publisher calls it, 24.2 for instance.")
    notes = _notes_field()


class SoftwareForm(VersionedForm, NewSoftwareForm):
    field_order = ("name", "publisher", "release", "notes", "version")


class FileForm(forms.Form):
    """One file to keep. `refused` is why none came through."""

    file = forms.FileField(max_length=200)

    def __init__(self, data: Any, files: Any, *, refused: str) -> None:
        super().__init__(data, None if data is None else files)
        if refused:
            self.fields["file"].error_messages["required"] = refused


def software_for(access: Access, owner: Tenant | None) -> QuerySet[Software]:
    """What a license of this owner may name: others read the name there."""
    return access.seen(Software).filter(Q(tenant=None) | Q(tenant=owner))


class _LicenseFields(forms.Form):
    name = forms.CharField(max_length=120)
    software: forms.ModelChoiceField[Software] = forms.ModelChoiceField(
        None, required=False, empty_label="None", widget=Combobox(noun="software", first=0)
    )
    seats = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)
    expires_on = forms.DateField(
        required=False, label="Expires", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    notes = _notes_field()

    def choose_for(self, access: Access, owner: Tenant | None) -> None:
        field: Any = self.fields["software"]
        of_whom = ("software-pick", owner.pk) if owner else ("software-pick-shared",)
        field.widget.source = LICENSES.url(*of_whom)
        field.queryset = software_for(access, owner)


def _key_field(*, required: bool) -> forms.CharField:
    help_text = "Encrypted when saved, and masked from then on." if required else "Empty: the key that is there stays."
    attributes = {"class": "mono", "rows": 3, "autocomplete": "off", "spellcheck": "false"}
    return forms.CharField(max_length=20_000, required=required, widget=forms.Textarea(attributes), help_text=help_text)


class NewLicenseForm(_LicenseFields):
    key = _key_field(required=True)
    field_order = ("name", "software", "key")

    def __init__(self, data: Any, *, access: Access, owner: Tenant | None) -> None:
        super().__init__(data)
        self.choose_for(access, owner)


class LicenseForm(VersionedForm, _LicenseFields):
    """Software that the reader does not see stays as it is, unsaid."""

    key = _key_field(required=False)
    field_order = ("name", "software", "key", "seats", "expires_on", "notes", "version")

    def __init__(self, data: Any, *, about: License, access: Access) -> None:
        super().__init__(data, about=about)
        self.stands = about.software
        self.choose_for(access, about.tenant)
        if about.software and not access.can(Permission.SOFTWARE_VIEW, about.software):
            del self.fields["software"]

    def clean(self) -> Any:
        said = super().clean() or self.cleaned_data
        return said if "software" in self.fields else {**said, "software": self.stands}
