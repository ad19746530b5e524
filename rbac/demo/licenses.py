"""The licenses of the demo world: a world document has no keys for them."""

from __future__ import annotations

from datetime import date, timedelta

from computers.models import License
from immyrbac.sealing import seal
from tenancy.models import Tenant

LICENSES: tuple[tuple[str, str | None, str, int | None, int | None], ...] = (
    ("Backup Agent", None, "DEMO-BACK-UPAG-0001", 500, 200),
    ("Office Suite", "fabrikam", "DEMO-FABR-OFFI-0002", 45, 20),
    ("Drawing Tools", "fabrikam", "DEMO-FABR-DRAW-0003", 5, -12),
    ("Bank Reporting", "litware", "DEMO-LITW-BANK-0004", None, None),
)
"""Name, slug of its owner or None for the instance, key, seats, and in how many days it ends."""


def write_licenses(today: date) -> None:
    """Those whose owner the world has."""
    owners = dict(Tenant.objects.values_list("slug", "id"))
    License.objects.bulk_create(
        License(
            name=name,
            tenant_id=None if slug is None else owners[slug],
            sealed_key=seal(key),
            seats=seats,
            expires_on=None if days is None else today + timedelta(days=days),
        )
        for name, slug, key, seats, days in LICENSES
        if slug is None or slug in owners
    )
