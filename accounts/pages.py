"""What every page about one user or one group shows: who it is, the tabs, and what the reader may do with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from accounts.factors import has_factor
from accounts.identities import identities_of
from accounts.lists import account_status
from accounts.memberships import members_seen, memberships_seen
from accounts.models import Group, Person, User
from computers.models import Computer
from computers.people_uses import computers_of
from immyrbac.requests import Request
from rbac.access import INSTANCE, Access
from rbac.acting import may_act_as
from rbac.coverage import covers, sends_home
from rbac.lists import days_of, entries_about
from rbac.permissions import Permission
from rbac.rosters import count_held
from tenancy.links import tenant_url

LATEST = 10
"""Entries of the history that stand on a page of their own thing."""


class Tab(NamedTuple):
    words: str
    address: str
    number: int | None
    current: bool


def user_page(request: Request, user: User, tab: str) -> dict[str, Any]:
    """The context of a page about this user; `tab` is the URL name of the one that is open."""
    return {
        "person": user,
        "may": may(request.access, user),
        "status": account_status(user, timezone.now()),
        "tenant_url": tenant_url(request.access, user.tenant),
        "tabs": [
            Tab(words, reverse(name, kwargs={"pk": user.pk}), count, name == tab)
            for name, words, count in _tabs(request.access, user)
        ],
    }


class May(NamedTuple):
    """What the reader may do with the account, as the gate would say (design 6); nothing with one that was removed."""

    edit: bool = False
    link: bool = False
    go: bool = False
    reset: bool = False
    unlink: bool = False
    act: bool = False


def may(access: Access, user: User) -> May:
    acts = may_act_as(access, user)
    if user.removed_at is not None or not access.can(Permission.USERS_MANAGE, user):
        return May(act=acts)
    as_long = covers(access, user, as_long=True)
    reset = as_long and user.pk != access.user_id and has_factor(user.pk)
    unlink = as_long and user.pk != access.user_id and identities_of(user).exists()
    return May(as_long or covers(access, user), as_long, sends_home(access, user), reset, unlink, acts)


def _tabs(access: Access, user: User) -> Iterator[tuple[str, str, int | None]]:
    yield "accounts:user-detail", "Details", None
    if access.holds(Group.VIEW):
        yield "accounts:user-group-list", "Groups", memberships_seen(access, user).count()
    yield "rbac:assignment-list", "Assignments", count_held(access, user)
    if access.can(Permission.GOVERNANCE_EXPLAIN_ACCESS, user):
        yield "rbac:user-access", "Effective access", None
    if user.removed_at is None and access.can(Permission.GOVERNANCE_SIMULATE_CHANGES, user):
        yield "rbac:user-what-if", "What if", None
    if access.can(Permission.AUDIT_VIEW, user):
        yield "rbac:user-history", "History", None


def person_page(request: Request, person: Person) -> dict[str, Any]:
    """The context of the page about somebody who uses computers."""
    access, account = request.access, person.user
    entries = entries_about(access, "person", person.pk, "persons")[:LATEST]
    return {
        "person": person,
        "account": account if account and access.can(User.VIEW, account) else None,
        "account_status": account_status(account, timezone.now()) if account else None,
        "tenant_url": tenant_url(access, person.tenant),
        "may_manage": access.can(Permission.USERS_MANAGE, person),
        "computers": computers_of(access, person) if access.holds(Computer.VIEW) else None,
        "history_url": f"{reverse('rbac:audit-list')}?{urlencode({'kind': 'person', 'q': person.name})}",
        "days": days_of(entries, access) if access.holds(Permission.AUDIT_VIEW) else None,
    }


def group_page(request: Request, group: Group, tab: str) -> dict[str, Any]:
    """The context of a page about this group; `tab` is the URL name of the one that is open."""
    return {
        "group": group,
        "manages": manages_group(request.access, group),
        "tabs": [
            Tab(words, reverse(name, kwargs={"pk": group.pk}), count, name == tab)
            for name, words, count in _group_tabs(request.access, group)
        ],
    }


def manages_group(access: Access, group: Group) -> bool:
    """Whether the reader may edit it and change who is in it, as the services ask it (design 3, "Objects")."""
    if group.tenant_id is None:
        return access.can(Permission.GROUPS_MANAGE_PUBLIC, INSTANCE)
    return access.can(Permission.GROUPS_MANAGE, group)


def _group_tabs(access: Access, group: Group) -> Iterator[tuple[str, str, int | None]]:
    yield "accounts:group-detail", "Members", members_seen(access, group).live().count()
    yield "rbac:group-assignment-list", "Assignments", count_held(access, group)
    if access.can(Permission.GOVERNANCE_SIMULATE_CHANGES, group):
        yield "rbac:group-what-if", "What if", None
    if access.can(Permission.AUDIT_VIEW, group):
        yield "rbac:group-history", "History", None
