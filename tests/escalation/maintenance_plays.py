"""The acts on maintenance, which give nobody any access: that is what is tried."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Person
from computers.maintenance import onboarding_services, services
from computers.maintenance.models import MaintenanceSession
from computers.models import Computer, Onboarding
from rbac.permissions import Permission
from tests.escalation.agent_plays import OF_AGENTS, with_agent
from tests.escalation.plays import LATER, plays
from tests.escalation.scene import Scene


def session(scene: Scene, *, is_over: bool = False) -> list[MaintenanceSession]:
    rows = MaintenanceSession.objects.here()
    found = rows.over() if is_over else rows.open()
    return [scene.one_of(list(found.select_related("computer__tenant").order_by("pk")))]


@plays(services.run_maintenance, Permission.SESSIONS_RUN, weight=10, among=OF_AGENTS)
def maintain(scene: Scene) -> dict[str, Any]:
    return {"computers": [with_agent(scene, Permission.SESSIONS_RUN)]}


@plays(services.refresh_inventory, Permission.COMPUTERS_REINVENTORY, among=OF_AGENTS)
def look(scene: Scene) -> dict[str, Any]:
    return {"computer": with_agent(scene, Permission.COMPUTERS_REINVENTORY)}


@plays(services.rerun_sessions, Permission.SESSIONS_RERUN, weight=10, among=OF_AGENTS)
def rerun(scene: Scene) -> dict[str, Any]:
    return {"sessions": session(scene, is_over=True)}


@plays(services.cancel_sessions, Permission.SESSIONS_CANCEL, weight=10, among=OF_AGENTS)
def cancel(scene: Scene) -> dict[str, Any]:
    return {"sessions": session(scene)}


@plays(services.postpone_sessions, Permission.SESSIONS_POSTPONE, among=OF_AGENTS)
def postpone(scene: Scene) -> dict[str, Any]:
    return {"sessions": session(scene), "until": timezone.now() + timedelta(days=1)}


ONBOARDING = LATER.setdefault("onboarding", [])
ONBOARD = Permission.COMPUTERS_ONBOARD


@plays(onboarding_services.repeat_onboarding, ONBOARD, weight=10, among=ONBOARDING)
def wait_again(scene: Scene) -> dict[str, Any]:
    return {"computer": scene.pick(Computer, ONBOARD)}


@plays(onboarding_services.start_onboarding, ONBOARD, weight=10, among=ONBOARDING)
def onboard(scene: Scene) -> dict[str, Any]:
    computer = scene.pick(Computer.objects.filter(onboarding=Onboarding.WAITING), ONBOARD)
    person = scene.pick(Person, Permission.USERS_VIEW) if scene.one_in(2) else None
    name = scene.fresh if scene.one_in(2) else computer.name
    return {"computer": computer, "version": computer.updated_at, "name": name, "person": person}


@plays(onboarding_services.skip_onboarding, ONBOARD, weight=3, among=ONBOARDING)
def leave_out(scene: Scene) -> dict[str, Any]:
    return {"computer": scene.pick(Computer.objects.filter(onboarding=Onboarding.WAITING), ONBOARD)}
