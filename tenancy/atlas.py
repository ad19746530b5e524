"""All tenants at once: which of them each scope covers, for questions about many scopes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tenancy.scopes import MspScope, SingleScope, SubtreeScope, TagScope, TenantFacts, TenantScope, load_tenants

Mark = tuple[type[MspScope | SingleScope | SubtreeScope | TagScope], int]
"""A scope as its kind and what it names: of ten thousand tenants the scopes themselves take far longer to make."""


class Atlas:
    """Every tenant as it is now, in one query; then each scope is looked up."""

    def __init__(self) -> None:
        tenants = load_tenants()
        self.everything = frozenset(tenants)
        self._covered: defaultdict[Mark, list[int]] = defaultdict(list)
        for tenant in tenants.values():
            for mark in _marks(tenant):
                self._covered[mark].append(tenant.id)

    def covered(self, scope: TenantScope) -> frozenset[int]:
        """The ids of the tenants for which `scope.covers` says yes."""
        match scope:
            case MspScope(pk) | SingleScope(pk) | SubtreeScope(pk) | TagScope(pk):
                return frozenset(self._covered.get((type(scope), pk), ()))
        return self.everything if scope.is_everything else frozenset()


def scopes_covering(tenant: TenantFacts) -> Iterator[TenantScope]:
    """Every scope narrower than *owner* that covers this tenant: the algebra read from the tenant's side."""
    for kind, pk in _marks(tenant):
        yield kind(pk)


def _marks(tenant: TenantFacts) -> Iterator[Mark]:
    yield SingleScope, tenant.id
    if tenant.msp_id is not None:
        yield MspScope, tenant.msp_id
    for pk in tenant.path:
        yield SubtreeScope, pk
    for pk in tenant.tag_ids:
        yield TagScope, pk
