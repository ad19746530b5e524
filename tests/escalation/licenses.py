"""Acts on licenses, which give nobody anything: a search of their own, so that older seeds stay as they are."""

from typing import Any

from computers import license_services
from computers.models import License
from rbac.permissions import Permission
from tests.escalation.plays import LATER, Trick, plays
from tests.escalation.scene import Scene

KEEPING: list[Trick] = []
LATER["licenses"] = KEEPING
SAID: dict[str, Any] = {"key": "ZZZZ-1", "seats": None, "expires_on": None, "notes": ""}


def _one(scene: Scene, permission: Permission) -> License:
    return scene.pick(License, permission)


@plays(license_services.create_license, Permission.LICENSES_MANAGE, weight=4, among=KEEPING)
def _create_license(scene: Scene) -> dict[str, Any]:
    return {"tenant": scene.owner(Permission.LICENSES_MANAGE), "name": scene.fresh, **SAID}


@plays(license_services.edit_license, Permission.LICENSES_MANAGE, weight=1, among=KEEPING)
def _edit_license(scene: Scene) -> dict[str, Any]:
    found = _one(scene, Permission.LICENSES_MANAGE)
    return {"license": found, "version": found.updated_at, "name": scene.fresh, **SAID}


@plays(license_services.reveal_license, Permission.LICENSES_DOWNLOAD, weight=1, among=KEEPING)
def _reveal_license(scene: Scene) -> dict[str, Any]:
    return {"license": _one(scene, Permission.LICENSES_DOWNLOAD)}


@plays(license_services.delete_license, Permission.LICENSES_MANAGE, weight=1, among=KEEPING)
def _delete_license(scene: Scene) -> dict[str, Any]:
    found = _one(scene, Permission.LICENSES_MANAGE)
    return {"license": found, "version": found.updated_at, "reason": "a try"}
