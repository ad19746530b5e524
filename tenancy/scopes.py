"""The algebra of tenant scopes (design 3): what each kind covers, as rows and in memory, contains, and excludes.

A scope answers for one tenant; `None` in place of a tenant is the instance, which scope *owner* alone covers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cache, lru_cache
from typing import Any, ClassVar, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import OuterRef, Q

from immyrbac.arrays import any_of, overlapping
from immyrbac.statements import Statement
from tenancy.models import Tenant, TenantScopeKind, TenantTag
from tenancy.models import TenantScope as TenantScopeRow


@dataclass(frozen=True, slots=True)
class TenantFacts:
    """What tenant scopes need to know of one tenant; shapes as in `Tenant`."""

    id: int
    msp_id: int | None = None
    path: tuple[int, ...] = ()
    tag_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class TenantColumns:
    """How the rows of a model name their tenant, and its MSP where they keep that themselves."""

    tenant: str = "tenant"
    msp: str | None = None


def load_tenants(ids: Iterable[int] | None = None) -> dict[int, TenantFacts]:
    """Facts of these tenants, or of all, as they are now, in one query."""
    rows = _facts(Tenant.objects.all()) if ids is None else _by_number().rows({-1: sorted(set(ids))})
    return {pk: TenantFacts(pk, msp, tuple(path), frozenset(tags)) for pk, msp, path, tags in rows}


def _facts(tenants: models.QuerySet[Tenant]) -> models.QuerySet[Tenant, Any]:
    tags = ArraySubquery(TenantTag.objects.filter(tenant=OuterRef("pk")).values("tag_id"))
    return tenants.order_by().values_list("pk", "msp_id", "path", tags)


@cache
def _by_number() -> Statement:
    return Statement(_facts(Tenant.objects.filter(any_of("pk", [-1]))), planned_once=True)


# The kinds


class Need(IntEnum):
    """Which facts of a tenant a scope asks for; each level has those below it."""

    ID = 0
    MSP = 1
    ALL = 2


class TenantScope:
    """One kind of tenant scope. Equal scopes compare equal; subclasses are frozen."""

    __slots__ = ()
    needs: ClassVar[Need] = Need.ID
    is_everything: ClassVar[bool] = False

    def covers(self, tenant: TenantFacts | None) -> bool:
        raise NotImplementedError

    def rows(self, columns: TenantColumns) -> Q:
        """The rows whose tenant this scope covers; never an empty `Q`, which would mean everything."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class OwnerScope(TenantScope):
    is_everything = True

    def covers(self, tenant: TenantFacts | None) -> bool:  # noqa: ARG002  every tenant, and the instance
        return True

    def rows(self, columns: TenantColumns) -> Q:  # noqa: ARG002  every row
        return ~Q(pk__in=())


@dataclass(frozen=True, slots=True)
class MspScope(TenantScope):
    needs = Need.MSP

    tenant_id: int

    def covers(self, tenant: TenantFacts | None) -> bool:
        return tenant is not None and tenant.msp_id == self.tenant_id

    def rows(self, columns: TenantColumns) -> Q:
        if columns.msp is not None:
            return Q(**{columns.msp: self.tenant_id})
        return Q(**{f"{columns.tenant}__in": Tenant.objects.filter(msp=self.tenant_id).order_by().values("pk")})


@dataclass(frozen=True, slots=True)
class TagScope(TenantScope):
    needs = Need.ALL

    tag_id: int

    def covers(self, tenant: TenantFacts | None) -> bool:
        return tenant is not None and self.tag_id in tenant.tag_ids

    def rows(self, columns: TenantColumns) -> Q:
        return Q(**{f"{columns.tenant}__in": TenantTag.objects.filter(tag=self.tag_id).values("tenant_id")})


@dataclass(frozen=True, slots=True)
class SingleScope(TenantScope):
    """One tenant without its children: *specific tenant*, or *own tenant* of a known user."""

    tenant_id: int

    def covers(self, tenant: TenantFacts | None) -> bool:
        return tenant is not None and tenant.id == self.tenant_id

    def rows(self, columns: TenantColumns) -> Q:
        return Q(**{columns.tenant: self.tenant_id})


