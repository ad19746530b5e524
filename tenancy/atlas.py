"""All tenants at once: which of them each scope covers, for questions about many scopes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tenancy.scopes import MspScope, SingleScope, SubtreeScope, TagScope, TenantFacts, TenantScope, load_tenants


class Atlas:
    """Every tenant as it is now, in one query; then each scope is looked up."""

    def __init__(self) -> None:
        tenants = load_tenants()
        self.everything = frozenset(tenants)
        covered: defaultdict[TenantScope, set[int]] = defaultdict(set)
        for tenant in tenants.values():
            for scope in scopes_covering(tenant):
                covered[scope].add(tenant.id)
        self._covered = {scope: frozenset(ids) for scope, ids in covered.items()}

    def covered(self, scope: TenantScope) -> frozenset[int]:
        """The ids of the tenants for which `scope.covers` says yes."""
        return self.everything if scope.is_everything else self._covered.get(scope, frozenset())


def scopes_covering(tenant: TenantFacts) -> Iterator[TenantScope]:
    """Every scope narrower than *owner* that covers this tenant: the algebra read from the tenant's side."""
    yield SingleScope(tenant.id)
    if tenant.msp_id is not None:
        yield MspScope(tenant.msp_id)
    yield from map(SubtreeScope, tenant.path)
    yield from map(TagScope, tenant.tag_ids)
