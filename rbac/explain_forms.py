"""The questions of the explain pages as forms: who, what, on what. They only ask; the view reads and answers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

from django import forms
from django.db.models import Model, QuerySet
from django.urls import reverse_lazy

from accounts.models import User
from computers.models import Computer
from immyrbac.filters import Filters
from immyrbac.finding import best
from immyrbac.lists import Listing, Sort
from immyrbac.searching import holding
from immyrbac.widgets import Combobox
from rbac.access import INSTANCE, Access
from rbac.objects import ComputersOf, Instance, Subject
from rbac.permissions import Permission
from rbac.subjects import COMPUTERS_OF, SUBJECTS, parse, reference_to
from tenancy.models import Tenant

MOST_OPTIONS = 20
PLACEHOLDERS = {"user": "Who", "permission": "Permission", "on": "Computer, tenant, person…"}


class Question(NamedTuple):
    """As far as it was asked; `user` and `on` are objects that the reader may see."""

    user: User | None = None
    permission: Permission | None = None
    on: Subject | None = None


class Option(NamedTuple):
    value: str
    label: str
    help: str


class AskForm(forms.Form):
    """Drawn, never validated: what was asked is chosen in it; `find` looks for others where no script does."""

    user = forms.ChoiceField(required=False, label="Who")
    permission = forms.ChoiceField(required=False, label="May do what")
    on = forms.ChoiceField(required=False, label="On what")

    def __init__(self, access: Access, reader: User, question: Question, find: str = "") -> None:
        super().__init__(initial=_initial(question))
        chosen = [] if question.on is None else [option_of(question.on)]
        asks_others = access.holds(Permission.GOVERNANCE_EXPLAIN_ACCESS)
        people = {each.pk: each for each in (reader, question.user) if each}
        people |= {each.pk: each for each in (people_found(access, find) if find and asks_others else ())}
        self._offer("user", [person_option(each, reader) for each in people.values()], "people", asks_others)
        self._offer("on", dict.fromkeys([*chosen, *(objects_found(access, find) if find else ())]), "objects")
        self._offer_permissions()

    def _offer(self, name: str, options: Iterable[Option], noun: str, searches: bool = True) -> None:  # noqa: FBT001, FBT002  one call says it
        field: Any = self.fields[name]
        help_of = {option.value: option.help for option in options}
        source = reverse_lazy(f"rbac:explain-{name}-pick") if searches else ""
        field.widget = Combobox(
            source=source,
            noun=noun,
            describe=lambda value: {"help": help_of.get(str(value), "")},
            attrs={"placeholder": PLACEHOLDERS[name]},
        )
        field.choices = [("", ""), *((option.value, option.label) for option in options)]

    def _offer_permissions(self) -> None:
        field: Any = self.fields["permission"]
        field.widget = Combobox(
            noun="permissions",
            describe=lambda value: describe_permission(Permission(value)),
            attrs={"placeholder": PLACEHOLDERS["permission"]},
        )
        field.choices = [("", ""), *Permission.choices]


def _initial(question: Question) -> dict[str, object]:
    return {
        "user": str(question.user.pk) if question.user else "",
        "permission": question.permission.value if question.permission else "",
        "on": reference_to(question.on) if question.on else "",
    }


def describe_permission(permission: Permission) -> dict[str, object]:
    """What stands beside a permission: what it lets one do, and its marks."""
    spec = permission.spec
    return {"help": spec.help_text, "power": spec.great_power, "marks": "msp" if spec.msp_only else ""}


# What can be chosen


def people_askable(access: Access) -> QuerySet[User]:
    """Those of whom the reader may ask why they may or may not."""
    return access.reachable(User, Permission.GOVERNANCE_EXPLAIN_ACCESS)


def people_found(access: Access, words: str) -> list[User]:
    people = people_askable(access).filter(removed_at=None).select_related("tenant")
    return best(people, words, "name", most=MOST_OPTIONS + 1)


def person_option(person: User, reader: User) -> Option:
    return Option(str(person.pk), f"{person.name} (you)" if person == reader else person.name, person.email)


def objects_found(access: Access, words: str) -> list[Option]:
    """The first of each kind whose name holds these words, shared out evenly, after the instance where it is meant."""
    found = [_first(access, model, words) for model in SUBJECTS.values()]
    ranked = sorted((rank, kind) for kind, rows in enumerate(found) for rank in range(len(rows)))
    instance = [option_of(INSTANCE)] if words.lower() in str(INSTANCE) else []
    taken = sorted((kind, rank) for rank, kind in ranked[: MOST_OPTIONS + 1 - len(instance)])
    return [*instance, *(option_of(found[kind][rank]) for kind, rank in taken)]


def _first(access: Access, model: type[Model], words: str) -> list[Model]:
    rows = access.seen(model)
    if model is Computer:
        rows = rows.filter(deleted_at=None)
    if model is User:
        rows = rows.filter(removed_at=None)
    if model is not SUBJECTS["tenant"]:
        rows = rows.select_related("tenant")
    return best(rows, words, "name", most=MOST_OPTIONS + 1)


def option_of(obj: Subject) -> Option:
    """An object with its kind and, where it has one, its tenant."""
    if isinstance(obj, Instance):
        return Option(reference_to(obj), "The instance", "What belongs to no tenant")
    if isinstance(obj, ComputersOf):
        return Option(reference_to(obj), str(obj)[:1].upper() + str(obj)[1:], "Any of them, whatever its tags")
    kind = reference_to(obj).partition(":")[0].capitalize()
    tenant = getattr(obj, "tenant", None)
    return Option(reference_to(obj), str(obj), f"{kind}, {tenant}" if tenant else kind)


def object_named(access: Access, reference: str) -> Subject | None:
    """What `computer:12` names, with its tenant, if the reader sees it. Raises ValueError for what names nothing."""
    model, pk = parse(reference)
    if model is None:
        return INSTANCE
    rows = access.seen(model).filter(pk=pk)
    found: Model | None = (rows if model is SUBJECTS["tenant"] else rows.select_related("tenant")).first()
    kind = reference.partition(":")[0]
    return ComputersOf(found, kind) if kind in COMPUTERS_OF and isinstance(found, Tenant) else found


# Who can


class WhoFilters(Filters):
    """The question stands in the address beside the filter; the view has read it."""

    q = forms.CharField(required=False, max_length=200)
    permission = forms.CharField(required=False)
    on = forms.CharField(required=False)
    find = forms.CharField(required=False)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        words = self.cleaned_data["q"]
        return rows.filter(holding(words, "name")) if words else rows


class WhoListing(Listing[User]):
    """Those who can, by name. Neither chips nor `clear` touch the question itself."""

    nouns = ("person", "people")
    sorts = (Sort("name", "Name"),)

    @cached_property
    def applied(self) -> dict[str, Any]:
        return {}

    @property
    def clear_url(self) -> str:
        return self._url(q="")
