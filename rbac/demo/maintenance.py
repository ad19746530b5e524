"""Maintenance of the demo world: what was done on some computers of one customer within the last weeks."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import User
from computers.deployments.models import Deployment
from computers.maintenance.models import MaintenanceSession, SessionState, Stage, StageKind, StageState
from computers.models import Computer

TENANT, ASKED_BY = "fabrikam", "Dana Whitfield"
COMPUTERS, WEEKS = 12, 4
LOG = "System: 8 found\nHardware: 6 found\nDisks: 1 found\nNetwork: 2 found\nSoftware: 212 found\n"
FAILED = "It ended with exit code 1603."
CARRIED = ("Account of each agent", "Backup at Fabrikam")


def write_sessions(now: datetime) -> None:
    """One a week on each; of the deployments some were done, some failed, and the newest nobody has tried."""
    asked_by = User.objects.filter(name=ASKED_BY).first()
    rows = Computer.objects.live().filter(tenant__slug=TENANT).exclude(type="portable").order_by("type", "name")
    computers = list(rows.select_related("tenant")[:COMPUTERS])
    Deployment.objects.update(created_at=now - timedelta(days=60), updated_at=now - timedelta(days=45))
    if asked_by is None:
        return
    sessions = [_session(computer, asked_by, now, number) for number, computer in _turns(computers)]
    MaintenanceSession.objects.bulk_create(sessions)
    carried = list(Deployment.objects.filter(tenant__slug=TENANT, name__in=CARRIED))
    Stage.objects.bulk_create(stage for each in sessions for stage in _stages(each, carried))


def _turns(computers: list[Computer]) -> list[tuple[int, Computer]]:
    return [(week * len(computers) + at, each) for week in range(WEEKS) for at, each in enumerate(computers)]


def _session(computer: Computer, asked_by: User, now: datetime, number: int) -> MaintenanceSession:
    """The oldest first, some hours apart."""
    at = now - timedelta(days=28) + timedelta(hours=13 * number)
    failed = number % 7 == 3  # here and there
    return MaintenanceSession(
        computer=computer,
        tenant=computer.tenant,
        asked_by=asked_by,
        asked_at=at,
        due_at=at,
        started_at=at + timedelta(seconds=2),
        lease_until=at + timedelta(minutes=5),
        finished_at=at + timedelta(minutes=4),
        state=SessionState.FAILED if failed else SessionState.DONE,
        why=FAILED if failed else "",
    )


def _stages(session: MaintenanceSession, carried: list[Deployment]) -> list[Stage]:
    over = {"session": session, "progress": 100, "sent_at": session.started_at, "finished_at": session.finished_at}
    stages = [Stage(position=0, kind=StageKind.INVENTORY, state=StageState.DONE, output=LOG, **over)]
    mine = [each for each in carried if each.computer_type != "servers" or session.computer.type == "server"]
    for deployment in mine:
        fails = session.state == SessionState.FAILED and deployment is mine[-1]
        came = {"state": StageState.FAILED, "why": FAILED} if fails else {"state": StageState.DONE, "output": "done\n"}
        said = {"kind": StageKind.DEPLOYMENT, "deployment": deployment, "title": deployment.name}
        stages.append(Stage(position=len(stages), **said, **came, **over))
    return stages
