"""What a tenant chooses for itself gives nobody any access: that is what is tried."""

from typing import Any

from rbac.permissions import Permission
from tenancy import custom_services
from tenancy.models import Tenant
from tests.escalation.plays import LATER, plays
from tests.escalation.scene import Scene

OF_CUSTOMS = LATER.setdefault("customs", [])


@plays(custom_services.set_tenant_preferences, Permission.PREFERENCES_MANAGE_TENANT, among=OF_CUSTOMS)
def prefer(scene: Scene) -> dict[str, Any]:
    chosen = {"time_zone": "Europe/Berlin", "invitation_days": 30, "support": scene.fresh}
    return {"tenant": scene.pick(Tenant, Permission.PREFERENCES_MANAGE_TENANT), **chosen}


@plays(custom_services.set_branding, Permission.BRANDING_MANAGE, among=OF_CUSTOMS)
def brand(scene: Scene) -> dict[str, Any]:
    chosen = {"name": scene.fresh, "color": "#005c69", "footer": ""}
    return {"tenant": scene.pick(Tenant, Permission.BRANDING_MANAGE), **chosen}
