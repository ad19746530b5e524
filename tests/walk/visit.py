"""One line of the table of the walk: a route with a method, what it asks, and what a visit needs.

`data` makes the body of an unsafe visit that succeeds, `also` are permissions that this success takes besides the
declared one, `or_holds` open the door as well, `route` fills what the path has besides the object's number, or names
another object.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.models import Group, User
from rbac.models import Role, RoleAssignment
from rbac.permissions import Permission
from rbac.roles import BUILT_IN_ROLES
from tests.outcomes import seen
from tests.walk.world import Estate, World


@dataclass(frozen=True)
class Visit:
    name: str
    method: str
    permission: Permission | None = None
    container: str | None = None
    data: Callable[[World, Estate], dict[str, Any]] = lambda world, estate: {}
    query: Callable[[World, Estate], str] = lambda world, estate: ""
    also: frozenset[Permission] = frozenset()
    or_holds: tuple[Permission, ...] = ()
    route: Callable[[World, Estate], dict[str, Any]] = lambda world, estate: {}

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def plain_role(world: World, estate: Estate) -> dict[str, Any]:
    chosen = {"effect": "allow", "scope": "own_tenant", "computer_scope": "all", "starts": "now", "ends": "never"}
    return {**chosen, "role": Role.objects.get(key="tenant_user").pk, "reason": "For once"}


def read_by(whom: Callable[[Estate], User | Group]) -> Callable[[World, Estate], dict[str, Any]]:
    """The same, of whoever has read what it does to this user or group."""

    def data(world: World, estate: Estate) -> dict[str, Any]:
        said, principal = plain_role(world, estate), whom(estate)
        to = {"user": principal} if isinstance(principal, User) else {"group": principal}
        row = RoleAssignment(**to, role_id=said["role"], effect=said["effect"], scope=said["scope"])
        return {**said, **seen([row])}

    return data


OF_TENANT_USER = frozenset(next(role.permissions for role in BUILT_IN_ROLES if role.key == "tenant_user"))


def forms(
    name: str, permission: Permission, container: str, data: Callable[..., dict[str, Any]], **more
) -> list[Visit]:
    """A form and what it posts, at one address."""
    return [
        Visit(name, "GET", permission, container, **more),
        Visit(name, "POST", permission, container, data, **more),
    ]


def versioned(kind: str, **said: Any) -> Callable[[World, Estate], dict[str, Any]]:
    """The body of a form about this object as it is."""
    return lambda world, estate: {"version": estate.objects[kind].updated_at.isoformat(), **said}
