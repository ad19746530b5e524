"""The assignment editor as a form, for a user or a group, and the form that ends assignments (guide, "Words")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import Group, User
from computers.models import Computer, ComputerScopeType
from immyrbac.markup import when
from immyrbac.widgets import Combobox, Joined, MomentInput, RadioCards, add_errors
from rbac.access import Access
from rbac.drafts import check_draft
from rbac.models import Effect, Role, RoleAssignment
from rbac.offers import Barriers, Principal, kinds_for, latest_end, pickable
from rbac.permissions import Permission
from rbac.sentences import plain, sentence
from tenancy.models import Tag, Tenant, TenantScopeKind

WHY = "Say why: whoever reads this later will want to know."
SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "days": timedelta(days=3)}
LAST_START = datetime(9000, 1, 1, tzinfo=UTC)
"""Calendars end with 9999: every span must fit behind a start."""

ENDS = (("hour", "1 hour"), ("day", "1 day"), ("days", "3 days"), ("date", "On a date…"), ("never", "Never"))
COMPUTERS = (("all", "All"), ("computer", "One computer"), ("tag", "Tag"), ("type", "Type"))
KIND_HELP = {
    TenantScopeKind.OWNER: "Every tenant",
    TenantScopeKind.MSP: "An MSP and its customers",
    TenantScopeKind.TAG: "Tenants that bear a tag",
    TenantScopeKind.TENANT: "One tenant you choose",
}
PICKERS = {
    "msp": ("rbac:scope-msp-pick", "MSPs"),
    "tag": ("rbac:scope-tag-pick", "tags"),
    "tenant": ("rbac:scope-tenant-pick", "tenants"),
    "computer": ("rbac:scope-computer-pick", "computers"),
    "computer_tag": ("tenancy:tag-pick", "tags"),
}
"""Where each picker of the editor looks further, and what it looks for."""

NEEDED = {
    ("scope", "msp"): "msp",
    ("scope", "tag"): "tag",
    ("scope", "tenant"): "tenant",
    ("computer_scope", "computer"): "computer",
    ("computer_scope", "tag"): "computer_tag",
    ("computer_scope", "type"): "computer_type",
    ("starts", "date"): "starts_at",
    ("ends", "date"): "ends_at",
}
"""Which field says more, by what was chosen; those of other choices count for nothing."""


def _pick(label: str) -> forms.ModelChoiceField[Any]:
    return forms.ModelChoiceField(None, label=label, required=False, empty_label="")


class AssignmentForm(forms.Form):
    """Offers only what this actor may give this user or group."""

    sources: ClassVar[Mapping[str, tuple[str, str]]] = PICKERS
    fewer = "You may give these. Other scopes take a permission to assign them."

    role: forms.ModelChoiceField[Role] = forms.ModelChoiceField(
        None, empty_label="", error_messages={"required": "Choose a role."}
    )
    effect = forms.ChoiceField(choices=Effect.choices, initial="allow", widget=RadioCards(denies=["deny"], slim=True))
    scope = forms.ChoiceField(label="Tenants", widget=RadioCards)
    msp = _pick("MSP")
    tag = _pick("Tag")
    tenant = _pick("Tenant")
    include_children = forms.BooleanField(label="Include child tenants", required=False)
    computer_scope = forms.ChoiceField(
        label="Computers", choices=COMPUTERS, initial="all", widget=RadioCards(slim=True, full=True)
    )
    computer = _pick("Computer")
    computer_tag = _pick("Tag of computers")
    computer_type = forms.ChoiceField(
        label="Type of computer", choices=ComputerScopeType.choices, required=False, widget=forms.RadioSelect
    )
    starts = forms.ChoiceField(choices=[("now", "Now"), ("date", "On a date…")], initial="now")
    starts_at = forms.DateTimeField(
        label="Start", required=False, widget=MomentInput, validators=[MaxValueValidator(LAST_START)]
    )
    ends = forms.ChoiceField(choices=ENDS, initial="never", widget=Joined)
    ends_at = forms.DateTimeField(label="End", required=False, widget=MomentInput)
    reason = forms.CharField(
        max_length=2000,
        help_text="Shown to auditors and to the customer’s administrators.",
        error_messages={"required": WHY},
    )

    def __init__(self, data: Any = None, *, access: Access, principal: Principal, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.principal = principal
        self.kinds, self.latest, barrier_of = self._offered(access)
        self._offer_scopes()
        self._offer_ends()
        self._offer("role", access.seen(Role), Combobox(describe=partial(describe_role, barrier_of), noun="roles"))
        for name, (source, noun) in self.sources.items():
            widget = Combobox(describe=describe_option, source=reverse(source), noun=noun)
            self._offer(name, self._pickable(access, name), widget)

    def _offered(self, access: Access) -> tuple[list[TenantScopeKind], datetime | None, Callable[[Role], str]]:
        """The kinds of scope, the latest end, and what keeps a role from being given."""
        return kinds_for(access, self.principal), latest_end(access), Barriers(access).of

    def _pickable(self, access: Access, name: str) -> QuerySet[Any]:
        return pickable(access, name)

    def _offer(self, name: str, rows: QuerySet[Any], widget: Combobox) -> None:
        field: Any = self.fields[name]
        field.widget, field.queryset = widget, rows

    def _offer_scopes(self) -> None:
        scope: Any = self.fields["scope"]
        mine = isinstance(self.principal, User)
        own = f"{self.principal.name.split()[0]}’s: {self.principal.tenant}" if mine else "Each member’s own"
        help_of = {**KIND_HELP, TenantScopeKind.OWN_TENANT: own}
        scope.widget.help = {kind.value: help_of[kind] for kind in self.kinds}
        scope.choices = [(kind.value, kind.label.replace("'", "’")) for kind in self.kinds]
        scope.initial = self.kinds[-1].value if self.kinds else None
        if len(self.kinds) < len(TenantScopeKind):
            scope.help_text = self.fewer

    def _offer_ends(self) -> None:
        """Nobody gives for longer than they hold anything themselves (docs/decisions/ends-of-giving.md)."""
        ends: Any = self.fields["ends"]
        left = None if self.latest is None else self.latest - timezone.now()
        ends.choices = [(name, words) for name, words in ENDS if left is None or _fits(name, left)]
        ends.initial = "never" if left is None else "date"
        ends.help_text = self.ends_note()

    def ends_note(self, draft: RoleAssignment | None = None) -> SafeString:
        """What stands beside the choice of an end: the moment itself, and the last one that the actor may choose."""
        chosen = SafeString("It lasts until somebody ends it.")
        if draft is None and self.latest is not None:
            chosen = SafeString("")
        elif draft is not None and draft.expires_at is not None:
            chosen = when(draft.expires_at, "instant")
        if self.latest is None:
            return chosen
        return format_html("{} Your own access ends {}: give no longer.", chosen, when(self.latest, "instant"))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for (field, value), needed in NEEDED.items():
            if said.get(field) == value and not said.get(needed) and needed not in self.errors:
                missing = "Say when." if needed in ("starts_at", "ends_at") else "Choose one."
                self.add_error(needed, ValidationError(missing, code="required"))
        if self._is_said():
            try:
                check_draft(self.draft())
            except ValidationError as error:
                add_errors(self, error, self.names)
        return said

    @property
    def names(self) -> dict[str, str]:
        """Which field says what the assignment calls otherwise."""
        said = self.cleaned_data
        return {
            "expires_at": "ends_at" if said.get("ends") == "date" else "ends",
            "tenant": "msp" if said.get("scope") == "msp" else "tenant",
        }

    @property
    def contradictions(self) -> list[str]:
        """What is wrong with what was chosen so far; what is only missing is not."""
        data = self.errors.as_data().items()
        said = [error for name, errors in data if name != "reason" for error in errors if error.code != "required"]
        return [message for error in said for message in error.messages]

    def _is_said(self) -> bool:
        """Whether all but the reason was chosen, and each choice stands."""
        return not self.errors.keys() - {"reason"}

    def draft_so_far(self) -> RoleAssignment | None:
        """The draft, as soon as all but the reason is said and fits."""
        return self.draft() if self.is_bound and self._is_said() else None

    def draft(self) -> RoleAssignment:
        """The assignment as it was put together, unsaved."""
        said = self.cleaned_data
        starts_at = self._chosen("starts_at")
        return RoleAssignment(
            user=self.principal if isinstance(self.principal, User) else None,
            group=self.principal if isinstance(self.principal, Group) else None,
            role=said["role"],
            effect=said["effect"],
            scope=said["scope"],
            tenant=self._chosen("msp") or self._chosen("tenant"),
            tag=self._chosen("tag"),
            include_children=said["include_children"] and said["scope"] in ("tenant", "own_tenant"),
            computer_scope=said["computer_scope"],
            computer=self._chosen("computer"),
            computer_tag=self._chosen("computer_tag"),
            computer_type=self._chosen("computer_type"),
            starts_at=starts_at,
            expires_at=self._end(starts_at),
            reason=said.get("reason", ""),
        )

    def _chosen(self, needed: str) -> Any:
        """What a field says that another one asks for; None where it does not."""
        said = self.cleaned_data
        asked = any(said[field] == value for (field, value), name in NEEDED.items() if name == needed)
        return said[needed] if asked else None

    def _end(self, starts_at: datetime | None) -> datetime | None:
        span = SPANS.get(self.cleaned_data["ends"])
        return self._chosen("ends_at") if span is None else (starts_at or timezone.now()) + span


def _fits(name: str, left: timedelta) -> bool:
    return name == "date" or (name in SPANS and SPANS[name] <= left)


def describe_role(barrier_of: Callable[[Role], str], role: Role) -> dict[str, object]:
    """What stands beside a role: how much it holds, and why it cannot be given."""
    held = [permission for permission in Permission if permission in role.permissions]
    barrier = "" if role.deny_only else barrier_of(role)
    return {
        "help": role.description,
        "power": sum(permission.spec.great_power for permission in held),
        "marks": "deny_only" if role.deny_only else "msp" * any(permission.spec.msp_only for permission in held),
        "count": len(held),
        "unit": "permission" if len(held) == 1 else "permissions",
        "needs": "effect=deny" if role.deny_only else "",
        "barred": "effect=allow" if barrier else "",
        "why": barrier,
    }


def describe_option(item: Tenant | Tag | Computer) -> dict[str, object]:
    """What stands beside a tenant, tag or computer: the tenant that it belongs to, and whether it is an MSP."""
    if isinstance(item, Tenant):
        return {"marks": "msp" if item.is_msp else ""}
    return {"help": f"of {item.tenant}" if item.tenant else "of the instance"}


class EndForm(forms.Form):
    """Which assignments end, and why; `rows` are those that the actor may end."""

    assignments: forms.ModelMultipleChoiceField[RoleAssignment] = forms.ModelMultipleChoiceField(
        None, widget=forms.CheckboxSelectMultiple, error_messages={"required": "Choose what ends."}
    )
    reason = forms.CharField(
        max_length=2000,
        help_text="Shown to the person, to auditors and to the customer’s administrators.",
        error_messages={"required": WHY},
    )

    def __init__(self, data: Any = None, *, rows: QuerySet[RoleAssignment], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        field: Any = self.fields["assignments"]
        field.queryset = rows
        field.label_from_instance = lambda row: plain(sentence(row))
