"""The forms of a tenant's preferences and branding."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms

from immyrbac.versions import version_of
from tenancy.models import Branding, TenantPreferences

PREFERENCES, BRANDING = ("time_zone", "invitation_days", "support"), ("name", "color", "footer")
ZONES = [("", "As above it"), *((zone, zone.replace("_", " ")) for zone in sorted(available_timezones()))]


class _CustomForm(forms.Form):
    version = forms.CharField(widget=forms.HiddenInput, max_length=32)

    def __init__(self, data: Any, *, row: TenantPreferences | Branding, names: tuple[str, ...]) -> None:
        shown = {name: getattr(row, name) for name in names}
        super().__init__(data, initial={**shown, "version": version_of(shown)})


class PreferencesForm(_CustomForm):
    time_zone = forms.ChoiceField(
        required=False, choices=ZONES, help_text="Of the times in mail to the people of this tenant."
    )
    invitation_days = forms.IntegerField(
        label="Invitations last",
        required=False,
        min_value=1,
        max_value=30,
        help_text="Days for which the link of an invitation to this tenant can be used, 1 to 30.",
    )
    support = forms.CharField(
        label="Support contact",
        required=False,
        max_length=200,
        help_text="Whom to turn to. It stands under each refusal and in mail.",
    )

    def __init__(self, data: Any, *, row: TenantPreferences) -> None:
        super().__init__(data, row=row, names=PREFERENCES)


class BrandingForm(_CustomForm):
    name = forms.CharField(
        required=False, max_length=60, help_text="Whom mail comes from. Empty: as the tenant above it."
    )
    color = forms.RegexField(
        r"^#[0-9a-fA-F]{6}\Z",
        label="Accent colour",
        required=False,
        help_text="# and six digits, as in #005c69.",
        error_messages={"invalid": "A colour is # and six digits, as in #005c69."},
    )
    footer = forms.CharField(
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text="Below each mail: an address, a telephone number.",
    )

    def __init__(self, data: Any, *, row: Branding) -> None:
        super().__init__(data, row=row, names=BRANDING)

    def clean_color(self) -> str:
        color: str = self.cleaned_data["color"]
        return color.lower()
