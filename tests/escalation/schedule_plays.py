"""The acts on schedules, which give nobody any access: that is what is tried."""

from typing import Any

from computers.models import Script
from computers.schedules import services
from computers.schedules.models import Schedule
from rbac.permissions import Permission
from tenancy.models import Tag
from tests.escalation.plays import LATER, Trick, plays
from tests.escalation.scene import Scene

SCHEDULING: list[Trick] = []
LATER["scheduling"] = SCHEDULING
MANAGE = Permission.SCHEDULES_MANAGE


def item(scene: Scene) -> dict[str, Any]:
    if scene.one_in(3):
        version = scene.pick(Script, Permission.SCRIPTS_VIEW).versions.latest("number")
        return {"does": "script", "script_version": version}
    return {"does": "maintenance"}


def draft(scene: Scene, about: Schedule | None = None) -> Schedule:
    owner = about.tenant if about else scene.owner(MANAGE)
    target = scene.one_of(["tenant", "children", "msp", "tag"] if owner else ["owner", "tag"])
    tag = scene.pick(Tag, Permission.TAGS_VIEW) if target == "tag" else None
    said = {"tenant": owner, "name": scene.fresh, "target": target, "tag": tag, **item(scene)}
    return Schedule(pk=about.pk if about else None, cron="0 2 * * *", zone="Europe/Berlin", **said)


def some(scene: Scene) -> Schedule:
    """Mostly one that the actor may see."""
    return scene.pick(Schedule, MANAGE)


@plays(services.create_schedule, MANAGE, weight=8, among=SCHEDULING)
def create(scene: Scene) -> dict[str, Any]:
    return {"draft": draft(scene)}


@plays(services.edit_schedule, MANAGE, weight=4, among=SCHEDULING)
def edit(scene: Scene) -> dict[str, Any]:
    return {"draft": draft(scene, some(scene))}


@plays(services.enable_schedule, MANAGE, among=SCHEDULING)
def enable(scene: Scene) -> dict[str, Any]:
    return {"schedule": some(scene)}


@plays(services.disable_schedule, MANAGE, among=SCHEDULING)
def disable(scene: Scene) -> dict[str, Any]:
    return {"schedule": some(scene)}


@plays(services.run_schedule, MANAGE, weight=4, among=SCHEDULING)
def run(scene: Scene) -> dict[str, Any]:
    return {"schedule": some(scene)}


@plays(services.delete_schedule, MANAGE, among=SCHEDULING)
def delete(scene: Scene) -> dict[str, Any]:
    return {"schedule": some(scene), "reason": "Old"}
