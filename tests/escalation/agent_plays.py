"""The acts on agents, which give nobody any access: that is what is tried."""

from typing import Any

from accounts.models import User
from computers.agents import services
from computers.agents.models import Agent, Enrolment, Run
from computers.models import Computer, Script
from rbac.permissions import Permission
from tenancy.models import Tenant
from tests import factories
from tests.escalation.plays import LATER, plays
from tests.escalation.scene import Scene

OF_AGENTS = LATER.setdefault("agents", [])
STOPPING = LATER.setdefault("stopping", [])
INSTALL, TERMINAL = Permission.AGENTS_INSTALL, Permission.COMPUTERS_USE_TERMINAL


def agents_everywhere() -> None:
    for computer in Computer.objects.live():
        factories.AgentFactory(computer=computer, token=f"on {computer.pk}")


def runs_everywhere() -> None:
    """What may be stopped is there before anybody tries: a refused act leaves all as it was."""
    asked_by = User.objects.order_by("pk").first()
    for computer in Computer.objects.live():
        factories.RunFactory(computer=computer, asked_by=asked_by)


def with_agent(scene: Scene, permission: Permission) -> Computer:
    return scene.pick(Computer.objects.filter(pk__in=Agent.objects.live().values("computer")), permission)


@plays(services.create_enrolment, INSTALL, weight=10, among=OF_AGENTS)
def enrol(scene: Scene) -> dict[str, Any]:
    computer = scene.pick(Computer, INSTALL) if scene.one_in(2) else None
    return {"tenant": computer.tenant if computer else scene.pick(Tenant, INSTALL), "computer": computer}


@plays(services.revoke_enrolment, INSTALL, among=OF_AGENTS)
def revoke(scene: Scene) -> dict[str, Any]:
    return {"enrolment": scene.pick(Enrolment, INSTALL)}


@plays(services.remove_agent, Permission.AGENTS_MANAGE, among=OF_AGENTS)
def remove(scene: Scene) -> dict[str, Any]:
    return {"computer": with_agent(scene, Permission.AGENTS_MANAGE), "reason": "a try"}


@plays(services.ask_run, TERMINAL, weight=10, among=OF_AGENTS)
def run(scene: Scene) -> dict[str, Any]:
    script = scene.pick(Script, Permission.SCRIPTS_VIEW) if scene.one_in(3) else None
    return {"computer": with_agent(scene, TERMINAL), "command": "" if script else "uptime", "script": script}


@plays(services.stop_run, TERMINAL, weight=10, among=STOPPING)
def stop(scene: Scene) -> dict[str, Any]:
    going_on = Run.objects.going_on()
    computer = scene.pick(Computer.objects.filter(pk__in=going_on.values("computer")), TERMINAL)
    return {"run": going_on.get(computer=computer)}


@plays(services.dismiss_type, Permission.COMPUTERS_MANAGE, weight=10, among=STOPPING)
def dismiss(scene: Scene) -> dict[str, Any]:
    return {"computer": with_agent(scene, Permission.COMPUTERS_MANAGE), "type": "server"}
