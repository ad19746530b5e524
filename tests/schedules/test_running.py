"""Schedules whose time has come: what they do is done once, by the rights that their authors have then."""

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from computers.agents.models import Run
from computers.maintenance.models import MaintenanceSession
from computers.schedules.jobs import defer_due
from computers.schedules.models import Schedule, ScheduleRun
from computers.schedules.running import run_due
from rbac.models import AuditEntry, RoleAssignment
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests import factories
from tests.grants import deny
from tests.people import People
from tests.schedules.acting import ALL, SCRIPTS, due, planner, ready, tick

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return People()


def test_it_begins_a_session_on_each_computer_and_moves_on(people):
    author, computers = planner(people.litware), [ready(people.litware, name) for name in ("PC-01", "PC-02")]
    schedule = due(author, people.litware)
    tick()
    assert {(s.computer, s.asked_by) for s in MaintenanceSession.objects.all()} == {(c, author) for c in computers}
    run = ScheduleRun.objects.get()
    assert (run.outcome, run.asked, run.due_at, run.asked_by) == ("asked", 2, schedule.next_run_at, author)
    schedule.refresh_from_db()
    assert schedule.next_run_at > timezone.now()


def test_what_is_busy_or_without_an_agent_is_left_out_and_counted(people):
    schedule = due(planner(people.litware), people.litware)
    ready(people.litware)
    factories.ComputerFactory(name="BARE", tenant=people.litware)
    tick()
    Schedule.objects.update(next_run_at=timezone.now() - timedelta(minutes=1))
    tick()
    first, second = schedule.runs.order_by("pk")
    assert (first.asked, first.busy, first.bare) == (1, 0, 1)
    assert (second.outcome, second.asked, second.busy, second.bare) == ("nothing", 0, 1, 1)
    assert MaintenanceSession.objects.count() == 1


def test_a_time_is_used_once(people):
    schedule = due(planner(people.litware), people.litware)
    ready(people.litware)
    for _ in range(2):
        run_due(schedule.pk)
    assert ScheduleRun.objects.count() == 1


def test_what_was_missed_while_nothing_ran_happens_once(people):
    due(planner(people.litware), people.litware, cron="* * * * *", next_run_at=timezone.now() - timedelta(days=3))
    tick()
    tick()
    assert ScheduleRun.objects.count() == 1


def test_what_is_disabled_or_not_due_does_not_run(people):
    author = planner(people.litware)
    due(author, people.litware, is_enabled=False, next_run_at=None)
    due(author, people.litware, next_run_at=timezone.now() + timedelta(minutes=1))
    tick()
    assert not ScheduleRun.objects.exists()


def ended(author):
    RoleAssignment.objects.filter(user=author).update(ended_at=timezone.now(), end_reason="test")


def denied(author):
    deny(author, Permission.SESSIONS_RUN, scope="owner")


def left(author):
    type(author).objects.filter(pk=author.pk).update(is_active=False)


@pytest.mark.parametrize(
    ("loses", "lacking"),
    [
        (ended, "This takes Manage Schedules on all that it is for."),
        (denied, "This takes Run Maintenance on its computers."),
        (left, "This takes Manage Schedules on all that it is for."),
    ],
)
def test_whose_author_lost_the_right_does_nothing_and_says_so(people, loses, lacking):
    author = planner(people.litware)
    ready(people.litware)
    schedule = due(author, people.litware)
    loses(author)
    tick()
    assert not MaintenanceSession.objects.exists()
    run = ScheduleRun.objects.get()
    assert (run.outcome, run.why, run.asked) == ("refused", lacking, 0)
    entry = AuditEntry.objects.get(action="schedule.refused")
    assert entry.after == {"act": "schedule.ran", "reasons": [lacking]}
    assert (entry.actor, entry.target_id, entry.tenant_id) == (None, schedule.pk, people.litware.msp_id)
    schedule.refresh_from_db()
    assert schedule.next_run_at > timezone.now()


def test_it_reaches_what_its_author_reaches_then_and_no_more(people):
    server, laptop = ready(people.litware, "SRV", type="server"), ready(people.litware, "LAP", type="portable")
    author = planner(people.litware)
    deny(author, Permission.SESSIONS_RUN, scope="owner", computer_scope="type", computer_type="servers")
    due(author, people.litware)
    tick()
    assert [each.computer for each in MaintenanceSession.objects.all()] == [laptop]
    assert server not in {each.computer for each in MaintenanceSession.objects.all()}


def test_a_script_runs_in_the_version_that_was_pinned(people):
    script = factories.ScriptFactory(tenant=people.litware, body="exit 1")
    version = script.versions.get()
    script.body = "exit 2"
    script.save()
    computer, author = ready(people.litware), planner(people.litware, *ALL, *SCRIPTS)
    due(author, people.litware, does="script", script_version=version)
    tick()
    run = Run.objects.get()
    assert (run.computer, run.body, run.script, run.asked_by) == (computer, "exit 1", script.name, author)
    assert (ScheduleRun.objects.get().asked, MaintenanceSession.objects.count()) == (1, 0)
    assert AuditEntry.objects.get().after["runs"] == [{"id": run.pk, "name": script.name}]


def test_the_switch_takes_scripts_from_whoever_it_binds(people):
    author = planner(people.litware, *ALL, *SCRIPTS)
    ready(people.litware)
    due(author, people.litware, does="script", script_version=factories.ScriptVersionFactory())
    factories.SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    tick()
    assert not Run.objects.exists()
    assert ScheduleRun.objects.get().why.startswith("This takes Run Scripts")


def test_one_entry_tells_the_provider_all_that_was_begun(people):
    computer = ready(people.litware)
    schedule = due(planner(people.litware), people.litware)
    tick()
    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.actor, entry.tenant_id) == ("schedule.ran", None, people.litware.msp_id)
    assert entry.target_id == schedule.pk
    assert [each["id"] for each in entry.after["maintenance"]] == [MaintenanceSession.objects.get().pk]
    assert entry.after["computers"] == [{"id": computer.pk, "name": "PC-01"}]


def test_each_minute_what_is_due_is_deferred(people):
    schedule = due(planner(people.litware), people.litware)
    due(schedule.saved_by, people.litware, next_run_at=timezone.now() + timedelta(hours=1))
    defer_due()
    assert [job.args for job in ProcrastinateJob.objects.filter(task_name="schedules.run")] == [
        {"schedule": schedule.pk}
    ]
