"""The request as views get it, after the middleware: who asks, and what they may do."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import Impersonation, User
from rbac.access import Access
from rbac.audit import Actor


class Request(HttpRequest):
    """`id` names the request in answers, logs and audit. Behind `public`, `user` may be anonymous.

    While one acts as somebody else, `user` is that person, `impersonation` what goes on, and `actor` names both.
    """

    id: str
    user: User
    access: Access
    actor: Actor
    impersonation: Impersonation | None
    htmx: HtmxDetails


def site_of(request: HttpRequest) -> str:
    """Where the links of mails lead: the host that was asked, which is one of ALLOWED_HOSTS."""
    return request.build_absolute_uri("/").rstrip("/")
