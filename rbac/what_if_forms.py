"""What would happen if: the assignment editor as a question, and about whom it is asked (docs/decisions/what-if.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.urls import reverse, reverse_lazy

from accounts.forms.users import ahead
from accounts.models import Group, User
from computers.scopes import AllScope
from immyrbac.finding import best
from immyrbac.widgets import Combobox, MomentInput
from rbac.access import Access
from rbac.explain_forms import MOST_OPTIONS, Option, option_of
from rbac.forms import PICKERS, AssignmentForm, EndForm
from rbac.models import Role, RoleAssignment
from rbac.offers import Principal, in_sight, visible
from rbac.permissions import Permission
from rbac.power import Reach, reaches_of_drafts, reaches_through
from rbac.regions import Estate, Region
from rbac.role_forms import RoleForm
from tenancy.models import Tenant, TenantScopeKind
from tenancy.scopes import owned_region

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


class HoldingForm(RoleForm):
    """What a role would hold."""

    name = description = None  # type: ignore[assignment]  # as above


def covers_role(access: Access, role: Role) -> bool:
    """Whether the reader simulates changes wherever the role can be given."""
    return access.covers(SIMULATE, Region.of(owned_region(role.tenant_id), AllScope()))


def others(access: Access, principal: Principal) -> QuerySet[Any]:
    """The groups that may have this user, or the people whom this group may have, in it now or not."""
    if isinstance(principal, User):
        groups = access.reachable(Group, SIMULATE).filter(Q(tenant=None) | Q(tenant__in=principal.tenant.path))
        return groups.select_related("tenant")
    people = access.reachable(User, SIMULATE).filter(removed_at=None)
    if principal.tenant_id is not None:
        inside = Tenant.objects.filter(path__contains=[principal.tenant_id]).order_by()
        people = people.filter(tenant__in=inside.values("pk"))
    return people.select_related("tenant")


def describe_other(other: User | Group) -> dict[str, object]:
    return {"help": option_of(other).help}


class MovingForm(forms.Form):
    """Who would come into a group, or leave it: one of the two is known, the other one is chosen."""

    other: forms.ModelChoiceField[Any] = forms.ModelChoiceField(None, empty_label="")
    expires_at = forms.DateTimeField(
        label="Until",
        required=False,
        widget=MomentInput,
        help_text="Where they come into it. Empty: until somebody takes them out.",
    )

    def __init__(self, data: Any = None, *, access: Access, principal: Principal) -> None:
        super().__init__(data)
        self.access, self.principal = access, principal
        kind, noun = ("user", "groups") if isinstance(principal, User) else ("group", "people")
        field: Any = self.fields["other"]
        source = reverse(f"rbac:{kind}-what-if-pick", args=[principal.pk])
        field.widget = Combobox(describe=describe_other, source=source, noun=noun)
        field.label, field.queryset = {"groups": "Group", "people": "Person"}[noun], others(access, principal)
        field.error_messages["required"] = f"Choose one of the {noun}."

    def sides(self, other: User | Group) -> tuple[Group, User]:
        return (self.principal, other) if isinstance(self.principal, Group) else (other, self.principal)  # type: ignore[return-value]  # one is each

    def clean_other(self) -> User | Group:
        other: User | Group = self.cleaned_data["other"]
        group, user = self.sides(other)
        if not covers_all(self.access, reaches_through(group, [(user.pk, user.tenant_id, None)])):
            raise ValidationError(BEYOND)
        return other

    def clean_expires_at(self) -> datetime | None:
        return ahead(self.cleaned_data["expires_at"])

    @property
    def contradictions(self) -> list[str]:
        found = [error for errors in self.errors.as_data().values() for error in errors if error.code != "required"]
        return [message for error in found for message in error.messages]


def covers_all(access: Access, reaches: Iterable[Reach]) -> bool:
    """Whether the reader simulates changes wherever these reach: what anybody holds there shows in the answer."""
    regions, estate = {reach.region for reach in reaches}, Estate()
    estate.learn(regions | {grant.region for grant in access.grants})
    return all(access.covers(SIMULATE, region, estate) for region in regions)


# About whom


def subjects(access: Access) -> list[QuerySet[Any]]:
    """Whom the reader may ask about, kind by kind."""
    people = access.reachable(User, SIMULATE).filter(removed_at=None)
    roles = access.reachable(Role, SIMULATE).filter(key=None)
    return [rows.select_related("tenant") for rows in (people, access.reachable(Group, SIMULATE), roles)]


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
            noun="people, groups and roles",
            describe=lambda value: {"help": help_of.get(str(value), "")},
            attrs={"placeholder": "User, group or role"},
        )
        field.choices = [("", ""), *((option.value, option.label) for option in options)]
