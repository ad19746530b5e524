"""One person's share of a ripple as markup: before struck through, after in bold (guide, "Ripple page")."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from immyrbac.words import number
from rbac.ripples import Share

register = template.Library()


@register.simple_tag
def ripple(share: Share) -> SafeString:
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
