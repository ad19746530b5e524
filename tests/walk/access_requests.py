"""The routes of access requests, as `tests.walk.table` has the rest."""

from typing import Any

from rbac.permissions import Permission
from tests import factories
from tests.walk.visit import OF_TENANT_USER, Visit, plain_role, read_by
from tests.walk.world import Estate, World

MANAGE = Permission.USERS_MANAGE_ACCESS_REQUESTS
ASKED = {"permission": MANAGE, "container": "AccessRequest"}


def into_its_tenant(world: World, estate: Estate) -> dict[str, Any]:
    """A stranger's request, which belongs to the instance, and where they may come."""
    return {"pk": factories.AccessRequestFactory(user=None).pk, "home": estate.tenant.pk}


def why_not(world: World, estate: Estate) -> dict[str, Any]:
    return {"reason": "For once"}


TO_ASKER = read_by(lambda estate: estate.objects["AccessRequest"].user)

ACCESS_REQUESTS = [
    Visit("accounts:access-request-list", "GET", MANAGE),
    Visit("accounts:access-request-export", "GET", MANAGE),
    Visit("accounts:access-request-detail", "GET", **ASKED),
    Visit("accounts:access-request-approve", "GET", **ASKED),
    Visit("accounts:access-request-approve", "POST", **ASKED, data=TO_ASKER, also=OF_TENANT_USER),
    Visit("accounts:access-request-refuse", "GET", **ASKED),
    Visit("accounts:access-request-refuse", "POST", **ASKED, data=why_not),
    Visit("accounts:access-request-invite", "GET", MANAGE, "instance", route=into_its_tenant),
    Visit(
        "accounts:access-request-invite",
        "POST",
        MANAGE,
        "instance",
        route=into_its_tenant,
        data=plain_role,
        also=OF_TENANT_USER,
    ),
]
