"""Containment and disjointness of tenant scopes (design 3): a table each, and what the tables look up now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from immyrbac.arrays import any_of, overlapping
from immyrbac.statements import Statement
from tenancy.models import Tag, Tenant, TenantTag
from tenancy.scopes import (
    MspScope,
    SingleScope,
    SubtreeScope,
    TagScope,
    TenantFacts,
    TenantScope,
    TenantSpot,
    load_tenants,
)


class TagFacts(NamedTuple):
    """What containment asks of a tag: the tenants from the root down to its owner, and the MSPs of its bearers."""

    owner_path: tuple[int, ...] = ()
    msp_ids: frozenset[int | None] = frozenset()


class TenantEstate:
    """What the tables below look up now, each fact once. Make a new one after every write."""

    def __init__(self) -> None:
        self._tenants: dict[int, TenantFacts | None] = {}
        self._msps_below: dict[int, frozenset[int]] = {}
        self._tags: dict[int, TagFacts] = {}
        self._bearing: dict[int, set[int | None]] | None = None

    def learn(self, ids: Iterable[int]) -> None:
        missing = set(ids) - self._tenants.keys()
        if missing:
            found = load_tenants(missing)
            self._tenants.update({pk: found.get(pk) for pk in missing})

    def learn_all(self) -> None:
        """Every tenant in one query, where most will be asked about; the MSPs of each tag's bearers are known by it."""
        every = load_tenants()
        self._tenants.update(every)
        bearing: defaultdict[int, set[int | None]] = defaultdict(set)
        for tenant in every.values():
            for tag in tenant.tag_ids:
                bearing[tag].add(tenant.msp_id)
        self._bearing = bearing

    def learn_scopes(self, scopes: Iterable[TenantScope]) -> None:
        """All that comparing these with each other may ask, in at most three queries."""
        every = set(scopes)
        self.learn({each.tenant_id for each in every if isinstance(each, MspScope | SingleScope | SubtreeScope)})
        self._learn_subtrees({each.tenant_id for each in every if isinstance(each, SubtreeScope)})
        self._learn_tags({each.tag_id for each in every if isinstance(each, TagScope)})

    def tenant(self, pk: int) -> TenantFacts | None:
        if pk not in self._tenants:
            self.learn([pk])
        return self._tenants[pk]

    def covers(self, scope: TenantScope, pk: int) -> bool:
        tenant = self.tenant(pk)
        return tenant is not None and scope.covers(tenant)

    def is_pure_subtree(self, pk: int, msp_id: int) -> bool:
        """The tenant belongs to this MSP, and no other MSP stands in its subtree now."""
        if not self.covers(MspScope(msp_id), pk):
            return False
        self._learn_subtrees({pk})
        return self._msps_below[pk] <= {msp_id}

    def msp_owns_tag(self, msp_id: int, tag_id: int) -> bool:
        """The MSP itself owns the tag, and every bearer belongs to it."""
        self._learn_tags({tag_id})
        tag = self._tags[tag_id]
        return tag.owner_path[-1:] == (msp_id,) and tag.msp_ids <= {msp_id}

    def tag_stands_below(self, pk: int, tag_id: int) -> bool:
        """The tag's owner stands at or below the tenant, hence every bearer that the tag may ever have."""
        self._learn_tags({tag_id})
        return pk in self._tags[tag_id].owner_path

    def _learn_subtrees(self, roots: set[int]) -> None:
        if missing := roots - self._msps_below.keys():
            below: dict[int, set[int]] = {root: set() for root in missing}
            for pk, path in _msps_below().rows({-1: sorted(missing)}):
                for root in missing.intersection(path):
                    below[root].add(pk)
            self._msps_below.update((root, frozenset(found)) for root, found in below.items())

    def _learn_tags(self, ids: set[int]) -> None:
        if missing := ids - self._tags.keys():
            self._tags.update(dict.fromkeys(missing, TagFacts()))
            bearing = self._bearing
            for pk, path, *msps in _tags(with_bearers=bearing is None).rows({-1: sorted(missing)}):
                found = msps[0] if bearing is None else bearing.get(pk, ())
                self._tags[pk] = TagFacts(tuple(path or ()), frozenset(found))


