"""The forms in which a code is typed."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms

from accounts.forms.users import ReasonForm

NO_CODE = {"required": "Type the code."}


def _field(help_text: str, label: str = "Code", *, digits: bool = False) -> forms.CharField:
    attributes: dict[str, Any] = {"autocomplete": "one-time-code", "spellcheck": "false"}
    attributes |= {"inputmode": "numeric"} if digits else {"autofocus": True}
    widget = forms.TextInput(attributes)
    return forms.CharField(label=label, max_length=32, help_text=help_text, widget=widget, error_messages=NO_CODE)


OF_EITHER = "Six digits of your authenticator app, or one of your recovery codes."


class SignInCodeForm(AuthenticateForm):
    code = _field(OF_EITHER)


class ProofCodeForm(ReauthenticateForm):
    code = _field(OF_EITHER)


class AppForm(ActivateTOTPForm):
    """`secret` is what the app keeps; it stands in the session until a code proves that the app has it."""

    code = _field("The six digits that it shows now.", "Code of the app", digits=True)


class FactorResetForm(ReasonForm):
    pass
