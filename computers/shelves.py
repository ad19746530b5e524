"""The kinds of library items as their pages name them."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet
from django.urls import reverse

from computers.models import LibraryItem
from rbac.access import Access
from rbac.permissions import Permission
from tenancy.models import Tenant


class Shelf(NamedTuple):
    """`noun` begins the names of its routes, `reads` is what a reader does with one, `loses` what deleting costs."""

    noun: str
    plural: str
    manage: Permission
    reads: str
    loses: str

    def url(self, act: str, *args: int) -> str:
        return reverse(f"computers:{self.noun}-{act}", args=args)

    def page(self, found: LibraryItem) -> str:
        return self.url("detail", found.pk)

    def owners(self, access: Access) -> QuerySet[Tenant]:
        """The tenants to which the reader may add one."""
        return access.reachable(Tenant, self.manage)


SCRIPTS = Shelf(
    "script",
    "Scripts",
    Permission.SCRIPTS_MANAGE,
    "reads",
    "This cannot be undone. The audit log keeps its name, size and hash, not its text.",
)
LICENSES = Shelf(
    "license",
    "Licenses",
    Permission.LICENSES_MANAGE,
    "sees",
    "This cannot be undone: its key goes with it. The audit log keeps its name, seats and end, not its key.",
)
SOFTWARE = Shelf(
    "software",
    "Software",
    Permission.SOFTWARE_MANAGE,
    "sees",
    "This cannot be undone: its files go with it. The audit log keeps their names, sizes and checksums.",
)
