"""What a list can be narrowed by, and what becomes of a filter that names something out of view."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import BadRequest
from django.db.models import Model, QuerySet
from django.utils.choices import flatten_choices

from immyrbac import words

M = TypeVar("M", bound=Model)


class LostFilterError(BadRequest):
    """A filter names what the reader does not see or what is gone, told alike: as a link or a saved view may.

    `labels` are the filters, `rest_url` is the list without them.
    """

    def __init__(self, labels: list[str], rest_url: str) -> None:
        super().__init__("lost filter")
        self.labels, self.rest_url = labels, rest_url


class Filters(forms.Form):
    """The filters of one list: optional fields, `q` for the search, and `narrow`.

    Choice fields take their choices from the reader's access when the form is made (safety 15).
    """

    def narrow(self, rows: QuerySet[M]) -> QuerySet[M]:
        """The rows that `cleaned_data` leaves. Start from the given rows: they are scoped already."""
        raise NotImplementedError

    @property
    def lost(self) -> list[str]:
        """The filters whose choice is none of the reader's."""
        return [name for name in self.errors if isinstance(self.fields.get(name), forms.ModelChoiceField)]

    def in_words(self, name: str, value: object) -> str:
        """How an applied value reads on its chip."""
        field = self.fields[name]
        if isinstance(value, Model):
            return str(value)
        if isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            return str(dict(flatten_choices(choices)).get(value, value))
        if isinstance(value, datetime):
            return words.date(value)
        return "yes" if value is True else str(value)
