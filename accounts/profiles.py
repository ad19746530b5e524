"""What the pages of one's own account show; none of it needs a permission (design 3, "Objects")."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.impersonations import impersonations_of
from accounts.lists import account_status
from accounts.models import AccessRequest, GroupMembership, User
from accounts.pages import Tab
from accounts.sessions import browser_of, open_sessions
from immyrbac.requests import Request
from rbac.naming import OPERATOR, name_for
from rbac.receipts import deeds_as
from rbac.sentences import SENTENCE_RELATIONS, sentence
from tenancy.scopes import Word

MOST = 50
"""So many of the last times that somebody acted as the reader are shown."""

TABS = {
    "accounts:profile-detail": "Your access",
    "accounts:profile-access": "What you may do",
    "accounts:profile-requests": "Requests",
    "accounts:profile-security": "Sign-in",
}


class Membership(NamedTuple):
    group: str
    owner: str
    added_by: str
    added_at: datetime
    expires_at: datetime | None


class Acted(NamedTuple):
    by: str
    started_at: datetime
    until: datetime
    reason: str
    deeds: list[tuple[datetime, list[Word]]]


class OpenSession(NamedTuple):
    pk: int
    browser: str
    address: str
    created_at: datetime
    seen_at: datetime
    is_here: bool


def profile_page(request: Request, tab: str) -> dict[str, Any]:
    """The context of every page of the profile; `tab` is the URL name of the one that is open."""
    closed = {"accounts:profile-requests", "accounts:profile-security"} if request.impersonation else ()
    return {
        "person": request.user,
        "status": account_status(request.user, timezone.now()),
        "tabs": [Tab(words, reverse(name), None, name == tab) for name, words in TABS.items() if name not in closed],
    }


def own_groups(request: Request) -> list[Membership]:
    rows = GroupMembership.objects.live().filter(user=request.user).select_related("group__tenant", "added_by")
    return [
        Membership(
            row.group.name,
            str(row.group.tenant or "the instance"),
            _adder(request, row.added_by),
            row.added_at,
            row.expires_at,
        )
        for row in rows.order_by("group__name", "pk")
    ]


def _adder(request: Request, person: User | None) -> str:
    """Within a sentence; as far as the reader may read a name."""
    name = name_for(request.access, person, request.user.tenant) if person else "the system"
    return "the operator of this system" if name == OPERATOR else name


def acted_as(request: Request) -> list[Acted]:
    """Who acted as the reader, and what they did, the last first. Two queries, and what naming them asks."""
    rows = list(impersonations_of(request.user)[:MOST])
    deeds = deeds_as(request.user, {row.actor_id for row in rows})
    return [
        Acted(
            name_for(request.access, row.actor, request.user.tenant),
            row.started_at,
            row.ended_at if row.ended_at and row.ended_at < row.expires_at else row.expires_at,
            row.reason,
            [deed[1:] for deed in deeds if deed[0] == row.actor_id and row.started_at <= deed[1] <= row.expires_at],
        )
        for row in rows
    ]


def own_requests(request: Request) -> QuerySet[AccessRequest]:
    """What the user asked for, however it stands."""
    given = (f"assignment__{name}" for name in SENTENCE_RELATIONS)
    return AccessRequest.objects.filter(user=request.user).select_related("user__tenant", *given)


def own_words(asked: AccessRequest) -> list[Word]:
    """What one's own request gave; nothing where it gave none."""
    return sentence(asked.assignment) if asked.assignment else []


def own_sessions(request: Request) -> list[OpenSession]:
    """Where the user is signed in; this browser first, then the last used."""
    here = request.session.session_key
    rows = [
        OpenSession(row.pk, browser_of(row), row.ip, row.created_at, row.last_seen_at, is_here=row.session_key == here)
        for row in open_sessions(request.user)
    ]
    return sorted(rows, key=lambda row: not row.is_here)
