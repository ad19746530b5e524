"""What would happen if: the assignment editor as a question, and about whom it is asked (docs/decisions/what-if.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.urls import reverse_lazy

from accounts.models import Group, User
from immyrbac.finding import best
from immyrbac.widgets import Combobox
from rbac.access import Access
from rbac.explain_forms import MOST_OPTIONS, Option, option_of
from rbac.forms import PICKERS, AssignmentForm, EndForm
from rbac.models import Role, RoleAssignment
from rbac.offers import in_sight, visible
from rbac.permissions import Permission
from rbac.power import Reach, reaches_of_drafts
from rbac.regions import Estate
from tenancy.models import TenantScopeKind

SIMULATE = Permission.GOVERNANCE_SIMULATE_CHANGES
BEYOND = "It reaches beyond where you may simulate changes: choose less."


class GivingForm(AssignmentForm):
    """Offers what the reader may see, whoever may give it; nothing is saved, so that nobody asks why."""

    reason = None  # type: ignore[assignment]  # so Django leaves a field out
    sources = {
        **PICKERS,
        "msp": ("tenancy:msp-pick", "MSPs"),
        "tag": ("tenancy:tag-pick", "tags"),
        "tenant": ("tenancy:tenant-pick", "tenants"),
    }
    fewer = ""

    def _offered(self, access: Access) -> tuple[list[TenantScopeKind], datetime | None, Callable[[Role], str]]:
        self.access = access
        return in_sight(access), None, lambda _role: ""

    def _pickable(self, access: Access, name: str) -> QuerySet[Any]:
        return visible(access, name)

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if self._is_said() and not covers_all(self.access, reaches_of_drafts([self.draft()])):
            self.add_error("scope", BEYOND)
        return said


class EndingForm(EndForm):
    """Which assignments would end; `rows` are those that the reader sees."""

    reason = None  # type: ignore[assignment]  # as above

    def __init__(self, data: Any = None, *, access: Access, rows: QuerySet[RoleAssignment]) -> None:
        super().__init__(data, rows=rows)
        self.access = access

    def clean_assignments(self) -> list[RoleAssignment]:
        rows = list(self.cleaned_data["assignments"])
        if not covers_all(self.access, reaches_of_drafts(rows)):
            raise ValidationError(BEYOND)
        return rows

    @property
    def contradictions(self) -> list[str]:
        return [BEYOND] if BEYOND in self.errors.get("assignments", ()) else []


def covers_all(access: Access, reaches: Iterable[Reach]) -> bool:
    """Whether the reader simulates changes wherever these reach: what anybody holds there shows in the answer."""
    regions, estate = {reach.region for reach in reaches}, Estate()
    estate.learn(regions | {grant.region for grant in access.grants})
    return all(access.covers(SIMULATE, region, estate) for region in regions)


# About whom


def subjects(access: Access) -> list[QuerySet[Any]]:
    """Whom the reader may ask about, kind by kind."""
    people = access.reachable(User, SIMULATE).filter(removed_at=None)
    return [rows.select_related("tenant") for rows in (people, access.reachable(Group, SIMULATE))]


def subjects_found(access: Access, words: str) -> list[Option]:
    """The first of each kind whose name holds these words."""
    kinds = subjects(access)
    found: list[list[Model]] = [best(rows, words, "name", most=MOST_OPTIONS // len(kinds)) for rows in kinds]
    return [option_of(each) for rows in found for each in rows]


class AboutForm(forms.Form):
    """Drawn, never validated: the address that it makes is what is read. `find` looks where no script does."""

    about = forms.ChoiceField(required=False, label="Whose access")

    def __init__(self, access: Access, find: str = "") -> None:
        super().__init__()
        field: Any = self.fields["about"]
        options = subjects_found(access, find) if find else []
        help_of = {option.value: option.help for option in options}
        field.widget = Combobox(
            source=reverse_lazy("rbac:what-if-pick"),
            noun="people and groups",
            describe=lambda value: {"help": help_of.get(str(value), "")},
            attrs={"placeholder": "User or group"},
        )
        field.choices = [("", ""), *((option.value, option.label) for option in options)]
