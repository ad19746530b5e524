"""Which sessions there are, and what is known of a computer: rows of computers that whoever asks has scoped already."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, Subquery

from computers.maintenance.models import Inventory, MaintenanceSession, Stage
from computers.models import Computer


def sessions_on(computers: QuerySet[Computer]) -> QuerySet[MaintenanceSession]:
    """What was done on these computers in the tenants that they are in, each as it stands now."""
    found: Any = MaintenanceSession.objects.here().standing()
    rows: QuerySet[MaintenanceSession] = found.filter(computer__in=Subquery(computers.order_by().values("pk")))
    return rows


def sessions_of(computer: Computer) -> QuerySet[MaintenanceSession]:
    found = MaintenanceSession.objects.standing().filter(computer=computer, tenant=computer.tenant_id)
    return found.select_related("asked_by__tenant")


def stages_of(session: MaintenanceSession) -> QuerySet[Stage]:
    return Stage.objects.filter(session=session).select_related("deployment__tenant").order_by("position")


def inventories_of(computer: Computer) -> QuerySet[Inventory]:
    """The newest first."""
    found = Inventory.objects.filter(computer=computer, tenant=computer.tenant_id)
    return found.select_related("stage__session")
