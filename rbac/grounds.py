"""Where one kind of permission can reach, loaded once, so that the reach of many people is a matter of sets (design 3).

A ground knows its places by number: tenants and the instance, or lots of computers. `seen` is what the reader may see.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Case, Count, F, OuterRef, Q, QuerySet, Value, When

from computers.models import Computer, ComputerTag
from computers.scopes import ComputerFacts, ComputerScope, ComputerTagScope, OneComputerScope
from immyrbac.arrays import any_of
from immyrbac.words import counted
from rbac.access import Access
from rbac.permissions import Permission
from tenancy.atlas import Atlas
from tenancy.models import Tenant
from tenancy.scopes import TenantScope

Places = frozenset[int | None]
NOWHERE: Places = frozenset()


class Extent(NamedTuple):
    """How far a permission reaches, of what the reader may see; `everywhere`: all of it, and the instance."""

    size: int
    noun: str
    everywhere: bool = False
    instance: bool = False

    def __bool__(self) -> bool:
        return bool(self.size) or self.instance

    def __str__(self) -> str:
        if self.everywhere:
            return f"every {self.noun}"
        if self.instance and not self.size:
            return "the instance"
        return counted(self.size, self.noun) if self.size else "0"


class Ground(Protocol):
    """One universe of places."""

    seen: Places

    def covered(self, tenants: TenantScope, computers: ComputerScope) -> Places: ...

    def within(self, tenants: Iterable[int]) -> Places:
        """The places in these tenants."""

    def tenants_of(self, places: Places) -> frozenset[int]: ...

    def extent(self, places: Places) -> Extent: ...


class TenantGround:
    """Tenants, and the instance as None: for what is asked of a tenant."""

    def __init__(self, access: Access, atlas: Atlas) -> None:
        self._atlas = atlas
        self.seen: Places = frozenset(access.seen(Tenant).order_by().values_list("pk", flat=True)) | {None}

    def covered(self, tenants: TenantScope, computers: ComputerScope) -> Places:
        if not computers.is_everything:
            return NOWHERE
        found: Places = self._atlas.covered(tenants)
        return found | {None} if tenants.is_everything else found

    def within(self, tenants: Iterable[int]) -> Places:
        return frozenset(tenants)

    def tenants_of(self, places: Places) -> frozenset[int]:
        return frozenset(place for place in places if place is not None)

    def extent(self, places: Places) -> Extent:
        instance = None in places
        return Extent(len(places) - instance, "tenant", places >= self.seen, instance)


class Lot(NamedTuple):
    """Computers of one tenant that no scope at hand tells apart."""

    tenant_id: int
    facts: ComputerFacts
    size: int
    is_seen: bool


class ComputerGround:
    """Computers that are there, in lots: for what is asked of a computer."""

    def __init__(self, access: Access, atlas: Atlas, scopes: Iterable[ComputerScope]) -> None:
        self._atlas = atlas
        self._lots = _lots(access, set(scopes))
        self._by_tenant: defaultdict[int, set[int]] = defaultdict(set)
        for number, lot in enumerate(self._lots):
            self._by_tenant[lot.tenant_id].add(number)
        self.seen: Places = frozenset(number for number, lot in enumerate(self._lots) if lot.is_seen)

    def covered(self, tenants: TenantScope, computers: ComputerScope) -> Places:
        here = self.within(self._atlas.covered(tenants))
        if computers.is_everything:
            return here
        return frozenset(number for number in here if number is not None and computers.covers(self._lots[number].facts))

    def within(self, tenants: Iterable[int]) -> Places:
        return frozenset(number for pk in tenants for number in self._by_tenant.get(pk, ()))

    def tenants_of(self, places: Places) -> frozenset[int]:
        return frozenset(self._lots[number].tenant_id for number in places if number is not None)

    def extent(self, places: Places) -> Extent:
        size = sum(self._lots[number].size for number in places if number is not None)
        return Extent(size, "computer", bool(places) and places >= self.seen)


def _lots(access: Access, scopes: set[ComputerScope]) -> list[Lot]:
    """Apart by tenant, type, the tags and single computers that the scopes name, and sight. Two queries at most."""
    every = Computer.objects.filter(deleted_at=None)
    sizes = _sizes(every, scopes)
    is_total = access.is_total(Permission.COMPUTERS_VIEW)
    seen = sizes if is_total else _sizes(access.scope(every, Permission.COMPUTERS_VIEW), scopes)
    return [
        Lot(tenant_id, facts, part, is_seen)
        for (tenant_id, facts), size in sizes.items()
        for in_sight in [seen.get((tenant_id, facts), 0)]
        for part, is_seen in ((in_sight, True), (size - in_sight, False))
        if part > 0
    ]


def _sizes(computers: QuerySet[Computer], scopes: set[ComputerScope]) -> dict[tuple[int, ComputerFacts], int]:
    """How many there are of each lot. One query.

    Those that no tag or scope of one computer names are counted with all others: each of a million is not asked.
    """
    tags = sorted(scope.tag_id for scope in scopes if isinstance(scope, ComputerTagScope))
    alone = sorted(scope.computer_id for scope in scopes if isinstance(scope, OneComputerScope))
    bearing = ComputerTag.objects.filter(tag__in=tags)
    borne = ArraySubquery(bearing.filter(computer=OuterRef("pk")).order_by("tag_id").values("tag_id"))
    plain = {"borne": Value([], ArrayField(BigIntegerField())), "one": Value(0, BigIntegerField())}
    named = {"borne": borne, "one": Case(When(any_of("pk", alone), then=F("pk")), default=0)}
    apart = computers.filter(any_of("pk", alone) | Q(pk__in=bearing.values("computer_id")))
    sizes: Counter[tuple[int, ComputerFacts]] = Counter()
    for tenant_id, kind, tag_ids, one, size in _counted(computers, plain).union(_counted(apart, named), all=True):
        facts = ComputerFacts(one, kind, frozenset(tag_ids or ()))
        sizes[tenant_id, facts] += size
        if one or tag_ids:  # counted with all others as well
            sizes[tenant_id, ComputerFacts(0, kind)] -= size
    return sizes


def _counted(computers: QuerySet[Computer], apart: dict[str, Any]) -> QuerySet[Computer, Any]:
    told = computers.annotate(**apart).order_by().values_list("tenant_id", "type", *apart)
    return told.annotate(size=Count("pk"))


def union(sets: Iterable[Places]) -> Places:
    """One alone stays itself: most people hold a permission by one assignment, and thousands may hold the same."""
    every = list(sets)
    return every[0] if len(every) == 1 else NOWHERE.union(*every)
