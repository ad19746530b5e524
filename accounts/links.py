"""Links by which a user sets a password: single use, 72 hours, kept as a hash (safety 23)."""

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


def create_link(*, actor: Actor, user: User) -> str:
    """The token of a new link; earlier ones of the user end. Its guard stands in `accounts.services`."""
    token = secrets.token_urlsafe(32)
    PasswordLink.objects.filter(user=user, used_at=None).update(used_at=Now())
    PasswordLink.objects.create(
        user=user, token_hash=hash_token(token), created_by=actor.user, expires_at=timezone.now() + LIFETIME
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
