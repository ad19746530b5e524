"""Which assignments reach whom, and concern which tenant, as conditions on rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from django.db.models import BigIntegerField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from accounts.models import Group, GroupMembership, User
from immyrbac.arrays import any_of, any_of_rows
from immyrbac.searching import holding
from rbac.access import Access
from rbac.grants import scopes_of_row
from rbac.models import RoleAssignment
from tenancy.models import Tenant
from tenancy.scopes import TenantFacts, rows_covering


def facts_of(access: Access, tenant: Tenant) -> TenantFacts:
    access.facts.learn_tenants([tenant.pk])
    return access.facts.tenants[tenant.pk]


def concerning(tenant: TenantFacts) -> Q:
    """The assignments whose scope covers the tenant, for whoever holds them or somebody in the group that does."""

    def living_in(ids: Collection[int], above: Collection[int]) -> Q:
        return _held_in(ids) | Q(include_children=True) & _held_in(above)

    return rows_covering([tenant], living_in)


def _held_in(tenants: Collection[int]) -> Q:
    """The rows of people who live in these tenants, and of groups with such a member."""
    users = User.objects.filter(any_of("tenant_id", tenants)).order_by()
    members = GroupMembership.objects.live().filter(any_of("user__tenant_id", tenants)).order_by()
    return any_of_rows("user_id", users.values("pk")) | any_of_rows("group_id", members.values("group_id"))


def named(words: str) -> Q:
    """The assignments of people and groups with these words in their names; each looked up along its own index."""
    users = User.objects.filter(holding(words, "name", "email")).order_by()
    groups = Group.objects.filter(holding(words, "name")).order_by()
    return any_of_rows("user_id", users.values("pk")) | any_of_rows("group_id", groups.values("pk"))


def reached_by(rows: QuerySet[RoleAssignment], tenant: TenantFacts | None, *, few: bool) -> Q:
    """The users whom some of these assignments reach, directly or through a group; only on this tenant, if given.

    `few`: the rows are looked up and then their people, in the place of each user of the list.
    """
    joined = GroupMembership.objects.live().filter(user=OuterRef(OuterRef("pk"))).order_by().values("group_id")
    reaching = rows
    if tenant is not None:
        home = ExpressionWrapper(OuterRef("tenant_id"), BigIntegerField())
        here = rows_covering([tenant], _at_home)
        reaching = rows.annotate(home=home).filter(here)
    reached = Q(Exists(reaching.filter(user=OuterRef("pk")))) | Q(Exists(reaching.filter(group__in=joined)))
    return reached & _holders_of(rows.order_by()) if few else reached


def _at_home(ids: Collection[int], above: Collection[int]) -> Q:
    return Q(home__in=sorted(ids)) | Q(home__in=sorted(above), include_children=True)


def _holders_of(rows: QuerySet[RoleAssignment]) -> Q:
    groups = rows.filter(user=None).values("group_id")
    members = GroupMembership.objects.live().filter(group__in=groups).order_by()
    return any_of_rows("pk", rows.filter(group=None).values("user_id")) | any_of_rows("pk", members.values("user_id"))


class Arrival(NamedTuple):
    """One assignment as it reaches somebody; `membership` where it comes through a group."""

    row: RoleAssignment
    membership: GroupMembership | None


def arrivals(
    users: Collection[User], rows: QuerySet[RoleAssignment], tenant: TenantFacts | None
) -> dict[int, list[Arrival]]:
    """Those of these assignments that reach each of these users, as `reached_by` says. Two queries."""
    memberships = list(GroupMembership.objects.live().filter(user__in=users).order_by("pk"))
    groups = {membership.group_id for membership in memberships}
    by_principal: defaultdict[tuple[int | None, int | None], list[RoleAssignment]] = defaultdict(list)
    for row in rows.filter(Q(user__in=users) | Q(group__in=groups)).order_by("-pk"):
        by_principal[row.user_id, row.group_id].append(row)
    found: dict[int, list[Arrival]] = {
        user.pk: [Arrival(row, None) for row in by_principal[user.pk, None]] for user in users
    }
    for membership in memberships:
        through = by_principal[None, membership.group_id]
        found[membership.user_id].extend(Arrival(row, membership) for row in through)
    if tenant is None:
        return found
    homes = {user.pk: user.tenant_id for user in users}
    return {
        pk: [each for each in held if scopes_of_row(each.row, homes[pk])[0].covers(tenant)]
        for pk, held in found.items()
    }
