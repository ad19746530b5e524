"""The acts on schedules: whoever does them has to be able to have happen what the schedule does, but for ending it."""

from typing import Any

from computers.schedules import services
from computers.schedules.models import Schedule
from rbac.permissions import Permission
from tests.acts.agent_cases import with_agent
from tests.acts.case import WHY, Arguments, Case
from tests.acts.stage import Stage
from tests.schedules.factories import ScheduleFactory

MANAGE, RUN = Permission.SCHEDULES_MANAGE, Permission.SESSIONS_RUN
TERMINAL = Permission.COMPUTERS_USE_TERMINAL
BELOW: dict[str, Any] = {"target": "children"}


def kept(stage: Stage, **said: Any) -> Schedule:
    return ScheduleFactory(tenant=stage.fabrikam, saved_by=stage.olga, **said)


def draft(stage: Stage, **said: Any) -> Arguments:
    with_agent(stage)
    what = {"does": "maintenance", "cron": "0 2 * * *", "zone": "Europe/Berlin", "target": "tenant"}
    return {"draft": Schedule(**{"name": "New", "tenant": stage.fabrikam, **what, **said})}


def script(stage: Stage) -> Arguments:
    return draft(stage, does="script", script_version=stage.script.versions.get())


def renamed(stage: Stage) -> Arguments:
    return draft(stage, pk=kept(stage).pk)


def off(stage: Stage) -> Arguments:
    with_agent(stage)
    return {"schedule": kept(stage, is_enabled=False, next_run_at=None)}


def running(stage: Stage) -> Arguments:
    with_agent(stage)
    return {"schedule": kept(stage)}


HERE = ("Fabrikam", ("Fabrikam", RUN))
SCRIPTED = ("Fabrikam", ("Fabrikam", Permission.SCRIPTS_VIEW), ("Fabrikam", Permission.SCRIPTS_RUN))

SCHEDULES = [
    Case(services.create_schedule, (MANAGE, RUN), draft, spots=HERE),
    Case(
        services.create_schedule,
        (MANAGE, RUN),
        lambda stage: draft(stage, **BELOW),
        "for tenants",
        spots=("Fabrikam", "Branch"),
    ),
    Case(
        services.create_schedule,
        (MANAGE, Permission.SCRIPTS_RUN, TERMINAL),
        script,
        "of a script",
        spots=(*SCRIPTED, ("Fabrikam", TERMINAL)),
    ),
    Case(services.edit_schedule, (MANAGE, RUN), renamed, spots=HERE),
    Case(services.enable_schedule, (MANAGE, RUN), off, spots=HERE),
    Case(services.disable_schedule, (MANAGE,), lambda stage: {"schedule": kept(stage)}),
    Case(services.run_schedule, (MANAGE, RUN), running, spots=HERE),
    Case(services.delete_schedule, (MANAGE,), lambda stage: {"schedule": kept(stage), **WHY}),
    Case(
        services.delete_schedule,
        (MANAGE,),
        lambda stage: {"schedule": kept(stage, **BELOW), **WHY},
        "for tenants",
        spots=("Fabrikam", "Branch"),
    ),
]
