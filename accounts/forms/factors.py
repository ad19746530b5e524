"""The forms in which a code is typed."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
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


@contextmanager
def _fitting() -> Iterator[None]:
    """What is malformed fits nothing, and is no fault: anybody may send it, and its parser raises whatever it meets."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError, struct.error) as error:
        raise get_adapter().validation_error("incorrect_code") from error


class _Fitting:
    def clean_credential(self) -> Authenticator:
        with _fitting():
            found: Authenticator = super().clean_credential()  # type: ignore[misc]  # of the form beside it
        return found


class SignInKeyForm(_Fitting, LoginWebAuthnForm):
    pass


class SecondKeyForm(_Fitting, AuthenticateWebAuthnForm):
    pass


class ProofKeyForm(_Fitting, ReauthenticateWebAuthnForm):
    pass


def _key_name() -> forms.CharField:
    help_text = "So that you know it again: the device or the key ring that keeps it."
    return forms.CharField(label="Name", max_length=60, help_text=help_text, error_messages={"required": "Name it."})


class PasskeyForm(AddWebAuthnForm):
    """`cleaned_data["credential"]` is what the browser answered, checked against the challenge in the session."""

    name = _key_name()

    def clean(self) -> dict[str, Any]:
        """A challenge is used up by one answer: what is wrong with the name is told before."""
        if self.errors:
            return self.cleaned_data
        with _fitting():
            return dict(super().clean())


class KeyNameForm(forms.Form):
    name = _key_name()


class FactorResetForm(ReasonForm):
    pass
