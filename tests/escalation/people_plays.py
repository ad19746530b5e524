"""Acts on people who use computers, which give nobody anything: that is what is tried."""

from typing import Any

from accounts import person_services
from accounts.models import Person
from computers import people_services
from computers.agents.models import Agent
from computers.models import Computer, ComputerPerson
from rbac.permissions import Permission
from tenancy.models import Tenant
from tests.escalation.plays import LATER, plays
from tests.escalation.scene import Scene

OF_PEOPLE = LATER.setdefault("people", [])
MANAGE = Permission.USERS_MANAGE


@plays(person_services.create_person, MANAGE, weight=6, among=OF_PEOPLE)
def _create_person(scene: Scene) -> dict[str, Any]:
    user = scene.person() if scene.one_in(2) else None
    return {"tenant": user.tenant if user else scene.pick(Tenant, MANAGE), "name": scene.fresh, "user": user}


@plays(person_services.edit_person, MANAGE, weight=3, among=OF_PEOPLE)
def _edit_person(scene: Scene) -> dict[str, Any]:
    said = {"name": scene.fresh, "email": "", "login": scene.fresh, "user": scene.person()}
    return {"person": scene.pick(Person, MANAGE), **said}


@plays(person_services.delete_person, MANAGE, weight=1, among=OF_PEOPLE)
def _delete_person(scene: Scene) -> dict[str, Any]:
    return {"person": scene.pick(Person, MANAGE), "reason": "a try"}


SET = Permission.COMPUTERS_SET_PRIMARY_PERSON


def _link(scene: Scene) -> dict[str, Any]:
    link = scene.one_of(list(ComputerPerson.objects.select_related("computer", "person").order_by("pk")))
    return {"computer": link.computer, "person": link.person}


@plays(people_services.add_computer_person, SET, weight=6, among=OF_PEOPLE)
def _add_computer_person(scene: Scene) -> dict[str, Any]:
    person = scene.pick(Person, Permission.USERS_VIEW)
    return {"computer": scene.pick(Computer, SET), "person": person, "is_primary": scene.one_in(2)}


@plays(people_services.set_primary_person, SET, weight=2, among=OF_PEOPLE)
def _set_primary_person(scene: Scene) -> dict[str, Any]:
    return _link(scene)


@plays(people_services.remove_computer_person, SET, weight=1, among=OF_PEOPLE)
def _remove_computer_person(scene: Scene) -> dict[str, Any]:
    return _link(scene)


@plays(people_services.adopt_reported_person, SET, weight=4, among=OF_PEOPLE)
def _adopt_reported_person(scene: Scene) -> dict[str, Any]:
    agents = Agent.objects.live().exclude(people=[]).select_related("computer").order_by("pk")
    agent = scene.one_of(list(agents))
    return {"computer": agent.computer, "name": scene.one_of(agent.people)}
