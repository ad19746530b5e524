"""What came of deployments: the last try, on the page of each and of each computer, as far as they are seen."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from computers.deployments import pages
from computers.deployments.models import Deployment
from computers.maintenance.models import MaintenanceSession
from computers.maintenance.outcomes import numbers_of, with_outcomes
from computers.models import Computer
from rbac.permissions import Permission
from tests import factories
from tests.deployments.factories import TenantDeploymentFactory
from tests.grants import grant
from tests.maintenance.factories import MaintenanceSessionFactory, StageFactory
from tests.people import People

pytestmark = pytest.mark.django_db

START = People
SEE = (Permission.DEPLOYMENTS_VIEW, Permission.DEPLOYMENTS_PREVIEW_TARGETS, Permission.COMPUTERS_VIEW)


@pytest.fixture
def people(start: People) -> People:
    return start


@pytest.fixture
def deployment(people) -> Deployment:
    item = factories.SoftwareFactory(tenant=None)
    return TenantDeploymentFactory(name="Tools", tenant=people.litware, software=item, saved_by=people.marcus)


@pytest.fixture
def computers(people) -> dict[str, Computer]:
    names = ("done", "failed", "waiting", "never")
    return {name: factories.ComputerFactory(name=name.upper(), tenant=people.litware) for name in names}


def tried(computer: Computer, deployment: Deployment, state: str, **session) -> MaintenanceSession:
    """A session of a minute from now, so that the deployment was saved before it."""
    now = timezone.now() + timedelta(minutes=1)
    over = {"state": "done", "started_at": now, "lease_until": now, "finished_at": now}
    if state in ("waiting", "sent"):
        over |= {"state": "running", "lease_until": now + timedelta(minutes=5), "finished_at": None}
    made = MaintenanceSessionFactory(computer=computer, **{**over, **session})
    times = {"sent_at": None if state in ("waiting", "skipped") else now, "token_hash": "x" if state == "sent" else ""}
    of = {"kind": "deployment", "title": deployment.name, "deployment": deployment}
    StageFactory(session=made, position=1, state=state, **of, **times)
    return made


@pytest.fixture
def all_tried(computers, deployment) -> None:
    for name, state in (("done", "done"), ("failed", "failed"), ("waiting", "waiting")):
        tried(computers[name], deployment, state)


def outcomes(deployment: Deployment) -> dict[str, str]:
    rows = Computer.objects.all()
    found = dict(with_outcomes(rows, deployment, rows).values_list("name", "outcome"))
    counts = numbers_of(deployment, rows)
    said = [each for each in found.values() if each != "never"]
    assert counts == {each: said.count(each) for each in said}
    return found


def test_each_computer_says_what_its_last_try_came_to(all_tried, deployment):
    assert outcomes(deployment) == {"DONE": "done", "FAILED": "failed", "WAITING": "waiting", "NEVER": "never"}


def test_the_last_one_counts_and_one_that_was_not_begun_is_none(computers, deployment):
    for state in ("failed", "done", "skipped"):
        tried(computers["done"], deployment, state)
    assert outcomes(deployment)["DONE"] == "done"
    tried(computers["never"], deployment, "skipped")
    assert outcomes(deployment)["NEVER"] == "never"


def test_one_whose_agent_fell_silent_has_failed_by_the_clock(computers, deployment):
    tried(computers["failed"], deployment, "sent", lease_until=timezone.now() - timedelta(minutes=5))
    tried(computers["never"], deployment, "waiting", lease_until=timezone.now() - timedelta(minutes=5))
    tried(computers["waiting"], deployment, "sent")
    found = outcomes(deployment)
    assert (found["FAILED"], found["NEVER"], found["WAITING"]) == ("failed", "never", "waiting")


def test_what_was_done_before_it_was_saved_says_nothing(all_tried, deployment):
    Deployment.objects.update(updated_at=timezone.now() + timedelta(hours=1))
    assert outcomes(deployment) == {"DONE": "never", "FAILED": "never", "WAITING": "waiting", "NEVER": "never"}


def test_what_was_done_in_another_tenant_s_time_says_nothing(people, computers, deployment):
    tried(computers["done"], deployment, "done", tenant=people.fabrikam)
    assert outcomes(deployment)["DONE"] == "never"


def shown(client, deployment, act: str = "detail", **query):
    return client.get(reverse(f"deployments:deployment-{act}", args=[deployment.pk]), query)


def test_the_page_counts_them_and_each_number_is_that_of_its_list(client, people, all_tried, deployment):
    client.force_login(people.marcus)
    page = shown(client, deployment)
    figures = page.context["outcomes"]
    assert [(each.caption, each.number) for each in figures] == [
        ("Done", 1), ("Failed", 1), ("Waiting", 1), ("Never tried", 1)
    ]  # fmt: skip
    for figure in figures:
        assert client.get(figure.address).context["listing"].total.count == figure.number
    listed = shown(client, deployment, "computers", outcome="failed")
    assert [(line.computer.name, line.outcome.words) for line in listed.context["rows"]] == [("FAILED", "Failed")]
    assert shown(client, deployment, "computers", outcome="odd").status_code == 400


def test_an_outcome_is_for_who_sees_the_sessions_of_that_computer(client, people, computers, all_tried, deployment):
    reader = factories.UserFactory(tenant=people.contoso)
    grant(reader, *SEE, scope="tenant", tenant=people.litware)
    client.force_login(reader)
    page = shown(client, deployment)
    assert (page.context["outcomes"], page.content.decode().count("Not shown to you")) == ([], 4)
    assert shown(client, deployment, "computers", outcome="failed").context["listing"].total.count == 0
    one = {"computer_scope": "computer", "computer": computers["failed"]}
    grant(reader, Permission.SESSIONS_VIEW, scope="tenant", tenant=people.litware, **one)
    page = shown(client, deployment)
    assert [(each.caption, each.number) for each in page.context["outcomes"] if each.number] == [("Failed", 1)]
    assert page.content.decode().count("Not shown to you") == 3


def test_maintenance_is_run_from_its_page_where_the_reader_may(client, people, computers, deployment, monkeypatch):
    reader = factories.UserFactory(tenant=people.contoso)
    grant(reader, *SEE, scope="tenant", tenant=people.litware)
    for name in ("done", "never"):
        one = {"computer_scope": "computer", "computer": computers[name]}
        grant(reader, Permission.SESSIONS_RUN, scope="tenant", tenant=people.litware, **one)
        factories.AgentFactory(computer=computers[name])
    client.force_login(reader)
    page = shown(client, deployment)
    assert set(page.context["runnable"]) == {computers["done"].pk, computers["never"].pk}
    assert "Run maintenance there…" in page.content.decode()
    chosen = {"ids": page.context["runnable"], "save": 1}
    assert client.post(reverse("maintenance:session-batch-run"), chosen).status_code == 302
    assert set(MaintenanceSession.objects.values_list("computer__name", flat=True)) == {"DONE", "NEVER"}
    monkeypatch.setattr(pages, "MOST_AT_ONCE", 1)
    said = shown(client, deployment).content.decode()
    assert ("On more than 1, run maintenance" in said, "Run maintenance there…" in said) == (True, False)
    Deployment.objects.update(is_enabled=False)
    assert "run maintenance" not in shown(client, deployment).content.decode().lower()
