"""An act that has not happened, as facts, and everybody whom it may touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import GroupMembership, User
from immyrbac.arrays import any_of
from rbac.access import Access
from rbac.flows import Source
from rbac.grants import SCOPE_COLUMNS, counting_permissions, scopes_of
from rbac.models import Effect, RoleAssignment
from tenancy.atlas import scopes_covering
from tenancy.scopes import TenantFacts, rows_describing


@dataclass(frozen=True, slots=True)
class Prospect:
    """What an act would make different, as facts; nothing is written.

    `before` and `after` are of the same tenants. `untagged` are tags that no computer of these would bear any more,
    `leaving` the live memberships (user, group) that would end. `home` is a tenant whose people could act (`opens`),
    or would be an MSP's (`msp`), no matter where they reach; None where that stays as it is.
    """

    before: Mapping[int, TenantFacts] = field(default_factory=dict)
    after: Mapping[int, TenantFacts] = field(default_factory=dict)
    untagged: frozenset[int] = frozenset()
    leaving: frozenset[tuple[int, int]] = frozenset()
    home: int | None = None
    opens: bool | None = None
    msp: bool | None = None


class Person(NamedTuple):
    id: int
    name: str
    tenant_name: str


class Member(NamedTuple):
    """Somebody with all that reaches them before and after; `roles` and `groups` are what the reader may read of it."""

    person: Person
    is_seen: bool
    before: frozenset[Source]
    after: frozenset[Source]
    roles: list[str]
    groups: list[str]


_COLUMNS = ("user_id", "group_id", "pk", "effect", "role__key", "role__permissions", "role__name", "group__name")
_FACTS = ("pk", "name", "tenant__name", "tenant_id", "tenant__is_msp", "tenant__is_active")


def cast_of(access: Access, prospect: Prospect) -> list[Member]:
    """Everybody whom the prospect may touch, by name."""
    people = _touched(prospect)
    joined = GroupMembership.objects.live().filter(any_of("user_id", people))
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for user_id, group_id in joined.values_list("user_id", "group_id"):
        groups[user_id].append(group_id)
    sharing = {group_id for each in groups.values() for group_id in each}
    rows = RoleAssignment.objects.live().filter(any_of("user_id", people) | any_of("group_id", sharing)).order_by()
    held: defaultdict[tuple[int | None, int | None], list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows.values_list(*_COLUMNS, *SCOPE_COLUMNS):
        held[row[0], row[1]].append(row)
    seen = set(access.scope(rows, RoleAssignment.VIEW).order_by().values_list("pk", flat=True))
    seen_people = set(access.seen(User).filter(any_of("pk", people)).order_by().values_list("pk", flat=True))
    able = User.objects.present().filter(any_of("pk", people), is_active=True).order_by("name", "pk")
    able = able.filter(Q(access_expires_at=None) | Q(access_expires_at__gt=Now()))
    return [
        _member(prospect, facts, reaching, seen, is_seen=facts[0] in seen_people)
        for facts in able.values_list(*_FACTS)
        for reaching in [held[facts[0], None] + [row for pk in groups[facts[0]] for row in held[None, pk]]]
    ]


def _touched(prospect: Prospect) -> set[int]:
    """Whom an assignment reaches whose cover changes, whose memberships end, and who is at home where it matters."""
    changed = {
        scope
        for pk, facts in prospect.before.items()
        for scope in set(scopes_covering(facts)) ^ set(scopes_covering(prospect.after[pk]))
    }
    members = GroupMembership.objects.live()
    naming = rows_describing(changed, ("user__tenant",), lambda homes: members.filter(user__tenant__in=homes))
    near = RoleAssignment.objects.live().filter(naming | Q(computer_tag__in=prospect.untagged)).order_by()
    found = set(near.values_list("user_id", "group_id"))
    inside = members.filter(any_of("group_id", {group for _, group in found if group})).values_list(
        "user_id", flat=True
    )
    people = {user for user, _ in found if user} | set(inside) | {user for user, _ in prospect.leaving}
    if prospect.home is not None:
        people |= set(User.objects.present().filter(tenant=prospect.home).values_list("pk", flat=True))
    return people


def _member(
    prospect: Prospect, facts: tuple[Any, ...], rows: Iterable[tuple[Any, ...]], seen: set[int], *, is_seen: bool
) -> Member:
    pk, name, tenant_name, home, is_msp, is_open = facts
    at_home = home == prospect.home
    now = (is_open, is_msp)
    then = (
        prospect.opens if at_home and prospect.opens is not None else is_open,
        prospect.msp if at_home and prospect.msp is not None else is_msp,
    )
    rows = list(rows)
    staying = [row for row in rows if (pk, row[1]) not in prospect.leaving]
    readable = [row for row in rows if row[2] in seen and row[3] == Effect.ALLOW]
    return Member(
        Person(pk, name, tenant_name),
        is_seen,
        frozenset(_sources(rows, home, *now)),
        frozenset(_sources(staying, home, *then)),
        sorted({row[6] for row in readable}),
        sorted({row[7] for row in readable if row[7]}),
    )


def _sources(rows: Iterable[tuple[Any, ...]], home: int, is_open: bool, is_msp: bool) -> Iterator[Source]:  # noqa: FBT001  two facts of a tenant
    """What counts of these rows for somebody at home there; nothing where the tenant is not active."""
    for _, _, _, effect, key, listed, _, _, *columns in rows if is_open else ():
        tenants, computers = scopes_of(columns, home)
        allows = effect == Effect.ALLOW
        counting = counting_permissions(
            frozenset(listed),
            whole=tenants.is_everything,
            every=computers.is_everything,
            msp_only=not allows or is_msp,
        )
        if counting:
            yield Source(allows, counting, tenants, computers, key)
