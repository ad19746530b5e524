"""What the tests of maintenance share: somebody who may do it, a session, and what an agent reports on it."""

from typing import Any

from accounts.models import User
from computers.maintenance.models import MaintenanceSession
from computers.maintenance.services import run_maintenance
from computers.models import Computer
from rbac.audit import Actor
from rbac.permissions import Permission
from tests import factories
from tests.agents.acting import TOKEN, post
from tests.grants import grant

ALL = tuple(permission for permission in Permission if permission.startswith("sessions:"))
LINES = [["System", "Name", "LIT-01"], ["Software", "nginx", "1.22"]]


def keeper(computer: Computer, home: Any, *permissions: Permission, name: str = "Kim") -> User:
    """Somebody at this home who may do all of it, or only this, in the computer's tenant."""
    user = factories.UserFactory(name=name, tenant=home)
    grant(user, *(permissions or ALL), scope="tenant", tenant=computer.tenant)
    return user


def begun(user: User, *computers: Computer) -> MaintenanceSession:
    return run_maintenance(actor=Actor(user), computers=computers).sessions[0]


def reported(job: dict[str, Any], number: int = 0, token: str = TOKEN, **said: Any) -> Any:
    body = {"token": job["token"], "number": number, "output": "", **said}
    return post("maintenance:agent-stage", token, body, number=job["stage"])


def standing(session: MaintenanceSession) -> tuple[str, str]:
    """Its state by the clock, and that of its first stage."""
    now: Any = MaintenanceSession.objects.standing().get(pk=session.pk)
    return now.standing, now.stages.order_by("position")[0].state
