"""The reports on maintenance and deployments: what their reader may see of each, and nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from rbac.permissions import Permission
from tests import factories
from tests.deployments.factories import CrossTenantDeploymentFactory, TenantDeploymentFactory
from tests.grants import deny, grant
from tests.maintenance.factories import MaintenanceSessionFactory
from tests.maintenance.test_outcomes import tried
from tests.people import People
from tests.reports.shown import as_csv, as_sheet, charts, figures, numbers, report

pytestmark = pytest.mark.django_db

START = People
VIEW, EXPORT, SESSIONS = Permission.REPORTS_VIEW, Permission.REPORTS_EXPORT, Permission.SESSIONS_VIEW


@pytest.fixture
def people(start: People) -> People:
    """With a computer of Litware and one of Fabrikam, each with sessions and deployments."""
    start.lit, start.fab = (factories.ComputerFactory(tenant=tenant) for tenant in (start.litware, start.fabrikam))
    return start


def session(computer, state: str, days: int = 0) -> None:
    at = timezone.now() - timedelta(days=days)
    MaintenanceSessionFactory(computer=computer, state=state, asked_at=at, due_at=at, finished_at=at)


@pytest.fixture
def reader(people, client):
    """Somebody at Contoso who reads reports of Litware alone, and sees more than that."""
    user = factories.UserFactory(tenant=people.contoso)
    grant(user, SESSIONS, Permission.DEPLOYMENTS_VIEW, scope="msp", tenant=people.contoso)
    grant(user, VIEW, EXPORT, scope="tenant", tenant=people.litware)
    client.force_login(user)
    return user


@pytest.fixture
def sessions(people) -> None:
    for state, days in (("done", 0), ("failed", 0), ("done", 3), ("failed", 40)):
        session(people.lit, state, days)
    session(people.fab, "cancelled", 3)


def test_sessions_by_day_and_by_what_came_of_them(client, people, sessions):
    client.force_login(people.marcus)
    answer = report(client, "sessions", whole=True)
    assert figures(answer) == {"Sessions in 30 days": 4, "Done": 2, "Failed": 1}
    assert numbers(answer, "by-standing") == {"Done": 2, "Failed": 1, "Cancelled": 1}
    days = charts(answer)["by-day"].bars
    assert [(bar.value, bar.more) for bar in days if bar.value] == [(2, (1, 0)), (2, (1, 1))]
    assert (len(days), sum(numbers(answer, "failed-by-day").values())) == (30, 1)


def test_one_that_nobody_ended_counts_as_the_clock_has_it(client, people):
    at = timezone.now() - timedelta(minutes=5)
    MaintenanceSessionFactory(computer=people.lit, state="running", started_at=at, lease_until=at)
    client.force_login(people.marcus)
    assert numbers(report(client, "sessions", whole=True), "by-standing") == {"Failed": 1}


def test_sessions_are_counted_where_the_report_and_its_reader_reach(client, reader, people, sessions):
    assert figures(report(client, "sessions"))["Sessions in 30 days"] == 3
    deny(reader, SESSIONS, scope="tenant", tenant=people.litware)
    assert figures(report(client, "sessions"))["Sessions in 30 days"] == 0


def test_sessions_are_written_by_day(client, reader, sessions):
    head, *lines = as_csv(client, "sessions")
    assert head[:2] == ["Day", "Sessions"]
    assert len(lines) == 30
    assert lines[-1][:2] == [timezone.now().date().isoformat(), "2"]
    assert as_sheet(client, "sessions")[1:] == lines


@pytest.fixture
def deployments(people) -> None:
    """One of Litware that failed, one of Fabrikam that is done, and one for both that nobody but the owner sees."""
    item = factories.SoftwareFactory(tenant=None)
    said = {"software": item, "saved_by": people.marcus}
    tried(people.lit, TenantDeploymentFactory(name="Tools", tenant=people.litware, **said), "failed")
    tried(people.fab, TenantDeploymentFactory(name="Drawing", tenant=people.fabrikam, **said), "done")
    many = CrossTenantDeploymentFactory(name="Everywhere", tenant=people.contoso, **said)
    for computer, state in ((people.lit, "failed"), (people.lit, "done"), (people.fab, "failed")):
        tried(computer, many, state)
    TenantDeploymentFactory(name="Never", tenant=people.litware, **said)


def test_deployments_by_what_came_of_their_last_tries(client, people, deployments):
    client.force_login(people.marcus)
    answer = report(client, "deployments", whole=True)
    assert list(figures(answer).values()) == [4, 2, 1]
    assert numbers(answer, "by-outcome") == {"Done": 2, "Failed": 2}
    assert numbers(answer, "by-failures") == {"Tools": 1, "Everywhere": 1}
    assert charts(answer)["by-failures"].bars[0].more == (1, 0)
    for bar in charts(answer)["by-failures"].bars:
        assert bar.label in client.get(bar.address).content.decode()


def test_deployments_are_counted_where_the_report_and_its_reader_reach(client, reader, people, deployments):
    answer = report(client, "deployments")
    assert numbers(answer, "by-outcome") == {"Failed": 1}
    assert "Everywhere" not in answer.content.decode()
    lines = as_csv(client, "deployments")
    assert ["Tools", "Litware", "0", "1", "0"] in lines
    assert not any("Everywhere" in line for line in lines)
    deny(reader, SESSIONS, scope="tenant", tenant=people.litware)
    assert numbers(report(client, "deployments"), "by-outcome") == {}


def test_who_sees_no_sessions_is_told_what_is_lacking(client, people, deployments):
    user = factories.UserFactory(tenant=people.contoso)
    grant(user, VIEW, Permission.DEPLOYMENTS_VIEW, scope="owner")
    client.force_login(user)
    said = report(client, "deployments").content.decode()
    assert "you do not hold View Maintenance Sessions" in said
