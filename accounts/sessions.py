"""A user's sessions, each in one browser: which are open, and how they end."""

from __future__ import annotations

from collections.abc import Collection

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from rbac.audit import Actor, record

BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Windows": "Windows",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
"""What a user agent says of itself, the telling word first: most of them name others as well."""


def open_sessions(user: User) -> QuerySet[UserSession]:
    """The sessions that still let this user in, the last used first."""
    live = Session.objects.filter(expire_date__gt=Now())
    return UserSession.objects.filter(user=user, session_key__in=live.values("session_key")).order_by("-last_seen_at")


def browser_of(session: UserSession) -> str:
    return browser_named(session.user_agent)


def browser_named(user_agent: str) -> str:
    """As in "Firefox on Windows"; what a browser does not tell is left out."""
    said = [next((name for mark, name in names.items() if mark in user_agent), "") for names in (BROWSERS, SYSTEMS)]
    return " on ".join(filter(None, said)) or "Unknown browser"


def end_session(*, actor: Actor, user: User, session: UserSession) -> None:
    """End one of the user's sessions: its next request is out."""
    with transaction.atomic():
        _close([session.session_key])
        after = {"browser": browser_of(session), "address": session.ip}
        record(actor, "session.ended", target=user, tenant=user.tenant_id, after=after)


def end_other_sessions(*, actor: Actor, user: User, keep: str) -> int:
    """End all of the user's sessions but the one with the key `keep`; returns how many."""
    with transaction.atomic():
        count = end_sessions([user], keep)
        record(actor, "session.ended", target=user, tenant=user.tenant_id, after={"sessions": count})
    return count


def end_sessions(users: Collection[User], keep: str | None = None) -> int:
    """The bare write, for services that tell it in an entry of their own; returns how many were still open."""
    sessions = UserSession.objects.filter(user__in=[user.pk for user in users]).exclude(session_key=keep or "")
    return _close(list(sessions.values_list("session_key", flat=True)))


def _close(keys: Collection[str]) -> int:
    UserSession.objects.filter(session_key__in=keys).delete()
    return Session.objects.filter(session_key__in=keys, expire_date__gt=Now()).delete()[0]
