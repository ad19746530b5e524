"""Roles as markup: the row of their list, which is most of its page."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from immyrbac import markup
from immyrbac.addresses import url_of
from rbac.role_blocks import Entry
from rbac.role_pages import Row

register = template.Library()

ROW = (
    '<tr role="row"><th role="rowheader" scope="row" class="lead two"><span class="with-mark">'
    '<a class="name" href="{}">{}</a>{}</span><span class="second" title="{}">{}</span></th>'
    '<td role="cell">{}</td><td role="cell" class="clip{}" title="{}">{}</td>{}'
    '<td role="cell" class="num" data-l="Permissions"><a class="figure" href="{}?granted=on">{}</a></td></tr>'
)
USE = (
    '<td role="cell" class="num" data-l="Assignments"><a class="figure" href="{}?role={}">{}</a></td>'
    '<td role="cell" class="num" data-l="Users"><a class="figure" href="{}">{}</a></td>'
)


@register.simple_tag
def role_row(row: Row, assignments: str = "") -> SafeString:
    """`{% role_row row assignments %}`: a whole `<tr>`, with its use where there is a list of assignments."""
    role, address = row.role, url_of("rbac:role-detail", row.role.pk)
    use = format_html(USE, assignments, role.pk, row.use.assignments, row.people_url, row.use.people)
    return format_html(
        ROW,
        address,
        role.name,
        format_html(" {}", markup.power(row.great)) if row.great else "",
        role.description,
        role.description or "No description",
        row.type,
        "" if role.tenant_id else " dim",
        row.owner,
        row.owner,
        use if assignments else "",
        address,
        len(role.permissions),
    )


@register.simple_tag
@lru_cache(maxsize=2048)
def entry(permission: Entry) -> SafeString:
    """`{% entry permission %}`: one permission of a block. A role has a hundred of few kinds: each is drawn once."""
    return SafeString(get_template("parts/permission_entry.html").render({"permission": permission}).strip())
