"""The acts on people who use computers."""

from typing import Any

from accounts import person_services
from computers import people_services
from rbac.permissions import Permission
from tests import factories
from tests.acts.case import WHY, Arguments, Case
from tests.acts.stage import Stage

MANAGE = (Permission.USERS_MANAGE,)
SAID = {"name": "New", "email": "new@fabrikam.example", "login": "new"}

SET = (Permission.COMPUTERS_SET_PRIMARY_PERSON,)


def _on(stage: Stage, **said: Any) -> Arguments:
    return {"computer": stage.computer, "person": stage.mara, **said}


def _named(stage: Stage, *, is_primary: bool = False) -> Arguments:
    factories.ComputerPersonFactory(computer=stage.computer, person=stage.mara, is_primary=is_primary)
    return _on(stage)


def _reported(stage: Stage) -> Arguments:
    factories.AgentFactory(computer=stage.computer, people=["otto"])
    return {"computer": stage.computer, "name": "otto"}


OF_PEOPLE = [
    Case(
        person_services.create_person,
        MANAGE,
        lambda stage: {"tenant": stage.fabrikam, "user": stage.newt, **SAID},
    ),
    Case(person_services.edit_person, MANAGE, lambda stage: {"person": stage.mara, "user": stage.newt, **SAID}),
    Case(person_services.delete_person, MANAGE, lambda stage: {"person": _named(stage)["person"], **WHY}),
    Case(people_services.add_computer_person, SET, _on),
    Case(people_services.set_primary_person, SET, _named),
    Case(people_services.remove_computer_person, SET, lambda stage: _named(stage, is_primary=True)),
    Case(
        people_services.adopt_reported_person,
        (*SET, Permission.AGENTS_VIEW, Permission.USERS_MANAGE),
        _reported,
        spots=("Fabrikam", ("Fabrikam", Permission.AGENTS_VIEW), ("Fabrikam", Permission.USERS_MANAGE)),
    ),
]
