"""The acts on licenses."""

from typing import Any

from computers import license_services
from rbac.permissions import Permission
from tests.acts.case import WHY, Arguments, Case
from tests.acts.stage import Stage

MANAGE = (Permission.LICENSES_MANAGE,)
SAID = {"name": "New", "software": None, "key": "ZZZZ-1", "seats": 3, "expires_on": None, "notes": ""}


def _about(stage: Stage, **said: Any) -> Arguments:
    return {"license": stage.license, "version": stage.license.updated_at, **said}


LICENSES = [
    Case(license_services.create_license, MANAGE, lambda stage: {"tenant": stage.fabrikam, **SAID}),
    Case(license_services.edit_license, MANAGE, lambda stage: _about(stage, **SAID)),
    Case(license_services.delete_license, MANAGE, lambda stage: _about(stage, **WHY)),
    Case(license_services.reveal_license, (Permission.LICENSES_DOWNLOAD,), lambda stage: {"license": stage.license}),
]
