"""The routes of scripts and their versions, as the walk visits them."""

from typing import Any

from rbac.permissions import Permission
from tests.walk.visit import Visit, forms, versioned
from tests.walk.world import Estate, World

VIEW, MANAGE = Permission.SCRIPTS_VIEW, Permission.SCRIPTS_MANAGE
SCRIPT = {"name": "New script", "language": "bash", "body": "echo"}


def first(world: World, estate: Estate) -> dict[str, Any]:
    return {"number": 1}


SCRIPTS = [
    Visit("computers:script-list", "GET", VIEW),
    Visit("computers:script-export", "GET", VIEW),
    Visit("computers:script-start", "GET", MANAGE),
    Visit("computers:script-owner-pick", "GET", MANAGE),
    *forms(
        "computers:script-create",
        MANAGE,
        "Tenant",
        lambda world, estate: SCRIPT,
        also=frozenset({Permission.TENANTS_VIEW}),
    ),
    *forms("computers:script-create-shared", MANAGE, "instance", lambda world, estate: SCRIPT),
    Visit("computers:script-detail", "GET", VIEW, "Script"),
    Visit("computers:script-version-list", "GET", VIEW, "Script"),
    Visit("computers:script-version-detail", "GET", VIEW, "Script", route=first),
    Visit("computers:script-compare", "GET", VIEW, "Script"),
    *forms("computers:script-version-restore", MANAGE, "Script", versioned("Script"), route=first),
    *forms("computers:script-edit", MANAGE, "Script", versioned("Script", **SCRIPT)),
    *forms("computers:script-delete", MANAGE, "Script", versioned("Script", reason="Old")),
]
