"""The design system's template tags, built in to every template (settings). `docs/developer-ui.md` shows each."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from immyrbac import markup, words
from immyrbac.lists import Listing
from immyrbac.navigation import side_bar as side_bar_of

register = template.Library()
for function in (
    markup.icon,
    markup.status,
    markup.power,
    markup.mark,
    markup.needs,
    markup.tag,
    markup.tags,
    markup.when,
    markup.count,
    markup.sentence,
    markup.avatar,
):
    register.simple_tag(function)

register.filter(words.number)


@register.simple_tag
@cache
def fixed(part: str) -> SafeString:
    """`{% fixed "parts/keys.html" %}`: a part in which nothing hangs on reader or page, drawn once in a process."""
    return SafeString(get_template(part).render())


@register.simple_tag(takes_context=True)
def side_bar(context: Context) -> SafeString:
    """`{% side_bar %}`: where this reader may go from here."""
    return side_bar_of(context["request"])


@register.simple_tag
def options(groups: Iterable[tuple[Any, ...]]) -> SafeString:
    """`{% options widget.optgroups %}`: what a select offers; of a hundred, Django's own takes longer than a page."""
    return markup.options((name, choices) for name, choices, _ in groups)


@register.simple_tag
def state(value: words.Status) -> SafeString:
    """`{% state row.status %}`: a status that the view has worked out."""
    return markup.status(value.kind, value.words)


@register.simple_tag
def current(here: object, there: object) -> SafeString:
    """` aria-current="page"` on the tab, view or choice that is shown."""
    return format_html(' aria-current="page"') if here == there else SafeString("")


@register.simple_tag
def column(listing: Listing[Any], name: str, css: str = "") -> SafeString:
    """The head of a column that sorts: `{% column listing "name" %}` is a whole `<th>`."""
    choice = listing.columns[name]
    order, arrow = SafeString(""), SafeString("")
    if choice.current:
        order = format_html(' aria-sort="{}"', "descending" if listing.descending else "ascending")
        arrow = markup.icon("arrow-down" if listing.descending else "arrow-up")
    return format_html(
        '<th scope="col" role="columnheader" class="{}"{}><a href="{}" hx-get="{}">{}{}</a></th>',
        css,
        order,
        choice.url,
        choice.url,
        choice.label,
        arrow,
    )
