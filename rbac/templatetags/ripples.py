"""One person's share of a ripple as markup: before struck through, after in bold (guide, "Ripple page")."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from immyrbac.markup import power
from immyrbac.words import number
from rbac.flows import Weighed

register = template.Library()


@register.simple_tag
def ripple(share: Weighed) -> SafeString:
    """`{% ripple share %}`: "~~8 tenants~~ 0"; readers hear "before" and "after"."""
    if share.loses or share.gains:
        return format_html(
            '<del><span class="hidden-words">before: </span>{}</del> '
            '<b class="{}"><span class="hidden-words">, after: </span>{}</b>',
            share.before,
            "lost" if share.loses else "gained",
            share.after,
        )
    return format_html('<span class="dim">{}</span>', share.before or "never had")


@register.simple_tag
def before_after(pair: tuple[int, int]) -> SafeString:
    """`{% before_after pair %}`: two numbers, the first struck through where the second differs."""
    before, after = pair
    if before == after:
        return format_html('<span class="dim">{}</span>', number(after))
    return format_html(
        '<del><span class="hidden-words">before: </span>{}</del> '
        '<b class="{}"><span class="hidden-words">, after: </span>{}</b>',
        number(before),
        "lost" if after < before else "gained",
        number(after),
    )


SHOWN = 4
"""So many permissions of one person stand in a cell."""


@register.simple_tag
def ripple_lines(shares: Sequence[Weighed]) -> SafeString:
    """`{% ripple_lines shares %}`: a line each, great power first, before struck through, after in bold."""
    ordered = sorted(shares, key=lambda share: not share.permission.spec.great_power)
    if not shares:
        return SafeString('<span class="dim">Nothing</span>')
    lines = format_html_join(
        "",
        '<span class="ripple-line">{}{}: {}</span>',
        (
            (
                power() + SafeString(" ") if share.permission.spec.great_power else "",
                share.permission.label,
                ripple(share),
            )
            for share in ordered[:SHOWN]
        ),
    )
    more = len(shares) - SHOWN
    if more <= 0:
        return lines
    return format_html('{}<span class="ripple-line dim" title="{}">and {} more</span>', lines, _names(ordered), more)


def _names(shares: Sequence[Weighed]) -> str:
    return ", ".join(share.permission.label for share in shares[SHOWN:])
