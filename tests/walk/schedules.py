"""The routes of schedules, as the walk visits them."""

from typing import Any

from computers.schedules.models import Schedule
from computers.schedules.services import values_of
from immyrbac.versions import version_of
from rbac.permissions import Permission
from tests.walk.visit import Visit, forms
from tests.walk.world import Estate, World

VIEW, MANAGE = Permission.SCHEDULES_VIEW, Permission.SCHEDULES_MANAGE
KIND = "Schedule"
HAPPENS = {"also": frozenset({Permission.SESSIONS_RUN})}
"""What it does takes a permission of its own."""

AT_NIGHT = {"name": "New", "does": "maintenance", "cron": "0 2 * * *", "zone": "Europe/Berlin", "is_enabled": "on"}
SHOWN = {"computer_scope": "all"}


def nightly(world: World, estate: Estate) -> dict[str, Any]:
    return {**AT_NIGHT, **SHOWN, "target": "tenant"}


def everywhere(world: World, estate: Estate) -> dict[str, Any]:
    return {**AT_NIGHT, **SHOWN, "target": "owner"}


def version(estate: Estate) -> dict[str, str]:
    return {"version": version_of(values_of(Schedule.objects.get(pk=estate.objects[KIND].pk)))}


def edited(world: World, estate: Estate) -> dict[str, Any]:
    return {**nightly(world, estate), **version(estate)}


def ended(world: World, estate: Estate) -> dict[str, Any]:
    return {"reason": "Old", **version(estate)}


def disabled(world: World, estate: Estate) -> dict[str, Any]:
    """It is the estate's own that is enabled: nothing else is in the path."""
    Schedule.objects.filter(pk=estate.objects[KIND].pk).update(is_enabled=False, next_run_at=None)
    return {}


SCHEDULES = [
    Visit("schedules:schedule-list", "GET", VIEW),
    Visit("schedules:schedule-export", "GET", VIEW),
    Visit("schedules:schedule-place", "GET", MANAGE),
    Visit("schedules:schedule-owner-pick", "GET", MANAGE),
    Visit("schedules:schedule-script-pick", "GET", MANAGE, "Tenant"),
    Visit("schedules:schedule-script-pick-shared", "GET", MANAGE),
    *forms("schedules:schedule-create", MANAGE, "Tenant", nightly, **HAPPENS),
    *forms("schedules:schedule-create-shared", MANAGE, "instance", everywhere, **HAPPENS),
    Visit("schedules:schedule-detail", "GET", VIEW, KIND),
    Visit("schedules:schedule-computers", "GET", VIEW, KIND),
    *forms("schedules:schedule-edit", MANAGE, KIND, edited, **HAPPENS),
    *forms("schedules:schedule-run", MANAGE, KIND, lambda world, estate: {}, **HAPPENS),
    *forms("schedules:schedule-enable", MANAGE, KIND, lambda world, estate: {}, route=disabled, **HAPPENS),
    *forms("schedules:schedule-disable", MANAGE, KIND, lambda world, estate: {}),
    *forms("schedules:schedule-delete", MANAGE, KIND, ended),
]
