"""The form of deployments. It validates only; what may be chosen comes from the actor (safety 15)."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse_lazy

from computers.deployments.boards import Board
from computers.deployments.models import Deployment, State, Target
from computers.deployments.services import MOST_NAMES, values_of
from computers.deployments.targets import chosen_in, people_in, singles_of, versions_for
from computers.forms import software_for
from computers.models import Computer, ComputerScopeType, ScriptVersion, Software
from immyrbac.versions import version_of
from immyrbac.widgets import Combobox, RadioCards, VersionField
from immyrbac.words import listed
from rbac.access import Access
from rbac.permissions import Permission
from tenancy.models import Tag, Tenant

NEEDED = {
    ("state", "installed"): "software",
    ("state", "absent"): "software",
    ("state", "run"): "script_version",
    ("target", "tag"): "tag",
    ("computer_scope", "tag"): "computer_tag",
    ("computer_scope", "type"): "computer_type",
}
"""Which field says more, by what was chosen; those of other choices count for nothing."""

NARROWING = (("all", "All"), ("tag", "By a tag"), ("type", "By type"))
HELP = {
    Target.INDIVIDUAL: "Computers you name, or those of people",
    Target.TENANT: "All of it, new computers too",
    Target.CHILDREN: "With all that stands below it",
    Target.MSP: "All that belongs to the MSP",
    Target.TAG: "Whoever bears the tag then",
    Target.OWNER: "Whatever tenants there are",
}


def _pick(label: str, noun: str, source: Any = "") -> forms.ModelChoiceField[Any]:
    picker = Combobox(noun=noun, source=source, first=0)
    return forms.ModelChoiceField(None, label=label, required=False, empty_label="", widget=picker)


def _names(label: str, help_text: str) -> forms.CharField:
    area = forms.Textarea({"rows": 4, "spellcheck": "false", "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=30_000, widget=area, help_text=help_text)


class DeploymentForm(forms.Form):
    """Of this owner; `about` is the one that is edited. `hides`: it names computers that the reader does not see."""

    proposes: ClassVar[bool] = False
    """Whether somebody else saves what it says."""

    name = forms.CharField(max_length=120)
    state = forms.ChoiceField(label="What it does", widget=RadioCards(slim=True, full=True))
    software = _pick("Software", "software")
    script_version = _pick("Script and version", "versions of scripts")
    target = forms.ChoiceField(widget=RadioCards)
    computers = _names("Computers", "Their names, one a line.")
    people = _names("People", "As their computers report them, one a line. It follows them to another computer.")
    tag = _pick("Tag of tenants", "tags", reverse_lazy("tenancy:tag-pick"))
    computer_scope = forms.ChoiceField(
        label="Which computers", choices=NARROWING, initial="all", required=False, widget=RadioCards(slim=True)
    )
    computer_tag = _pick("Tag of computers", "tags", reverse_lazy("tenancy:tag-pick"))
    computer_type = forms.ChoiceField(
        label="Type of computer", choices=ComputerScopeType.choices, required=False, widget=forms.RadioSelect
    )
    is_enabled = forms.BooleanField(label="Enabled", required=False, initial=True)
    version = VersionField(required=False)

    def __init__(
        self,
        data: Any,
        *,
        access: Access,
        board: Board,
        owner: Tenant | None,
        about: Deployment | None = None,
    ) -> None:
        self.access, self.board, self.owner, self.about = access, board, owner, about
        self.singles: list[Computer] = []
        self.hides = False
        initial = {"target": board.targets(access, owner)[0], "state": State.INSTALLED, **self._stands()}
        super().__init__(data, initial=initial)
        self.fields["version"].required = about is not None
        self._offer()

    def _stands(self) -> dict[str, Any]:
        if self.about is None:
            return {}
        found, stood = self.about, list(singles_of(self.about))
        seen = chosen_in(self.access, found.tenant, [each.name for each in stood]) if found.tenant else []
        self.hides = len(seen) < len(stood)
        values = {
            name: getattr(found, name) for name in self.base_fields if name != "computers" and hasattr(found, name)
        }
        singles = "\n".join(sorted(computer.name for computer in seen))
        people, version = "\n".join(found.people), version_of(values_of(found, stood))
        return {**values, "computers": singles, "people": people, "version": version}

    def _offer(self) -> None:
        fields: Any = self.fields
        fields["state"].choices = [(state.value, state.label) for state in self.states()]
        targets = self.board.targets(self.access, self.owner)
        fields["target"].choices = [(target.value, target.label) for target in targets]
        fields["target"].widget.help = {target.value: HELP[target] for target in targets}
        of_whom = (self.owner.pk,) if self.owner else ()
        kind = "" if self.owner else "-shared"
        fields["software"].queryset = software_for(self.access, self.owner)
        fields["software"].widget.source = self.board.url(f"software-pick{kind}", *of_whom)
        fields["script_version"].queryset = versions_for(self.access, self.owner)
        fields["script_version"].widget.source = self.board.url(f"script-pick{kind}", *of_whom)
        fields["script_version"].label_from_instance = version_words
        for name in ("tag", "computer_tag"):
            fields[name].queryset = self.access.seen(Tag).select_related("tenant")

    def states(self) -> list[State]:
        return list(State) if self.access.holds(Permission.SCRIPTS_RUN) else [State.INSTALLED, State.ABSENT]

    @property
    def targets(self) -> list[str]:
        field: Any = self.fields["target"]
        return [value for value, _ in field.choices]

    @property
    def narrows(self) -> bool:
        """Whether there is a target of which a part can be chosen."""
        return self.targets != [Target.INDIVIDUAL.value]

    def clean_computers(self) -> list[Computer]:
        """Those of the owner that the reader sees, by their names."""
        names = _lines(self.cleaned_data["computers"])
        if self.owner is None or self.data.get("target") != Target.INDIVIDUAL or not names:
            return []
        found = chosen_in(self.access, self.owner, names)
        if missing := names - {computer.name for computer in found}:
            raise ValidationError(f"You see no computer of {self.owner} named {listed(sorted(missing))}.")
        self.singles = sorted(found, key=lambda computer: computer.name)
        return self.singles

    def clean_people(self) -> list[str]:
        names = _lines(self.cleaned_data["people"])
        if self.owner is None or self.data.get("target") != Target.INDIVIDUAL or not names:
            return []
        kept = set(self.about.people) if self.about else set()
        if missing := names - kept - people_in(self.access, self.owner, names):
            raise ValidationError(f"No computer of {self.owner} that you see reports {listed(sorted(missing))}.")
        return sorted(names)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for (field, value), needed in NEEDED.items():
            if said.get(field) == value and not said.get(needed) and needed not in self.errors:
                self.add_error(needed, ValidationError("Choose one.", code="required"))
        if said.get("target") == Target.INDIVIDUAL and not (self.errors or said["computers"] or said["people"]):
            self.add_error("computers", ValidationError("Name a computer or a person.", code="required"))
        return said

    @property
    def contradictions(self) -> list[str]:
        """What is wrong with what was chosen so far; what is only missing is not."""
        errors = [error for several in self.errors.as_data().values() for error in several if error.code != "required"]
        return [message for error in errors for message in error.messages]

    def draft_so_far(self) -> Deployment | None:
        """What it would be, as soon as all but its name is said; the deployment itself where nothing was said yet."""
        if not self.is_bound:
            return self.about
        return None if self.errors.keys() - {"name", "version", "note"} else self.draft()

    def draft(self) -> Deployment:
        """The deployment as it was put together, unsaved."""
        said = self.cleaned_data
        single = said["target"] == Target.INDIVIDUAL
        return self.board.model(
            pk=self.about.pk if self.about else None,
            tenant=self.owner,
            name=said.get("name", "").strip(),
            is_enabled=said["is_enabled"],
            state=said["state"],
            target=said["target"],
            people=said["people"] if single else [],
            computer_scope="all" if single else said["computer_scope"] or "all",
            **{name: self._chosen(name) for name in dict.fromkeys(NEEDED.values())},
        )

    def _chosen(self, needed: str) -> Any:
        """What a field says that another one asks for; None where it does not."""
        said = self.cleaned_data
        asked = any(said[field] == value for (field, value), name in NEEDED.items() if name == needed)
        single = said["target"] == Target.INDIVIDUAL and needed in ("computer_tag", "computer_type")
        return said[needed] if asked and not single else None


class ProposalForm(DeploymentForm):
    """What somebody else may save: nothing is asked of the reader but to see what it names."""

    proposes = True
    note = forms.CharField(
        label="Why", max_length=2000, widget=forms.Textarea({"rows": 3}), help_text="Whoever reviews it reads this."
    )

    def states(self) -> list[State]:
        return list(State)


class NoteForm(forms.Form):
    note = forms.CharField(label="Note", max_length=2000, widget=forms.Textarea({"rows": 3}))

    def __init__(self, data: Any, *, required: bool) -> None:
        super().__init__(data)
        self.fields["note"].required = required


class EndForm(forms.Form):
    reason = forms.CharField(max_length=1000, widget=forms.Textarea({"rows": 3}))
    version = VersionField()


class OwnerForm(forms.Form):
    """Which tenant a new deployment shall belong to."""

    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None, label="Tenant", widget=Combobox(noun="tenants")
    )

    def __init__(self, data: Any, *, owners: QuerySet[Tenant], source: str) -> None:
        super().__init__(data)
        field: Any = self.fields["tenant"]
        field.widget.source = source
        field.queryset = owners


def version_words(version: ScriptVersion) -> str:
    return f"{version.script}, version {version.number}"


def describe_version(version: ScriptVersion) -> dict[str, object]:
    return {"help": str(version.script.tenant or "The instance")}


def describe_software(found: Software) -> dict[str, object]:
    return {"help": " ".join(filter(None, (found.publisher, found.release)))}


def _lines(text: str) -> set[str]:
    names = {line.strip() for line in text.splitlines()} - {""}
    if len(names) > MOST_NAMES:
        raise ValidationError(f"At most {MOST_NAMES} of them.")
    return names
