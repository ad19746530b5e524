"""The acts on software and its files."""

from typing import Any

from computers import software_services
from rbac.permissions import Permission
from tests.acts.case import WHY, Arguments, Case
from tests.acts.stage import Stage
from tests.factories import uploaded

MANAGE = (Permission.SOFTWARE_MANAGE,)
SAID = {"name": "New", "publisher": "", "release": "2", "notes": ""}


def _about(stage: Stage, **said: Any) -> Arguments:
    return {"software": stage.software, "version": stage.software.updated_at, **said}


def _with_file(stage: Stage) -> Arguments:
    return {"software": stage.software, "file": uploaded("new.msi")}


SOFTWARE = [
    Case(software_services.create_software, MANAGE, lambda stage: {"tenant": stage.fabrikam, **SAID}),
    Case(software_services.edit_software, MANAGE, lambda stage: _about(stage, **SAID)),
    Case(software_services.delete_software, MANAGE, lambda stage: _about(stage, **WHY)),
    Case(software_services.add_software_file, MANAGE, _with_file),
    Case(software_services.remove_software_file, MANAGE, lambda stage: _about(stage, file=stage.file, **WHY)),
]
