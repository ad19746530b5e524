"""Asking for access, with an account or without, and answering: what is given, to whom, and why not."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse

from accounts.forms.invitations import PieceForm, offer_of_pieces
from accounts.forms.users import PlaceForm, ReasonForm
from accounts.models import AccessRequest, User
from immyrbac.widgets import Combobox
from rbac.access import Access
from rbac.explain_forms import describe_permission, object_named, option_of
from rbac.forms import WHY, AssignmentForm
from rbac.invitations import Offer
from rbac.objects import Subject
from rbac.permissions import Permission
from rbac.subjects import reference_to
from tenancy.models import Tenant

MESSAGE = "Say what you need it for, and until when."
UNSEEN = "Choose something that you see, or leave it empty."


def _message() -> forms.CharField:
    return forms.CharField(
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        help_text=f"{MESSAGE} Whoever answers reads it.",
        error_messages={"required": MESSAGE},
    )


class AskForm(forms.Form):
    """A user asks. `about` names what they see, as `computer:12`; in the address it may name anything."""

    permission = forms.ChoiceField(label="What", required=False)
    about = forms.CharField(label="On what", required=False, max_length=40)
    message = _message()

    def __init__(self, data: Any = None, *, access: Access, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.access = access
        self.subject = self._named(self["about"].value() or "")
        field: Any = self.fields["permission"]
        field.widget = Combobox(noun="permissions", describe=lambda value: describe_permission(Permission(value)))
        field.choices = [("", ""), *Permission.choices]
        self._offer_about()

    def _offer_about(self) -> None:
        options = [] if self.subject is None else [option_of(self.subject)]
        help_of = {option.value: option.help for option in options}
        widget = Combobox(
            source=reverse("rbac:explain-on-pick"),
            noun="objects",
            describe=lambda value: {"help": help_of.get(str(value), "")},
        )
        widget.choices = [("", ""), *((option.value, option.label) for option in options)]
        self.fields["about"].widget = widget

    def _named(self, reference: str) -> Subject | None:
        try:
            return object_named(self.access, reference) if reference else None
        except ValueError:
            return None

    def clean_about(self) -> str:
        """Hidden and missing answer alike."""
        if self.cleaned_data["about"] and self.subject is None:
            raise forms.ValidationError(UNSEEN)
        return reference_to(self.subject) if self.subject is not None else ""

    def request_of(self, user: User) -> AccessRequest:
        """The request as it is asked, unsaved."""
        place = str(self.subject)[:120] if self.subject is not None else ""
        return AccessRequest(user=user, name=user.name, email=user.email, place=place, **self.cleaned_data)


class StrangerForm(forms.Form):
    """Somebody without an account asks. Nothing here is looked up: the answer is the same whatever exists."""

    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(label="E-mail", max_length=254, widget=forms.EmailInput({"autocomplete": "email"}))
    place = forms.CharField(
        label="Your company",
        max_length=120,
        required=False,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    message = _message()

    def request_of(self) -> AccessRequest:
        """The request as it is asked, unsaved."""
        return AccessRequest(**self.cleaned_data)


class HomeForm(PlaceForm):
    """Where a stranger comes to live; nobody lands there by chance, so nothing is chosen beforehand."""

    def __init__(self, data: Any = None, *, access: Access) -> None:
        super().__init__(data, access=access)
        field: Any = self.fields["tenant"]
        field.empty_label = ""


class ApproveForm(AssignmentForm):
    """What a user gets who asked; for a day, unless somebody says otherwise."""

    effect = forms.ChoiceField(choices=[("allow", "Allow")], initial="allow", widget=forms.HiddenInput)

    def _offer_ends(self) -> None:
        super()._offer_ends()
        ends: Any = self.fields["ends"]
        if "day" in dict(ends.choices):
            ends.initial, ends.help_text = "day", self.ends_note() if self.latest else "Counted from when you give it."


class InviteForm(PieceForm):
    """What somebody without an account gets who asked: a role where it counts, a group, both, or only an account."""

    message = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="It stands in the mail.",
    )

    def __init__(
        self, data: Any = None, *, access: Access, asked: AccessRequest, tenant: Tenant, initial: Any = None
    ) -> None:
        super().__init__(data, access=access, tenant=tenant, initial=initial)
        self.asked = asked
        reason: Any = self.fields["reason"]
        reason.required, reason.error_messages["required"] = True, WHY

    def _is_said(self) -> bool:
        return bool(self.cleaned_data.get("role")) and super()._is_said()

    def offer(self) -> Offer:
        said = self.cleaned_data
        newcomer = User(email=self.asked.email, name=self.asked.name, tenant=self.home)
        return offer_of_pieces(newcomer, [self], said.get("reason", ""), said.get("message", ""))

    def offer_so_far(self) -> Offer | None:
        """What is said of what they get, as soon as it fits."""
        fits = self.is_bound and not self.errors.keys() - {"reason"}
        return self.offer() if fits and (self.own_drafts or self.own_groups) else None


class TurnDownForm(ReasonForm):
    """Why not; `reason` goes to whoever asked."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["reason"].help_text = "It is mailed to whoever asked, and shown to auditors."
        self.fields["reason"].widget = forms.Textarea({"rows": 3})
