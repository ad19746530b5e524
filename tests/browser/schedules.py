"""The schedules of the demo, for visits."""

from typing import Any

from computers.schedules.models import Schedule
from tenancy.models import Tenant
from tests.browser.visit import Named, Visit


def _tenant(slug: str) -> Named:
    return lambda: {"pk": Tenant.objects.get(slug=slug).pk}


def named(name: str) -> Named:
    return lambda: {"pk": Schedule.objects.get(name=name).pk}


def disabled() -> dict[str, Any]:
    found = nightly()
    Schedule.objects.filter(**found).update(is_enabled=False, next_run_at=None)
    return found


nightly = named("Servers at night")

SCHEDULES = [
    Visit("schedules:schedule-list", "Jonas"),
    Visit("schedules:schedule-list", "Hugo", query="?q=no+such"),
    Visit("schedules:schedule-place", "Jonas"),
    Visit("schedules:schedule-create", "Jonas", _tenant("fabrikam")),
    Visit("schedules:schedule-create-shared", "Jonas"),
    Visit("schedules:schedule-detail", "Jonas", nightly),
    Visit("schedules:schedule-detail", "Hugo", named("Litware on Sundays")),
    Visit("schedules:schedule-computers", "Jonas", nightly),
    Visit("schedules:schedule-edit", "Jonas", named("Disk space at Fabrikam")),
    Visit("schedules:schedule-run", "Jonas", nightly),
    Visit("schedules:schedule-enable", "Jonas", disabled),
    Visit("schedules:schedule-disable", "Jonas", nightly),
    Visit("schedules:schedule-delete", "Jonas", nightly),
]
