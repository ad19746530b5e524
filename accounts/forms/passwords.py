"""The forms in which people set their own password."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ReauthenticateForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.forms.sign_in import LONGEST
from accounts.models import User

HELP = "At least 12 characters: a sentence is easier to remember than signs. Not your name, not a common one."


def _field(label: str, autocomplete: str, help_text: str = "") -> forms.CharField:
    """A password is taken as it is typed, spaces included."""
    widget = forms.PasswordInput({"autocomplete": autocomplete})
    return forms.CharField(label=label, help_text=help_text, strip=False, max_length=LONGEST, widget=widget)


class ForgottenForm(forms.Form):
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "username", "autofocus": True}),
        error_messages={"required": "Give the address of your account."},
    )


class ProofPasswordForm(ReauthenticateForm):
    """Asks who is signed in for their password once more."""

    password: Any = _field("Password", "current-password")


class NewPasswordForm(forms.Form):
    """`cleaned_data["password"]` is the new password of `user`."""

    password = _field("New password", "new-password", HELP)
    again = _field("The same again", "new-password")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.data.get("password"):
            raise ValidationError("The two differ. Type the new password again.")
        return again


class ChangePasswordForm(NewPasswordForm):
    current = _field("Current password", "current-password")
    field_order = ("current", "password", "again")

    def clean_current(self) -> str:
        current: str = self.cleaned_data["current"]
        if not self.user.check_password(current):
            raise ValidationError("This is not your current password.")
        return current
