"""Agents of the demo world as its pages meet them."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from computers.agents.models import Agent, Enrolment, Run
from computers.agents.secrets import hashed
from computers.models import Computer
from tests.browser.visit import Named, Visit
from tests.factories import AgentFactory, EnrolmentFactory

BODY = "Get-Process | Sort CPU"
OUTPUT = """  PID CPU% MEM  NAME
  812  2.1 184M mssqlserver
 1044  0.4  61M <b>print</b> spooler
"""


def server() -> Computer:
    return Computer.objects.live().filter(tenant__slug="fabrikam", type="server").order_by("name", "pk")[0]


def with_agent(**reported: Any) -> dict[str, Any]:
    """A server of Fabrikam whose agent was heard of a moment ago."""
    computer = server()
    if not Agent.objects.live().filter(computer=computer).exists():
        AgentFactory(computer=computer, token=f"of {computer}", people=["svc-backup"])
    Agent.objects.filter(computer=computer).update(reported_type=reported.get("type", computer.type))
    Computer.objects.filter(pk=computer.pk).update(last_seen_at=timezone.now())
    return {"pk": computer.pk}


def with_another_type() -> dict[str, Any]:
    return with_agent(type="domain_controller")


def without() -> dict[str, Any]:
    return {"pk": Computer.objects.live().filter(tenant__slug="fabrikam", type="workstation").order_by("name")[0].pk}


def ran(**said: Any) -> Named:
    """A run on it, at its end unless something else is said."""

    def made() -> dict[str, Any]:
        found, dana = with_agent(), User.objects.get(name="Dana Whitfield")
        of = {"computer_id": found["pk"], "tenant_id": server().tenant_id, "asked_by": dana}
        over = {"state": "finished", "exit_code": 0, "output": OUTPUT, "finished_at": timezone.now()}
        run = Run.objects.create(**of, **{"title": BODY, "body": BODY, **over, **said})
        return {**found, "number": run.pk}

    return made


def enrolment() -> dict[str, Any]:
    found = Enrolment.objects.filter(computer=None, used_at=None).first()
    made = found or EnrolmentFactory(tenant=server().tenant, token_hash=hashed("an enrolment of a visit"))
    return {"pk": made.pk}


def _all() -> str:
    enrolment()
    ran()()
    with_another_type()
    return ""


def stopped() -> dict[str, Any]:
    return ran(state="stopped", exit_code=None, stopped_by=User.objects.get(name="Dana Whitfield"))()


WAITING = {"state": "queued", "exit_code": None, "output": "", "finished_at": None}
REFUSED = {**WAITING, "state": "refused", "why": "Whoever asked for it may no longer run it here."}
AGENTS = [
    Visit("agents:agent-list", "Jonas", asks=_all),
    Visit("agents:agent-list", "Grace"),
    Visit("agents:agent-list", "Rosa", query="?q=no+such"),
    Visit("agents:enrolment-place", "Jonas"),
    Visit("agents:enrolment-create", "Rosa", lambda: {"pk": server().tenant_id}),
    Visit("agents:enrolment-create-for", "Jonas", without),
    Visit("agents:enrolment-revoke", "Jonas", enrolment),
    Visit("agents:agent-remove", "Jonas", with_agent),
    Visit("agents:terminal", "Dana", with_agent),
    Visit("agents:terminal", "Jonas", with_another_type, asks=_all),
    Visit("agents:terminal", "Jonas", without),
    Visit("agents:run-list", "Dana", with_agent, asks=_all),
    Visit("agents:run-list", "Jonas", with_agent, query="?state=refused"),
    Visit("agents:held-list", "Jonas", asks=_all),
    Visit("agents:held-list", "Jonas", query="?q=no+such"),
    Visit("agents:type-dismiss", "Jonas", with_another_type),
    Visit("agents:run-detail", "Jonas", stopped),
    Visit("agents:run-detail", "Dana", ran()),
    Visit("agents:run-detail", "Jonas", ran(**WAITING)),
    Visit("agents:run-detail", "Jonas", ran(**REFUSED)),
]
