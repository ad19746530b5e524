"""The acts on agents and on what runs through them."""

from computers.agents import services
from computers.models import Computer
from rbac.permissions import Permission
from tests import factories
from tests.acts.case import WHY, Arguments, Case
from tests.acts.stage import Stage

INSTALL, TERMINAL = Permission.AGENTS_INSTALL, Permission.COMPUTERS_USE_TERMINAL


def with_agent(stage: Stage) -> Computer:
    factories.AgentFactory(computer=stage.computer)
    return stage.computer


def open_enrolment(stage: Stage) -> Arguments:
    return {"enrolment": factories.EnrolmentFactory(tenant=stage.fabrikam)}


def script(stage: Stage) -> Arguments:
    return {"computer": with_agent(stage), "script": stage.script}


def waiting(stage: Stage) -> Arguments:
    return {"run": factories.RunFactory(computer=stage.computer)}


def reported(stage: Stage) -> Arguments:
    factories.AgentFactory(computer=stage.computer, reported_type="server")
    return {"computer": stage.computer, "type": "server"}


AGENTS = [
    Case(services.create_enrolment, (INSTALL,), lambda stage: {"tenant": stage.fabrikam}),
    Case(
        services.create_enrolment,
        (INSTALL,),
        lambda stage: {"tenant": stage.fabrikam, "computer": stage.computer},
        "as a computer",
    ),
    Case(services.revoke_enrolment, (INSTALL,), open_enrolment),
    Case(services.remove_agent, (Permission.AGENTS_MANAGE,), lambda stage: {"computer": with_agent(stage), **WHY}),
    Case(services.dismiss_type, (Permission.COMPUTERS_MANAGE,), reported),
    Case(services.stop_run, (TERMINAL,), waiting),
    Case(services.ask_run, (TERMINAL,), lambda stage: {"computer": with_agent(stage), "command": "uptime"}),
    Case(
        services.ask_run,
        (Permission.SCRIPTS_RUN, TERMINAL),
        script,
        "a script",
        spots=("Fabrikam", ("Fabrikam", TERMINAL)),
    ),
]
