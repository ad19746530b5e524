"""A schedule whose time has come, at which several workers reach at once."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from computers.maintenance.models import MaintenanceSession
from computers.schedules.models import Schedule, ScheduleRun
from computers.schedules.running import run_due
from rbac.models import AuditEntry
from tests import factories
from tests.races.racer import RACES, Racer
from tests.schedules.acting import due, planner, ready

pytestmark = pytest.mark.django_db(transaction=True)


def again(schedule: Schedule, number: int) -> None:
    Schedule.objects.filter(pk=schedule.pk).update(next_run_at=timezone.now() - timedelta(seconds=number + 1))


@pytest.mark.parametrize(("lost", "action"), [(False, "schedule.ran"), (True, "schedule.refused")])
def test_of_two_workers_one_runs_it(lost, action):
    tenant = factories.TenantFactory(parent=factories.MspFactory())
    computer = ready(tenant)
    schedule = due(factories.UserFactory(tenant=tenant.msp) if lost else planner(tenant), tenant)
    with Racer() as racer:
        for number in range(RACES):
            again(schedule, number)
            assert racer.race(partial(run_due, schedule.pk), partial(run_due, schedule.pk)) == ["done", "done"]
            assert ScheduleRun.objects.count() == number + 1
    assert MaintenanceSession.objects.filter(computer=computer).count() == (0 if lost else 1)
    assert AuditEntry.objects.filter(action=action).count() >= RACES
