"""Of whom a report tells: of the tenants on which its permission is held, or of the whole system.

Either way it counts what its reader may see and nothing else: a figure is no way round a deny (safety 3 to 5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from computers.models import Computer
from immyrbac.arrays import any_of
from rbac.access import Access
from rbac.permissions import Permission
from tenancy.models import Tenant


@dataclass(frozen=True)
class Coverage:
    """`asked` are asked on each tenant; none of them: the whole system, with what belongs to no tenant.

    `tenant`: only of this one, with all below it.
    """

    access: Access
    asked: tuple[Permission, ...] = ()
    tenant: Tenant | None = None

    @property
    def is_whole(self) -> bool:
        return not self.asked

    def seen(self, model: type[Model]) -> QuerySet[Any]:
        """What the reader sees, below the chosen tenant. Not yet narrowed: its tenants go through `told`."""
        rows = self.access.seen(model).order_by()
        return rows if self.tenant is None else rows.filter(tenant__path__contains=[self.tenant.pk])

    def rows(self, model: type[Model]) -> QuerySet[Any]:
        """What the reader sees of the tenants that are told of."""
        rows = self.seen(model)
        return rows if self.is_whole else rows.filter(tenant__in=self._tenants().values("pk"))

    def computers(self, permission: Permission) -> QuerySet[Any]:
        """Computers of the tenants that are told of, where the reader holds this as well."""
        rows: QuerySet[Any] = self.access.scope(self.rows(Computer), permission)
        return rows

    def told(self, ids: Collection[int | None]) -> set[int | None]:
        """Those of these tenants that are told of; None is the instance. At most one query."""
        if self.is_whole:
            return set(ids)
        known = {pk for pk in ids if pk is not None}
        if all(map(self.access.is_total, self.asked)):
            return set(known)
        return set(self._tenants().filter(any_of("pk", known)).values_list("pk", flat=True))

    def tells_all(self, model: type[Model]) -> bool:
        """Whether nothing that the reader sees is left out: a number then equals that of the list behind it."""
        if self.is_whole or all(map(self.access.is_total, self.asked)):
            return True
        return not self.seen(model).exclude(tenant__in=self._tenants().values("pk")).exists()

    @staticmethod
    def names(ids: Iterable[int | None]) -> dict[int | None, str]:
        """Of tenants of whose things the reader sees some: their names are seen with these (design 3). One query."""
        found = Tenant.objects.filter(any_of("pk", {pk for pk in ids if pk is not None})).order_by()
        return {None: "The instance", **dict(found.values_list("pk", "name"))}

    def _tenants(self) -> QuerySet[Any]:
        tenants: QuerySet[Any] = Tenant.objects.order_by()
        for permission in self.asked:
            tenants = self.access.scope(tenants, permission)
        return tenants
