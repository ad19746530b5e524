"""Who is in which group, and who may come into one, as far as a reader may see it (design 3, "Objects")."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Group, GroupMembership, GroupMembershipQuerySet, User
from rbac.access import Access
from tenancy.models import Tenant


def memberships_seen(access: Access, user: User) -> GroupMembershipQuerySet:
    """The live memberships of this user in groups that the reader may see."""
    return GroupMembership.objects.live().filter(user=user, group__in=access.seen(Group))


def members_seen(access: Access, group: Group) -> GroupMembershipQuerySet:
    """Every membership of this group that there is or was, of people whom the reader may see."""
    return GroupMembership.objects.filter(group=group, user__in=_people(access))


def has_members_beyond(access: Access, group: Group) -> bool:
    """Whether somebody is in it whom the reader may not see. Asked of each member: a set of all users would be slow."""
    seen = access.seen(User).order_by().filter(pk=OuterRef("user_id"))
    return GroupMembership.objects.live().filter(~Exists(seen), group=group).exists()


def with_members(access: Access, groups: QuerySet[Any]) -> QuerySet[Any]:
    """Each with its owner and, as `member_count`, how many members the reader sees."""
    inside = GroupMembership.objects.live().filter(group=OuterRef("pk"), user__in=_people(access)).order_by()
    count = Subquery(inside.values("group").annotate(count=Count("pk")).values("count"))
    counted: QuerySet[Any] = groups.select_related("tenant").annotate(member_count=Coalesce(count, 0))
    return counted


def candidates(access: Access, group: Group) -> QuerySet[User]:
    """Whom the reader may put into the group: people of its owner and of what is below it, who are not in it."""
    inside = GroupMembership.objects.live().filter(group=group)
    rows: QuerySet[User] = access.seen(User).filter(removed_at=None).exclude(pk__in=inside.values("user_id"))
    if group.tenant_id is not None:
        rows = rows.filter(tenant__in=Tenant.objects.filter(path__contains=[group.tenant_id]).order_by().values("pk"))
    return rows.select_related("tenant")


def _people(access: Access) -> QuerySet[Any, Any]:
    return access.seen(User).order_by().values("pk")
