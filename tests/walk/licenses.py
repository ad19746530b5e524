"""The routes of licenses, as the walk visits them."""

from typing import Any

from rbac.permissions import Permission
from tests.walk.visit import Visit, forms, versioned
from tests.walk.world import Estate, World

SAID = {"name": "New license", "key": "ZZZZ-1"}
VIEW, MANAGE = Permission.LICENSES_VIEW, Permission.LICENSES_MANAGE


def _made(world: World, estate: Estate) -> dict[str, Any]:
    return SAID


LICENSES = [
    Visit("computers:license-list", "GET", VIEW),
    Visit("computers:license-export", "GET", VIEW),
    Visit("computers:license-start", "GET", MANAGE),
    Visit("computers:license-owner-pick", "GET", MANAGE),
    Visit("computers:license-software-pick", "GET", MANAGE, "Tenant"),
    Visit("computers:license-software-pick-shared", "GET", MANAGE, "instance"),
    *forms("computers:license-create", MANAGE, "Tenant", _made),
    *forms("computers:license-create-shared", MANAGE, "instance", _made),
    Visit("computers:license-detail", "GET", VIEW, "License"),
    Visit("computers:license-computers", "GET", VIEW, "License"),
    Visit("computers:license-reveal", "POST", Permission.LICENSES_DOWNLOAD, "License"),
    *forms("computers:license-edit", MANAGE, "License", versioned("License", **SAID)),
    *forms("computers:license-delete", MANAGE, "License", versioned("License", reason="Old")),
]