@dataclass(frozen=True, slots=True)
class SubtreeScope(TenantScope):
    """A tenant with all that stand below it, other MSPs included."""

    needs = Need.ALL

    tenant_id: int

    def covers(self, tenant: TenantFacts | None) -> bool:
        return tenant is not None and self.tenant_id in tenant.path

    def rows(self, columns: TenantColumns) -> Q:
        below = Tenant.objects.at_or_below(self.tenant_id).order_by().values("pk")
        return Q(**{f"{columns.tenant}__in": below})


@dataclass(frozen=True, slots=True)
class TenantSpot(TenantScope):
    """One tenant (or the instance) as it was and as it becomes: what an act that moves something is about.

    Another scope contains it only if it covers both ends (safety 10).
    """

    before: TenantFacts | None
    after: TenantFacts | None

    def covers(self, tenant: TenantFacts | None) -> bool:
        return tenant in (self.before, self.after)


def tenant_scope(kind: str, tenant_id: int | None, tag_id: int | None, *, include_children: bool) -> TenantScope:
    """The scope that these columns describe. For *own tenant*, `tenant_id` is the home of whoever holds it."""
    match kind:
        case TenantScopeKind.OWNER:
            return OwnerScope()
        case TenantScopeKind.MSP if tenant_id is not None:
            return MspScope(tenant_id)
        case TenantScopeKind.TAG if tag_id is not None:
            return TagScope(tag_id)
        case TenantScopeKind.TENANT | TenantScopeKind.OWN_TENANT if tenant_id is not None:
            return SubtreeScope(tenant_id) if include_children else SingleScope(tenant_id)
    raise ValueError(f"No tenant scope: {kind!r}")


def owned_region(owner_id: int | None) -> TenantScope:
    """Where the people of a group may live: its owner with all below; of the instance, anywhere."""
    return OwnerScope() if owner_id is None else SubtreeScope(owner_id)


Homes = Callable[[Collection[int], Collection[int]], Q]
"""The rows whose holders have their home in one of some tenants, or in one above them and the children included."""


def rows_covering(tenants: Collection[TenantFacts], living_in: Homes) -> Q:
    """The rows with `TenantScope` columns that cover one of these tenants at least; without any, the instance."""
    covering = Q(scope=TenantScopeKind.OWNER)
    if not tenants:
        return covering
    ids, above = {tenant.id for tenant in tenants}, {pk for tenant in tenants for pk in tenant.path}
    return (
        covering
        | Q(scope=TenantScopeKind.MSP) & any_of("tenant_id", {each.msp_id for each in tenants if each.msp_id})
        | Q(scope=TenantScopeKind.TAG) & any_of("tag_id", {pk for each in tenants for pk in each.tag_ids})
        | Q(scope=TenantScopeKind.TENANT) & any_of("tenant_id", ids)
        | Q(scope=TenantScopeKind.TENANT, include_children=True) & any_of("tenant_id", above)
        | Q(scope=TenantScopeKind.OWN_TENANT) & living_in(ids, above)
    )


def rows_describing(
    scopes: Iterable[TenantScope], homes: Iterable[str], groups_at: Callable[[list[int]], models.QuerySet[Any]]
) -> Q:
    """The rows with `TenantScope` columns that cover by one of these scopes, of which *owner* is none.

    `homes` name columns of holders' homes, `groups_at` finds the memberships of people at home in some tenants.
    """
    kinds = _by_kind(scopes)
    alone, above = sorted(kinds.get(SingleScope, ())), sorted(kinds.get(SubtreeScope, ()))
    found = Q(scope=TenantScopeKind.MSP, tenant__in=kinds.get(MspScope, ()))
    found |= Q(scope=TenantScopeKind.TAG, tag__in=kinds.get(TagScope, ()))
    for children, ids in ((False, alone), (True, above)):
        own = Q(scope=TenantScopeKind.OWN_TENANT, include_children=children)
        found |= Q(scope=TenantScopeKind.TENANT, include_children=children, tenant__in=ids)
        for home in homes:
            found |= own & Q(**{f"{home}__in": ids})
        found |= own & Q(group__in=groups_at(ids).values("group_id"))
    return found


