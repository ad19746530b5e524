"""Acts on the library, which give nobody anything: searches of their own, so that older seeds stay."""

from typing import Any

from computers import license_services, script_services, software_services
from computers.models import License, Script, Software
from rbac.permissions import Permission
from tests.escalation.plays import LATER, Trick, plays
from tests.escalation.scene import Scene
from tests.factories import uploaded

KEEPING: list[Trick] = []
LATER["licenses"] = KEEPING
SHELVING: list[Trick] = []
LATER["software"] = SHELVING
VERSIONING: list[Trick] = []
LATER["versions"] = VERSIONING
SAID: dict[str, Any] = {"software": None, "key": "ZZZZ-1", "seats": None, "expires_on": None, "notes": ""}


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


OF_SOFTWARE: dict[str, Any] = {"publisher": "", "release": "", "notes": ""}


def _piece(scene: Scene) -> dict[str, Any]:
    found = scene.pick(Software, Permission.SOFTWARE_MANAGE)
    return {"software": found, "version": found.updated_at}


@plays(software_services.create_software, Permission.SOFTWARE_MANAGE, weight=4, among=SHELVING)
def _create_software(scene: Scene) -> dict[str, Any]:
    return {"tenant": scene.owner(Permission.SOFTWARE_MANAGE), "name": scene.fresh, **OF_SOFTWARE}


@plays(software_services.edit_software, Permission.SOFTWARE_MANAGE, weight=1, among=SHELVING)
def _edit_software(scene: Scene) -> dict[str, Any]:
    return {**_piece(scene), "name": scene.fresh, **OF_SOFTWARE}


@plays(software_services.delete_software, Permission.SOFTWARE_MANAGE, weight=1, among=SHELVING)
def _delete_software(scene: Scene) -> dict[str, Any]:
    return {**_piece(scene), "reason": "a try"}


@plays(software_services.add_software_file, Permission.SOFTWARE_MANAGE, weight=2, among=SHELVING)
def _add_software_file(scene: Scene) -> dict[str, Any]:
    return {"software": _piece(scene)["software"], "file": uploaded()}


@plays(software_services.remove_software_file, Permission.SOFTWARE_MANAGE, weight=1, among=SHELVING)
def _remove_software_file(scene: Scene) -> dict[str, Any]:
    said = _piece(scene)
    return {**said, "file": scene.one_of(list(said["software"].files.order_by("pk"))), "reason": "a try"}


@plays(script_services.restore_script_version, Permission.SCRIPTS_MANAGE, weight=4, among=VERSIONING)
def _restore_script_version(scene: Scene) -> dict[str, Any]:
    script = scene.pick(Script, Permission.SCRIPTS_MANAGE)
    return {"script": script, "version": script.updated_at, "number": 1}
