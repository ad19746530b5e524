"""The form of schedules. It validates only; what may be chosen comes from the actor (safety 15)."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse, reverse_lazy
from django.utils import timezone

from computers.deployments.forms import HELP, version_words
from computers.deployments.models import Target
from computers.deployments.targets import versions_for
from computers.models import Computer, ComputerScopeKind, ComputerScopeType
from computers.schedules.cron import LEAST_APART, next_run, tidied
from computers.schedules.models import Does, Schedule, Waits
from computers.schedules.services import values_of
from immyrbac.versions import version_of
from immyrbac.widgets import Combobox, RadioCards, VersionField
from rbac.access import Access
from tenancy.customs import TIME_ZONE, preferences_of
from tenancy.models import Tag, Tenant

NEEDED = {
    ("does", "script"): "script_version",
    ("target", "tag"): "tag",
    ("computer_scope", "computer"): "computer",
    ("computer_scope", "tag"): "computer_tag",
    ("computer_scope", "type"): "computer_type",
}
"""Which field says more, by what was chosen; those of other choices count for nothing."""

NARROWING = (("all", "All"), ("computer", "One"), ("tag", "By a tag"), ("type", "By type"))
ZONES = [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())]
FIRST_CRON = "0 2 * * *"


def _pick(label: str, noun: str, source: Any = "") -> forms.ModelChoiceField[Any]:
    picker = Combobox(noun=noun, source=source, first=0)
    return forms.ModelChoiceField(None, label=label, required=False, empty_label="", widget=picker)


def targets_of(owner: Tenant | None) -> list[Target]:
    """What a schedule of this owner may be for."""
    if owner is None:
        return [Target.OWNER, Target.TAG]
    return [Target.TENANT, Target.CHILDREN, *([Target.MSP] if owner.is_msp else []), Target.TAG]


class ScheduleForm(forms.Form):
    """Of this owner; `about` is the one that is edited."""

    name = forms.CharField(max_length=120)
    does = forms.ChoiceField(
        label="What it does", choices=Does.choices, initial=Does.MAINTENANCE, widget=RadioCards(slim=True, full=True)
    )
    script_version = _pick("Script and version", "versions of scripts")
    waits = forms.TypedChoiceField(
        label="For a computer that is away it waits",
        choices=Waits.choices,
        coerce=int,
        required=False,
        initial=Waits.MINUTES,
        help_text="If a computer comes back within this time, the script runs: once, however many times have passed.",
    )
    cron = forms.CharField(
        label="When",
        max_length=100,
        initial=FIRST_CRON,
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off"}),
        help_text="As cron has it: minute, hour, day of the month, month, weekday. 30 2 * * 1-5 is 02:30 from Monday "
        f"to Friday, */15 * * * * every 15 minutes. At least {LEAST_APART} minutes lie between two times.",
    )
    zone = forms.ChoiceField(label="Time zone", choices=ZONES, widget=Combobox(noun="time zones"))
    target = forms.ChoiceField(widget=RadioCards)
    tag = _pick("Tag of tenants", "tags", reverse_lazy("tenancy:tag-pick"))
    computer_scope = forms.ChoiceField(
        label="Which computers", choices=NARROWING, initial="all", required=False, widget=RadioCards(slim=True)
    )
    computer = _pick("Computer", "computers", reverse_lazy("rbac:scope-computer-pick"))
    computer_tag = _pick("Tag of computers", "tags", reverse_lazy("tenancy:tag-pick"))
    computer_type = forms.ChoiceField(
        label="Type of computer", choices=ComputerScopeType.choices, required=False, widget=forms.RadioSelect
    )
    is_enabled = forms.BooleanField(label="Enabled", required=False, initial=True)
    version = VersionField(required=False)

    def __init__(self, data: Any, *, access: Access, owner: Tenant | None, about: Schedule | None = None) -> None:
        self.access, self.owner, self.about = access, owner, about
        initial = {"target": targets_of(owner)[0], **self._stands()}
        super().__init__(data, initial=initial)
        self.fields["version"].required = about is not None
        self._offer()

    def _stands(self) -> dict[str, Any]:
        found = self.about
        if found is None:
            return {"zone": preferences_of(self.owner).time_zone if self.owner else TIME_ZONE}
        values = {name: getattr(found, name) for name in self.base_fields if hasattr(found, name)}
        return {**values, "version": version_of(values_of(found))}

    def _offer(self) -> None:
        fields: Any = self.fields
        targets = targets_of(self.owner)
        fields["target"].choices = [(target.value, target.label) for target in targets]
        fields["target"].widget.help = {target.value: HELP[target] for target in targets}
        address = "schedules:schedule-script-pick" + ("" if self.owner else "-shared")
        fields["script_version"].queryset = versions_for(self.access, self.owner)
        fields["script_version"].widget.source = reverse(address, args=[self.owner.pk] if self.owner else [])
        fields["script_version"].label_from_instance = version_words
        fields["computer"].queryset = self.access.seen(Computer).filter(deleted_at=None)
        for name in ("tag", "computer_tag"):
            fields[name].queryset = self.access.seen(Tag).select_related("tenant")

    def clean_cron(self) -> str:
        try:
            return tidied(self.cleaned_data["cron"])
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for (field, value), needed in NEEDED.items():
            if said.get(field) == value and not said.get(needed) and needed not in self.errors:
                self.add_error(needed, ValidationError("Choose one.", code="required"))
        return said

    @property
    def contradictions(self) -> list[str]:
        """What is wrong with what was chosen so far; what is only missing is not."""
        errors = [error for several in self.errors.as_data().values() for error in several if error.code != "required"]
        return [message for error in errors for message in error.messages]

    def draft_so_far(self) -> Schedule | None:
        """What it would be, as soon as all but its name is said; the schedule itself where nothing was said yet."""
        if not self.is_bound:
            return self.about
        return None if self.errors.keys() - {"name", "version"} else self.draft()

    def draft(self) -> Schedule:
        """The schedule as it was put together, unsaved."""
        said = self.cleaned_data
        draft = Schedule(
            pk=self.about.pk if self.about else None,
            tenant=self.owner,
            name=said.get("name", "").strip(),
            computer_scope=said["computer_scope"] or ComputerScopeKind.ALL,
            **{name: said[name] for name in ("does", "cron", "zone", "target", "is_enabled")},
            **{name: self._chosen(name) for name in NEEDED.values()},
            waits=(said["does"] == Does.SCRIPT and said["waits"]) or Waits.MINUTES,
        )
        draft.next_run_at = next_run(draft.cron, draft.zone, timezone.now()) if draft.is_enabled else None
        return draft

    def _chosen(self, needed: str) -> Any:
        """What a field says that another one asks for; None where it does not."""
        said = self.cleaned_data
        asked = any(said[field] == value for (field, value), name in NEEDED.items() if name == needed)
        return said[needed] if asked else None


class ConfirmForm(forms.Form):
    """Nothing to fill in."""
