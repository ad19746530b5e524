"""The software and licenses of the demo world: a world document has neither files nor keys."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from computers.models import License, Software, SoftwareFile
from immyrbac.sealing import seal
from tenancy.models import Tenant

SOFTWARE: tuple[tuple[str, str | None, str, str, str], ...] = (
    ("Backup Agent", None, "Kestrel Works", "4.2", "backup-agent-4.2.msi"),
    ("Office Suite", None, "Halden Software", "2026", ""),
    ("Drawing Tools", "fabrikam", "Quillmark", "11.0.3", "drawing-tools-11.0.3.exe"),
    ("Bank Reporting", "litware", "Oakpost", "", "bank-reporting.zip"),
)
"""Name, slug of its owner or None for the instance, publisher, release, and the name of its file."""

LICENSES: tuple[tuple[str, str | None, str, int | None, int | None], ...] = (
    ("Backup Agent", None, "DEMO-BACK-UPAG-0001", 500, 200),
    ("Office Suite", "fabrikam", "DEMO-FABR-OFFI-0002", 680, 20),
    ("Drawing Tools", "fabrikam", "DEMO-FABR-DRAW-0003", 5, -12),
    ("Bank Reporting", "litware", "DEMO-LITW-BANK-0004", None, None),
)
"""Name of the license and of its software, slug of its owner, key, seats, and in how many days it ends."""


def write_library(today: date) -> None:
    """Those whose owner the world has."""
    owners: dict[str | None, int | None] = {None: None, **dict(Tenant.objects.values_list("slug", "id"))}
    software = {}
    for name, slug, publisher, release, file in SOFTWARE:
        if slug in owners:
            made = Software(name=name, tenant_id=owners[slug], publisher=publisher, release=release)
            made.save(force_insert=True)
            software[name] = made
            if file:
                _keep(made, file)
    License.objects.bulk_create(
        License(
            name=name,
            tenant_id=owners[slug],
            software=software[name],
            sealed_key=seal(key),
            seats=seats,
            expires_on=None if days is None else today + timedelta(days=days),
        )
        for name, slug, key, seats, days in LICENSES
        if slug in owners
    )


def _keep(software: Software, name: str) -> None:
    content = f"{name} of the demo world: nothing that could be installed.\n".encode()
    made = SoftwareFile(software=software, name=name, size=len(content), sha256=sha256(content).hexdigest())
    made.save(force_insert=True)
    default_storage.save(made.place, ContentFile(content))
