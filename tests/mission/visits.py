"""What personas of the tables do: every visit of the walk by its name, and a few that only the mission speaks of."""

from collections.abc import Callable
from typing import Any

from computers.agents.models import Agent
from rbac.models import Role, RoleAssignment
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests.outcomes import seen
from tests.walk.deployments import single
from tests.walk.table import GIVING, VISITS
from tests.walk.visit import Visit
from tests.walk.world import Estate, World

Data = Callable[[World, Estate], dict[str, Any]]
ASKED = {"effect": "allow", "starts": "now", "ends": "never", "reason": "For once"}


def giving(key: str, *, reason: str = "For once", **scope: Callable[[World, Estate], Any] | str) -> Data:
    """The editor's post that gives the built-in role to the estate's person, by whoever has read what it does."""

    def data(world: World, estate: Estate) -> dict[str, Any]:
        said = {name: value(world, estate) if callable(value) else value for name, value in scope.items()}
        role, chosen = Role.objects.get(key=key), {"computer_scope": "all", **said}
        row = RoleAssignment(user=estate.objects["User"], role=role, effect="allow", **chosen)
        posted = {name: getattr(value, "pk", value) for name, value in chosen.items()}
        if said["scope"] == "msp":
            posted["msp"] = posted.pop("tenant", "")
        return {**ASKED, **posted, "role": role.pk, "reason": reason, **seen([row])}

    return data


def choosing_nothing(scope: str) -> Data:
    """A scope without that which it is about."""
    role = lambda: Role.objects.get(key="tenant_user").pk  # noqa: E731  one line
    return lambda world, estate: {**ASKED, "role": role(), "scope": scope, "computer_scope": "all"}


def looking_at(key: str) -> Visit:
    """The page of a built-in role."""
    number = lambda world, estate: {"pk": Role.objects.get(key=key).pk}  # noqa: E731  one line
    return Visit("rbac:role-detail", "GET", Permission.ROLES_VIEW, route=number)


def to(**said: Any) -> Callable[[World, Estate], dict[str, Any]]:
    return lambda world, estate: said


def _customer(world: World, estate: Estate) -> Any:
    return estate.tenant


def _provider(world: World, estate: Estate) -> Any:
    return estate.msp


def _tag(world: World, estate: Estate) -> Any:
    return estate.objects["Gold"]


def _give(key: str, **scope: Any) -> Visit:
    return Visit("rbac:assignment-create", "POST", **GIVING, data=giving(key, **scope))


def _choose(scope: str) -> Visit:
    return Visit("rbac:assignment-create", "POST", **GIVING, data=choosing_nothing(scope))


def _flip(key: SwitchKey, *, enabled: bool) -> Visit:
    """By whoever has read the page before it (`acting`)."""
    where = to(key=key, enabled=enabled)
    return Visit("rbac:switch-change", "POST", Permission.PREFERENCES_MANAGE_SYSTEM, "instance", route=where)


def _deploy(data: Data) -> Visit:
    return Visit("deployments:deployment-create", "POST", Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL, "Tenant", data)


def deploying_to_all(world: World, estate: Estate) -> dict[str, Any]:
    return {**single(world, estate), "target": "tenant", "computers": "", "computer_scope": "all"}


def deploying_to_somebody(world: World, estate: Estate) -> dict[str, Any]:
    """To whom a computer of the estate reports."""
    Agent.objects.filter(computer=estate.objects["Computer"]).update(people=["mara"])
    return {**single(world, estate), "computers": "", "people": "mara"}


OWN_TENANT = {"scope": "own_tenant"}
OF_MISSION = {
    "give Tenant User": _give("tenant_user", **OWN_TENANT),
    "give Tenant Administrator": _give("tenant_administrator", **OWN_TENANT),
    "give MSP User": _give("msp_user", **OWN_TENANT),
    "give MSP Administrator": _give("msp_administrator", **OWN_TENANT),
    "give Tenant User without a reason": _give("tenant_user", reason="", **OWN_TENANT),
    "give Tenant User at owner": _give("tenant_user", scope="owner"),
    "give Tenant User at the MSP": _give("tenant_user", scope="msp", tenant=_provider),
    "give Tenant User at a customer as if it were an MSP": _give("tenant_user", scope="msp", tenant=_customer),
    "give Tenant User at the tag": _give("tenant_user", scope="tag", tag=_tag),
    "give Tenant User at the tenant": _give("tenant_user", scope="tenant", tenant=_customer),
    "choose no scope": _choose(""),
    "choose the scope of an MSP, but none": _choose("msp"),
    "choose the scope of a tag, but none": _choose("tag"),
    **{
        f"turn {'on' if enabled else 'off'} {key.label}": _flip(key, enabled=enabled)
        for key in (SwitchKey.DEPLOYMENTS, SwitchKey.TERMINAL_AND_SCRIPTS)
        for enabled in (False, True)
    },
    "deploy to the tenant": _deploy(deploying_to_all),
    "deploy to a person": _deploy(deploying_to_somebody),
    "look at MSP User": looking_at("msp_user"),
    "look at Tenant User": looking_at("tenant_user"),
}
"""By the words that the tables use."""

BY_NAME: dict[str, Visit] = {str(visit): visit for visit in VISITS} | OF_MISSION
