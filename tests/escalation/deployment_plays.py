"""The acts on deployments, which give nobody any access: that is what is tried."""

from typing import Any

from django.db.models import Q

from computers.deployments import request_services, services
from computers.deployments.models import ChangeRequest, CrossTenantDeployment, Deployment, TenantDeployment
from computers.models import Computer, Script, Software
from rbac.permissions import Permission
from tenancy.models import Tag, Tenant
from tests import factories
from tests.escalation.plays import LATER, Play, Trick, plays
from tests.escalation.scene import Scene

DEPLOYING: list[Trick] = []
LATER["deployments"] = DEPLOYING
SINGLE, WHOLE = Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL, Permission.DEPLOYMENTS_MANAGE_SINGLE_TENANT
MANY = Permission.DEPLOYMENTS_MANAGE_CROSS_TENANT
REQUEST, REVIEW = Permission.DEPLOYMENTS_MANAGE_CHANGE_REQUESTS, Permission.DEPLOYMENTS_REVIEW_CHANGE_REQUESTS


def software_everywhere() -> None:
    for tenant in (None, *Tenant.objects.all()):
        factories.SoftwareFactory(tenant=tenant)


def item(scene: Scene, owner: Tenant | None) -> dict[str, Any]:
    """Software or a script that the actor sees, mostly of this owner or of the instance."""
    if scene.one_in(3):
        script = scene.pick(Script, Permission.SCRIPTS_VIEW)
        return {"state": "run", "script_version": script.versions.latest("number")}
    near = Software.objects.filter(Q(tenant=owner) | Q(tenant=None))
    return {"state": scene.one_of(["installed", "absent"]), "software": scene.pick(near, Permission.SOFTWARE_VIEW)}


def of_one(scene: Scene, **known: Any) -> dict[str, Any]:
    owner = known.get("tenant") or scene.pick(Tenant, SINGLE)
    single = scene.one_in(2)
    more = {"target": "individual"} if single else {"target": "tenant"}
    draft = TenantDeployment(**{"tenant": owner, "name": scene.fresh, **more, **item(scene, owner), **known})
    return {"draft": draft, "computers": [scene.pick(Computer, Permission.COMPUTERS_VIEW)] if single else []}


def of_many(scene: Scene, **known: Any) -> dict[str, Any]:
    owner = known["tenant"] if known else scene.owner(MANY)
    target = scene.one_of(["children", "msp", "tag"] if owner else ["owner", "tag"])
    tag = scene.pick(Tag, Permission.TAGS_VIEW) if target == "tag" else None
    said = {"tenant": owner, "name": scene.fresh, "target": target, "tag": tag, **item(scene, owner), **known}
    return {"draft": CrossTenantDeployment(**said)}


@plays(services.create_deployment, SINGLE, weight=8, among=DEPLOYING)
def create(scene: Scene) -> dict[str, Any]:
    return of_one(scene)


@plays(services.create_deployment, MANY, weight=8, among=DEPLOYING)
def create_for_many(scene: Scene) -> dict[str, Any]:
    return of_many(scene)


def some(scene: Scene) -> Deployment:
    """Mostly one that the actor may see."""
    if scene.one_in(2):
        return scene.pick(TenantDeployment, SINGLE)
    return scene.pick(CrossTenantDeployment, MANY)


@plays(services.edit_deployment, SINGLE, weight=4, among=DEPLOYING)
def edit(scene: Scene) -> dict[str, Any]:
    found = some(scene)
    make = of_one if isinstance(found, TenantDeployment) else of_many
    return make(scene, pk=found.pk, tenant=found.tenant)


@plays(services.delete_deployment, SINGLE, among=DEPLOYING)
def delete(scene: Scene) -> dict[str, Any]:
    return {"deployment": some(scene), "reason": "a try"}


@plays(request_services.submit_change_request, REQUEST, weight=6, among=DEPLOYING)
def propose(scene: Scene) -> dict[str, Any]:
    return {**of_many(scene), "note": "a try"}


@plays(request_services.edit_change_request, REQUEST, among=DEPLOYING)
def propose_anew(scene: Scene) -> dict[str, Any]:
    request = scene.pick(ChangeRequest, REQUEST)
    return {"request": request, **of_many(scene, tenant=request.tenant), "note": "a try"}


def about_one(permission: Permission) -> Play:
    return lambda scene: {"request": scene.pick(ChangeRequest, permission), "note": "a try"}


for answer, needed in (
    (request_services.comment_on_change_request, REQUEST),
    (request_services.withdraw_change_request, REQUEST),
    (request_services.return_change_request, REVIEW),
    (request_services.deny_change_request, REVIEW),
    (request_services.approve_change_request, REVIEW),
):
    plays(answer, needed, among=DEPLOYING)(about_one(needed))
