"""Which assignments name a tag, as far as a reader may see them (design 3, "Objects")."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from immyrbac.words import Status, lifetime
from rbac.access import Access
from rbac.models import RoleAssignment
from rbac.sentences import SENTENCE_RELATIONS, sentence
from tenancy.models import Tag
from tenancy.scopes import Word

MOST = 50


class Mention(NamedTuple):
    """One assignment: allow or deny, who holds it (a user or a group), as a sentence, and how it stands."""

    effect: str
    who: str
    user_id: int | None
    group_id: int | None
    words: list[Word]
    status: Status


class Mentions(NamedTuple):
    """The assignments that are not over, the newest first; `is_cut`: more than are shown; `beyond`: some unseen."""

    rows: list[Mention]
    is_cut: bool
    beyond: bool


def mentions_of(access: Access, tag: Tag) -> Mentions:
    """What covers tenants or computers by this tag. Two queries."""
    naming = RoleAssignment.objects.unexpired().filter(Q(tag=tag) | Q(computer_tag=tag))
    seen = access.scope(naming, RoleAssignment.VIEW)
    related = seen.select_related("user", "group", *SENTENCE_RELATIONS)
    rows = list(related.order_by("-granted_at", "-pk")[: MOST + 1])
    beyond = naming.exclude(pk__in=seen.order_by().values("pk")).exists()
    now = timezone.now()
    return Mentions([_mention(row, now) for row in rows[:MOST]], len(rows) > MOST, beyond)


def _mention(row: RoleAssignment, now: datetime) -> Mention:
    status = lifetime(now, row.starts_at, row.expires_at)
    who = row.user.name if row.user else str(row.group)
    return Mention(row.effect, who, row.user_id, row.group_id, sentence(row), status)
