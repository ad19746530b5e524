"""The routes of deployments, as the walk visits them."""

from typing import Any

from django.db import connection

from computers.deployments.services import values_of
from computers.deployments.targets import singles_of
from computers.models import Software
from immyrbac.versions import version_of
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests.walk.visit import Visit, forms
from tests.walk.world import Estate, World

VIEW, MANAGE = Permission.DEPLOYMENTS_VIEW, Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL
VIEW_MANY, MANAGE_MANY = Permission.DEPLOYMENTS_VIEW_CROSS_TENANT, Permission.DEPLOYMENTS_MANAGE_CROSS_TENANT
REQUEST, REVIEW = Permission.DEPLOYMENTS_MANAGE_CHANGE_REQUESTS, Permission.DEPLOYMENTS_REVIEW_CHANGE_REQUESTS
PREVIEW = Permission.DEPLOYMENTS_PREVIEW_TARGETS
ONE, MANY, ASKED = "TenantDeployment", "CrossTenantDeployment", "ChangeRequest"


def single(world: World, estate: Estate) -> dict[str, Any]:
    what = {"name": "New", "state": "installed", "software": estate.objects["Software"].pk, "is_enabled": "on"}
    return {**what, "target": "individual", "computers": estate.objects["Computer"].name}


def below(world: World, estate: Estate) -> dict[str, Any]:
    return {**single(world, estate), "target": "children", "computers": "", "computer_scope": "all"}


def everywhere(world: World, estate: Estate) -> dict[str, Any]:
    return {
        **below(world, estate),
        "target": "owner",
        "software": Software.objects.filter(tenant=None).earliest("pk").pk,
    }


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


WHY = {"note": "All customers ask for it"}
ASKED_FOR = """INSERT INTO rbac_switch (key, enabled, set_at) VALUES (%s, true, now())
ON CONFLICT (key, tenant_id) DO UPDATE SET enabled = true"""


def required(world: World, estate: Estate) -> dict[str, Any]:
    """Custom roles propose while the preference asks for it: one statement, however it stood."""
    with connection.cursor() as cursor:
        cursor.execute(ASKED_FOR, [SwitchKey.CHANGE_REQUESTS])
    return {}


def proposing(world: World, estate: Estate) -> dict[str, Any]:
    return {**below(world, estate), **WHY}


def proposing_everywhere(world: World, estate: Estate) -> dict[str, Any]:
    return {**everywhere(world, estate), **WHY}


def proposing_change(world: World, estate: Estate) -> dict[str, Any]:
    return {**edited_below(world, estate), **WHY}


def proposing_anew(world: World, estate: Estate) -> dict[str, Any]:
    return {**proposing(world, estate), "version": "of a proposal"}


def noting(world: World, estate: Estate) -> dict[str, Any]:
    return WHY


def asked_forms(act: str, permission: Permission, data: Any, **more: Any) -> list[Visit]:
    """Sending takes the preference, reviewing does not."""
    route = {"route": required} if permission == REQUEST else {}
    return forms(f"deployments:change-request-{act}", permission, ASKED, data, **route, **more)


CHANGE_REQUESTS = [
    Visit("deployments:change-request-list", "GET", VIEW_MANY),
    Visit("deployments:change-request-export", "GET", VIEW_MANY),
    Visit("deployments:change-request-place", "GET", REQUEST, route=required),
    Visit("deployments:change-request-owner-pick", "GET", REQUEST, route=required),
    *forms("deployments:change-request-create", REQUEST, "Tenant", proposing, route=required),
    *forms("deployments:change-request-create-shared", REQUEST, "instance", proposing_everywhere, route=required),
    *forms("deployments:change-request-change", REQUEST, MANY, proposing_change, route=required),
    Visit("deployments:change-request-detail", "GET", VIEW_MANY, ASKED),
    *asked_forms("edit", REQUEST, proposing_anew),
    *asked_forms("comment", REQUEST, noting, or_holds=(REVIEW,)),
    *asked_forms("withdraw", REQUEST, noting),
    *asked_forms("approve", REVIEW, noting, also=frozenset({MANAGE_MANY})),
    *asked_forms("deny", REVIEW, noting),
    *asked_forms("return", REVIEW, noting),
]

DEPLOYMENTS = [
    *CHANGE_REQUESTS,
    Visit("deployments:deployment-list", "GET", VIEW),
    Visit("deployments:deployment-export", "GET", VIEW),
    Visit("deployments:deployment-place", "GET", MANAGE),
    Visit("deployments:deployment-owner-pick", "GET", MANAGE),
    Visit("deployments:deployment-software-pick", "GET", MANAGE, "Tenant"),
    Visit("deployments:deployment-script-pick", "GET", MANAGE, "Tenant"),
    *forms("deployments:deployment-create", MANAGE, "Tenant", single),
    Visit("deployments:deployment-detail", "GET", VIEW, ONE),
    Visit("deployments:deployment-computers", "GET", PREVIEW, ONE),
    Visit("deployments:computer-deployments", "GET", VIEW, "Computer", also=frozenset({Permission.COMPUTERS_VIEW})),
    *forms("deployments:deployment-edit", MANAGE, ONE, edited),
    *forms("deployments:deployment-delete", MANAGE, ONE, ended(ONE)),
    Visit("deployments:cross-deployment-list", "GET", VIEW_MANY),
    Visit("deployments:cross-deployment-export", "GET", VIEW_MANY),
    Visit("deployments:cross-deployment-place", "GET", MANAGE_MANY),
    Visit("deployments:cross-deployment-owner-pick", "GET", MANAGE_MANY),
    Visit("deployments:cross-deployment-software-pick", "GET", MANAGE_MANY, "Tenant", or_holds=(REQUEST,)),
    Visit("deployments:cross-deployment-software-pick-shared", "GET", MANAGE_MANY, or_holds=(REQUEST,)),
    Visit("deployments:cross-deployment-script-pick", "GET", MANAGE_MANY, "Tenant", or_holds=(REQUEST,)),
    Visit("deployments:cross-deployment-script-pick-shared", "GET", MANAGE_MANY, or_holds=(REQUEST,)),
    *forms("deployments:cross-deployment-create", MANAGE_MANY, "Tenant", below),
    *forms("deployments:cross-deployment-create-shared", MANAGE_MANY, "instance", everywhere),
    Visit("deployments:cross-deployment-detail", "GET", VIEW_MANY, MANY),
    Visit("deployments:cross-deployment-computers", "GET", PREVIEW, MANY, also=frozenset({VIEW_MANY})),
    *forms("deployments:cross-deployment-edit", MANAGE_MANY, MANY, edited_below),
    *forms("deployments:cross-deployment-delete", MANAGE_MANY, MANY, ended(MANY)),
]
