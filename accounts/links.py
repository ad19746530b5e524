"""Links by which a user sets a password: single use, for a limited time, kept as a hash (safety 23)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import PasswordLink, User
from rbac.access import access_for
from rbac.audit import Actor
from rbac.coverage import covers
from rbac.permissions import Permission

LIFETIME = timedelta(hours=72)
MAILED_LIFETIME = timedelta(hours=1)
"""Of a link that somebody asked for without being signed in: whoever did is waiting for it."""


def create_link(*, actor: Actor, user: User, lifetime: timedelta = LIFETIME) -> str:
    """The token of a new link; earlier ones of the user end. Its guard stands in `accounts.services`.

    One that the system mails leaves those of administrators alone: a stranger can ask for it.
    """
    token = secrets.token_urlsafe(32)
    earlier = user.password_links.filter(used_at=None)
    (earlier if actor.user else earlier.filter(created_by=None)).update(used_at=Now())
    PasswordLink.objects.create(
        user=user, token_hash=hash_token(token), created_by=actor.user, expires_at=timezone.now() + lifetime
    )
    return token


def find_link(**named: object) -> PasswordLink | None:
    """The link so named, with its user, if it may still be used."""
    link = usable_links().filter(**named).select_related("user", "created_by").first()
    return link if link is not None and _is_backed(link) else None


def usable_links() -> QuerySet[PasswordLink]:
    """Neither used nor expired, of users who may act."""
    users = User.objects.able_to_act().order_by()
    return PasswordLink.objects.filter(used_at=None, expires_at__gt=Now(), user__in=users)


def _is_backed(link: PasswordLink) -> bool:
    """Whether whoever issued it could do so now: they hold its token, and a link carries its actor (safety 18)."""
    if link.created_by is None:
        return True
    access = access_for(link.created_by)
    return access.can(Permission.USERS_MANAGE, link.user) and covers(access, link.user, as_long=True)


def hash_token(token: str) -> str:
    """SHA-256: the token itself is 256 random bits, so nothing slower is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
