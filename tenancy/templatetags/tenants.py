"""Tenants as markup: what repeats in the rows of their lists."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from immyrbac import markup
from immyrbac.addresses import url_of
from immyrbac.words import Status
from tenancy.lists import Numbers
from tenancy.models import Tag, Tenant

register = template.Library()

ROW = (
    '<tr role="row"><th role="rowheader" scope="row" class="lead two"><a class="name" href="{}">{}{}</a>'
    '<span class="second">{}</span></th><td role="cell" class="clip{}" title="{}">{}</td>'
    '<td role="cell" class="low{}">{}</td>{}<td role="cell" class="state">{}</td>'
    '<td role="cell" class="low dim" data-l="Created">{}</td></tr>'
)


@register.simple_tag
def tenant_row(tenant: Tenant, status: Status, tags: Sequence[Tag], found: Numbers) -> SafeString:
    """`{% tenant_row tenant status tags numbers %}`: a whole `<tr>` of their list, which is most of its page."""
    parent, nothing = getattr(tenant, "parent_name", None), " nothing"
    return format_html(
        ROW,
        url_of("tenancy:tenant-detail", tenant.pk),
        tenant.name,
        format_html(" {}", markup.mark("msp_tenant")) if tenant.is_msp else "",
        f"below {parent}" if parent else tenant.slug,
        "" if tenant.msp else nothing,
        tenant.msp or "",
        tenant.msp or "No MSP",
        "" if tags else nothing,
        markup.tags(tags, 2) or "No tags",
        numbers(found, "cell"),
        markup.status(status.kind, status.words),
        markup.when(tenant.created_at),
    )


@register.simple_tag
def numbers(found: Numbers, role: str) -> SafeString:
    """`{% numbers row.numbers "cell" %}`: the people and the computers of a tenant, each the link to their list."""
    cells = (("People", found.people), ("Computers", found.computers))
    shown = (
        (role, name, format_html('<a class="figure" href="{}">{}</a>', each.address, each.total) if each else "")
        for name, each in cells
    )
    return format_html_join("", '<td role="{}" class="num" data-l="{}">{}</td>', shown)
