"""The form of the sign-in page."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django import forms

LONGEST = 1024
"""Characters of a password: what is hashed must have an end."""


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.EmailField(
            label="E-mail", max_length=254, widget=forms.EmailInput({"autocomplete": "username", "autofocus": True})
        )
        self.fields["password"] = forms.CharField(
            strip=False, max_length=LONGEST, widget=forms.PasswordInput({"autocomplete": "current-password"})
        )
