"""The routes of agents and terminals, as `tests.walk.table` has the rest."""

from typing import Any

from computers.agents.models import Agent
from rbac.permissions import Permission
from tests import factories
from tests.walk.visit import Visit, forms
from tests.walk.world import Estate, World

INSTALL, TERMINAL = Permission.AGENTS_INSTALL, Permission.COMPUTERS_USE_TERMINAL


def nothing(world: World, estate: Estate) -> dict[str, Any]:
    return {}


def command(world: World, estate: Estate) -> dict[str, Any]:
    return {"command": "uptime"}


def bare(world: World, estate: Estate) -> dict[str, Any]:
    """Instead of the estate's computer one without an agent."""
    return {"pk": factories.ComputerFactory(tenant=estate.tenant).pk}


def ran(world: World, estate: Estate) -> dict[str, Any]:
    return {"number": factories.RunFactory(computer=estate.objects["Computer"], asked_by=estate.objects["User"]).pk}


def reported(world: World, estate: Estate) -> dict[str, Any]:
    """The estate's computer, whose agent says that it is something else."""
    Agent.objects.filter(computer=estate.objects["Computer"]).update(reported_type="server")
    return {}


MANAGE = Permission.COMPUTERS_MANAGE
AGENTS = [
    Visit("agents:agent-list", "GET", Permission.AGENTS_VIEW),
    Visit("agents:agent-export", "GET", Permission.AGENTS_VIEW),
    Visit("agents:enrolment-place", "GET", INSTALL),
    Visit("agents:enrolment-place-pick", "GET", INSTALL),
    *forms("agents:enrolment-create", INSTALL, "Tenant", nothing),
    *forms("agents:enrolment-create-for", INSTALL, "Computer", nothing, route=bare),
    *forms("agents:enrolment-revoke", INSTALL, "Enrolment", nothing),
    *forms("agents:agent-remove", Permission.AGENTS_MANAGE, "Computer", lambda world, estate: {"reason": "Sold"}),
    *forms("agents:terminal", TERMINAL, "Computer", command),
    Visit("agents:run-script-pick", "GET", TERMINAL, "Computer"),
    Visit("agents:run-list", "GET", TERMINAL, "Computer"),
    Visit("agents:run-detail", "GET", TERMINAL, "Computer", route=ran),
    Visit("agents:run-stop", "POST", TERMINAL, "Computer", route=ran),
    Visit("agents:held-list", "GET", MANAGE),
    Visit("agents:held-export", "GET", MANAGE),
    *forms("agents:type-dismiss", MANAGE, "Computer", lambda world, estate: {"type": "server"}, route=reported),
]

OF_AGENTS = [
    Visit("agents:agent-program", "GET"),
    *(Visit(f"agents:agent-{act}", "POST") for act in ("enrol", "report", "poll", "part")),
    Visit("maintenance:agent-stage", "POST"),
    Visit("maintenance:agent-stage-file", "POST"),
]
"""Opened by a token, not by anybody's access: tests/agents."""
