"""Access as markup: the assignment sentence with its links, moments and great power."""

from __future__ import annotations

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from computers.models import Computer
from immyrbac import markup
from rbac.models import Role, RoleAssignment
from rbac.rosters import Held
from rbac.sentences import sentence as words_of
from tenancy.scopes import Word

register = template.Library()

PAGES: dict[type, str] = {Computer: "computers:computer-detail"}
"""What a sentence may link to: whoever sees the assignment sees these."""


@register.simple_tag
def sentence(row: RoleAssignment, power: int = 0) -> SafeString:
    """`{% sentence row power %}`: the assignment as one sentence; the crown stands behind its role."""
    return format_html_join("", "{}", ((_piece(word, power),) for word in words_of(row)))


@register.simple_tag
def provenance(held: Held) -> SafeString:
    """`{% provenance held %}`: who gave it, when and why; through which group; who ended it."""
    row, joined = held.row, held.membership
    if joined is not None:
        return format_html("Member of {} since {}", row.group, markup.when(joined.added_at, "date"))
    given = format_html("{}, {}", held.given_by, markup.when(row.granted_at, "date"))
    given = format_html("{}: {}", given, row.reason) if row.reason else given
    if row.ended_at is None:
        return given
    ended = format_html("Ended by {}, {}: {}", held.ended_by, markup.when(row.ended_at, "date"), row.end_reason)
    return format_html("{}. {}", given, ended)


def _piece(word: Word, power: int) -> SafeString:
    if word.moment is not None:
        return format_html("<b>{}</b>", markup.when(word.moment, "instant"))
    if not word.strong:
        return format_html("{}", word.text)
    address = _address(word)
    name = format_html('<a href="{}">{}</a>' if address else "{1}", address, word.text)
    crown = format_html(" {}", markup.power(power)) if power and isinstance(word.target, Role) else SafeString("")
    return format_html("<b>{}</b>{}", name, crown)


def _address(word: Word) -> str:
    name = PAGES.get(type(word.target))
    if name is None or word.target is None:
        return ""
    try:
        return reverse(name, kwargs={"pk": word.target.pk})
    except NoReverseMatch:
        return ""
