"""A schedule whose time has come, at which several workers reach at once, or whose author loses the right meanwhile."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from computers.maintenance.models import MaintenanceSession
from computers.schedules import running
from computers.schedules.models import Schedule, ScheduleRun
from computers.schedules.running import go_on, run_due
from rbac.audit import SYSTEM
from rbac.models import AuditEntry, RoleAssignment
from rbac.services import end_assignments
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


@pytest.fixture
def parts(monkeypatch):
    """Six computers in parts of two."""
    monkeypatch.setattr(running, "PART", 2)
    tenant = factories.TenantFactory(parent=factories.MspFactory())
    for number in range(6):
        ready(tenant, f"PC-{number}")
    return tenant


def test_a_right_that_is_gone_before_a_part_begins_stops_it(parts):
    """Whatever was committed first: behind the end of the right nothing is begun, and what was begun was begun once."""
    with Racer() as racer:
        for _ in range(RACES):
            author = planner(parts)
            schedule, (row,) = due(author, parts), RoleAssignment.objects.filter(user=author)
            ending = partial(end_assignments, actor=SYSTEM, assignments=[row.pk], reason="Race")
            assert racer.race(partial(run_due, schedule.pk), ending) == ["done", "done"]
            told = list(AuditEntry.objects.order_by("-pk").values_list("action", flat=True)[:5])
            behind = told[: told.index("role_assignment.ended")]
            assert behind in ([], ["schedule.refused"])
            run, made = ScheduleRun.objects.get(schedule=schedule), MaintenanceSession.objects.filter(asked_by=author)
            assert run.asked == made.count() == made.values("computer").distinct().count()
            assert (run.outcome, run.rest_after) in {("asked", None), ("stopped", None), ("refused", None)}
            made.update(state="cancelled", finished_at=timezone.now())


def test_of_two_workers_at_the_rest_of_a_run_each_part_is_done_by_one(parts):
    author = planner(parts)
    first = MaintenanceSession.objects.filter(asked_by=author)
    with Racer() as racer:
        for _ in range(RACES):
            schedule = due(author, parts)
            run = ScheduleRun.objects.create(schedule=schedule, asked_by=author, outcome="nothing", rest_after=0)
            assert racer.race(partial(go_on, run.pk), partial(go_on, run.pk)) == ["done", "done"]
            go_on(run.pk)  # where one gave way to the other, which had done its part and then did the same
            run.refresh_from_db()
            assert (run.asked, run.busy, run.rest_after, first.filter(state="queued").count()) == (6, 0, None, 6)
            first.filter(state="queued").update(state="cancelled", finished_at=timezone.now())
