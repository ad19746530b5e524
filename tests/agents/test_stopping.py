"""Stopping what waits or runs, the page of all that ran, and the inbox of types that agents report."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from computers.agents.models import Agent, Run
from computers.agents.services import MOST_WAITING, stop_run
from computers.models import Computer
from rbac import delegation
from rbac.audit import Actor
from rbac.models import AuditEntry
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests import factories
from tests.agents.acting import FACTS, TOKEN, agent_on, asked, part, picked_up, polled, post, technician
from tests.grants import grant
from tests.outcomes import mark_of
from tests.people import People

pytestmark = pytest.mark.django_db

START = People
KEY = factories.AGENT_KEY
HELD = "/agents/types/"


@pytest.fixture
def people(start: People) -> People:
    return start


@pytest.fixture
def computer(people) -> Computer:
    return factories.ComputerFactory(name="LIT-01", tenant=people.litware, type="server")


@pytest.fixture
def agent(computer) -> Agent:
    return agent_on(computer)


@pytest.fixture
def tech(client, people, computer):
    user = technician(computer, people.contoso)
    client.force_login(user)
    return user


def stop(client, run: Run):
    return client.post(reverse("agents:run-stop", args=[run.computer_id, run.pk]))


def test_what_waits_is_stopped_and_no_agent_sees_it(client, computer, agent, tech):
    run = asked(tech, computer)
    assert b"Stop</button>" in client.get(reverse("agents:run-detail", args=[computer.pk, run.pk])).content
    assert stop(client, run).status_code == 302
    assert polled() == {"wait": 2}
    run.refresh_from_db()
    entry = AuditEntry.objects.latest("pk")
    assert (run.state, run.stopped_by, entry.action, entry.actor) == ("stopped", tech, "run.stopped", tech)
    page = client.get(reverse("agents:run-detail", args=[computer.pk, run.pk])).content
    assert b"Stopped by" in page
    assert b"Stop</button>" not in page


def test_what_is_over_is_asked_for_again(computer, agent, tech):
    """As a form that is sent twice it makes one run (tests/acts/test_sent_twice.py)."""
    run = asked(tech, computer)
    part(picked_up(KEY), output="up", done=True, exit_code=0)
    again = asked(tech, computer)
    assert again != run
    stop_run(actor=Actor(tech), run=again)
    assert asked(tech, computer) not in (run, again)


@pytest.mark.usefixtures("agent")
def test_of_the_last_that_may_wait_a_second_click_is_no_error(computer, tech):
    factories.RunFactory.create_batch(MOST_WAITING - 1, computer=computer)
    run = asked(tech, computer)
    assert asked(tech, computer) == run
    with pytest.raises(ValidationError, match="20 runs wait"):
        asked(tech, computer, "another")


@pytest.mark.usefixtures("agent")
def test_what_another_asks_for_or_asks_for_later_or_elsewhere_is_another_run(people, computer, tech, monkeypatch):
    other, elsewhere = technician(computer, people.contoso, "Other"), factories.ComputerFactory(tenant=people.litware)
    agent_on(elsewhere, "another token")
    runs = [asked(tech, computer), asked(other, computer), asked(tech, elsewhere)]
    monkeypatch.setattr(delegation, "TWICE", timedelta(0))
    assert len({*runs, asked(tech, computer)}) == 4


def test_what_runs_is_stopped_and_its_agent_hears_it_with_the_next_part(client, computer, agent, tech):
    run = asked(tech, computer)
    job = picked_up(KEY)
    part(job, output="one line")
    assert stop(client, run).status_code == 302
    assert part(job, 1, output="too late", done=True).status_code == 409
    run.refresh_from_db()
    assert (run.state, run.output, run.token_hash) == ("stopped", "one line", "")


def test_another_with_the_same_right_stops_it_and_nobody_without(client, people, computer, agent, tech):
    run = asked(tech, computer)
    other = technician(computer, people.contoso, "Other")
    for user, status in ((people.sam, 404), (people.theo, 404), (people.olivia, 403)):
        client.force_login(user)
        assert stop(client, run).status_code == status
    client.force_login(other)
    assert stop(client, run).status_code == 302
    run.refresh_from_db()
    assert run.stopped_by == other


def test_whoever_lost_the_terminal_stops_nothing(client, computer, agent, tech):
    run = asked(tech, computer)
    factories.SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    assert stop(client, run).status_code == 403
    run.refresh_from_db()
    assert run.state == "queued"


@pytest.mark.parametrize("end", ["finished", "waited too long", "silent"])
def test_what_is_over_is_not_stopped(end, client, computer, agent, tech):
    run = asked(tech, computer)
    if end == "waited too long":
        Run.objects.all().delete()
        run.asked_at = timezone.now() - timedelta(minutes=11)
        run.save(force_insert=True)
    elif end == "silent":
        picked_up(KEY)
        Run.objects.update(lease_until=timezone.now())
    else:
        part(picked_up(KEY), done=True, exit_code=0)
    before = AuditEntry.objects.count()
    answer = stop(client, run)
    assert (answer.status_code, b"It is over already." in answer.content) == (422, True)
    run.refresh_from_db()
    assert (run.state != "stopped", AuditEntry.objects.count()) == (True, before)


def test_a_run_of_another_computer_is_not_there(client, people, computer, agent, tech):
    other = factories.RunFactory(computer=factories.ComputerFactory(tenant=people.litware))
    for number in (other.pk, 999_999):
        answer = client.post(reverse("agents:run-stop", args=[computer.pk, number]))
        assert answer.status_code == 404
    assert Run.objects.get(pk=other.pk).state == "queued"


def test_all_that_ran_is_listed_beyond_the_newest(client, people, computer, agent, tech):
    for number in range(30):
        factories.RunFactory(computer=computer, asked_by=tech, title=f"command {number}.")
    factories.RunFactory(computer=computer, tenant=people.fabrikam, asked_by=tech, title="of another time")
    newest = client.get(reverse("agents:terminal", args=[computer.pk])).content.decode()
    address = reverse("agents:run-list", args=[computer.pk])
    assert address in newest
    assert "command 0." not in newest
    page = client.get(address).content.decode()
    assert all(f"command {number}." in page for number in range(30))
    assert "of another time" not in page
    assert "No" in client.get(f"{address}?state=refused").content.decode()
    assert client.get(f"{address}?state=lost").status_code == 400
    client.force_login(people.olivia)
    assert client.get(address).status_code == 403


# Types that are held


def report(**said) -> None:
    assert post("agent-report", TOKEN, {**FACTS, **said}).status_code == 200


def held(client) -> bool:
    answer = client.get(HELD)
    assert answer.status_code == 200
    return bool(answer.context["rows"])


def test_a_reported_type_waits_in_the_inbox_until_it_is_confirmed(client, people, computer, agent):
    watcher = factories.UserFactory(name="Watcher", tenant=people.contoso)
    grant(watcher, Permission.COMPUTERS_VIEW, computer_scope="type", computer_type="domain_controllers")
    client.force_login(people.olivia)
    assert not held(client)
    report(type="domain_controller")
    assert held(client)
    assert HELD in client.get(reverse("agents:agent-list")).content.decode()
    dialog = client.get(f"/computers/{computer.pk}/type/?type=domain_controller")
    assert dialog.context["form"]["type"].value() == "domain_controller"
    said = {"type": "domain_controller", "version": dialog.context["form"]["version"].value()}
    address = f"/computers/{computer.pk}/type/"
    assert client.post(address, said).status_code == 403  # it gives Watcher what Olivia may not give
    client.force_login(people.marcus)
    shown = client.post(address, said)
    assert (shown.status_code, b"Watcher" in shown.content) == (422, True)
    assert client.post(address, {**said, "shown": mark_of(shown)}).status_code == 302
    assert not held(client)
    assert client.get(f"{address}?type=printer").status_code == 400


def test_what_is_dismissed_asks_again_only_when_another_is_reported(client, people, computer, agent):
    client.force_login(people.olivia)
    report(type="workstation")
    address = reverse("agents:type-dismiss", args=[computer.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"type": "portable"}).status_code == 422
    assert held(client)
    assert client.post(address, {"type": "workstation"}).status_code == 302
    computer.refresh_from_db()
    assert (computer.type, held(client), AuditEntry.objects.latest("pk").action) == (
        "server",
        False,
        "agent.type_dismissed",
    )
    report(type="workstation")
    assert not held(client)
    report(type="portable")
    assert held(client)


def test_the_inbox_has_what_its_reader_may_confirm_and_nothing_else(client, people, computer, agent):
    report(type="workstation")
    client.force_login(people.sam)
    assert client.get(HELD).status_code == 403
    grant(people.sam, Permission.COMPUTERS_VIEW, Permission.AGENTS_VIEW, scope="own_tenant")
    assert client.get(HELD).status_code == 403
    client.force_login(people.theo)
    grant(people.theo, Permission.COMPUTERS_MANAGE, Permission.AGENTS_VIEW, scope="own_tenant")
    assert not held(client)
    assert b"LIT-01" not in b"".join(client.get(f"{HELD}export.csv"))
    assert client.post(reverse("agents:type-dismiss", args=[computer.pk]), {"type": "workstation"}).status_code == 404
    client.force_login(people.olivia)
    assert b"LIT-01" in b"".join(client.get(f"{HELD}export.csv"))
