"""The routes of roles, as `tests.walk.table` has the rest."""

from collections.abc import Callable
from typing import Any

from rbac.permissions import Permission
from tests.walk.visit import Visit, forms
from tests.walk.world import Estate, World


def ticked(**said: Any) -> Callable[[World, Estate], dict[str, Any]]:
    return lambda world, estate: {"name": "New role", "permissions": Permission.TENANTS_VIEW.value, **said}


def changed(world: World, estate: Estate) -> dict[str, Any]:
    """The estate's role, with a version that it can be brought back to."""
    role = estate.objects["Role"]
    role.description = "What it is for"
    role.save()
    return {"number": 1}


CHANGED = {"version": 2, "expected": "0-0-0-0-0-0-0", "reason": "For once"}
MANAGING, SHARING = Permission.ROLES_MANAGE, Permission.ROLES_MANAGE_PUBLIC
ROLES = [
    Visit("rbac:role-list", "GET", Permission.ROLES_VIEW),
    Visit("rbac:role-export", "GET", Permission.ROLES_VIEW),
    Visit("rbac:role-pick", "GET", Permission.ROLES_VIEW),
    Visit("rbac:role-compare", "GET", Permission.ROLES_VIEW),
    Visit("rbac:role-detail", "GET", Permission.ROLES_VIEW, "Role"),
    Visit("rbac:role-holder-list", "GET", Permission.ROLES_VIEW, "Role"),
    Visit("rbac:role-holder-export", "GET", Permission.ROLES_VIEW, "Role"),
    Visit("rbac:role-place", "GET", MANAGING),
    Visit("rbac:role-place-pick", "GET", MANAGING),
    *forms("rbac:role-create", MANAGING, "Tenant", ticked(kind="allow")),
    *forms("rbac:role-create-shared", SHARING, "instance", ticked(kind="deny")),
    *forms("rbac:role-edit", MANAGING, "Role", ticked(version=1)),
    *forms("rbac:role-delete", MANAGING, "Role", lambda world, estate: {"version": 1, "reason": "Over"}),
    Visit("rbac:role-version-list", "GET", Permission.ROLES_VIEW, "Role"),
    Visit("rbac:role-version-detail", "GET", Permission.ROLES_VIEW, "Role", route=changed),
    *forms("rbac:role-version-restore", MANAGING, "Role", lambda world, estate: CHANGED, route=changed),
]
