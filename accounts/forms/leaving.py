"""Who takes over what somebody leaves behind: one choice for each thing, and why they leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django import forms
from django.urls import reverse

from accounts.forms.groups import describe_candidate
from accounts.forms.users import RemoveForm
from accounts.leaving import Belongings, successors
from accounts.models import SavedView, User
from computers.deployments.words import aim_of, where
from immyrbac.widgets import Combobox
from rbac.access import Access
from rbac.handovers import RESTS, Plan
from rbac.rosters import Held
from rbac.sentences import plain

FIRST = 20
NOBODY = "Nobody: it ends"
EVERYTHING, FILL = "everything", "fill"
"""One person for all of it, and the button that puts them in everywhere."""


class Choice(NamedTuple):
    """One thing with the field that says who takes it over; a deny has none. `aim`: where it happens."""

    thing: Any
    field: forms.BoundField | None
    aim: str = ""


class LeavingForm(RemoveForm):
    """`asked` is what was chosen so far, where nothing was sent. All fields offer the same people."""

    def __init__(self, data: Any, *, access: Access, user: User, things: Belongings, asked: Mapping[str, str]) -> None:
        super().__init__(data, user=user, initial=dict(asked))
        self.things = things
        self._people = _offered(access, user, data if data is not None else asked)
        self.fields[EVERYTHING] = self._field(user, "Everything to", "Nobody")
        for name in self._names():
            rests = RESTS.get(name.partition("-")[0])
            self.fields[name] = self._field(user, "Successor", f"Nobody: it is {rests}" if rests else NOBODY)
        if FILL in asked:
            self.initial.update(dict.fromkeys(self._names(), asked.get(EVERYTHING, "")))

    def _names(self) -> Iterator[str]:
        yield from (f"assignment-{held.row.pk}" for held in self.things.held if not held.denies)
        yield from (f"membership-{row.pk}" for row in self.things.losing.memberships)
        yield from (f"deployment-{row.pk}" for row in self.things.losing.deployments)
        yield from (f"schedule-{row.pk}" for row in self.things.losing.schedules)
        yield from (f"view-{view.pk}" for view in self.things.shared)

    def _field(self, user: User, label: str, nobody: str) -> forms.ChoiceField:
        source = reverse("accounts:successor-pick", args=[user.pk])
        widget = Combobox(describe=self._describe, source=source, noun="people", attrs={"placeholder": nobody})
        choices = [("", nobody), *((str(person.pk), person.name) for person in self._people.values())]
        errors = {"invalid_choice": "Choose somebody who can act, or nobody."}
        return forms.ChoiceField(choices=choices, required=False, label=label, widget=widget, error_messages=errors)

    def _describe(self, value: str) -> dict[str, object]:
        return describe_candidate(self._people[value])

    @property
    def contradictions(self) -> list[str]:
        """None that the panel would have to name: each stands beside its field."""
        return []

    @property
    def plan(self) -> Plan:
        """Who takes what, as it was sent or chosen so far; whoever cannot be chosen takes nothing."""
        said = self.cleaned_data if self.is_bound else self.initial
        found: dict[str, dict[int, User]] = {kind: {} for kind in Plan._fields}
        for name in self._names():
            kind, _, pk = name.partition("-")
            if person := self._people.get(str(said.get(name, ""))):
                found[f"{kind}s"][int(pk)] = person
        return Plan(**found)

    # As the page lists them

    def held(self) -> Iterator[Choice]:
        for held in self.things.held:
            yield self._choice(held, f"assignment-{held.row.pk}")

    def joined(self) -> Iterator[Choice]:
        for row in self.things.losing.memberships:
            yield self._choice(row, f"membership-{row.pk}")

    def deployments(self) -> Iterator[Choice]:
        for row in self.things.losing.deployments:
            yield self._choice(row, f"deployment-{row.pk}")._replace(aim=plain(aim_of(row)))

    def schedules(self) -> Iterator[Choice]:
        for row in self.things.losing.schedules:
            yield self._choice(row, f"schedule-{row.pk}")._replace(aim=plain(where(row)))

    def shared(self) -> Iterator[Choice]:
        for view in self.things.shared:
            yield self._choice(view, f"view-{view.pk}")

    def _choice(self, thing: Held | SavedView | Any, name: str) -> Choice:
        return Choice(thing, self[name] if name in self.fields else None)


def _offered(access: Access, user: User, said: Mapping[str, str]) -> dict[str, User]:
    """The first people by name, and those who were chosen, by number. Two queries."""
    rows = successors(access, user)
    first = list(rows.order_by("name", "pk")[:FIRST])
    wanted = {value for value in said.values() if str(value).isdecimal() and len(str(value)) < 19}
    missing = wanted - {str(person.pk) for person in first}
    chosen = list(rows.filter(pk__in=missing)) if missing else []
    return {str(person.pk): person for person in (*first, *chosen)}
