"""Form controls of the design guide, and the renderer that draws every form by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import ModelChoiceIterator
from django.forms.renderers import TemplatesSetting
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise

# What an option says beside its name: help, power, marks, count, unit, needs, barred, why, disabled (combobox.js).
Describe = Callable[[Any], Mapping[str, object]]


class Renderer(TemplatesSetting):
    """`FORM_RENDERER`: error summary, then one field.html for every field."""

    form_template_name = "parts/form.html"
    field_template_name = "parts/field.html"


class RadioCards(forms.RadioSelect):
    """One bordered strip of exclusive choices. `help` gives a line below a title, `denies` the values that are red.

    `slim` has titles only; `full` lets a slim strip take the whole width.
    """

    template_name = "widgets/radio_cards.html"

    def __init__(
        self,
        *,
        help: Mapping[str, str] | None = None,  # noqa: A002  the word of the guide
        denies: Iterable[str] = (),
        slim: bool = False,
        full: bool = False,
        attrs: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(attrs)
        self.help, self.denies, self.slim, self.full = dict(help or {}), frozenset(denies), slim, full

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        return option | {"help": self.help.get(str(value), ""), "denies": str(value) in self.denies}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"slim": self.slim, "full": self.full}
        return context


class Joined(forms.RadioSelect):
    """2 to 5 short exclusive choices in one row of buttons."""

    template_name = "widgets/joined.html"


class TagBoxes(forms.CheckboxSelectMultiple):
    """Tags to tick, each with its colour, its owner, and whether it carries access."""

    template_name = "widgets/tag_boxes.html"
    option_template_name = "widgets/tag_box.html"
    carrying: frozenset[int] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        tag = getattr(value, "instance", None)
        return option | {"tag": tag, "carries": tag is not None and tag.pk in self.carrying}


class Hues(forms.RadioSelect):
    """One of the colours of tags, each shown as a tag; `classes` are the hue classes of the values."""

    template_name = "widgets/hues.html"

    def __init__(self, classes: Mapping[str, str], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.classes = dict(classes)

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().create_option(name, value, *args, **kwargs) | {"hue": self.classes.get(str(value), "")}


class MomentInput(forms.DateTimeInput):
    """A day and time in the reader's own zone. times.js turns it from and into UTC, which it is without a script."""

    input_type = "datetime-local"
    template_name = "widgets/moment.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        moment = _parsed(value) if isinstance(value, str) and value.endswith("Z") else value
        context = super().get_context(name, moment, attrs)
        context["widget"]["attrs"]["data-moment"] = (
            f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if isinstance(moment, datetime) else ""
        )
        return context


class Combobox(forms.Select):
    """A select that a script turns into input and listbox.

    `describe` tells, for the model instance (or value) of an option, what stands beside its name. With `source`, the
    address of a route that answers `?q=` with `parts/options.html`, only the chosen option and the first `first` are
    in the page.
    """

    template_name = "widgets/combobox.html"

    def __init__(
        self,
        *,
        describe: Describe | None = None,
        source: str | Promise = "",
        noun: str = "",
        first: int = 20,
        attrs: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(attrs)
        self.describe, self.source, self.noun, self.first = describe, source, noun, first

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        every = self.choices
        if not self.source or not isinstance(every, ModelChoiceIterator):
            return super().optgroups(name, value, attrs)
        first = list(every.queryset[: self.first]) if self.first else []
        missing = [v for v in set(value) - {str(item.pk) for item in first} if v.isdecimal() and len(v) < 19]
        chosen = every.queryset.filter(pk__in=missing) if missing else ()
        try:
            empty = [("", every.field.empty_label)] if every.field.empty_label is not None else []
            self.choices = [*empty, *(every.choice(item) for item in [*first, *chosen])]
            return super().optgroups(name, value, attrs)
        finally:
            self.choices = every

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if self.describe is not None and value not in ("", None):
            option["attrs"] |= option_attrs(self.describe(getattr(value, "instance", value)))
        return option

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"source": self.source, "noun": self.noun}
        return context


def _parsed(text: str) -> datetime | str:
    """What times.js sent as a moment; what is none stays as it was typed."""
    try:
        return parse_datetime(text) or text
    except ValueError:
        return text


class VersionField(forms.CharField):
    """What a form showed, as `immyrbac.versions.version_of` says it; a form without is not from here."""

    widget = forms.HiddenInput
    default_error_messages = {"required": "This form is too old. Load the page again."}


def add_errors(form: forms.BaseForm, error: ValidationError, names: Mapping[str, str]) -> None:
    """What something below the form found invalid, beside its field: `names` tells which says it, where not its own.

    Fields that the form has not are told above it.
    """
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        shown = names.get(name, name)
        form.add_error(shown if shown in form.fields else None, errors)


def option_attrs(described: Mapping[str, object]) -> dict[str, object]:
    """The attributes of an option from what `describe` says; empty ones stay away."""
    attrs: dict[str, object] = {f"data-{key}": said for key, said in described.items() if said and key != "disabled"}
    return attrs | {"disabled": True} if described.get("disabled") else attrs
