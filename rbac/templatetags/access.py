"""Access as markup: what an assignment says, where it comes from, and what may be done with it."""

from __future__ import annotations

from collections.abc import Collection

from django import template
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from immyrbac import markup
from rbac.assignment_pages import Line
from rbac.marks import Mark
from rbac.models import Effect, RoleAssignment
from rbac.rosters import Held
from rbac.sentences import place, sentence
from tenancy.scopes import Word

register = template.Library()


@register.simple_tag
def assignment(row: RoleAssignment, power: int = 0, opens: bool = False) -> SafeString:  # noqa: FBT001, FBT002  a tag
    """`{% assignment row power opens %}`: as a sentence; the crown stands behind its role, its computer is a link."""
    return markup.sentence(sentence(row), power, _links(row) if opens else None)


@register.simple_tag(name="place")
def where(row: RoleAssignment) -> SafeString:
    """`{% place row %}`: on which tenants and computers it counts."""
    return markup.sentence(place(row))


@register.simple_tag
def lead(draft: RoleAssignment) -> SafeString:
    """`{% lead draft %}`: the sentence of a preview, which says what is done to whom."""
    denies = draft.effect == Effect.DENY
    opening = '<b class="c-deny">Deny</b> <b>{}</b> everything in {}.' if denies else "Give <b>{}</b> the role {}."
    words = sentence(draft)[1:]
    if draft.starts_at is None and draft.expires_at is not None:
        words[-2:-1] = [Word(", from now until ")]
    elif draft.starts_at is None:
        words.append(Word(", from now"))
    return format_html(opening, draft.user or draft.group, markup.sentence(words))


@register.simple_tag
def provenance(held: Held) -> SafeString:
    """`{% provenance held %}`: who gave it, when and why; through which group; who ended it."""
    row, joined = held.row, held.membership
    if joined is not None:
        since = format_html("Member of {} since {}", row.group, markup.when(joined.added_at, "date"))
        return format_html("{}. {}", since, held.note) if held.note else since
    given = format_html("{}, {}", held.given_by, markup.when(row.granted_at, "date"))
    given = format_html("{}: {}", given, row.reason) if row.reason else given
    if row.ended_at is None:
        return format_html("{}. {}", given, held.note) if held.note else given
    ended = format_html("Ended by {}, {}: {}", held.ended_by, markup.when(row.ended_at, "date"), row.end_reason)
    return format_html("{}. {}", given, ended)


@register.simple_tag
def may_end(held: Held, endable: Collection[int], address: str) -> tuple[str, str, bool] | None:
    """`{% may_end held endable end_url as action %}`: the button that ends it, or leads to its group, where one may."""
    if held.membership is not None and held.opens_group:
        return ("Open group", reverse("rbac:group-assignment-list", args=[held.membership.group_id]), False)
    return ("End", f"{address}?ids={held.row.pk}", True) if held.row.pk in (endable or ()) else None


@register.simple_tag
def marked(mark: Mark) -> SafeString:
    """`{% marked line.mark %}`: what is wrong with an assignment, and the others that it is about, each a link."""
    address = reverse("rbac:assignment-index")
    links = format_html_join(
        "; ", '<a href="{}?id={}">{}</a>', ((address, each.pk, each.words) for each in mark.grounds)
    )
    why = format_html("{}: {}", mark.why, links) if mark.grounds else mark.why
    return format_html('<p class="second marked"><b>{}</b>: {}</p>', mark.label, why)


ROW = (
    '<tr role="row">{}<th role="rowheader" scope="row" class="lead two"><a class="name" href="{}">{}</a>'
    '<span class="second" title="{}">{}</span></th><td role="cell" class="said"><div class="what tall">{}<div><p>{}</p>'
    '<p class="second">{}</p>{}</div></div></td><td role="cell" class="state">{}</td>'
    '<td role="cell" class="low wide">{}</td>{}</tr>'
)
END = (
    '<td role="cell" class="act"><a class="btn mini" href="{}" hx-get="{}" hx-target="#dialog" hx-swap="innerHTML"'
    ' hx-push-url="false" aria-label="End {} of {}">End</a></td>'
)
NO_END = SafeString('<td role="cell" class="act"></td>')


@register.simple_tag
def assignment_row(line: Line, batch: bool = False) -> SafeString:  # noqa: FBT001, FBT002  a tag
    """`{% assignment_row line batch %}`: a whole `<tr>`, with a box to tick and *End* where it may end."""
    held, row = line.held, line.held.row
    tick = markup.tick(row.pk, f"{row.role} of {line.name}", may=line.may_end) if batch else ""
    end = format_html(END, line.end_url, line.end_url, row.role, line.name) if line.end_url else NO_END
    return format_html(
        ROW,
        tick,
        line.address,
        line.name,
        line.second,
        line.second,
        markup.icon("deny", 16, "Deny:", "c-deny") if held.denies else markup.icon("allow", 16, "Allow:", "c-allow"),
        assignment(row, held.power, held.opens),
        provenance(held),
        marked(line.mark) if line.mark else "",
        markup.status(*held.status),
        markup.when(row.granted_at, "date"),
        end if batch else "",
    )


def _links(row: RoleAssignment) -> dict[Model, str]:
    computer = row.computer
    return {computer: reverse("computers:computer-detail", args=[computer.pk])} if computer else {}
