"""People of tenants meet nothing of schedules, through whichever door; what one has begun they see as theirs."""

import re

import pytest
from django.urls import reverse

from rbac.models import AuditEntry
from tests import factories
from tests.people import People, give
from tests.schedules.acting import due, planner, ready, tick

pytestmark = pytest.mark.django_db
WORD = "schedule"


@pytest.fixture
def people() -> People:
    """A schedule has begun a session at Litware, and was refused there; Jonas administers the provider."""
    found = People()
    give(found.sam, "tenant_user", scope="own_tenant")
    found.computer = ready(found.litware, "LIT-01")
    found.schedule = due(planner(found.litware), found.litware, name="Every night")
    due(factories.UserFactory(tenant=found.contoso), found.litware, name="Every night, in vain")
    tick()
    found.jonas = factories.UserFactory(tenant=found.contoso)
    give(found.jonas, "msp_administrator", scope="msp", tenant=found.contoso)
    return found


def text_of(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return re.sub(r"<[^>]+>", "", answer.text).casefold()  # what was searched for is marked inside words


def doors(people: People) -> list[str]:
    of_computer = {"args": [people.computer.pk]}
    return [
        reverse("start"),
        f"{reverse('search')}?q=every",
        reverse("computers:computer-detail", **of_computer),
        reverse("maintenance:computer-maintenance", **of_computer),
        reverse("maintenance:session-list"),
        reverse("deployments:deployment-list"),
        reverse("computers:script-list"),
        reverse("tenancy:tenant-detail", args=[people.litware.pk]),
    ]


@pytest.mark.parametrize("name", ["olivia", "sam"])
def test_no_page_of_a_tenant_tells_of_them(client, people, name):
    client.force_login(getattr(people, name))
    for address in doors(people):
        assert "every night" not in text_of(client, address), address
    assert reverse("schedules:schedule-list") not in client.get(reverse("start")).text


@pytest.mark.parametrize("name", ["olivia", "sam"])
def test_no_palette_offers_to_make_one(client, people, name):
    client.force_login(getattr(people, name))
    assert "create schedule" not in text_of(client, f"{reverse('search')}?q=create+sch")
    client.force_login(people.jonas)
    assert "create schedule" in text_of(client, f"{reverse('search')}?q=create+sch")


def test_the_log_of_a_tenant_does_not_tell_of_them(client, people):
    assert AuditEntry.objects.filter(action__startswith="schedule.").count() == 2
    client.force_login(people.olivia)
    shown = client.get(reverse("rbac:audit-list")).context["listing"].rows
    assert not [each for each in shown if each.action.startswith(WORD)]
    for entry in AuditEntry.objects.filter(action__startswith="schedule."):
        assert client.get(reverse("rbac:audit-detail", args=[entry.pk])).status_code == 404
    client.force_login(people.jonas)
    assert [e for e in client.get(reverse("rbac:audit-list")).context["listing"].rows if e.action.startswith(WORD)]


def test_a_missing_one_answers_as_a_hidden_one_does(client, people):
    client.force_login(people.olivia)
    for act in ("detail", "computers", "edit", "run", "disable", "enable", "delete"):
        hidden, missing = (
            client.get(reverse(f"schedules:schedule-{act}", args=[pk])) for pk in (people.schedule.pk, 2_000_000_000)
        )
        assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content)
        assert hidden.status_code == 404


def test_a_script_that_one_runs_is_kept_without_naming_it(client, people):
    script = factories.ScriptFactory(tenant=people.litware, name="Clean up")
    due(people.jonas, people.litware, does="script", script_version=script.versions.get())
    writer = factories.UserFactory(tenant=people.litware)
    give(writer, "script_manager", scope="own_tenant")
    for who, told in ((writer, "outside your view"), (people.jonas, "A schedule runs it")):
        client.force_login(who)
        said = {"version": script.updated_at.isoformat(), "reason": "Old"}
        answer = client.post(reverse("computers:script-delete", args=[script.pk]), said)
        assert told in answer.text
