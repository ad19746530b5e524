"""The forms of single sign-on: where somebody signs in, and what an administrator says of a provider."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from accounts.forms.passwords import ForgottenForm
from accounts.models import IdentityProvider
from accounts.models.single_sign_on import is_domain, is_issuer
from accounts.provider_services import values_of
from immyrbac.versions import version_of
from immyrbac.widgets import VersionField

MOST_DOMAINS = 50


class WayForm(ForgottenForm):
    """The address of an account, that has single sign-on or not."""


class LinkForm(forms.Form):
    """Nothing to type: what is wrong stands above its button."""


class ProviderEditForm(forms.Form):
    """`cleaned_data["domains"]` is a list; an empty secret leaves the one that is there."""

    name = forms.CharField(
        max_length=60, help_text="As people call it, on the sign-in page.", error_messages={"required": "Give a name."}
    )
    client_id = forms.CharField(
        label="Client ID",
        max_length=200,
        help_text="What the provider calls this system.",
        error_messages={"required": "Give the client ID."},
    )
    secret = forms.CharField(
        label="Client secret",
        max_length=400,
        required=False,
        help_text="Kept encrypted and never shown. Empty: the one that is there stays.",
        widget=forms.PasswordInput({"autocomplete": "off"}),
    )
    domains = forms.CharField(
        label="Allowed domains",
        max_length=4000,
        help_text="Of e-mail addresses, as in contoso.com. Several with spaces between.",
        error_messages={"required": "Name a domain at least."},
    )
    version = VersionField()

    def __init__(self, data: Any, *, provider: IdentityProvider | None = None) -> None:
        shown = values_of(provider) if provider else {}
        initial = shown | {"domains": " ".join(provider.domains), "version": version_of(shown)} if provider else None
        super().__init__(data, initial=initial)

    def clean_domains(self) -> list[str]:
        named = list(dict.fromkeys(re.split(r"[\s,;]+", self.cleaned_data["domains"].strip(" ,;").lower())))
        for each in named:
            is_domain(each)
        if len(named) > MOST_DOMAINS:
            raise forms.ValidationError(f"At most {MOST_DOMAINS} domains.")
        return named


class ProviderForm(ProviderEditForm):
    """A new one: the issuer is said once, and there is no secret yet."""

    issuer = forms.CharField(
        max_length=400,
        validators=(is_issuer,),
        help_text="As the provider writes it, to the last slash. It cannot be changed later.",
        widget=forms.URLInput({"placeholder": "https://login.contoso.com"}),
        error_messages={"required": "Give the address of the issuer."},
    )
    secret = forms.CharField(
        label="Client secret",
        max_length=400,
        help_text="Kept encrypted and never shown.",
        widget=forms.PasswordInput({"autocomplete": "off"}),
        error_messages={"required": "Give the client secret."},
    )
    version = None  # type: ignore[assignment]  # nothing stands that somebody else could have changed
    field_order = ("name", "issuer", "client_id", "secret", "domains")
