"""Schedules through their pages: who saves which, what is shown before, and who takes one over."""

import re

import pytest
from django.urls import reverse

from computers.schedules.models import Schedule, ScheduleRun
from rbac.models import AuditEntry
from tests import factories
from tests.people import People, give
from tests.schedules.acting import due, planner, ready, tick
from tests.schedules.factories import ScheduleFactory, ScheduleRunFactory

pytestmark = pytest.mark.django_db
SAID = {"name": "Nights", "does": "maintenance", "cron": "30 2 * * 1-5", "zone": "Europe/Berlin", "is_enabled": "on"}
SAID |= {"target": "tenant", "computer_scope": "all"}


@pytest.fixture
def people() -> People:
    """Jonas administers all that belongs to Contoso, Dana is an MSP user there, Olivia administers Litware."""
    found = People()
    give(found.dana, "msp_user", scope="msp", tenant=found.contoso)
    ready(found.litware, "LIT-01")
    ready(found.fabrikam, "FAB-01")
    return found


@pytest.fixture
def jonas(people):
    user = factories.UserFactory(name="Jonas", tenant=people.contoso)
    give(user, "msp_administrator", scope="msp", tenant=people.contoso)
    return user


def create(client, who, tenant, **more):
    client.force_login(who)
    return client.post(reverse("schedules:schedule-create", args=[tenant.pk]), {**SAID, **more})


def page(client, who, found, act="detail"):
    client.force_login(who)
    return client.get(reverse(f"schedules:schedule-{act}", args=[found.pk]))


def test_whoever_saves_is_the_author_and_it_is_told_when_it_runs(client, people, jonas):
    assert create(client, jonas, people.litware).status_code == 302
    made = Schedule.objects.get()
    assert (made.saved_by, made.tenant, made.cron, made.is_enabled) == (jonas, people.litware, "30 2 * * 1-5", True)
    shown = page(client, jonas, made)
    for words in ("Monday to Friday at 02:30, Europe/Berlin time", "LIT-01", "all computers"):
        assert words in shown.text.replace("<b>", "").replace("</b>", "")
    assert [each[-5:] for each in shown.context["coming"]] == ["02:30"] * 5
    assert all(each in shown.text for each in shown.context["coming"])
    assert "FAB-01" not in shown.text


@pytest.mark.parametrize(
    ("more", "field", "why"),
    [
        ({"cron": "at night"}, "cron", "It has five fields"),
        ({"cron": "0 0 30 2 *"}, "cron", "it would never run"),
        ({"cron": "* * * * *"}, "cron", "less than 5 minutes apart"),
        ({"zone": "Mars/Olympus"}, "zone", "Select a valid choice"),
        ({"does": "script"}, "script_version", "Choose one."),
        ({"computer_scope": "computer"}, "computer", "Choose one."),
        ({"target": "owner"}, "target", "Select a valid choice"),
        ({"name": "a/b", "computer_scope": "tag"}, "computer_tag", "Choose one."),
    ],
)
def test_a_mistake_stands_beside_its_field(client, people, more, field, why):
    answer = create(client, people.marcus, people.litware, **more)
    assert answer.status_code == 422
    assert why in " ".join(answer.context["form"].errors[field])
    assert not Schedule.objects.exists()


def test_the_preview_shows_what_it_reaches_and_when(client, people, jonas):
    client.force_login(jonas)
    address = reverse("schedules:schedule-create", args=[people.litware.pk])
    answer = client.get(address, {**SAID, "name": ""}, headers={"HX-Request": "true"})
    assert "LIT-01" in answer.text
    assert "Monday to Friday at 02:30, Europe/Berlin time" in answer.text
    assert len(re.findall(r"\d{4}, 02:30", answer.text)) == 5
    wrong = client.get(address, {**SAID, "cron": "99 * * * *"}, headers={"HX-Request": "true"})
    assert "This cannot be read" in wrong.text


def test_one_computer_can_be_named(client, people, jonas):
    computer = ready(people.litware, "LIT-02")
    assert create(client, jonas, people.litware, computer_scope="computer", computer=computer.pk).status_code == 302
    shown = page(client, jonas, Schedule.objects.get(), "computers")
    assert "LIT-02" in shown.text
    assert "LIT-01" not in shown.text


def test_one_from_before_runs_as_often_as_it_did_until_somebody_saves_it(client, people, jonas):
    old = due(jonas, people.litware, cron="* * * * *")
    tick()
    assert [run.outcome for run in old.runs.all()] == ["asked"]
    assert "Every minute" in page(client, jonas, old).text
    Schedule.objects.update(is_enabled=False, next_run_at=None)
    answer = client.post(reverse("schedules:schedule-enable", args=[old.pk]))
    assert (answer.status_code, "less than 5 minutes apart" in answer.text) == (422, True)


