"""The list of tenants and the tree: what they show to whom, what narrows and opens them, and the same rows as CSV."""

import csv
import re
from io import StringIO

import pytest
from django.urls import reverse

from rbac.permissions import Permission
from tests.factories import TenantFactory, TenantTagFactory, UserFactory
from tests.grants import deny, end, grant
from tests.story import tell

pytestmark = pytest.mark.django_db
LIST, TREE, EXPORT = (reverse(f"tenancy:tenant-{name}") for name in ("list", "tree", "export"))
NAMES = {"Contoso MSP", "Fabrikam", "Fabrikam Logistics", "Northwind", "Litware IT", "Adventure Works"}
CONTOSO = {"Contoso MSP", "Fabrikam", "Fabrikam Logistics", "Northwind"}


@pytest.fixture
def story():
    return tell()


def names(client, address=LIST, **query) -> set[str]:
    """The tenants that have a row of their own."""
    answer = client.get(address, query)
    assert answer.status_code == 200
    return {getattr(row, "branch", row).tenant.name for row in answer.context["rows"]}


def rows(client, **filters) -> list[list[str]]:
    return list(csv.reader(StringIO(b"".join(client.get(EXPORT, filters)).decode())))


def test_each_sees_their_own(client, story):
    for person, seen in (
        (story.marcus, NAMES),
        (story.dana, CONTOSO),
        (story.rosa, {"Fabrikam", "Fabrikam Logistics"}),
        (story.grace, {"Fabrikam"}),
    ):
        client.force_login(person)
        assert names(client) == seen
        assert {row[0] for row in rows(client)[1:]} == seen


def test_a_tenant_is_listed_from_the_grant_to_its_end(client, story):
    user = UserFactory(tenant=story.northwind)
    client.force_login(user)
    assert client.get(LIST).status_code == 403
    given = grant(user, Permission.TENANTS_VIEW, scope="tenant", tenant=story.fabrikam, include_children=True)
    assert names(client) == {"Fabrikam", "Fabrikam Logistics"}
    taken = deny(user, Permission.TENANTS_VIEW, scope="tenant", tenant=story.fabrikam)
    assert names(client) == names(client, TREE) == {"Fabrikam Logistics"}
    end(taken)
    end(given)
    assert client.get(LIST).status_code == 403


def test_filters_narrow_the_list_the_tree_and_the_export(client, story):
    TenantTagFactory(tenant=story.northwind, tag=story.tier0)
    TenantFactory(name="Proseware", parent=story.contoso, is_active=False)
    client.force_login(story.marcus)
    for filters, left in (
        ({"q": "fabri"}, {"Fabrikam", "Fabrikam Logistics"}),
        ({"msp": story.litware.pk}, {"Litware IT", "Adventure Works"}),
        ({"under": story.fabrikam.pk}, {"Fabrikam Logistics"}),
        ({"tag": story.tier0.pk}, {"Northwind"}),
        ({"status": "inactive"}, {"Proseware"}),
        ({"msps": "on"}, {"Contoso MSP", "Litware IT"}),
    ):
        assert names(client, **filters) == left
        assert {row[0] for row in rows(client, **filters)[1:]} == left
        branches = [row.branch for row in client.get(TREE, filters).context["rows"]]
        assert {branch.tenant.name for branch in branches if branch.is_match} == left


def test_what_the_reader_does_not_see_is_no_filter_and_no_name(client, story):
    client.force_login(story.rosa)
    for name, hidden in (("under", story.northwind), ("msp", story.litware), ("under", story.contoso)):
        assert client.get(LIST, {name: hidden.pk}).status_code == 400
        assert client.get(TREE, {name: hidden.pk}).status_code == 400
    assert client.get(LIST, {"owner": "x"}).status_code == 400
    shown = client.get(LIST).content.decode()
    assert "Northwind" not in shown
    assert rows(client)[1][2:4] == ["", "Contoso MSP"]
    assert rows(client)[2][2:4] == ["Fabrikam", "Contoso MSP"]


def test_numbers_are_of_the_tenant_alone_and_lead_to_what_they_count(client, story):
    client.force_login(story.dana)
    row = next(row for row in client.get(LIST).context["rows"] if row.tenant == story.fabrikam)
    assert (row.numbers.people.total.count, row.numbers.computers.total.count) == (2, 2)
    for number in row.numbers:
        assert client.get(number.address).context["listing"].total == number.total
    client.force_login(story.rosa)
    assert client.get(LIST).context["rows"][1].numbers.people.total.count == 0


def test_branches_open_through_the_address(client, story):
    client.force_login(story.marcus)
    assert names(client, TREE) == {"Contoso MSP", "Litware IT"}
    opened = {"open": [story.contoso.pk, story.fabrikam.pk]}
    answer = client.get(TREE, opened)
    shown = [(row.branch.tenant.name, row.branch.level, row.branch.is_open) for row in answer.context["rows"]]
    assert shown == [
        ("Contoso MSP", 1, True),
        ("Fabrikam", 2, True),
        ("Fabrikam Logistics", 3, None),
        ("Northwind", 2, None),
        ("Litware IT", 1, False),
    ]
    assert answer.context["announcement"] == "Fabrikam, 1 below"
    toggles = {row.branch.tenant.name: row.address for row in answer.context["rows"]}
    assert toggles["Fabrikam"] == f"{TREE}?open={story.contoso.pk}"
    assert names(client, toggles["Litware IT"]) == NAMES
    client.force_login(story.rosa)  # a tree with one root shows what is below it
    assert names(client, TREE) == {"Fabrikam", "Fabrikam Logistics"}
    assert names(client, f"{TREE}?open=") == {"Fabrikam"}


@pytest.mark.parametrize("said", ["x", "1" * 19, "-1"])
def test_a_malformed_branch_is_refused(client, story, said):
    client.force_login(story.marcus)
    assert client.get(TREE, {"open": said}).status_code == 400


def test_a_search_shows_where_matches_stand(client, story):
    client.force_login(story.marcus)
    branches = [row.branch for row in client.get(TREE, {"q": "logistics"}).context["rows"]]
    assert [(each.tenant.name, each.level, each.is_match) for each in branches] == [
        ("Contoso MSP", 1, False),
        ("Fabrikam", 2, False),
        ("Fabrikam Logistics", 3, True),
    ]
    client.force_login(story.rosa)
    assert names(client, TREE, q="logistics") == {"Fabrikam", "Fabrikam Logistics"}


def test_a_branch_is_cut_where_it_is_long(client, story, monkeypatch):
    monkeypatch.setattr("tenancy.tree.MOST_BELOW", 1)
    client.force_login(story.marcus)
    answer = client.get(TREE, {"open": story.contoso.pk})
    assert [row.branch.tenant.name for row in answer.context["rows"]] == ["Contoso MSP", "Fabrikam", "Litware IT"]
    beyond = re.search(r'href="([^"]+)">All that stand below Contoso', answer.content.decode()).group(1)
    assert names(client, beyond) == CONTOSO - {"Contoso MSP"}
