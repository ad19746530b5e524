"""Sessions of the demo world as its pages meet them."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from computers.deployments.models import OF_ONE_TENANT, Deployment
from computers.maintenance.models import Inventory, MaintenanceSession
from computers.models import Computer
from rbac.audit import SYSTEM, Actor, record
from tests.browser.agents import server, with_agent, without
from tests.browser.visit import Named, Visit
from tests.maintenance.factories import MaintenanceSessionFactory, StageFactory

LOG = "System: 8 found\nHardware: 6 found\nDisks: 1 found\nNetwork: 2 found\n"
LINES = [
    ["System", "Operating system", "Debian GNU/Linux 12 (bookworm)"],
    ["System", "Architecture", "x86_64"],
    ["Hardware", "Processors", "8"],
    ["Hardware", "Memory", "31.2 GiB"],
    ["Disks", "/", "73.5 GiB free of 252.0 GiB"],
    *(["Software", f"package-{number}", f"1.{number}-2"] for number in range(12)),
]


def session(**said: Any) -> Named:
    """One on a server of Fabrikam; at its end unless something else is said."""

    def made() -> dict[str, Any]:
        found = with_agent()
        over = {"state": "done", "started_at": timezone.now(), "finished_at": timezone.now()}
        of = {"computer": server(), "asked_by": User.objects.get(name="Dana Whitfield")}
        session = MaintenanceSessionFactory(**of, **{**over, **said.get("session", {})}, stages=[])
        stage = {"state": "done", "progress": 100, "output": LOG, "finished_at": timezone.now()}
        StageFactory(session=session, **{**stage, **said.get("stage", {})})
        return {**found, "number": session.pk}

    return made


def carried() -> dict[str, Any]:
    """One that carried deployments out: one is done, one failed, one was not begun, one the reader does not see."""
    found = session(session={"state": "failed", "why": WENT_WRONG})()
    for position, (name, said) in enumerate(CARRIED.items(), start=1):
        deployment = Deployment.objects.filter(name=name).first()
        crosses = deployment is not None and deployment.target not in OF_ONE_TENANT
        words = {"title": name, "crosses": crosses, "deployment": deployment, "finished_at": timezone.now()}
        StageFactory(session_id=found["number"], position=position, kind="deployment", **words, **said)
    return found


def where_carried() -> dict[str, Any]:
    return {"pk": carried()["pk"]}


def waiting() -> dict[str, Any]:
    """The one that waits there."""
    found = with_agent()
    open_one = MaintenanceSession.objects.open().filter(computer=server()).first()
    dana = User.objects.get(name="Dana Whitfield")
    open_one = open_one or MaintenanceSessionFactory(computer=server(), asked_by=dana)
    return {**found, "number": open_one.pk}


def with_inventory() -> dict[str, Any]:
    of = session()()
    stage = MaintenanceSession.objects.get(pk=of["number"]).stages.get()
    Inventory.objects.create(computer=server(), tenant=server().tenant, stage=stage, lines=LINES)
    return {"pk": of["pk"]}


def happened() -> dict[str, Any]:
    """Much of what a timeline tells, of agent, people, tags, type, maintenance and terminal."""
    found, computer = with_agent(), server()
    dana, said = User.objects.get(name="Dana Whitfield"), {"computers": [{"id": computer.pk, "name": computer.name}]}
    done, of = MaintenanceSession.objects.get(pk=carried()["number"]), {"tenant": computer.tenant}
    tagged = {"tags": [{"id": 1, "name": "Backup"}, {"id": 2, "name": "Windows"}]}
    person = {"person": "Rosa Feldmann"}
    record(SYSTEM, "agent.enrolled", **of, after={**said, "people": ["rosa", "admin"], "os": "Debian 12"})
    record(SYSTEM, "agent.reported", target=computer, **of, before={"people": ["admin"]}, after={"people": ["rosa"]})
    record(Actor(dana), "computer.type_changed", target=computer, **of, before={"type": "workstation"}, after=SERVER)
    record(Actor(dana), "computer.tagged", target=computer, **of, before={"tags": []}, after=tagged)
    record(Actor(dana), "computer.primary_person_set", target=computer, **of, after=person)
    record(Actor(dana), "run.asked", label="uptime", **of, after={**said, "command": "uptime"})
    record(SYSTEM, "maintenance.failed", target=done, **of, after=said)
    return {"pk": found["pk"]}


def _all() -> str:
    session()()
    session(**FAILED)()
    waiting()
    return ""


def to_onboard() -> dict[str, Any]:
    """The server, as if it had just come with its agent."""
    found = with_agent()
    Computer.objects.filter(pk=found["pk"]).update(onboarding="waiting")
    return found


SERVER = {"type": "server"}
WENT_WRONG = "It ended with exit code 1603."
NOT_BEGUN = (
    "Its author may no longer have it happen. This takes Manage Single-Tenant Deployments on all that it is for."
)
CARRIED: dict[str, dict[str, Any]] = {
    "Account of each agent": {"state": "done", "progress": 100, "output": "immyrbac\n"},
    "Backup at Fabrikam": {"state": "failed", "why": WENT_WRONG, "output": "backup.msi: 41,203,712 bytes\n"},
    "Space on every disk": {"state": "skipped", "why": NOT_BEGUN, "output": f"{NOT_BEGUN}\n"},
    "Backup everywhere": {"state": "done", "progress": 100, "output": "done\n"},
    "What was deleted since": {"state": "done", "progress": 100, "output": "done\n"},
}
WHY = "The agent fell silent."
FAILED = {"session": {"state": "failed", "why": WHY}, "stage": {"state": "failed", "progress": 60, "why": WHY}}
SESSIONS = [
    Visit("maintenance:session-list", "Jonas", asks=_all),
    Visit("maintenance:session-list", "Grace"),
    Visit("maintenance:session-list", "Rosa", query="?state=failed&q=no+such"),
    Visit("maintenance:computer-maintenance", "Dana", with_agent, asks=_all),
    Visit("maintenance:computer-maintenance", "Jonas", without),
    Visit("deployments:computer-deployments", "Jonas", where_carried),
    Visit("deployments:computer-deployments", "Grace", where_carried),
    Visit("maintenance:session-run", "Dana", with_agent),
    Visit("maintenance:session-detail", "Grace", carried),
    Visit("maintenance:session-detail", "Dana", session()),
    Visit("maintenance:session-detail", "Jonas", carried),
    Visit("maintenance:session-detail", "Jonas", session(**FAILED)),
    Visit("maintenance:session-detail", "Jonas", waiting),
    Visit("maintenance:session-rerun", "Jonas", session()),
    Visit("maintenance:session-postpone", "Jonas", waiting),
    Visit("maintenance:session-cancel", "Jonas", waiting),
    Visit("maintenance:inventory-detail", "Jonas", with_inventory),
    Visit("maintenance:inventory-detail", "Jonas", without),
    Visit("maintenance:onboarding-start", "Jonas", to_onboard),
    Visit("maintenance:onboarding-start", "Dana", to_onboard),
    Visit("maintenance:onboarding-skip", "Jonas", to_onboard),
    Visit("maintenance:onboarding-repeat", "Jonas", with_agent),
    Visit("maintenance:computer-timeline", "Jonas", happened),
    Visit("maintenance:computer-timeline", "Grace", happened),
    Visit("maintenance:computer-timeline", "Jonas", without, query="?kind=terminal"),
    Visit("maintenance:inventory-refresh", "Jonas", with_agent),
]
