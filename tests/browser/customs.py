"""Preferences and branding of tenants of the demo world."""

from typing import Any

from tenancy.models import Branding, Tenant
from tests.browser.visit import Visit


def _fabrikam() -> dict[str, Any]:
    return {"pk": Tenant.objects.get(slug="fabrikam").pk}


def branded() -> dict[str, Any]:
    look = {"name": "Contoso Care", "color": "#005c69", "footer": "Contoso MSP\n+47 22 00 00 00"}
    Branding.objects.update_or_create(tenant=Tenant.objects.get(slug="contoso"), defaults=look)
    return _fabrikam()


CUSTOMS = [
    Visit("tenancy:tenant-preferences", "Rosa", _fabrikam),
    Visit("tenancy:tenant-preferences", "Grace", _fabrikam),
    Visit("tenancy:tenant-preferences-edit", "Rosa", _fabrikam),
    Visit("tenancy:tenant-branding", "Jonas", branded),
    Visit("tenancy:tenant-branding", "Grace", branded),
    Visit("tenancy:tenant-branding-edit", "Jonas", branded),
]
