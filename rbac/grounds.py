"""Where one kind of permission can reach, loaded once, so that the reach of many people is a matter of sets (design 3).

A ground knows its places by number: tenants and the instance, or lots of computers. `seen` is what the reader may see.
A set of places is one whole number, with the bit of each of them set: to unite thousands takes a microsecond.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple, Protocol

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Q, QuerySet

from computers.models import Computer, ComputerType
from computers.scopes import ComputerFacts, ComputerScope, ComputerTagScope, OneComputerScope
from immyrbac.words import counted
from rbac.access import Access
from rbac.bits import Weights, bits_of, numbers_of
from rbac.permissions import Permission
from tenancy.atlas import Atlas
from tenancy.models import Tenant
from tenancy.scopes import TenantScope

Places = int
"""The bit of each place is set."""

NOWHERE: Places = 0


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

    def computers(self, places: Places) -> int:
        """How many computers these places are."""

    def extent(self, places: Places) -> Extent: ...


_INSTANCE: Places = 1


class TenantGround:
    """Tenants, and the instance as the first: for what is asked of a tenant."""

    def __init__(self, access: Access, atlas: Atlas) -> None:
        self._atlas = atlas
        self._tenants = sorted(atlas.everything)
        self._numbers = {pk: number for number, pk in enumerate(self._tenants, 1)}
        self.seen: Places = _INSTANCE | self.within(access.seen(Tenant).order_by().values_list("pk", flat=True))

    def covered(self, tenants: TenantScope, computers: ComputerScope) -> Places:
        if not computers.is_everything:
            return NOWHERE
        found = self.within(self._atlas.covered(tenants))
        return found | _INSTANCE if tenants.is_everything else found

    def within(self, tenants: Iterable[int]) -> Places:
        return bits_of([self._numbers[pk] for pk in tenants if pk in self._numbers])

    def tenants_of(self, places: Places) -> frozenset[int]:
        return frozenset(self._tenants[number - 1] for number in numbers_of(places & ~_INSTANCE))

    def computers(self, places: Places) -> int:  # noqa: ARG002  what is asked of a tenant is asked of none
        return 0

    def extent(self, places: Places) -> Extent:
        instance = bool(places & _INSTANCE)
        return Extent(places.bit_count() - instance, "tenant", not self.seen & ~places, instance)


Covering = frozenset[ComputerScope]
"""Those of the scopes at hand that cover a computer."""


class ComputerGround:
    """Computers that are there, in lots of one tenant that no scope at hand tells apart: for what is asked of one."""

    def __init__(self, access: Access, atlas: Atlas, scopes: Iterable[ComputerScope]) -> None:
        self._atlas = atlas
        self._tenants: list[int] = []
        self._by_tenant: defaultdict[int, list[int]] = defaultdict(list)
        self._within: dict[TenantScope, Places] = {}
        alike: defaultdict[Covering, list[int]] = defaultdict(list)
        sizes, seen = list[int](), list[int]()
        for number, (tenant_id, covering, size, is_seen) in enumerate(
            _lots(access, {scope for scope in scopes if not scope.is_everything})
        ):
            self._tenants.append(tenant_id)
            self._by_tenant[tenant_id].append(number)
            alike[covering].append(number)
            sizes.append(size)
            if is_seen:
                seen.append(number)
        self._covered: defaultdict[ComputerScope, Places] = defaultdict(int)
        for covering, numbers in alike.items():
            lots = bits_of(numbers)
            for scope in covering:
                self._covered[scope] |= lots
        self._sizes = Weights(sizes)
        self.seen: Places = bits_of(seen)

    def covered(self, tenants: TenantScope, computers: ComputerScope) -> Places:
        if tenants not in self._within:
            self._within[tenants] = self.within(self._atlas.covered(tenants))
        here = self._within[tenants]
        return here if computers.is_everything else here & self._covered.get(computers, NOWHERE)

    def within(self, tenants: Iterable[int]) -> Places:
        return bits_of(chain.from_iterable(self._by_tenant.get(pk, ()) for pk in tenants))

    def tenants_of(self, places: Places) -> frozenset[int]:
        return frozenset(self._tenants[number] for number in numbers_of(places))

    def computers(self, places: Places) -> int:
        return self._sizes.of(places)

    def extent(self, places: Places) -> Extent:
        return Extent(self.computers(places), "computer", bool(places) and not self.seen & ~places)


def _lots(access: Access, scopes: Collection[ComputerScope]) -> Iterator[tuple[int, Covering, int, bool]]:
    """Apart by tenant, by the scopes that cover them, and sight; each with its size. Four queries at most."""
    every = Computer.objects.filter(deleted_at=None)
    sizes = _sizes(every, scopes)
    if access.is_total(Permission.COMPUTERS_VIEW):
        yield from ((tenant_id, covering, size, True) for (tenant_id, covering), size in sizes.items() if size)
        return
    seen = _sizes(access.scope(every, Permission.COMPUTERS_VIEW), scopes)
    for (tenant_id, covering), size in sizes.items():
        in_sight = seen.get((tenant_id, covering), 0)
        for part, is_seen in ((in_sight, True), (size - in_sight, False)):
            if part > 0:
                yield tenant_id, covering, part, is_seen


def _sizes(computers: QuerySet[Computer], scopes: Collection[ComputerScope]) -> dict[tuple[int, Covering], int]:
    """How many there are of each lot. Two queries at most.

    Those that no tag or scope of one computer names are counted with all others: each of a million is not asked.
    """
    wide = [scope for scope in scopes if not isinstance(scope, OneComputerScope)]
    types = {kind: _covering(wide, ComputerFacts(0, kind)) for kind in ComputerType.values}
    sizes: defaultdict[tuple[int, Covering], int] = defaultdict(int)
    numbers = {kind: Count("pk", filter=Q(type=kind)) for kind in types}
    for tenant_id, *counts in computers.order_by().values_list("tenant_id").annotate(**numbers):
        for covering, size in zip(types.values(), counts, strict=True):
            sizes[tenant_id, covering] += size
    tags = [scope.tag_id for scope in scopes if isinstance(scope, ComputerTagScope)]
    known: dict[tuple[Any, ...], Covering] = {}
    for tenant_id, kind, marks, one, size in _named(computers, scopes, tags):
        facts = (one, kind, marks)
        if facts not in known:
            borne = frozenset(tag for tag, mark in zip(tags, marks[1:], strict=True) if mark == "1")
            alone = {OneComputerScope(one)} if one else ()
            known[facts] = _covering(wide, ComputerFacts(one, kind, borne)).union(alone)
        sizes[tenant_id, known[facts]] += size
        sizes[tenant_id, types[kind]] -= size  # counted with all others as well
    return sizes


def _covering(scopes: Iterable[ComputerScope], facts: ComputerFacts) -> Covering:
    return frozenset(scope for scope in scopes if scope.covers(facts))


def _named(
    computers: QuerySet[Computer], scopes: Iterable[ComputerScope], tags: list[int]
) -> Iterator[tuple[Any, ...]]:
    """How many in each tenant are of one type and bear the same of these tags: after the first mark, "1" for each.

    Those that a scope names alone come by number.
    """
    alone = [scope.computer_id for scope in scopes if isinstance(scope, OneComputerScope)]
    try:
        inner, parameters = computers.order_by().values_list("pk", "tenant_id", "type").query.sql_with_params()
    except EmptyResultSet:  # by its form alone: whoever sees nothing
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _NAMED.format(inner, size=len(tags) + 1), ["0" * (len(tags) + 1), tags, tags, alone, *parameters]
        )
        yield from cursor.fetchall()


_NAMED = """
SELECT tenant_id, type, marks, CASE WHEN get_bit(marks, 0) = 1 THEN id ELSE 0 END AS one, count(*)
FROM (SELECT tenant_id, type, id, bit_or(set_bit(%s::bit({size}), place, 1)) AS marks
      FROM (SELECT computer_id AS id, array_position(%s::bigint[], tag_id) AS place
            FROM computers_computertag WHERE tag_id = ANY(%s::bigint[])
            UNION ALL SELECT unnest(%s::bigint[]), 0) AS named
      JOIN ({}) AS held(id, tenant_id, type) USING (id)
      GROUP BY tenant_id, type, id) AS marked
GROUP BY tenant_id, type, marks, one
"""
"""Started from the tags, since PostgreSQL would look each of the computers up; and a bit for each tag, since to sort a
hundred thousand arrays takes three times as long."""