def rows_near(tenants: Iterable[TenantFacts | None], homes: Iterable[str]) -> Q:
    """The rows below scope *owner* that cover one of these tenants, and a few more; `homes` name columns of homes.

    For acts that move many things: a bounded condition, whatever their number. Ask `covers` of what it finds.
    """
    known = [tenant for tenant in tenants if tenant is not None]
    ids = sorted({pk for tenant in known for pk in (tenant.id, *tenant.path)})
    tags = sorted({pk for tenant in known for pk in tenant.tag_ids})
    msps = sorted({tenant.msp_id for tenant in known if tenant.msp_id is not None})
    near = Q(scope=TenantScopeKind.MSP, tenant__in=msps) | Q(scope=TenantScopeKind.TAG, tag__in=tags)
    near |= Q(scope=TenantScopeKind.TENANT, tenant__in=ids)
    for home in homes:
        near |= Q(scope=TenantScopeKind.OWN_TENANT, **{f"{home}__in": ids})
    return near


def union_rows(scopes: Iterable[TenantScope], columns: TenantColumns) -> Q:
    """The rows that any of these scopes covers: a condition for each kind, however many scopes there are.

    Single tenants go with the subtrees: of a list of tenants *or* what a sub-select finds the planner looks up neither.
    """
    return _union_rows(tuple(scopes), columns)


@lru_cache(maxsize=4096)
def _union_rows(scopes: tuple[TenantScope, ...], columns: TenantColumns) -> Q:
    """Remembered: nothing in it was looked up, and each page asks it of the same scopes for several models."""
    rows, every = Q(pk__in=()), Tenant.objects.order_by()
    kinds = _by_kind(scopes)
    below_any = kinds.get(SubtreeScope, [])
    alone = [pk for pk in kinds.pop(SingleScope, []) if pk not in below_any] if below_any else []
    for kind, ids in kinds.items():
        if kind is SingleScope:
            rows |= Q(**{f"{columns.tenant}__in": ids})
        elif kind is SubtreeScope:
            standing = overlapping("path", ids)
            below = every.filter(standing | any_of("pk", alone)) if alone else every.filter(standing)
            rows |= Q(**{f"{columns.tenant}__in": below.values("pk")})
        elif kind is MspScope:
            msp = Q(**{f"{columns.tenant}__in": every.filter(msp__in=ids).values("pk")})
            rows |= Q(**{f"{columns.msp}__in": ids}) if columns.msp else msp
        elif kind is TagScope:
            rows |= Q(**{f"{columns.tenant}__in": TenantTag.objects.filter(tag__in=ids).values("tenant_id")})
        else:
            return OwnerScope().rows(columns)
    return rows


def _by_kind(scopes: Iterable[TenantScope]) -> dict[type[TenantScope], list[int]]:
    kinds: dict[type[TenantScope], list[int]] = {}
    for scope in scopes:
        match scope:
            case SingleScope(pk) | SubtreeScope(pk) | MspScope(pk) | TagScope(pk):
                kinds.setdefault(type(scope), []).append(pk)
            case _:
                kinds.setdefault(OwnerScope, [])
    return kinds


class Word(NamedTuple):
    """A piece of a sentence; `strong` is set in bold, `target` is what it names, `moment` is when it is a time."""

    text: str
    strong: bool = False
    target: models.Model | None = None
    moment: datetime | None = None


def tenant_words(row: TenantScopeRow) -> list[Word]:
    """How the scope reads in a sentence (guide, "The assignment sentence")."""
    children = [Word(" and its child tenants")] if row.include_children else []
    match row.scope:
        case TenantScopeKind.OWNER:
            return [Word("every tenant", strong=True)]
        case TenantScopeKind.MSP:
            return [Word(str(row.tenant), strong=True, target=row.tenant), Word(" and its customers")]
        case TenantScopeKind.TAG:
            return [Word("tenants tagged "), Word(str(row.tag), strong=True, target=row.tag)]
        case TenantScopeKind.TENANT:
            return [Word(str(row.tenant), strong=True, target=row.tenant), *children]
    return [Word("their own tenant", strong=True), *children]
