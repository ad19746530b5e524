"""Computers as markup: the row of their list, which is most of its page."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from computers.models import Computer, Onboarding
from immyrbac import markup
from immyrbac.addresses import url_of
from immyrbac.words import Status

register = template.Library()

ROW = (
    '<tr role="row">{}<th role="rowheader" scope="row" class="lead two"><a class="name" href="{}">{}</a>'
    '<span class="second" title="{}">{}</span></th>'
    '<td role="cell" class="clip" title="{}">{}</td><td role="cell">{}</td><td role="cell" class="low{}">{}</td>'
    '<td role="cell" class="state">{}</td><td role="cell" class="low dim{}" data-l="Seen">{}</td></tr>'
)


def _second(computer: Computer) -> str:
    """What stands below its name: that it waits to be onboarded, where it does, and its system."""
    waits = [computer.get_onboarding_display()] if computer.onboarding == Onboarding.WAITING else []
    return " · ".join([*waits, computer.os or "System not reported"])


@register.simple_tag
def computer_row(computer: Computer, status: Status, may_tag: bool, batch: object) -> SafeString:  # noqa: FBT001  a tag
    """`{% computer_row computer status may_tag batch %}`: a whole `<tr>`, with a box to choose it for a batch."""
    tags = getattr(computer, "shown_tags", [])
    nothing = " nothing"
    return format_html(
        ROW,
        markup.tick(computer.pk, computer.name, may=may_tag) if batch else "",
        url_of("computers:computer-detail", computer.pk),
        computer.name,
        computer.os,
        _second(computer),
        computer.tenant,
        computer.tenant,
        computer.get_type_display(),
        "" if tags else nothing,
        markup.tags(tags, 2) or "No tags",
        markup.status(status.kind, status.words),
        "" if computer.last_seen_at else nothing,
        markup.when(computer.last_seen_at, "ago"),
    )
