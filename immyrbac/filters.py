"""What a list can be narrowed by, and what becomes of a filter that names something out of view."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import BadRequest
from django.db.models import Model, QuerySet
from django.utils.choices import flatten_choices
from django.utils.safestring import SafeString

from immyrbac import words

M = TypeVar("M", bound=Model)


class LostFilterError(BadRequest):
    """A filter names what the reader does not see or what is gone, told alike: as a link or a saved view may.

    `labels` are the filters, `rest_url` is the list without them.
    """

    def __init__(self, labels: list[str], rest_url: str) -> None:
        super().__init__("lost filter")
        self.labels, self.rest_url = labels, rest_url


class Asking(forms.BoundField):
    """A field of the menu of filters: drawn once in a process while it asks nothing and is the same for everybody."""

    form: Filters
    _drawn: ClassVar[dict[tuple[type[Filters], str], SafeString]] = {}

    def as_field_group(self) -> SafeString:
        if self.data or not self._is_alike_for_all():
            return super().as_field_group()
        key = type(self.form), self.name
        if key not in self._drawn:
            self._drawn[key] = super().as_field_group()
        return self._drawn[key]

    def _is_alike_for_all(self) -> bool:
        """Whether nothing in it hangs on the reader: no options, or those that the class was written with."""
        declared: Any = self.form.base_fields[self.name]
        if isinstance(self.field, forms.ModelChoiceField):
            return self.field.queryset is not None and self.field.queryset.query.is_empty()
        if isinstance(self.field, forms.ChoiceField):
            return isinstance(self.field.choices, list) and self.field.choices == declared.choices
        return isinstance(self.field, forms.BooleanField)


class Filters(forms.Form):
    """The filters of one list: optional fields, `q` for the search, and `narrow`.

    Choice fields take their choices from the reader's access when the form is made (safety 15).
    """

    bound_field_class = Asking

    def offer(self, seen: Callable[[type[Model]], QuerySet[Any]], **models: type[Model]) -> None:
        """Let these fields choose among the rows that the reader sees; worked out only for those that are asked by.

        The others have none: their menus ask for options when they are opened.
        """
        for name, model in models.items():
            field: Any = self.fields[name]
            field.queryset = seen(model) if self.data.get(name) else model._default_manager.none()  # noqa: SLF001  any model

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
