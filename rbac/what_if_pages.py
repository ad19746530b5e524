"""What the pages of changes that nobody makes show: the same as the form that would save them, and a way to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from immyrbac.requests import Request
from rbac.effects import foreseen
from rbac.offers import Principal
from rbac.pages import FILLED, may_give, page_round, place_of, preview_beside
from rbac.what_if_forms import GivingForm

TABS = ("rbac:user-what-if", "rbac:group-what-if")
MEANT = (
    ("plain", "key", "Give a role", "On tenants and computers of your choice, as an allow or as a deny."),
    ("plain", "users", "To a user or to a group", "Of a group it says how many members it touches."),
    ("plain", "crown", "Great power first", "Then what else they gain or lose, on how many tenants and computers."),
)
"""What the first page says can be asked."""


def what_if_page(request: Request, principal: Principal) -> dict[str, Any]:
    """Round any such question about a user or a group."""
    return page_round(request, principal, *TABS) | {"layout": place_of(principal).layout}


def giving_beside(request: Request, form: GivingForm) -> dict[str, Any]:
    """What the panel shows; only the form while it does not say enough."""
    principal = form.principal
    here = reverse(TABS[0] if isinstance(principal, User) else TABS[1], args=[principal.pk])
    shown = preview_beside(request, form, here, here, foreseen)
    return shown | {"opens": _editor_url(request, form, shown)}


def _editor_url(request: Request, form: GivingForm, shown: Mapping[str, Any]) -> str:
    """The editor that would save it, filled in; empty where the gate would refuse it."""
    preview, principal = shown.get("preview"), form.principal
    if preview is None or preview.objections or principal == request.user or not may_give(request, principal):
        return ""
    return f"{place_of(principal).create_url}?{urlencode({**request.GET.dict(), FILLED: 1})}"
