"""The list of computers: what it shows to whom, what narrows it, and the same rows as CSV."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from computers.models import Computer
from rbac.permissions import Permission
from tests.factories import ComputerFactory, ComputerTagFactory, TenantFactory, UserFactory
from tests.grants import deny, end, grant
from tests.story import tell

pytestmark = pytest.mark.django_db
LIST, EXPORT = reverse("computers:computer-list"), reverse("computers:computer-export")
NAMES = {"DC01", "FAB-LT-0147", "NW-PRESS", "AW-BIKES"}


@pytest.fixture
def story():
    return tell()


def names(client, **filters) -> set[str]:
    answer = client.get(LIST, filters)
    assert answer.status_code == 200
    page = answer.content.decode()
    return {name for name in NAMES if name in page}


def rows(client, **filters) -> list[list[str]]:
    answer = client.get(EXPORT, filters)
    assert answer.status_code == 200
    return list(csv.reader(StringIO(b"".join(answer).decode())))


def test_each_sees_their_own(client, story):
    for person, seen in (
        (story.marcus, NAMES),
        (story.dana, NAMES - {"AW-BIKES"}),
        (story.rosa, {"DC01", "FAB-LT-0147"}),
        (story.olivia, {"AW-BIKES"}),
    ):
        client.force_login(person)
        assert names(client) == seen


def test_a_computer_is_listed_from_the_grant_to_its_end(client, story):
    user = UserFactory(tenant=story.northwind)
    client.force_login(user)
    assert client.get(LIST).status_code == 403
    scope = {
        "scope": "tenant",
        "tenant": story.fabrikam,
        "computer_scope": "type",
        "computer_type": "domain_controllers",
    }
    given = grant(user, Permission.COMPUTERS_VIEW, **scope)
    assert names(client) == {"DC01"}
    taken = deny(user, Permission.COMPUTERS_VIEW, scope="tenant", tenant=story.fabrikam)
    assert names(client) == set()
    end(taken)
    assert names(client) == {"DC01"}
    end(given)
    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"q": "dc"}, {"DC01"}),
        ({"q": "server 2025"}, {"DC01"}),
        ({"q": "C02XG"}, {"FAB-LT-0147"}),
        ({"type": "server"}, {"NW-PRESS", "AW-BIKES"}),
        ({"seen": "now"}, {"DC01"}),
        ({"seen": "week"}, {"DC01", "NW-PRESS"}),
        ({"seen": "stale"}, {"AW-BIKES"}),
        ({"seen": "never"}, {"FAB-LT-0147"}),
        ({"deleted": "on"}, set()),
    ],
)
def test_filters_narrow_the_list(client, story, filters, left):
    now = timezone.now()
    for computer, days in ((story.dc01, 0), (story.press, 3), (story.bikes, 40)):
        Computer.objects.filter(pk=computer.pk).update(last_seen_at=now - timedelta(days=days))
    Computer.objects.filter(pk=story.laptop.pk).update(serial_number="C02XG2JH")
    client.force_login(story.marcus)
    assert names(client, **filters) == left
    assert {row[0] for row in rows(client, **filters)[1:]} == left


def test_a_tenant_is_chosen_with_all_below_and_a_tag_by_its_bearers(client, story):
    ComputerFactory(name="NW-PRESS", tenant=story.logistics)
    client.force_login(story.marcus)
    assert names(client, tenant=story.fabrikam.pk) == {"DC01", "FAB-LT-0147", "NW-PRESS"}
    assert names(client, tag=story.tier0.pk) == {"DC01"}


def test_nobody_filters_by_what_they_may_not_see(client, story):
    client.force_login(story.rosa)
    assert client.get(LIST, {"tenant": story.northwind.pk}).status_code == 400
    client.force_login(story.olivia)
    assert client.get(LIST, {"tag": story.branch.pk}).status_code == 400
    assert client.get(LIST, {"deleted": "on"}).status_code == 400


@pytest.mark.parametrize("filters", [{"type": "toaster"}, {"seen": "soon"}, {"sort": "os"}, {"rows": "11"}, {"x": "1"}])
def test_what_is_unknown_is_refused(client, story, filters):
    client.force_login(story.marcus)
    assert client.get(LIST, filters).status_code == 400
    assert client.get(EXPORT, filters).status_code == 400


@pytest.mark.parametrize("sort", ["name", "-name", "tenant", "type", "seen", "-seen"])
def test_every_order_shows_every_computer(client, story, sort):
    client.force_login(story.marcus)
    assert names(client, sort=sort) == NAMES


def test_deleted_computers_are_apart_and_for_who_may_restore_them(client, story):
    Computer.objects.filter(pk=story.dc01.pk).update(deleted_at=timezone.now())
    client.force_login(story.rosa)
    assert names(client) == {"FAB-LT-0147"}
    assert client.get(reverse("computers:computer-detail", args=[story.dc01.pk])).status_code == 404
    client.force_login(story.marcus)
    assert "DC01" not in names(client)
    assert names(client, deleted="on") == {"DC01"}
    assert b"Deleted" in client.get(reverse("computers:computer-detail", args=[story.dc01.pk])).content


def test_the_list_costs_as_much_with_many_rows_as_with_few(client, django_assert_num_queries):
    tenants, user = TenantFactory.create_batch(6), UserFactory()
    grant(user, Permission.COMPUTERS_VIEW, Permission.COMPUTERS_MANAGE_TAGS)
    client.force_login(user)
    for tenant in tenants[:2]:
        ComputerTagFactory(computer__tenant=tenant)
    client.get(LIST, {"rows": "10"})
    with django_assert_num_queries(6):  # session, user, access; rows, their tenants, tags
        client.get(LIST, {"rows": "10"})
    for tenant in tenants:
        ComputerTagFactory.create_batch(2, computer__tenant=tenant)
    with django_assert_num_queries(7):  # and the count
        client.get(LIST, {"rows": "10"})


# CSV


def test_the_export_is_the_list_as_far_as_both_rights_reach(client, story):
    client.force_login(story.dana)
    assert client.get(EXPORT).status_code == 403
    given = grant(story.dana, Permission.COMPUTERS_EXPORT, scope="tenant", tenant=story.fabrikam)
    assert b"Export CSV" in client.get(LIST).content
    head, *found = rows(client)
    assert head == [*("Name", "Tenant", "Type", "Operating system", "Serial number", "Tags"), "Last seen", "Onboarding"]
    assert [row[0] for row in found] == ["DC01", "FAB-LT-0147"]
    assert found[0][1:6] == ["Fabrikam", "Domain controller", "Windows Server 2025", "", "Branch, Tier 0"]
    end(given)
    assert client.get(EXPORT).status_code == 403
    assert b"Export CSV" not in client.get(LIST).content


def test_an_export_stops_when_the_right_ends_while_it_runs(client, story, monkeypatch):
    monkeypatch.setattr("immyrbac.exports.CHUNK", 1)
    given = grant(story.dana, Permission.COMPUTERS_EXPORT)
    client.force_login(story.dana)
    lines = iter(client.get(EXPORT))
    next(lines), next(lines)
    end(given)
    assert b"".join(lines).decode().strip() == "Stopped: your access ended while this was written."


def test_a_formula_is_text(client, story):
    Computer.objects.filter(pk=story.dc01.pk).update(os="=1+1")
    client.force_login(story.marcus)
    assert rows(client, q="DC01")[1][3] == "'=1+1"
