"""Every route with every method: what it asks, and what a visit needs. Equal, as a set, to what the URLconf has.

`data` makes the body of an unsafe visit that succeeds, `also` are permissions that this success takes besides the
declared one, `route` fills what the path has besides the object's number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests.walk.world import Estate, World


@dataclass(frozen=True)
class Visit:
    name: str
    method: str
    permission: Permission | None = None
    container: str | None = None
    data: Callable[[World, Estate], dict[str, Any]] = lambda world, estate: {}
    query: str = ""
    also: frozenset[Permission] = frozenset()
    route: Callable[[World, Estate], dict[str, Any]] = lambda world, estate: {}

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def to_impersonation(world: World, estate: Estate) -> dict[str, Any]:
    """A switch that can be flipped, since nothing hangs on it that this visitor would have to hold."""
    return {"key": SwitchKey.IMPERSONATION, "enabled": True}


OPEN = [
    Visit("start", "GET"),
    Visit("healthz", "GET"),
    Visit("readyz", "GET"),
    Visit("account_login", "GET"),
    Visit("account_login", "POST"),
    Visit("account_logout", "POST"),
    Visit("accounts:password-link-open", "GET"),
    Visit("accounts:password-set", "GET"),
    Visit("accounts:password-set", "POST"),
    Visit("accounts:password-edit", "GET"),
    Visit("accounts:password-edit", "POST"),
    Visit("accounts:profile-access", "GET"),
    Visit("accounts:profile-detail", "GET"),
    Visit("accounts:profile-security", "GET"),
    Visit("accounts:session-end", "POST"),
    Visit("accounts:session-end-others", "POST"),
]
"""Public routes, and those for whoever is signed in: their own tests say what they do."""

VISITS = [
    Visit("accounts:user-list", "GET", Permission.USERS_VIEW),
    Visit("accounts:user-detail", "GET", Permission.USERS_VIEW, "User"),
    Visit("accounts:user-group-list", "GET", Permission.USERS_VIEW, "User"),
    Visit("rbac:assignment-list", "GET", Permission.USERS_VIEW, "User"),
    Visit("rbac:preference-list", "GET", Permission.PREFERENCES_VIEW_SYSTEM, "instance"),
    Visit("rbac:switch-change", "GET", Permission.PREFERENCES_MANAGE_SYSTEM, "instance", route=to_impersonation),
    Visit(
        "rbac:switch-change",
        "POST",
        Permission.PREFERENCES_MANAGE_SYSTEM,
        "instance",
        data=lambda world, estate: {"expected": "0", "reason": "For once"},
        route=to_impersonation,
    ),
    Visit("tenancy:tenant-pick", "GET", Permission.TENANTS_VIEW),
    Visit("tenancy:tag-pick", "GET", Permission.TAGS_VIEW),
]
