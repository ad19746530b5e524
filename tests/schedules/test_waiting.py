"""What a schedule gives to computers that are away: how long it waits for them, and who is told that it does not."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from computers.agents.models import Run
from computers.agents.traffic import next_run
from computers.schedules.models import Schedule, ScheduleRun
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests import factories
from tests.integrity.sql import refused_by, run
from tests.people import People
from tests.schedules.acting import ALL, SCRIPTS, due, planner, ready, tick
from tests.schedules.factories import ScheduleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return People()


def scripted(people: People, **said) -> Schedule:
    author = planner(people.litware, *ALL, *SCRIPTS)
    return due(author, people.litware, does="script", script_version=factories.ScriptVersionFactory(), **said)


def later(**span) -> None:
    """As if all of it had been asked for so long ago. What was asked never changes but in a test without triggers."""
    connection.check_constraints()  # or what waits for the end of the transaction would bar the change of triggers
    run("ALTER TABLE agents_run DISABLE TRIGGER USER")
    Run.objects.update(asked_at=timezone.now() - timedelta(**span))
    connection.check_constraints()
    run("ALTER TABLE agents_run ENABLE TRIGGER USER")


def detail(client, schedule: Schedule) -> str:
    client.force_login(schedule.saved_by)
    return client.get(reverse("schedules:schedule-detail", args=[schedule.pk])).text


@pytest.mark.parametrize(
    ("waits", "there", "gone"), [(10, {"minutes": 9}, {"minutes": 10}), (4320, {"hours": 71}, {"days": 3})]
)
def test_it_waits_as_long_as_the_schedule_says_and_no_longer(client, people, waits, there, gone):
    ready(people.litware)
    schedule = scripted(people, waits=waits)
    tick()
    later(**there)
    assert Run.objects.waiting().exists()
    assert "1 waiting for the agent: PC-01." in detail(client, schedule)
    later(**gone)
    assert not Run.objects.waiting().exists()
    words = {10: "10 minutes", 4320: "3 days"}[waits]
    assert f"1 not picked up within {words}: PC-01." in detail(client, schedule)
    assert f"It waits {words} for a computer that is away." in detail(client, schedule)


def test_the_right_counts_when_the_computer_comes_back(people):
    computer = ready(people.litware)
    agent = factories.Agent.objects.get(computer=computer)
    schedule = scripted(people, waits=10080)
    tick()
    later(days=5)
    schedule.saved_by.role_assignments.update(ended_at=timezone.now(), end_reason="test")
    assert next_run(agent, "nonce") is None
    assert Run.objects.get().state == "refused"


def test_what_still_waits_is_not_asked_for_again(people):
    """Whoever comes back after a weekend runs it once."""
    ready(people.litware)
    schedule = scripted(people, waits=1440)
    tick()
    Schedule.objects.update(next_run_at=timezone.now() - timedelta(minutes=1))
    tick()
    assert [(each.asked, each.busy) for each in ScheduleRun.objects.order_by("pk")] == [(1, 0), (0, 1)]
    later(days=1)
    Schedule.objects.update(next_run_at=timezone.now() - timedelta(minutes=1))
    tick()
    assert Run.objects.waiting().count() == 1
    assert {each.part_of.schedule for each in Run.objects.all()} == {schedule}


def test_of_many_some_are_named_and_only_to_who_sees_them(client, people):
    for number in range(7):
        ready(people.litware, f"PC-{number}")
    schedule = scripted(people)
    tick()
    later(hours=1)
    assert "7 not picked up within 10 minutes: PC-0, PC-1, PC-2, PC-3, PC-4 and 2 more." in detail(client, schedule)
    blind = planner(people.litware, Permission.SCHEDULES_VIEW)
    client.force_login(blind)
    shown = client.get(reverse("schedules:schedule-detail", args=[schedule.pk]))
    assert (shown.status_code, "not picked up" in shown.text, "PC-0" in shown.text) == (200, False, False)


def test_what_was_picked_up_is_not_late(client, people):
    ready(people.litware)
    schedule = scripted(people)
    tick()
    Run.objects.update(state="refused", finished_at=timezone.now())
    later(hours=1)
    shown = detail(client, schedule)
    assert ("waiting for" in shown, "not picked up" in shown) == (False, False)


def test_the_form_says_how_long_and_audit_tells(client, people):
    author = planner(people.litware, *ALL, *SCRIPTS, Permission.SCRIPTS_VIEW)
    version = factories.ScriptFactory(tenant=people.litware).versions.get()
    said = {"name": "Nights", "does": "script", "script_version": version.pk, "waits": "480", "cron": "0 2 * * *"}
    said |= {"zone": "UTC", "is_enabled": "on", "target": "tenant", "computer_scope": "all"}
    client.force_login(author)
    address = reverse("schedules:schedule-create", args=[people.litware.pk])
    assert "Waits 8 hours for a computer that is away" in client.get(address, said, headers={"HX-Request": "true"}).text
    assert client.post(address, {**said, "waits": "11"}).status_code == 422
    assert client.post(address, said).status_code == 302
    assert (Schedule.objects.get().waits, AuditEntry.objects.get().after["waits"]) == (480, "8 hours")


def test_it_is_among_the_times_that_are_offered_also_in_the_database():
    ScheduleFactory()
    with refused_by("schedule_waits_known"):
        run("UPDATE schedules_schedule SET waits = 11")
    for wrong in (timedelta(minutes=9), timedelta(days=8)):
        with refused_by("run_waits_for_a_week_at_most"):
            factories.RunFactory(waits=wrong)


def test_what_a_deleted_schedule_began_stays(people):
    ready(people.litware)
    schedule = scripted(people)
    tick()
    schedule.delete()
    assert Run.objects.get().part_of is None
