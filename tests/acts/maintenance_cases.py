"""The acts on maintenance, on one computer and on several."""

from datetime import timedelta

from django.utils import timezone

from computers.maintenance import onboarding_services, services
from computers.maintenance.models import MaintenanceSession
from computers.models import Computer
from rbac.permissions import Permission
from tests import factories
from tests.acts.agent_cases import with_agent
from tests.acts.case import TWO, Arguments, Case
from tests.acts.stage import Stage
from tests.maintenance import factories as made

RUN, RERUN, VIEW = Permission.SESSIONS_RUN, Permission.SESSIONS_RERUN, Permission.SESSIONS_VIEW
REINVENTORY = Permission.COMPUTERS_REINVENTORY


def session(stage: Stage, **said) -> MaintenanceSession:
    return made.MaintenanceSessionFactory(computer=with_agent(stage), asked_by=stage.olga, **said)


def waiting(stage: Stage) -> Arguments:
    return {"sessions": [session(stage)]}


def over(stage: Stage, **said) -> Arguments:
    return {"sessions": [session(stage, state="done", finished_at=timezone.now(), **said)]}


def computers(stage: Stage) -> Arguments:
    other = factories.AgentFactory(computer__tenant=stage.litware).computer
    return {"computers": [with_agent(stage), other]}


def several(stage: Stage) -> Arguments:
    other = factories.AgentFactory(computer__tenant=stage.litware).computer
    return {"sessions": [session(stage), made.MaintenanceSessionFactory(computer=other)]}


def to_onboard(stage: Stage) -> Computer:
    found = with_agent(stage)
    Computer.objects.filter(pk=found.pk).update(onboarding="waiting")
    return Computer.objects.get(pk=found.pk)


def onboarded(stage: Stage) -> Arguments:
    computer = to_onboard(stage)
    return {"computer": computer, "version": computer.updated_at, "name": "DC-ONE", "person": stage.mara}


ONBOARD, MANAGE = Permission.COMPUTERS_ONBOARD, Permission.COMPUTERS_MANAGE
SET = Permission.COMPUTERS_SET_PRIMARY_PERSON
ALL_OF_IT = ("Fabrikam", ("Fabrikam", RUN), ("Fabrikam", MANAGE), ("Fabrikam", SET))
MAINTENANCE = [
    Case(services.run_maintenance, (RUN,), lambda stage: {"computers": [with_agent(stage)]}),
    Case(services.run_maintenance, (RUN,), computers, "on several", spots=TWO),
    Case(onboarding_services.start_onboarding, (ONBOARD, RUN, MANAGE, SET), onboarded, spots=ALL_OF_IT),
    Case(onboarding_services.skip_onboarding, (ONBOARD,), lambda stage: {"computer": to_onboard(stage)}),
    Case(onboarding_services.repeat_onboarding, (ONBOARD,), lambda stage: {"computer": with_agent(stage)}),
    Case(services.refresh_inventory, (REINVENTORY,), lambda stage: {"computer": with_agent(stage)}),
    Case(services.rerun_sessions, (RERUN, RUN), over, spots=("Fabrikam", ("Fabrikam", RUN), ("Fabrikam", VIEW))),
    Case(
        services.rerun_sessions,
        (RERUN, REINVENTORY),
        lambda stage: over(stage, kind="inventory"),
        "of an inventory",
        spots=("Fabrikam", ("Fabrikam", REINVENTORY)),
    ),
    Case(services.cancel_sessions, (Permission.SESSIONS_CANCEL,), waiting),
    Case(services.cancel_sessions, (Permission.SESSIONS_CANCEL,), several, "several", spots=TWO),
    Case(
        services.postpone_sessions,
        (Permission.SESSIONS_POSTPONE,),
        lambda stage: {**waiting(stage), "until": timezone.now() + timedelta(days=1)},
    ),
]
