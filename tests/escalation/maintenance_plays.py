"""The acts on maintenance, which give nobody any access: that is what is tried."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from computers.maintenance import services
from computers.maintenance.models import MaintenanceSession
from rbac.permissions import Permission
from tests.escalation.agent_plays import OF_AGENTS, with_agent
from tests.escalation.plays import plays
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
