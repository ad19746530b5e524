"""Tenants as a tree of which some branches are open (guide, "Tree"): what a reader may see, by name at every level.

A tenant whose parent the reader does not see stands at the top. The number of queries does not depend on how much
there is, nor on how much is open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from django.core.exceptions import BadRequest
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import QueryDict

from tenancy.models import Tenant

MOST_OPEN = 100
MOST_BELOW = 100
"""How many of one tenant's children a tree shows; the list has them all."""


class Branch(NamedTuple):
    """One row. `is_open` is None for what has nothing below it that could be shown; `is_match` is False for what is
    there only because something below it matches; `is_cut` where not all of its children are shown.
    """

    tenant: Tenant
    level: int
    is_open: bool | None
    is_match: bool
    is_cut: bool


def chosen(params: QueryDict) -> list[int] | None:
    """Which branches the address opens; None where it does not say. Raises BadRequest."""
    if "open" not in params:
        return None
    said = list(dict.fromkeys(filter(None, params.getlist("open"))))
    if len(said) > MOST_OPEN or not all(each.isdecimal() and len(each) < 19 for each in said):
        raise BadRequest("malformed tree")
    return [int(each) for each in said]


def tops(seen: QuerySet[Tenant]) -> QuerySet[Tenant]:
    """Where the reader's tree begins."""
    return seen.filter(Q(parent=None) | ~Q(parent__in=seen.order_by().values("pk")))


def grown(seen: QuerySet[Tenant], roots: Sequence[Tenant], opened: Collection[int]) -> list[Branch]:
    """These tenants with what the open ones among them have below. Two queries, one where nothing is open."""
    place = Window(RowNumber(), partition_by=F("parent_id"), order_by=("name", "pk"))
    below = seen.filter(parent__in=opened).annotate(place=place).filter(place__lte=MOST_BELOW + 1)
    children = _by_parent(below.order_by("name", "pk"))
    shown = list(_walk(roots, children, set(opened)))
    ids = [tenant.pk for tenant, _ in shown]
    parents = set(seen.filter(parent__in=ids).order_by().values_list("parent_id", flat=True).distinct())
    return [
        Branch(
            tenant,
            level,
            tenant.pk in opened if tenant.pk in parents else None,
            is_match=True,
            is_cut=len(children[tenant.pk]) > MOST_BELOW,
        )
        for tenant, level in shown
    ]


def matching(seen: QuerySet[Tenant], matches: Sequence[Tenant]) -> list[Branch]:
    """These tenants in their places, below those above them that the reader sees. One query."""
    found = {tenant.pk for tenant in matches}
    above = {pk for tenant in matches for pk in tenant.path} - found
    every = sorted([*matches, *seen.filter(pk__in=above)], key=lambda tenant: (tenant.name, tenant.pk))
    ids = {tenant.pk for tenant in every}
    children = _by_parent(every)
    roots = [tenant for tenant in every if tenant.parent_id not in ids]
    return [
        Branch(tenant, level, True if children[tenant.pk] else None, is_match=tenant.pk in found, is_cut=False)
        for tenant, level in _walk(roots, children, ids)
    ]


def announced(branches: Sequence[Branch], opened: Sequence[int] | None) -> str:
    """What is said of the branch that was opened last: "Fabrikam, 2 below"; empty where none is."""
    for branch in branches:
        if opened and branch.tenant.pk == opened[-1] and branch.is_open:
            below = sum(each.tenant.parent_id == branch.tenant.pk for each in branches)
            return f"{branch.tenant}, {below} below"
    return ""


def _by_parent(tenants: Iterable[Tenant]) -> defaultdict[int, list[Tenant]]:
    children: defaultdict[int, list[Tenant]] = defaultdict(list)
    for tenant in tenants:
        children[tenant.parent_id or 0].append(tenant)
    return children


def _walk(
    tenants: Iterable[Tenant], children: defaultdict[int, list[Tenant]], opened: Collection[int], level: int = 1
) -> Iterator[tuple[Tenant, int]]:
    for tenant in tenants:
        yield tenant, level
        if tenant.pk in opened:
            yield from _walk(children[tenant.pk][:MOST_BELOW], children, opened, level + 1)
