"""What a tenant chooses for itself, which moves nobody's access."""

from rbac.permissions import Permission
from tenancy import custom_services
from tests.acts.case import Case

CUSTOMS = [
    Case(
        custom_services.set_tenant_preferences,
        (Permission.PREFERENCES_MANAGE_TENANT,),
        lambda stage: {
            "tenant": stage.fabrikam,
            "time_zone": "Europe/Berlin",
            "invitation_days": 3,
            "support": "desk@fabrikam.example",
        },
    ),
    Case(
        custom_services.set_branding,
        (Permission.BRANDING_MANAGE,),
        lambda stage: {"tenant": stage.fabrikam, "name": "Fabrikam IT", "color": "#005c69", "footer": "Main Road 1"},
    ),
]
