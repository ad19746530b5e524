"""What tenants would be after an act that has not happened: the same arithmetic as the triggers' (design 8), in memory.

A test compares each of these with what the act then makes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

from django.db.models import Q, QuerySet

from accounts.models import GroupMembership, GroupMembershipQuerySet
from computers.models import Computer, ComputerTag
from rbac.prospects import Prospect
from tenancy.models import Tag, Tenant, TenantTag
from tenancy.scopes import TenantFacts, load_tenants


def retagged(tenant: Tenant, tags: Collection[Tag]) -> Prospect:
    """The tenant bears exactly these tags."""
    facts = load_tenants([tenant.pk])
    return Prospect(facts, {tenant.pk: replace(facts[tenant.pk], tag_ids=frozenset(tag.pk for tag in tags))})


def flagged(tenant: Tenant, *, is_msp: bool) -> Prospect:
    """The tenant is an MSP, or none: who belongs to it changes, and what counts for its people."""
    before = _subtree(tenant)
    nearest = tenant.pk if is_msp else _msp_of(tenant.parent)
    after = _belonging(before, nearest, inside=before.keys() - {tenant.pk})
    return Prospect(before, after, home=tenant.pk, msp=is_msp)


def opened(tenant: Tenant, *, is_active: bool) -> Prospect:
    """The people of the tenant may act, or not."""
    return Prospect(home=tenant.pk, opens=is_active)


class Uprooting(NamedTuple):
    """A move: the tags that fall off, how many computers lose some, and what it makes different."""

    prospect: Prospect
    tags: list[Tag]
    computers: QuerySet[Computer]


def uprooted(tenant: Tenant, parent: Tenant | None) -> Uprooting:
    """The tenant with all below it stands below another; what no longer fits there goes."""
    before = _subtree(tenant)
    path = (*(parent.path if parent else ()), tenant.pk)
    lost = list(_borne(before, strangers(before, path)))
    gone = frozenset(tag.pk for tag in lost)
    belonging = _belonging(before, _msp_of(parent), inside=before.keys())
    after = {
        pk: replace(facts, path=path + facts.path[len(tenant.path) :], tag_ids=facts.tag_ids - gone)
        for pk, facts in belonging.items()
    }
    worn = ComputerTag.objects.filter(computer__tenant__in=before, tag__in=gone).order_by()
    losing = Computer.objects.live().filter(pk__in=worn.values("computer_id"))
    leaving = strange_members(GroupMembership.objects.live(), before, path)
    return Uprooting(
        Prospect(
            before,
            after,
            untagged=frozenset(worn.values_list("tag_id", flat=True).distinct()),
            leaving=frozenset(leaving.values_list("user_id", "group_id")),
        ),
        lost,
        losing,
    )


# What no longer fits: the same for the act


def strangers(subtree: Collection[int], path: Collection[int]) -> Q:
    """Bearers' rows whose tag can be used neither within the subtree that moves nor at its new path (design 2)."""
    return Q(tag__tenant__isnull=False) & ~Q(tag__tenant__in={*subtree, *path})


def strange_members(
    memberships: GroupMembershipQuerySet, subtree: Collection[int], path: Collection[int]
) -> GroupMembershipQuerySet:
    """Those of people of the subtree in groups whose owner would stand at or above them no longer."""
    inside = memberships.filter(user__tenant__in=subtree, group__tenant__isnull=False)
    return inside.exclude(group__tenant__in={*subtree, *path})


def _msp_of(tenant: Tenant | None) -> int | None:
    return tenant.msp_id if tenant else None


def _subtree(tenant: Tenant) -> dict[int, TenantFacts]:
    return load_tenants(Tenant.objects.at_or_below(tenant.pk).values_list("pk", flat=True))


def _belonging(
    tenants: Mapping[int, TenantFacts], nearest: int | None, *, inside: Collection[int]
) -> dict[int, TenantFacts]:
    """These tenants where whoever belongs to none of the MSPs `inside` belongs to the nearest one instead."""
    return {pk: facts if facts.msp_id in inside else replace(facts, msp_id=nearest) for pk, facts in tenants.items()}


def _borne(tenants: Collection[int], which: Q) -> QuerySet[Tag]:
    """The tags of this kind that these tenants or their computers bear."""
    on_tenants = TenantTag.objects.filter(which, tenant__in=tenants).values("tag_id")
    on_computers = ComputerTag.objects.filter(which, computer__tenant__in=tenants).values("tag_id")
    return Tag.objects.filter(Q(pk__in=on_tenants) | Q(pk__in=on_computers))
