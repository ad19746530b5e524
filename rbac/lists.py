"""The audit log as a list: what narrows it, and its rows by day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db.models import Q, QuerySet
from django.urls import reverse_lazy
from django.utils import timezone

from accounts.models import User
from immyrbac import words
from immyrbac.filters import Filters
from immyrbac.lists import Listing, Sort
from immyrbac.searching import holding
from immyrbac.widgets import Combobox
from rbac.access import INSTANCE, Access
from rbac.audit_words import ACTIONS, KINDS, REFUSED, icon_of, sentence_of, tone_of
from rbac.models import AuditEntry
from rbac.naming import OPERATOR, is_named
from rbac.permissions import Permission
from rbac.subjects import parse_number
from tenancy.models import Tenant
from tenancy.scopes import Word

NEEDS = ("actor__tenant", "impersonator__tenant", "tenant")
"""What a line of the log reads besides the entry."""

DAY = forms.DateInput(attrs={"type": "date"})
LAST_DAY = date.max - timedelta(days=1)
"""The last one after which there is another, as the end of a day is asked for."""


def _actions() -> list[tuple[str, object]]:
    by_subject = groupby(sorted(ACTIONS), key=lambda action: action.partition(".")[0])
    groups = [(name.replace("_", " ").capitalize(), [(a, _past(a)) for a in actions]) for name, actions in by_subject]
    return [("", "Any action"), ("refused", "Refused attempts"), *groups]


def _past(action: str) -> str:
    noun, _, past = action.partition(".")
    return f"{noun} {past}".replace("_", " ").capitalize()


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


@dataclass(frozen=True)
class Target:
    """One thing that entries are about, there still or not: the name of its model, and its number."""

    kind: str
    pk: int


class TargetField(forms.CharField):
    """From `computer:12`. Hidden: the page of an entry leads here."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        kind, _, number = text.partition(":")
        if text and kind not in KINDS:
            raise ValidationError("no kind of thing")
        try:
            return Target(kind, parse_number(number)) if text else None
        except ValueError as error:
            raise ValidationError("no number") from error


def concerning(kind: str, pk: int, several: str) -> Q:
    """Entries about one thing, alone or among several that an entry names by number under the key `several`.

    About a person as well what reached them, where nothing else is its target.
    """
    keys = (several, "reached") if kind == "user" else (several,)
    among = Q.create([(f"after__{key}__contains", [{"id": pk}]) for key in keys], connector=Q.OR)
    return Q(target_type=kind, target_id=pk) | Q(among, target_type="", target_id=None)


NARROWING: dict[str, Callable[[Any], Q]] = {
    "q": lambda said: holding(said, "target_label", "reason"),
    "actor": lambda person: Q(actor=person) | Q(impersonator=person),
    "action": lambda action: Q(action__endswith=REFUSED) if action == "refused" else Q(action=action),
    "kind": lambda kind: Q(target_type=kind),
    "target": lambda target: concerning(target.kind, target.pk, f"{target.kind}s"),
    "tenant": lambda tenant: Q(tenant__path__contains=[tenant.pk]),
    "since": lambda day: Q(at__gte=midnight(day)),
    "until": lambda day: Q(at__lt=midnight(day + timedelta(days=1))),
    "system": lambda _: Q(tenant=None),
}
"""What each filter leaves."""


def _label_of(target: Target, access: Access) -> str:
    """As the last entry names it that the reader may see: it may be gone by now."""
    seen = access.seen(AuditEntry).filter(target_type=target.kind, target_id=target.pk)
    last = seen.order_by("-pk").first()
    return last.target_label if last else f"{KINDS[target.kind]} {target.pk}"


class AuditFilters(Filters):
    """By actor and tenant only where the reader may see these; an entry of the system only where they may see it."""

    q = forms.CharField(required=False, max_length=200)
    actor: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        None,
        required=False,
        label="Who",
        widget=Combobox(source=reverse_lazy("rbac:actor-pick"), noun="people", first=0),
    )
    action = forms.ChoiceField(required=False, label="What", choices=_actions)
    target = TargetField(required=False, label="About")
    kind = forms.ChoiceField(required=False, label="Kind", choices=[("", "Anything"), *sorted(KINDS.items())])
    tenant: forms.ModelChoiceField[Tenant] = forms.ModelChoiceField(
        None, required=False, widget=Combobox(source=reverse_lazy("tenancy:tenant-pick"), noun="tenants", first=0)
    )
    since = forms.DateField(required=False, label="From", widget=DAY)
    until = forms.DateField(required=False, label="Until", widget=DAY, validators=[MaxValueValidator(LAST_DAY)])
    system = forms.BooleanField(required=False, label="Of no tenant")

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data)
        self.access = access
        self.offer(access.seen, actor=User, tenant=Tenant)
        if not access.can(Permission.AUDIT_VIEW_SYSTEM, INSTANCE):
            del self.fields["system"]

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(*(NARROWING[name](value) for name, value in self.cleaned_data.items() if value))

    def in_words(self, name: str, value: object) -> str:
        if isinstance(value, date):
            return words.date(midnight(value))
        if isinstance(value, Target):
            return _label_of(value, self.access)
        return f"{value} and all below" if isinstance(value, Tenant) else super().in_words(name, value)


class AuditListing(Listing[AuditEntry]):
    sorts = (Sort("when", "When", by="id", down=True),)
    nouns = ("entry", "entries")


class Line(NamedTuple):
    """One entry as the log shows it; `on_behalf` is whom an impersonator acted as."""

    entry: AuditEntry
    who: str
    on_behalf: str
    icon: str
    tone: str
    words: list[Word]
    place: str


class Day(NamedTuple):
    words: str
    lines: list[Line]


def entries_seen(access: Access) -> QuerySet[AuditEntry]:
    return access.seen(AuditEntry)


def entries_about(access: Access, kind: str, pk: int, several: str) -> QuerySet[AuditEntry]:
    """What the reader may see of what happened to one thing.

    `kind` is its model's name; `several` is the key under which an entry about many of them names each by id.
    """
    return access.seen(AuditEntry).filter(concerning(kind, pk, several)).select_related(*NEEDS)


def days_of(entries: Iterable[AuditEntry], access: Access) -> list[Day]:
    """The entries by their day in UTC, named as far as the reader may read names. They come with `NEEDS`."""
    entries = list(entries)
    access.know(actor for entry in entries for actor in (entry.actor, entry.impersonator) if actor is not None)
    today = timezone.now().astimezone(UTC).date()
    by_day = groupby(entries, key=lambda entry: entry.at.astimezone(UTC).date())
    return [Day(day_words(day, today), list(_lines(held, access))) for day, held in by_day]


def _lines(entries: Iterable[AuditEntry], access: Access) -> Iterator[Line]:
    for entry in entries:
        yield line_of(entry, access)


def line_of(entry: AuditEntry, access: Access) -> Line:
    actor, behind = (_who(person, entry, access) for person in (entry.actor, entry.impersonator))
    who, on_behalf = (behind, actor) if entry.impersonator_id else (actor, "")
    place = "System" if entry.tenant_id is None else str(entry.tenant or "A tenant that is gone")
    return Line(entry, who, on_behalf, icon_of(entry), tone_of(entry), sentence_of(entry), place)


def _who(person: User | None, entry: AuditEntry, access: Access) -> str:
    if person is None:
        return "The system"
    return person.name if is_named(access, person, entry.tenant) else OPERATOR


def day_words(day: date, today: date) -> str:
    said = words.day(midnight(day))
    near = {today: "Today, ", today - timedelta(days=1): "Yesterday, "}
    return near.get(day, "") + said
