"""The acts on deployments: each kind of target takes a permission of its own, and a script the right to run it."""

from typing import Any

from computers.deployments import services
from computers.deployments.models import CrossTenantDeployment, Deployment, TenantDeployment
from rbac.permissions import Permission
from tests.acts.case import WHY, Arguments, Case
from tests.acts.stage import Stage
from tests.deployments.factories import CrossTenantDeploymentFactory, TenantDeploymentFactory

SINGLE, WHOLE = Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL, Permission.DEPLOYMENTS_MANAGE_SINGLE_TENANT
MANY = Permission.DEPLOYMENTS_MANAGE_CROSS_TENANT
SCRIPTS = ("Fabrikam", Permission.SCRIPTS_VIEW)


def draft(stage: Stage, target: str, **said: Any) -> Deployment:
    """Unsaved, of Fabrikam."""
    model = TenantDeployment if target in ("individual", "tenant") else CrossTenantDeployment
    what = {"state": "installed", "software": stage.software, "name": "New", "tenant": stage.fabrikam}
    return model(target=target, **{**what, **said})


def single(stage: Stage) -> Arguments:
    return {"draft": draft(stage, "individual"), "computers": [stage.computer]}


def whole(stage: Stage) -> Arguments:
    return {"draft": draft(stage, "tenant")}


def below(stage: Stage) -> Arguments:
    return {"draft": draft(stage, "children")}


def script(stage: Stage) -> Arguments:
    version = stage.script.versions.get()
    return {"draft": draft(stage, "tenant", state="run", software=None, script_version=version)}


def kept(stage: Stage, target: str = "tenant") -> Deployment:
    made = CrossTenantDeploymentFactory if target == "children" else TenantDeploymentFactory
    return made(tenant=stage.fabrikam, software=stage.software, target=target, saved_by=stage.olga)


def narrowed(stage: Stage) -> Arguments:
    """A whole tenant's becomes one computer's: what was asked of the first is asked still."""
    return {"draft": draft(stage, "individual", pk=kept(stage).pk), "computers": [stage.computer]}


DEPLOYMENTS = [
    Case(services.create_deployment, (SINGLE,), single, "for a computer"),
    Case(services.create_deployment, (WHOLE,), whole, "for a tenant"),
    Case(
        services.create_deployment, (WHOLE, Permission.SCRIPTS_RUN), script, "of a script", spots=("Fabrikam", SCRIPTS)
    ),
    Case(services.create_deployment, (MANY,), below, "for tenants", spots=("Fabrikam", "Branch")),
    Case(services.edit_deployment, (WHOLE,), narrowed, "made smaller"),
    Case(
        services.edit_deployment,
        (MANY,),
        lambda stage: {"draft": draft(stage, "children", pk=kept(stage, "children").pk)},
        "for tenants",
        spots=("Fabrikam", "Branch"),
    ),
    Case(services.delete_deployment, (WHOLE,), lambda stage: {"deployment": kept(stage), **WHY}),
    Case(
        services.delete_deployment,
        (MANY,),
        lambda stage: {"deployment": kept(stage, "children"), **WHY},
        "for tenants",
        spots=("Fabrikam", "Branch"),
    ),
]
