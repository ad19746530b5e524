"""What counts at a tenant of that which it and those above it chose: each choice from the nearest that made it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Model, QuerySet

from immyrbac.words import instant_in
from tenancy.models import Branding, Tenant, TenantPreferences

TIME_ZONE, INVITATION_DAYS = "UTC", 7
"""Where nobody chose."""


class Preferences(NamedTuple):
    time_zone: str = TIME_ZONE
    invitation_days: int = INVITATION_DAYS
    support: str = ""

    def in_words(self, moment: datetime) -> str:
        """Day and time there, with the zone: "Fri 27 Nov 2026, 10:40 (Europe/Berlin)", or with "UTC"."""
        return instant_in(moment, ZoneInfo(self.time_zone))


class Brand(NamedTuple):
    """`name` is empty where nobody chose one: mail is then the product's own."""

    name: str = ""
    color: str = ""
    footer: str = ""


def preferences_of(tenant: Tenant) -> Preferences:
    """One query."""
    chosen = _nearest_first(TenantPreferences.objects.all(), tenant)
    return Preferences(
        _first(chosen, "time_zone") or TIME_ZONE,
        _first(chosen, "invitation_days") or INVITATION_DAYS,
        _first(chosen, "support") or "",
    )


def brand_of(tenant: Tenant) -> Brand:
    """All of it from one tenant: a name with somebody else's colours would be nobody's. One query."""
    for row in _nearest_first(Branding.objects.exclude(name=""), tenant):
        return Brand(row.name, row.color, row.footer)
    return Brand()


def _nearest_first(rows: QuerySet[Any], tenant: Tenant) -> list[Any]:
    return sorted(rows.filter(tenant__in=tenant.path), key=lambda row: -tenant.path.index(row.tenant_id))


def _first(rows: Iterable[Model], name: str) -> Any:
    return next((value for row in rows if (value := getattr(row, name))), None)