def test_nobody_names_what_they_do_not_see(client, people, jonas):
    """A computer, a tag, and a script of somebody else."""
    other = factories.MspFactory()
    computer, tag = factories.ComputerFactory(tenant=other), factories.TagFactory(tenant=other)
    version = factories.ScriptFactory(tenant=other).versions.get()
    for more in (
        {"computer_scope": "computer", "computer": computer.pk},
        {"computer_scope": "tag", "computer_tag": tag.pk},
        {"target": "tag", "tag": tag.pk},
        {"does": "script", "script_version": version.pk},
    ):
        assert create(client, jonas, people.litware, **more).status_code == 422
    assert not Schedule.objects.exists()


def test_a_technician_sees_and_changes_nothing(client, people):
    found = ScheduleFactory(tenant=people.litware)
    assert page(client, people.dana, found).status_code == 200
    assert "Edit schedule" not in page(client, people.dana, found).text
    for act in ("edit", "run", "enable", "disable", "delete"):
        assert page(client, people.dana, found, act).status_code == 403


def test_one_for_many_tenants_takes_the_right_on_all_of_them(client, people):
    author = planner(people.litware)
    assert create(client, author, people.litware, target="children").status_code == 403
    assert create(client, author, people.litware).status_code == 302


def test_run_now_is_by_the_right_of_whoever_clicks(client, people, jonas):
    found = ScheduleFactory(tenant=people.litware)  # its author may do nothing
    client.force_login(jonas)
    assert client.post(reverse("schedules:schedule-run", args=[found.pk])).status_code == 302
    run = ScheduleRun.objects.get()
    assert (run.asked, run.asked_by, run.due_at) == (1, jonas, None)
    assert "by hand, Jonas" in page(client, jonas, found).text
    found.refresh_from_db()
    assert found.saved_by != jonas


def test_who_lost_the_right_is_told_and_somebody_takes_it_over(client, people, jonas):
    found = due(factories.UserFactory(tenant=people.contoso), people.litware)
    tick()
    shown = page(client, jonas, found).text
    assert "its author may no longer have it happen" in shown
    assert "This takes Manage Schedules on all that it is for." in shown
    client.force_login(jonas)
    version = client.get(reverse("schedules:schedule-edit", args=[found.pk])).context["form"].initial["version"]
    said = {**SAID, "version": version}
    assert client.post(reverse("schedules:schedule-edit", args=[found.pk]), said).status_code == 302
    assert "its author may no longer" not in page(client, jonas, found).text


def test_disabling_keeps_the_author_and_enabling_makes_one(client, people, jonas):
    author = planner(people.litware)
    found = ScheduleFactory(tenant=people.litware, saved_by=author)
    client.force_login(jonas)
    for act, stands, whose in (("disable", (False, True), author), ("enable", (True, False), jonas)):
        assert client.post(reverse(f"schedules:schedule-{act}", args=[found.pk])).status_code == 302
        found.refresh_from_db()
        assert (found.is_enabled, found.next_run_at is None) == stands
        assert found.saved_by == whose


def test_deleting_asks_why_and_takes_its_runs_along(client, people, jonas):
    found = ScheduleRunFactory(schedule__tenant=people.litware).schedule
    version = page(client, jonas, found, "delete").context["form"].initial["version"]
    address = reverse("schedules:schedule-delete", args=[found.pk])
    assert client.post(address, {"version": version}).status_code == 422
    assert client.post(address, {"version": version, "reason": "Old"}).status_code == 302
    assert not Schedule.objects.exists()
    assert AuditEntry.objects.get(action="schedule.deleted").reason == "Old"


def test_the_list_narrows_and_is_exported(client, people, jonas):
    for name, more in (("Nights", {}), ("Mornings", {"is_enabled": False, "next_run_at": None})):
        ScheduleFactory(name=name, tenant=people.litware, **more)
    ScheduleFactory(name="Elsewhere")
    client.force_login(jonas)
    address = reverse("schedules:schedule-list")
    assert {each.name for each in client.get(address).context["listing"].rows} == {"Nights", "Mornings"}
    for query, names in (("q=morn", ["Mornings"]), ("stands=on", ["Nights"]), ("does=script", [])):
        assert [each.name for each in client.get(f"{address}?{query}").context["listing"].rows] == names
    text = b"".join(client.get(reverse("schedules:schedule-export"))).decode()
    assert "0 2 * * *,Europe/Berlin" in text
    assert "Elsewhere" not in text


def test_counts_are_told_to_who_sees_all_of_it(client, people, jonas):
    found = ScheduleFactory(tenant=people.contoso, target="msp")
    ScheduleRunFactory(schedule=found, asked=7)
    assert "7 maintenance sessions" in page(client, jonas, found).text
    technician = factories.UserFactory(name="Tess", tenant=people.contoso)
    give(technician, "msp_user", scope="tenant", tenant=people.contoso)
    assert "7 maintenance sessions" not in page(client, technician, found).text
