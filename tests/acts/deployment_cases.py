"""The acts on deployments: each kind of target takes a permission of its own, and a script the right to run it."""

from typing import Any

from computers.deployments import request_services, services
from computers.deployments.models import ChangeRequest, CrossTenantDeployment, Deployment, TenantDeployment
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests import factories
from tests.acts.case import WHY, Arguments, Case
from tests.acts.stage import Stage
from tests.deployments.factories import ChangeRequestFactory, CrossTenantDeploymentFactory, TenantDeploymentFactory

SINGLE, WHOLE = Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL, Permission.DEPLOYMENTS_MANAGE_SINGLE_TENANT
MANY = Permission.DEPLOYMENTS_MANAGE_CROSS_TENANT
REQUEST, REVIEW = Permission.DEPLOYMENTS_MANAGE_CHANGE_REQUESTS, Permission.DEPLOYMENTS_REVIEW_CHANGE_REQUESTS
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


def required() -> None:
    """Custom roles propose while the preference asks for it."""
    factories.SwitchFactory(key=SwitchKey.CHANGE_REQUESTS, enabled=True)


def proposal(stage: Stage, target: str = "children") -> Arguments:
    required()
    found = kept(stage, "children") if target == "change" else None
    return {"draft": draft(stage, "children", pk=found.pk if found else None), "note": "Please"}


def asked(stage: Stage) -> ChangeRequest:
    software = factories.SoftwareFactory()
    return ChangeRequestFactory(tenant=stage.fabrikam, asked_by=stage.olga, software=software)


def about(stage: Stage) -> Arguments:
    return {"request": asked(stage), "note": "Because"}


def while_required(stage: Stage) -> Arguments:
    required()
    return about(stage)


def anew(stage: Stage) -> Arguments:
    return {**while_required(stage), "draft": draft(stage, "children")}


CHANGE_REQUESTS = [
    Case(request_services.submit_change_request, (REQUEST,), proposal),
    Case(request_services.submit_change_request, (REQUEST,), lambda stage: proposal(stage, "change"), "of one that is"),
    Case(request_services.edit_change_request, (REQUEST,), anew),
    Case(request_services.comment_on_change_request, (REQUEST,), while_required, "as who sends them"),
    Case(request_services.comment_on_change_request, (REVIEW,), about, "as a reviewer"),
    Case(request_services.withdraw_change_request, (REQUEST,), while_required),
    Case(request_services.return_change_request, (REVIEW,), about),
    Case(request_services.deny_change_request, (REVIEW,), about),
    Case(
        request_services.approve_change_request,
        (REVIEW, MANY),
        about,
        spots=("Fabrikam", ("Fabrikam", MANY), ("Branch", MANY)),
    ),
]

DEPLOYMENTS = [
    *CHANGE_REQUESTS,
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
