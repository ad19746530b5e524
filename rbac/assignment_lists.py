"""The list of all assignments, and of the people whom they reach: what narrows them, and how they are ordered."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse_lazy

from accounts.models import Group, User
from immyrbac.attaching import of_keys
from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort
from immyrbac.searching import holding
from immyrbac.widgets import Combobox
from immyrbac.words import SOON
from rbac.access import Access
from rbac.great_power import GREAT, giving
from rbac.marks import Found, matching_nothing, without_effect
from rbac.models import Effect, Role, RoleAssignment
from rbac.permissions import Permission
from rbac.reaching import concerning, facts_of, named, reached_by
from tenancy.models import Tenant, TenantScopeKind
from tenancy.scopes import TenantFacts

OVER = Q(ended_at__isnull=False) | Q(expires_at__lte=Now())
STARTED = Q(starts_at=None) | Q(starts_at__lte=Now())
UNEXPIRED = Q(ended_at=None) & (Q(expires_at=None) | Q(expires_at__gt=Now()))
STATES: dict[str, tuple[str, Q]] = {
    "live": ("Live", UNEXPIRED & STARTED),
    "starting": ("Starts later", UNEXPIRED & Q(starts_at__gt=Now())),
    "ended": ("Ended", OVER),
}
"""The states that the list can be narrowed to; what is over is seen in the last one alone."""

ANY = "any"
POWERS = [("", "With or without"), (ANY, "Any great power"), *((power.value, power.label) for power in GREAT)]

MARKS: dict[str, tuple[str, Callable[[Access, Any], Found]]] = {
    "redundant": ("Duplicate or shadowed", without_effect),
    "orphaned": ("Orphaned", matching_nothing),
}


def _pick(label: str, source: str, noun: str) -> forms.ModelChoiceField[Any]:
    widget = Combobox(source=reverse_lazy(source), noun=noun, first=0)
    return forms.ModelChoiceField(None, required=False, label=label, empty_label="Any", widget=widget)


class _Asked(Filters):
    """What both lists can be narrowed by; `of_people` are those that one of them asks of people, not of assignments."""

    of_people: ClassVar[frozenset[str]] = frozenset()

    q = forms.CharField(required=False, max_length=200)
    role = _pick("Role", "rbac:role-pick", "roles")
    effect = forms.ChoiceField(required=False, choices=[("", "Any"), *Effect.choices])
    scope = forms.ChoiceField(required=False, label="Kind of scope", choices=[("", "Any"), *TenantScopeKind.choices])
    tenant = _pick("Concerning", "tenancy:tenant-pick", "tenants")
    to = forms.ChoiceField(
        required=False, label="Given to", choices=[("", "Anybody"), ("users", "People"), ("groups", "Groups")]
    )
    user = _pick("Person", "rbac:actor-pick", "people")
    group = _pick("Group", "accounts:group-pick", "groups")
    granted_by = _pick("Given by", "rbac:actor-pick", "people")
    status = forms.ChoiceField(
        required=False, choices=[("", "Not over"), *((name, label) for name, (label, _) in STATES.items())]
    )
    power = forms.ChoiceField(required=False, label="Great power", choices=POWERS)
    soon = forms.BooleanField(required=False, label="Ends within 7 days")

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.access = access
        self.offer(access.seen, role=Role, tenant=Tenant, user=User, granted_by=User, group=Group)

    @property
    def place(self) -> TenantFacts | None:
        """The tenant that is asked about."""
        chosen: Tenant | None = self.cleaned_data["tenant"]
        return None if chosen is None else facts_of(self.access, chosen)

    @property
    def powers(self) -> Collection[Permission]:
        """Those of great power that are asked about, one of which is to count."""
        chosen = self.cleaned_data["power"]
        return GREAT if chosen == ANY else [Permission(chosen)] if chosen else ()

    def given(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Assignments, narrowed by all that the row alone tells."""
        said = self.cleaned_data
        rows = rows.filter(STATES[said["status"]][1] if said["status"] else UNEXPIRED)
        if powers := self.powers:
            rows = rows.filter(giving(self.access, powers))
        names = NARROWING.keys() - self.of_people
        return rows.filter(*(NARROWING[name](said[name]) for name in sorted(names) if said.get(name)))


class AssignmentFilters(_Asked):
    """`all_looked_at` says, once the rows are narrowed, whether the filter by marks may have left some of them out."""

    mark = forms.ChoiceField(
        required=False, choices=[("", "Any"), *((name, label) for name, (label, _) in MARKS.items())]
    )
    id = forms.IntegerField(required=False, label="Number", min_value=1, max_value=2**62)
    all_looked_at = True

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = self.given(rows)
        if place := self.place:
            rows = rows.filter(concerning(place))
        if mark := self.cleaned_data["mark"]:
            rows, self.all_looked_at = MARKS[mark][1](self.access, rows)
        return rows


class ReachFilters(_Asked):
    """Where the rows are people: those whom such an assignment reaches."""

    of_people = frozenset({"q", "user"})

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.cleaned_data
        few = any(said[name] for name in ("role", "tenant", "group", "granted_by", "power", "soon"))
        rows = rows.filter(holding(said["q"], "name", "email"), self._reached(few=few))
        return rows.filter(pk=said["user"].pk) if said["user"] else rows

    def _reached(self, *, few: bool) -> Q:
        """Great power that counts for users of an MSP alone reaches nobody else."""
        matching = self.matching()
        reached = reached_by(matching, self.place, few=few)
        if not any(power.spec.msp_only for power in self.powers):
            return reached
        of_all = [power for power in self.powers if not power.spec.msp_only]
        of_anybody = reached_by(matching.filter(giving(self.access, of_all)), self.place, few=few)
        return reached & (Q(tenant__is_msp=True) | of_anybody) if of_all else reached & Q(tenant__is_msp=True)

    def matching(self) -> QuerySet[Any]:
        """The assignments that are asked about, whomever they reach."""
        rows = self.given(self.access.seen(RoleAssignment).order_by())
        return rows.filter(concerning(self.place)) if self.place else rows


NARROWING: dict[str, Callable[[Any], Q]] = {
    "q": named,
    "role": lambda role: Q(role=role),
    "effect": lambda effect: Q(effect=effect),
    "scope": lambda kind: Q(scope=kind),
    "to": lambda kind: Q(group=None) if kind == "users" else Q(user=None),
    "user": lambda user: Q(user=user),
    "group": lambda group: Q(group=group),
    "granted_by": lambda user: Q(granted_by=user),
    "soon": lambda _: Q(expires_at__lte=Now() + SOON),
    "id": lambda pk: Q(pk=pk),
}
"""What each filter leaves, where the row alone tells."""


class AssignmentListing(Listing[RoleAssignment]):
    nouns = ("assignment", "assignments")
    sorts: ClassVar[tuple[Sort, ...]] = (
        Sort("given", "Given", "id", down=True),
        Sort("ends", "Status", "expires_at"),
        Sort("who", "Who", apart=("user__name", "group__name")),
    )

    def whole(self, ids: list[int]) -> list[RoleAssignment]:
        return of_keys(RoleAssignment, ids)


class ReachListing(Listing[User]):
    nouns = ("person", "people")
    sorts: ClassVar[tuple[Sort, ...]] = (Sort("name", "Name"),)
