"""How a request for access stands, who may answer it, and how it reads to whom (docs/decisions/access-requests.md)."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import AccessRequest, User
from immyrbac.words import Status, lifetime
from rbac.access import Access, who_can
from rbac.audit import Actor
from rbac.deeds import deed
from rbac.flips import stands
from rbac.models import RoleAssignment
from rbac.permissions import Permission
from rbac.sentences import SENTENCE_RELATIONS, plain, sentence
from rbac.switches import SwitchKey
from tenancy.scopes import Word

MANAGE = Permission.USERS_MANAGE_ACCESS_REQUESTS
OFF = "Access requests are turned off in the preferences."
MOST_APPROVERS = 100
"""So many are told of one request."""

UNKNOWN = "something outside your view"


def are_taken(access: Access | None = None) -> bool:
    """Whether the switch lets people ask; a reader's Access knows it already, otherwise one query."""
    key = SwitchKey.ACCESS_REQUESTS
    return stands(key) if access is None else access.switches.get(key, key.spec.default)


def may_ask_for_access(access: Access, actor: Actor) -> bool:
    """Whether the reader may ask now; nobody does as somebody else."""
    return actor.impersonator is None and are_taken(access)


def state_of(asked: AccessRequest) -> str:
    """waiting, approved or refused."""
    if asked.decided_at is None:
        return "waiting"
    return "refused" if asked.refusal else "approved"


def status_of(asked: AccessRequest) -> Status:
    """As lists show it: of one that was approved, also whether what it gave is over. Reads its assignment."""
    state = state_of(asked)
    if state != "approved":
        return Status("new", "Waiting") if state == "waiting" else Status("off", "Refused")
    given = asked.assignment
    if given is None:
        return Status("live", "Invited")
    if given.ended_at is not None:
        return Status("off", "Approved, ended")
    left = lifetime(timezone.now(), given.starts_at, given.expires_at)
    return Status("ended", "Approved, expired") if left.kind == "ended" else Status("live", "Approved")


def wish_of(asked: AccessRequest) -> str:
    """What it is for, without what it is about: that is a name, which not everybody may know."""
    return deed(Permission(asked.permission)) if asked.permission in Permission else "access"


def approvers_of(asked: AccessRequest) -> QuerySet[User]:
    """Who may answer it now, without the one who asks: a bounded number of queries to find whom, then one."""
    return who_can(MANAGE, asked).exclude(pk=asked.user_id or 0).order_by("pk")


class Given(NamedTuple):
    """What an approved request gave, and the number of its holder; no words where the reader may not see it."""

    words: list[Word]
    user_id: int | None


def given_by(access: Access, asked: AccessRequest) -> Given | None:
    """As far as the reader may see; one's own assignments need no permission. None where it gave no assignment."""
    if asked.assignment_id is None:
        return None
    rows = RoleAssignment.objects.select_related("user", *SENTENCE_RELATIONS).filter(pk=asked.assignment_id)
    row = (rows if asked.user_id == access.user_id else access.scope(rows, RoleAssignment.VIEW)).first()
    return Given([], None) if row is None else Given(sentence(row), row.user_id)


def told_of(asked: AccessRequest) -> str:
    """What it gave, for the mail to whoever asked; empty where it gave no assignment."""
    rows = RoleAssignment.objects.select_related("user", *SENTENCE_RELATIONS)
    row = rows.filter(pk=asked.assignment_id or 0).first()
    return "" if row is None else plain(sentence(row))
