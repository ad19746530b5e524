"""The forms in which a code is typed."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
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


def _key_name() -> forms.CharField:
    help_text = "So that you know it again: the device or the key ring that keeps it."
    return forms.CharField(label="Name", max_length=60, help_text=help_text, error_messages={"required": "Name it."})


class PasskeyForm(AddWebAuthnForm):
    """`cleaned_data["credential"]` is what the browser answered, checked against the challenge in the session."""

    name = _key_name()

    def clean(self) -> dict[str, Any]:
        """A challenge is used up by one answer: what is wrong with the name is told before."""
        return self.cleaned_data if self.errors else dict(super().clean())


class KeyNameForm(forms.Form):
    name = _key_name()


class FactorResetForm(ReasonForm):
    pass
