"""A run that comes to many computers does so in parts: each asks for its author's rights anew, none is done twice."""

from contextlib import suppress

import pytest
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from computers.maintenance.models import MaintenanceSession
from computers.schedules import running
from computers.schedules.jobs import defer_due
from computers.schedules.models import ScheduleRun
from computers.schedules.running import go_on, parts_of, run_due
from computers.schedules.services import disable_schedule, edit_schedule, run_schedule
from rbac.audit import Actor
from rbac.models import AuditEntry, RoleAssignment
from tests.people import People
from tests.schedules.acting import due, planner, ready

pytestmark = pytest.mark.django_db
LOST = "This takes Manage Schedules on all that it is for."


class DiedError(Exception):
    """What the worker dies of."""


@pytest.fixture(autouse=True)
def parts(monkeypatch):
    monkeypatch.setattr(running, "PART", 2)


@pytest.fixture
def litware():
    """With five computers that are ready."""
    tenant = People().litware
    for number in range(5):
        ready(tenant, f"PC-{number}")
    return tenant


def before_part(monkeypatch, number: int, happens) -> None:
    """Let something happen when so many parts are done."""
    whole, done = running._take_next, [1]

    def take(run, part):
        if done[0] == number:
            happens()
        done[0] += 1
        return whole(run, part)

    monkeypatch.setattr(running, "_take_next", take)


def dies() -> None:
    raise DiedError


def begun(schedule, monkeypatch) -> ScheduleRun:
    """A run whose worker has died after its first part."""
    with monkeypatch.context() as patched, suppress(DiedError):
        before_part(patched, 1, dies)
        run_due(schedule.pk)
    run = ScheduleRun.objects.get()
    assert (run.asked, run.rest_after) == (2, list(computers())[1])
    return run


def computers():
    return MaintenanceSession.objects.order_by("computer").values_list("computer", flat=True)


def end(author) -> None:
    RoleAssignment.objects.filter(user=author).update(ended_at=timezone.now(), end_reason="test")


def test_one_run_comes_to_all_of_them_in_acts_of_their_own(litware):
    schedule = due(planner(litware), litware)
    run_due(schedule.pk)
    run = ScheduleRun.objects.get()
    assert (run.outcome, run.asked, run.rest_after) == ("asked", 5, None)
    assert len(set(computers())) == 5
    entries = AuditEntry.objects.order_by("pk")
    assert [each.action for each in entries] == ["schedule.ran", "schedule.went_on", "schedule.went_on"]
    assert [len(each.after["maintenance"]) for each in entries] == [2, 2, 1]
    assert {(each.target_id, each.tenant_id) for each in entries} == {(schedule.pk, litware.msp_id)}


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (1, [1]), (2, [2]), (3, [2, 1]), (4, [2, 2])])
def test_there_is_no_part_for_nothing_but_where_that_is_all(count, sizes):
    tenant = People().litware
    made = sorted(ready(tenant, f"PC-{number}").pk for number in range(count))
    schedule = due(planner(tenant), tenant)
    parts = parts_of(schedule, schedule.saved_by)
    assert [len(part.computers) for part in parts] == sizes
    assert [pk for part in parts for pk in part.computers] == made
    assert [part.rest_after for part in parts] == [*(part.computers[-1] for part in parts[:-1]), None]


def test_who_loses_the_right_on_the_way_begins_nothing_more(litware, monkeypatch):
    author = planner(litware)
    schedule = due(author, litware)
    before_part(monkeypatch, 2, lambda: end(author))
    run_due(schedule.pk)
    run = ScheduleRun.objects.get()
    assert (run.outcome, run.why, run.asked, run.rest_after) == ("stopped", LOST, 4, None)
    assert len(computers()) == 4
    refused = AuditEntry.objects.get(action="schedule.refused")
    assert refused.after == {"act": "schedule.went_on", "reasons": [LOST]}
    go_on(run.pk)
    assert len(computers()) == 4


def test_what_a_part_was_about_is_decided_when_it_is_done(litware, monkeypatch):
    """A computer that has left the reach of the author meanwhile is left out."""
    schedule = due(planner(litware), litware)
    taken = parts_of(schedule, schedule.saved_by)[1].computers[0]

    def deleted() -> None:
        running.Computer.objects.filter(pk=taken).update(deleted_at=timezone.now())

    before_part(monkeypatch, 1, deleted)
    run_due(schedule.pk)
    assert (ScheduleRun.objects.get().asked, taken in computers()) == (4, False)


def test_what_a_dead_worker_has_left_is_done_once(litware, monkeypatch):
    run = begun(due(planner(litware), litware), monkeypatch)
    for _ in range(2):
        defer_due()
    jobs = ProcrastinateJob.objects.filter(task_name="schedules.go_on")
    assert [job.args for job in jobs] == [{"pk": run.pk}]
    for _ in range(2):
        go_on(run.pk)
    run.refresh_from_db()
    assert (run.outcome, run.asked, run.rest_after) == ("asked", 5, None)
    assert len(computers()) == len(set(computers())) == 5


def test_another_worker_that_is_behind_does_nothing(litware, monkeypatch):
    run = begun(due(planner(litware), litware), monkeypatch)
    behind, parts = ScheduleRun.objects.get(), parts_of(run.schedule, run.asked_by, after=run.rest_after)
    go_on(run.pk)
    assert not running._take_next(behind, parts[0])
    assert (len(computers()), ScheduleRun.objects.get().asked) == (5, 5)


def disabled(schedule) -> str:
    disable_schedule(actor=Actor(schedule.saved_by), schedule=schedule)
    return "It was disabled meanwhile."


def edited(schedule) -> str:
    schedule.name = "Another"
    edit_schedule(actor=Actor(schedule.saved_by), draft=schedule)
    return "It was changed meanwhile."


@pytest.mark.parametrize("ends", [disabled, edited])
def test_a_schedule_that_is_changed_or_disabled_begins_nothing_more(client, litware, monkeypatch, ends):
    run = begun(due(planner(litware), litware), monkeypatch)
    client.force_login(run.asked_by)
    address = reverse("schedules:schedule-detail", args=[run.schedule_id])
    assert "2 maintenance sessions. It goes on." in client.get(address).text
    why = ends(run.schedule)
    go_on(run.pk)
    run.refresh_from_db()
    assert (run.outcome, run.why, len(computers())) == ("stopped", why, 2)
    assert f"2 maintenance sessions. The rest did not begin. {why}" in client.get(address).text


def test_by_hand_the_first_part_is_done_at_once_and_a_worker_does_the_rest_by_the_same_right(litware):
    author, other = planner(litware), planner(litware)
    schedule = due(author, litware)
    run = run_schedule(actor=Actor(other), schedule=schedule)
    assert (len(computers()), run.asked, run.due_at) == (2, 2, None)
    assert [job.args for job in ProcrastinateJob.objects.filter(task_name="schedules.go_on")] == [{"pk": run.pk}]
    end(author)
    go_on(run.pk)
    assert {(each.asked_by_id) for each in MaintenanceSession.objects.all()} == {other.pk}
    assert len(computers()) == 5
