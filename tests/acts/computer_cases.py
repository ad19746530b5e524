"""The services of computers and scripts, as `tests.acts.table` has those of the rest."""

from typing import Any

from accounts.models import User
from computers import script_services
from computers import services as computer_services
from computers.models import ComputerType
from rbac.permissions import Permission
from tests import factories
from tests.acts.case import ASSIGN, TWO, WHY, Arguments, Case, at_litware, beth, tess
from tests.acts.stage import GIVEN, STRONG, Stage
from tests.grants import grant


def computer(stage: Stage, **said: Any) -> Arguments:
    stage.computer.refresh_from_db()
    return {"computer": stage.computer, "version": stage.computer.updated_at, **said}


def of_type(stage: Stage, before: str, after: str) -> Arguments:
    stage.computer.type = before
    stage.computer.save()
    return computer(stage, type=after)


def server_for(stage: Stage, actor: User) -> Arguments:
    grant(actor, STRONG, scope="owner", computer_scope="type", computer_type="servers")
    return {}


def two_computers(stage: Stage) -> Arguments:
    other = factories.ComputerFactory(name="DC02", tenant=stage.litware)
    return {"computers": [stage.computer, other], "put": [stage.gold]}


def bearing(stage: Stage) -> None:
    factories.ComputerTagFactory(computer=stage.computer, tag=stage.gold)


def computers_tagged_for(stage: Stage, actor: User) -> Arguments:
    grant(actor, STRONG, scope="owner", computer_scope="tag", computer_tag=stage.gold)
    return {}


def untagged(stage: Stage) -> Arguments:
    bearing(stage)
    return computer(stage, tags=[])


def batch_untagged(stage: Stage) -> Arguments:
    bearing(stage)
    return {"computers": [stage.computer], "take": [stage.gold]}


def deleted(stage: Stage) -> Arguments:
    stage.computer.deleted_at = stage.soon()
    stage.computer.save()
    return computer(stage)


def script(stage: Stage, **said: Any) -> Arguments:
    return {"script": stage.script, "version": stage.script.updated_at, **said}


def rewritten(stage: Stage) -> Arguments:
    stage.script.body = "exit 1"
    stage.script.save()
    return script(stage, number=1)


EDITING = (Permission.COMPUTERS_MANAGE, ASSIGN, GIVEN)
TAGGING = (Permission.COMPUTERS_MANAGE_TAGS, ASSIGN, GIVEN)
SCRIPTS = (Permission.SCRIPTS_MANAGE,)
SERVER, WORKSTATION = ComputerType.SERVER, ComputerType.WORKSTATION
COMPUTERS = [
    Case(computer_services.edit_computer, EDITING[:1], lambda s: computer(s, name="New", os="", serial_number="")),
    Case(computer_services.write_notes, (GIVEN,), lambda stage: computer(stage, notes="New")),
    Case(
        computer_services.set_computer_type,
        EDITING,
        lambda stage: of_type(stage, WORKSTATION, SERVER),
        time=True,
        own=server_for,
    ),
    Case(computer_services.set_computer_type, EDITING, lambda s: of_type(s, SERVER, WORKSTATION), "back", person=tess),
    Case(
        computer_services.set_computer_tags,
        TAGGING,
        lambda stage: computer(stage, tags=[stage.gold]),
        time=True,
        own=computers_tagged_for,
    ),
    Case(computer_services.set_computer_tags, TAGGING, untagged, "no more", person=tess),
    Case(
        computer_services.tag_computers,
        TAGGING,
        lambda stage: {"computers": [stage.computer], "put": [stage.gold]},
        time=True,
        own=computers_tagged_for,
    ),
    Case(computer_services.tag_computers, TAGGING, two_computers, "of two tenants", time=True, spots=TWO),
    Case(computer_services.tag_computers, TAGGING, batch_untagged, "no more", person=tess),
    Case(
        computer_services.move_computer,
        (Permission.COMPUTERS_CHANGE_TENANT, ASSIGN, GIVEN),
        lambda stage: computer(stage, tenant=stage.litware),
        time=True,
        person=beth,
        own=at_litware,
        spots=TWO,
    ),
    Case(computer_services.delete_computer, (STRONG,), lambda stage: computer(stage, **WHY)),
    Case(computer_services.restore_computer, (STRONG,), deleted),
    Case(
        script_services.create_script,
        (*SCRIPTS, Permission.TENANTS_VIEW),
        lambda stage: {"tenant": stage.fabrikam, "name": "New", "language": "bash", "body": ""},
    ),
    Case(script_services.edit_script, SCRIPTS, lambda stage: script(stage, name="New", language="bash", body="")),
    Case(script_services.restore_script_version, SCRIPTS, rewritten),
    Case(script_services.delete_script, SCRIPTS, lambda stage: script(stage, **WHY)),
]
