"""Preferences: why a switch is flipped, and which of the touched people are shown."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import BadRequest
from django.db.models import TextChoices
from django.http import QueryDict

from rbac.flows import Affected
from rbac.ripples import Ripple

CAP = 50
"""How many people a ripple page shows at first."""


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": "Say why: whoever loses something and the auditors will read it."},
    )


class View(TextChoices):
    """Which people a ripple page shows."""

    LOSE_ALL = "all", "Lose all"
    KEEP_PART = "part", "Keep part"
    GAIN = "gain", "Gain"
    ENROL = "enrol", "Have no second factor"
    UNTOUCHED = "same", "Not touched"
    LOSE = "lose", "Lose something"

    def shows(self, each: Affected) -> bool:
        return _SHOWS[self](each)


_SHOWS: dict[View, Callable[[Affected], bool]] = {
    View.LOSE_ALL: lambda each: each.loses and not each.has,
    View.KEEP_PART: lambda each: each.loses and each.has,
    View.GAIN: lambda each: each.gains,
    View.ENROL: lambda each: each.enrols,
    View.UNTOUCHED: lambda each: not each.is_touched,
    View.LOSE: lambda each: each.loses,
}


class Selection(forms.Form):
    """The people of a ripple that are shown: one view of them, whose name or address contains `q`, at most CAP or all.

    Raises BadRequest for what is unknown or malformed (safety 17).
    """

    q = forms.CharField(required=False, max_length=100)
    view = forms.ChoiceField(required=False, choices=View.choices)
    every = forms.BooleanField(required=False)

    def __init__(self, params: QueryDict, ripple: Ripple) -> None:
        super().__init__(params)
        if not self.is_valid() or set(params) - set(self.fields) or any(len(each) > 1 for _, each in params.lists()):
            raise BadRequest("malformed selection")
        self.counts = {view: sum(map(view.shows, ripple.people)) for view in View}
        self.words = self.cleaned_data["q"].casefold()
        self.chosen = View(self.cleaned_data["view"] or self._first())
        self.matching = [each for each in ripple.people if self.chosen.shows(each) and self._matches(each)]
        self.shown = self.matching if self.cleaned_data["every"] else self.matching[:CAP]

    def _first(self) -> View:
        """The first view that somebody is in."""
        return next((view for view in View if self.counts[view]), View.UNTOUCHED)

    def _matches(self, each: Affected) -> bool:
        return self.words in each.person.name.casefold() or self.words in each.person.email

    def query(self, view: View, *, every: bool = False) -> str:
        """The query of the same search in a view, at most CAP or all."""
        said = {"view": view.value, "q": self.cleaned_data["q"], "every": "on" if every else ""}
        return f"?{urlencode({name: value for name, value in said.items() if value})}"

    @property
    def every_query(self) -> str:
        return self.query(self.chosen, every=True)

    @property
    def clear_query(self) -> str:
        return f"?view={self.chosen.value}"
