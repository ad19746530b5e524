"""The routes of deployments, as the walk visits them."""

from typing import Any

from computers.deployments.services import values_of
from computers.deployments.targets import singles_of
from computers.models import Software
from immyrbac.versions import version_of
from rbac.permissions import Permission
from tests.walk.visit import Visit, forms
from tests.walk.world import Estate, World

VIEW, MANAGE = Permission.DEPLOYMENTS_VIEW, Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL
VIEW_MANY, MANAGE_MANY = Permission.DEPLOYMENTS_VIEW_CROSS_TENANT, Permission.DEPLOYMENTS_MANAGE_CROSS_TENANT
PREVIEW = Permission.DEPLOYMENTS_PREVIEW_TARGETS
ONE, MANY = "TenantDeployment", "CrossTenantDeployment"


def single(world: World, estate: Estate) -> dict[str, Any]:
    what = {"name": "New", "state": "installed", "software": estate.objects["Software"].pk, "is_enabled": "on"}
    return {**what, "target": "individual", "computers": estate.objects["Computer"].name}


def below(world: World, estate: Estate) -> dict[str, Any]:
    return {**single(world, estate), "target": "children", "computers": "", "computer_scope": "all"}


def everywhere(world: World, estate: Estate) -> dict[str, Any]:
    return {**below(world, estate), "target": "owner", "software": Software.objects.get(tenant=None).pk}


def version(estate: Estate, kind: str) -> dict[str, str]:
    found = estate.objects[kind]
    found.refresh_from_db()
    return {"version": version_of(values_of(found, list(singles_of(found))))}


def edited(world: World, estate: Estate) -> dict[str, Any]:
    return {**single(world, estate), **version(estate, ONE)}


def edited_below(world: World, estate: Estate) -> dict[str, Any]:
    return {**below(world, estate), **version(estate, MANY)}


def ended(kind: str) -> Any:
    return lambda world, estate: {"reason": "Old", **version(estate, kind)}


DEPLOYMENTS = [
    Visit("deployments:deployment-list", "GET", VIEW),
    Visit("deployments:deployment-export", "GET", VIEW),
    Visit("deployments:deployment-place", "GET", MANAGE),
    Visit("deployments:deployment-owner-pick", "GET", MANAGE),
    Visit("deployments:deployment-software-pick", "GET", MANAGE, "Tenant"),
    Visit("deployments:deployment-script-pick", "GET", MANAGE, "Tenant"),
    *forms("deployments:deployment-create", MANAGE, "Tenant", single),
    Visit("deployments:deployment-detail", "GET", VIEW, ONE),
    Visit("deployments:deployment-computers", "GET", PREVIEW, ONE),
    *forms("deployments:deployment-edit", MANAGE, ONE, edited),
    *forms("deployments:deployment-delete", MANAGE, ONE, ended(ONE)),
    Visit("deployments:cross-deployment-list", "GET", VIEW_MANY),
    Visit("deployments:cross-deployment-export", "GET", VIEW_MANY),
    Visit("deployments:cross-deployment-place", "GET", MANAGE_MANY),
    Visit("deployments:cross-deployment-owner-pick", "GET", MANAGE_MANY),
    Visit("deployments:cross-deployment-software-pick", "GET", MANAGE_MANY, "Tenant"),
    Visit("deployments:cross-deployment-software-pick-shared", "GET", MANAGE_MANY, "instance"),
    Visit("deployments:cross-deployment-script-pick", "GET", MANAGE_MANY, "Tenant"),
    Visit("deployments:cross-deployment-script-pick-shared", "GET", MANAGE_MANY, "instance"),
    *forms("deployments:cross-deployment-create", MANAGE_MANY, "Tenant", below),
    *forms("deployments:cross-deployment-create-shared", MANAGE_MANY, "instance", everywhere),
    Visit("deployments:cross-deployment-detail", "GET", VIEW_MANY, MANY),
    Visit("deployments:cross-deployment-computers", "GET", PREVIEW, MANY, also=frozenset({VIEW_MANY})),
    *forms("deployments:cross-deployment-edit", MANAGE_MANY, MANY, edited_below),
    *forms("deployments:cross-deployment-delete", MANAGE_MANY, MANY, ended(MANY)),
]
