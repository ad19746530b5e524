"""Users as markup: the row of their list, which is most of its page."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from immyrbac import markup
from immyrbac.addresses import url_of
from immyrbac.words import Status
from rbac.rosters import HeldRole

register = template.Library()

ROW = (
    '<tr role="row">{}<th role="rowheader" scope="row" class="lead two"><a class="name" href="{}">{}</a>'
    '<span class="second" title="{}">{}</span></th>'
    '<td role="cell" title="{}">{}</td><td role="cell"{}>{}</td><td role="cell" class="state">{}</td>'
    '<td role="cell" class="low{}" data-l="Access ends">{}</td><td role="cell" class="low dim{}" data-l="Seen">{}</td>'
    "</tr>"
)


@register.simple_tag
def user_row(
    user: User,
    status: Status,
    roles: Sequence[HeldRole],
    may_change: bool,  # noqa: FBT001  a tag
    batch: object,
) -> SafeString:
    """`{% user_row user status roles may_change batch %}`: a whole `<tr>`, with a box to choose it for a batch."""
    nothing = " nothing"
    return format_html(
        ROW,
        markup.tick(user.pk, user.name, may=may_change) if batch else "",
        url_of("accounts:user-detail", user.pk),
        user.name,
        user.email,
        user.email,
        user.tenant,
        user.tenant,
        "" if roles else SafeString(' class="nothing"'),
        _roles(roles),
        markup.status(status.kind, status.words),
        "" if user.access_expires_at else nothing,
        markup.when(user.access_expires_at, "date", "No end"),
        "" if user.last_seen_at else nothing,
        markup.when(user.last_seen_at, "ago"),
    )


def _roles(roles: Sequence[HeldRole]) -> SafeString | str:
    """The strongest, and how many others there are."""
    if not roles:
        return "None"
    first, *others = roles
    shown = format_html("{} {}", first.name, markup.power()) if first.great_power else first.name
    if not others:
        return shown
    names = ", ".join(role.name for role in others)
    return format_html('{} <span class="dim" title="{}">+{}</span>', shown, names, len(others))