@cache
def _tags(*, with_bearers: bool) -> Statement:
    """The MSPs of a tag's bearers take far longer than all else."""
    bearers = TenantTag.objects.filter(tag=OuterRef("pk")).values("tenant__msp_id").distinct()
    found = Tag.objects.filter(any_of("pk", [-1])).order_by()
    more = [ArraySubquery(bearers)] if with_bearers else []
    return Statement(found.values_list("pk", "tenant__path", *more), planned_once=True)


@cache
def _msps_below() -> Statement:
    msps = Tenant.objects.filter(overlapping("path", [-1]), is_msp=True).order_by()
    return Statement(msps.values_list("pk", "path"))


Pair = tuple[type[TenantScope], type[TenantScope]]
Cell = Callable[[Any, Any, TenantEstate], bool]

CONTAINS: dict[Pair, Cell] = {
    (MspScope, MspScope): lambda outer, inner, _: outer == inner,
    (MspScope, TagScope): lambda outer, inner, estate: estate.msp_owns_tag(outer.tenant_id, inner.tag_id),
    (MspScope, SingleScope): lambda outer, inner, estate: estate.covers(outer, inner.tenant_id),
    (MspScope, SubtreeScope): lambda outer, inner, estate: estate.is_pure_subtree(inner.tenant_id, outer.tenant_id),
    (TagScope, TagScope): lambda outer, inner, _: outer == inner,
    (TagScope, SingleScope): lambda outer, inner, estate: estate.covers(outer, inner.tenant_id),
    (SingleScope, SingleScope): lambda outer, inner, _: outer == inner,
    (SubtreeScope, MspScope): lambda outer, inner, estate: estate.covers(outer, inner.tenant_id),
    (SubtreeScope, TagScope): lambda outer, inner, estate: estate.tag_stands_below(outer.tenant_id, inner.tag_id),
    (SubtreeScope, SingleScope): lambda outer, inner, estate: estate.covers(outer, inner.tenant_id),
    (SubtreeScope, SubtreeScope): lambda outer, inner, estate: estate.covers(outer, inner.tenant_id),
}
"""Outer and inner kind: does the outer hold all of the inner? A pair that is missing: no. Owner holds everything."""

DISJOINT: dict[Pair, Cell] = {
    (MspScope, MspScope): lambda one, other, _: one != other,
    (SingleScope, MspScope): lambda one, other, estate: not estate.covers(other, one.tenant_id),
    (SingleScope, TagScope): lambda one, other, estate: not estate.covers(other, one.tenant_id),
    (SingleScope, SingleScope): lambda one, other, _: one != other,
    (SingleScope, SubtreeScope): lambda one, other, estate: not estate.covers(other, one.tenant_id),
    (SubtreeScope, MspScope): lambda one, other, estate: (
        not estate.covers(one, other.tenant_id) and not estate.covers(other, one.tenant_id)
    ),
    (SubtreeScope, SubtreeScope): lambda one, other, estate: (
        not estate.covers(one, other.tenant_id) and not estate.covers(other, one.tenant_id)
    ),
}
"""Either order: can the two never meet? A pair that is missing: they may."""


def contains(outer: TenantScope, inner: TenantScope, estate: TenantEstate) -> bool:
    """Whether `outer` alone holds all of `inner`; scopes do not add up (design 3)."""
    if outer == inner or outer.is_everything:
        return True
    if isinstance(inner, TenantSpot):
        return outer.covers(inner.before) and outer.covers(inner.after)
    cell = CONTAINS.get((type(outer), type(inner)))
    return cell is not None and cell(outer, inner, estate)


def disjoint(one: TenantScope, other: TenantScope, estate: TenantEstate) -> bool:
    """Whether the two can share no tenant, by construction or looked up now (design 3)."""
    for left, right in ((one, other), (other, one)):
        if isinstance(left, TenantSpot):
            return not right.covers(left.before) and not right.covers(left.after)
        cell = DISJOINT.get((type(left), type(right)))
        if cell is not None:
            return cell(left, right, estate)
    return False
