"""Inviting: one person with the assignment editor's own parts, several by CSV, and what the newcomer fills in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse

from accounts.forms.groups import describe_group
from accounts.forms.passwords import NewPasswordForm
from accounts.forms.users import ahead
from accounts.models import Group, User, normal_email
from immyrbac.widgets import Combobox, MomentInput
from rbac.access import INSTANCE, Access
from rbac.forms import WHY, AssignmentForm
from rbac.invitations import Draft, Offer
from rbac.permissions import Permission
from rbac.sentences import plain, sentence
from tenancy.models import Tenant

MOST_PIECES = 20
TOO_MANY = f"At most {MOST_PIECES} roles and groups at once."
GONE = "This can no longer be given. Take it out."
PIECE = (
    *("role", "effect", "scope", "msp", "tag", "tenant", "include_children"),
    *("computer_scope", "computer", "computer_tag", "computer_type", "starts", "starts_at", "ends", "ends_at", "group"),
)
"""The fields that say one thing which somebody gets; what was kept of several is each as a query."""


def groups_for(access: Access, tenant: Tenant) -> QuerySet[Group]:
    """The groups into which the actor may put people of this tenant."""
    own = access.reachable(Group, Permission.GROUPS_MANAGE).order_by().values("pk")
    fitting = Q(tenant__in=tenant.path, pk__in=own)
    if access.can(Permission.GROUPS_MANAGE_PUBLIC, INSTANCE):
        fitting |= Q(tenant=None)
    rows: QuerySet[Group] = access.seen(Group).filter(fitting).select_related("tenant")
    return rows


class PieceForm(AssignmentForm):
    """One role on one scope, or one group, or both; for somebody who has no account yet."""

    effect = forms.ChoiceField(choices=[("allow", "Allow")], initial="allow", widget=forms.HiddenInput)
    group: forms.ModelChoiceField[Group] = forms.ModelChoiceField(None, required=False, empty_label="")

    def __init__(self, data: Any = None, *, access: Access, tenant: Tenant, initial: Any = None) -> None:
        self.access, self.home = access, tenant
        newcomer = User(name="Newcomer", tenant=tenant)
        super().__init__(data, access=access, principal=newcomer, initial=initial)
        self.fields["role"].required = self.fields["reason"].required = False
        source = reverse("accounts:invitation-group-pick", args=[tenant.pk])
        widget = Combobox(describe=describe_group, source=source, noun="groups")
        self._offer("group", groups_for(access, tenant), widget)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("role") is None and "role" not in self.errors:
            return self.cleaned_data  # what stands beside it says nothing without a role
        return super().clean()

    @property
    def own_drafts(self) -> list[Draft]:
        return [self.draft()] if self.cleaned_data.get("role") else []

    @property
    def own_groups(self) -> list[Group]:
        return [group] if (group := self.cleaned_data.get("group")) else []

    def errors_of_piece(self) -> list[str]:
        """What speaks against the piece alone, or that there is none."""
        said = [str(error) for name in PIECE for error in self.errors.get(name, ())]
        empty = not (said or self.own_drafts or self.own_groups)
        return [*said, *(["Choose a role or a group first."] * empty)]


class Kept(NamedTuple):
    """One piece that was put together before: how it is sent again, and how it reads."""

    text: str
    words: str
    form: PieceForm | None


class InvitationForm(PieceForm):
    """`kept`: the pieces put together before the one that the editor shows, as `PIECE` has them."""

    email = forms.EmailField(label="E-mail", max_length=254, error_messages={"required": "Give an address."})
    name = forms.CharField(max_length=120, required=False, help_text="They can change it.")
    access_expires_at = forms.DateTimeField(
        label="Access ends", required=False, widget=MomentInput, help_text="Empty: no end."
    )
    message = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="It stands in the mail.",
    )

    def __init__(
        self, data: Any = None, *, access: Access, tenant: Tenant, initial: Any = None, kept: Sequence[str] = ()
    ) -> None:
        super().__init__(data, access=access, tenant=tenant, initial=initial)
        self.fields["reason"].required = True
        self.others = access.seen(User)
        self._texts = list(kept)

    @cached_property
    def kept(self) -> list[Kept]:
        return [self._kept(text) for text in self._texts[: MOST_PIECES + 1]]

    def _kept(self, text: str) -> Kept:
        form = PieceForm(QueryDict(text), access=self.access, tenant=self.home) if len(text) < 2000 else None
        if form is None or form.errors_of_piece():
            return Kept(text, GONE, None)
        words = [
            *(plain(sentence(draft)) for draft in form.own_drafts),
            *(f"Member of {group}" for group in form.own_groups),
        ]
        return Kept(text, "; ".join(words), form)

    def clean_email(self) -> str:
        """Whom the reader may see is named; of anybody else the service says only that it cannot be used."""
        email = normal_email(self.cleaned_data["email"])
        if other := self.others.filter(email=email).first():
            raise forms.ValidationError(f"{other.name} already signs in with this address.")
        return email

    def clean_access_expires_at(self) -> datetime | None:
        return ahead(self.cleaned_data["access_expires_at"])

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if len(self._texts) > MOST_PIECES:
            self.add_error(None, TOO_MANY)
        elif any(piece.form is None for piece in self.kept):
            self.add_error(None, "Something that you chose can no longer be given. Take it out.")
        return said

    def _is_said(self) -> bool:
        return bool(self.cleaned_data.get("role")) and not self.errors.keys() & {*PIECE}

    def offer(self) -> Offer:
        said = self.cleaned_data
        email = said.get("email") or "somebody@new.invalid"  # until it is typed, for the preview
        newcomer = User(
            email=email,
            name=said.get("name", ""),
            tenant=self.home,
            access_expires_at=said.get("access_expires_at"),
        )
        return offer_of_pieces(newcomer, [*self.kept_forms, self], said.get("reason", ""), said.get("message", ""))

    def offer_so_far(self) -> Offer | None:
        """What is said of what they get, as soon as it fits."""
        if not self.is_bound:
            newcomer = User(email="somebody@new.invalid", tenant=self.home)
            return offer_of_pieces(newcomer, self.kept_forms) if self.kept else None
        fits = not self.errors.keys() & {*PIECE, "__all__", "access_expires_at"}
        chosen = self.kept or self.own_drafts or self.own_groups if fits else None
        return self.offer() if chosen else None

    @property
    def kept_forms(self) -> list[PieceForm]:
        return [piece.form for piece in self.kept if piece.form is not None]


def offer_of_pieces(newcomer: User, forms: Iterable[PieceForm], reason: str = "", message: str = "") -> Offer:
    pieces = list(forms)
    drafts = tuple(draft for form in pieces for draft in form.own_drafts)
    groups = {group.pk: group for form in pieces for group in form.own_groups}
    return Offer(newcomer, drafts, tuple(groups.values()), reason, message)


def piece_of(data: QueryDict) -> str:
    """The fields of the piece that the editor shows, as a query."""
    found = QueryDict(mutable=True)
    for name in PIECE:
        if data.get(name):
            found[name] = str(data[name])
    return found.urlencode()


class AcceptForm(NewPasswordForm):
    """The newcomer's name and password; the address is typed, and must be the one that was invited."""

    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        help_text="The address that the invitation was sent to.",
        widget=forms.EmailInput({"autocomplete": "username"}),
    )
    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    field_order = ("email", "name", "password", "again")

    def clean_email(self) -> str:
        email = normal_email(self.cleaned_data["email"])
        if email != self.user.email:
            raise forms.ValidationError("The invitation was sent to another address. It counts for that one alone.")
        return email


class ImportForm(forms.Form):
    """People as CSV, from a file or typed; `confirmed` once what each line does was shown."""

    file = forms.FileField(required=False, help_text="A CSV file with a head, at most 100 lines.")
    lines = forms.CharField(
        label="Or lines",
        required=False,
        strip=False,
        max_length=100_000,
        widget=forms.Textarea({"rows": 8, "class": "mono tall"}),
    )
    reason = forms.CharField(
        max_length=2000,
        help_text="Shown to auditors and to the customer’s administrators.",
        error_messages={"required": WHY},
    )
    message = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="It stands in each mail.",
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if file := said.get("file"):
            said["lines"] = self._text_of(file)
        if not said.get("lines", "").strip() and not self.errors:
            self.add_error("file", "Choose a file, or type the lines.")
        return said

    def _text_of(self, file: Any) -> str:
        try:
            text = str(file.read(100_001).decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.add_error("file", "This is no text in UTF-8.")
            return ""
        if len(text) > 100_000 or "\0" in text:
            self.add_error("file", "This is no CSV file of at most 100 lines.")
            return ""
        return text
