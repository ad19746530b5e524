"""Links that ask why and who, where the reader may ask."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import template
from django.db.models import Model
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from immyrbac import markup
from rbac.access import Access, Subject
from rbac.access_requests import may_ask_for_access
from rbac.permissions import Permission
from rbac.subjects import ask_url, explain_url, who_url

register = template.Library()


@register.simple_tag(takes_context=True)
def explain_link(context: Context, user: User | None = None, permission: str = "", on: Subject | None = None) -> Any:
    """`{% explain_link user=person permission=… on=computer %}`: the button "Explain access", or nothing.

    Whatever is left out is asked there; without a user the reader asks about others, or themselves.
    """
    access: Access = context["request"].access
    asks = access.holds(Permission.GOVERNANCE_EXPLAIN_ACCESS) if user is None else _may_ask(access, user)
    return _button(explain_url(user=user, permission=permission, on=on), "Explain access") if asks else ""


@register.simple_tag(takes_context=True)
def who_link(context: Context, permission: str = "", on: Subject | None = None) -> Any:
    """`{% who_link permission=… on=role %}`: the button "Who can…", or nothing."""
    access: Access = context["request"].access
    asks = access.holds(Permission.GOVERNANCE_EXPLAIN_ACCESS)
    return _button(who_url(permission=permission, on=on), "Who can…") if asks else ""


@register.simple_tag(takes_context=True)
def what_if_link(context: Context, **chosen: Model) -> Any:
    """`{% what_if_link role=role %}`, `{% what_if_link tenant=tenant %}`: the button "What if…", or nothing."""
    access: Access = context["request"].access
    address = f"{reverse('rbac:what-if')}?{urlencode({name: each.pk for name, each in chosen.items()})}"
    return _button(address, "What if…", "what-if") if access.holds(Permission.GOVERNANCE_SIMULATE_CHANGES) else ""


@register.simple_tag(takes_context=True)
def ask_link(context: Context, permission: str = "", on: Subject | None = None) -> SafeString | str:
    """`{% ask_link permission=… on=computer %}`: the button "Ask for access", filled in with this; or nothing."""
    request = context["request"]
    asks = may_ask_for_access(request.access, request.actor)
    return _button(ask_url(permission=permission, on=on), "Ask for access", "mail") if asks else ""


def _may_ask(access: Access, user: User) -> bool:
    return access.user_id == user.pk or access.can(Permission.GOVERNANCE_EXPLAIN_ACCESS, user)


def _button(address: str, words: str, icon: str = "explain") -> SafeString:
    return format_html('<a class="btn" href="{}">{}{}</a>', address, markup.icon(icon), words)
