"""The routes of a tenant's preferences and branding."""

from typing import Any

from immyrbac.versions import version_of
from rbac.permissions import Permission
from tenancy.custom_forms import BRANDING, PREFERENCES
from tenancy.custom_pages import branding_of, preferences_set
from tests.walk.visit import Visit, forms
from tests.walk.world import Estate, World


def preferring(world: World, estate: Estate) -> dict[str, Any]:
    row = preferences_set(estate.tenant)
    version = version_of({name: getattr(row, name) for name in PREFERENCES})
    return {"version": version, "time_zone": "Europe/Berlin", "invitation_days": 3, "support": "Desk"}


def branding(world: World, estate: Estate) -> dict[str, Any]:
    row = branding_of(estate.tenant)
    version = version_of({name: getattr(row, name) for name in BRANDING})
    return {"version": version, "name": "Here IT", "color": "#005c69", "footer": "Main Road 1"}


CUSTOMS = [
    Visit("tenancy:tenant-preferences", "GET", Permission.PREFERENCES_VIEW_TENANT, "Tenant"),
    *forms("tenancy:tenant-preferences-edit", Permission.PREFERENCES_MANAGE_TENANT, "Tenant", preferring),
    Visit("tenancy:tenant-branding", "GET", Permission.BRANDING_VIEW, "Tenant"),
    *forms("tenancy:tenant-branding-edit", Permission.BRANDING_MANAGE, "Tenant", branding),
]
