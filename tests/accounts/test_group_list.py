"""The list of groups: whom it shows, how it is narrowed and sorted, what its counts lead to, and the list as CSV."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from rbac.permissions import Permission
from tests.factories import GroupFactory, GroupMembershipFactory
from tests.grants import end, grant
from tests.people import give, give_group

LIST = reverse("accounts:group-list")


def rows(client, **query):
    answer = client.get(LIST, query)
    assert answer.status_code == 200, answer.content
    return answer.context["rows"]


def names(client, **query) -> list[str]:
    return [row.group.name for row in rows(client, **query)]


@pytest.fixture
def groups(people):
    """One of each owner: Contoso’s desk with Dana in it, Litware’s, Northwind’s, and one of the instance."""
    for name, tenant in (("Litware staff", people.litware), ("Northwind staff", people.northwind)):
        GroupFactory(name=name, tenant=tenant, description=f"Everybody at {tenant}")
    return {"contractors": GroupFactory(name="Contractors"), "desk": people.desk}


def test_the_list_is_for_who_may_view_groups_and_shows_those_alone(client, people, groups):
    client.force_login(people.sam)
    assert client.get(LIST).status_code == 403
    given = grant(people.sam, Permission.GROUPS_VIEW, scope="own_tenant")
    answer = client.get(LIST)
    assert [row.group.name for row in answer.context["rows"]] == ["Litware staff"]
    for foreign in ("Contoso", "Northwind", "Service Desk", "Contractors"):
        assert foreign not in answer.content.decode()
    end(given)
    assert client.get(LIST).status_code == 403


def test_a_group_of_the_instance_is_read_by_its_members_who_may_view_groups(client, people, groups):
    client.force_login(people.sam)
    grant(people.sam, Permission.GROUPS_VIEW, scope="own_tenant")
    page = reverse("accounts:group-detail", args=[groups["contractors"].pk])
    assert client.get(page).status_code == 404
    membership = GroupMembershipFactory(group=groups["contractors"], user=people.sam)
    assert names(client) == ["Contractors", "Litware staff"]
    assert client.get(page).status_code == 200
    membership.ended_at = timezone.now()
    membership.save(update_fields=["ended_at"])
    assert names(client) == ["Litware staff"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "everybody"}, ["Litware staff", "Northwind staff"]),
        ({"q": "DESK"}, ["Service Desk"]),
        ({"instance": "on"}, ["Contractors"]),
        ({"assignments": "some"}, ["Service Desk"]),
        ({"assignments": "none"}, ["Contractors", "Litware staff", "Northwind staff"]),
        ({"sort": "owner"}, ["Service Desk", "Litware staff", "Northwind staff", "Contractors"]),
        ({"sort": "-name"}, ["Service Desk", "Northwind staff", "Litware staff", "Contractors"]),
    ],
)
def test_it_is_narrowed_and_sorted(client, people, groups, query, found):
    give_group(people.desk, "msp_user", scope="owner")
    client.force_login(people.marcus)
    assert names(client, **query) == found


def test_an_owner_narrows_to_all_below(client, people, groups):
    client.force_login(people.marcus)
    assert names(client, tenant=people.contoso.pk) == ["Litware staff", "Service Desk"]
    assert names(client, tenant=people.litware.pk) == ["Litware staff"]


def test_what_is_foreign_or_malformed_is_no_filter(client, people, groups):
    client.force_login(people.sam)
    grant(people.sam, Permission.GROUPS_VIEW, scope="own_tenant")
    for query in ({"tenant": people.northwind.pk}, {"tenant": 999_999}, {"assignments": "few"}, {"members": "3"}):
        assert client.get(LIST, query).status_code == 400


def test_counts_are_of_what_the_reader_sees_and_equal_the_lists_they_lead_to(client, people, groups):
    past = timezone.now() - timedelta(days=1)
    desk = groups["desk"]
    for user, more in ((people.sam, {}), (people.olivia, {"expires_at": past}), (people.theo, {"ended_at": past})):
        GroupMembershipFactory(group=groups["contractors"], user=user, **more)
    give_group(desk, "msp_user", scope="tenant", tenant=people.litware)
    give_group(desk, "script_manager", scope="owner")
    client.force_login(people.marcus)
    found = {row.group.name: row for row in rows(client)}
    assert found["Contractors"].group.member_count == 1
    assert (found["Service Desk"].shared.assignments, found["Service Desk"].shared.roles[0].great_power) == (2, True)
    assert (found["Service Desk"].others, found["Contractors"].others) == (["Script Manager"], [])
    page = client.get(reverse("accounts:group-detail", args=[groups["contractors"].pk]))
    assert [row.membership.user for row in page.context["rows"]] == [people.sam]
    # Who sees Contoso alone sees neither the member from elsewhere nor the assignment at owner scope.
    give(people.dana, "msp_user", scope="msp", tenant=people.contoso)
    grant(people.dana, Permission.GROUPS_VIEW, scope="msp", tenant=people.contoso)
    client.force_login(people.dana)
    found = {row.group.name: row for row in rows(client)}
    assert (found["Service Desk"].group.member_count, found["Service Desk"].shared.assignments) == (1, 1)


def test_the_csv_is_the_list(client, people, groups):
    GroupFactory(name="=SUM(A1)", tenant=people.litware)
    give_group(groups["desk"], "msp_user", scope="owner")
    client.force_login(people.marcus)
    answer = client.get(reverse("accounts:group-export"), {"sort": "-name", "tenant": people.contoso.pk})
    head, *lines = csv.reader(StringIO(b"".join(answer).decode()))
    assert head == ["Group", "Description", "Owner", "Roles", "Assignments", "Members"]
    assert [line[0] for line in lines] == ["Service Desk", "Litware staff", "'=SUM(A1)"]
    assert lines[0][2:] == ["Contoso MSP", "MSP User", "1", "1"]


def test_the_user_list_finds_groups_through_their_picker(client, people, groups):
    client.force_login(people.marcus)
    options = client.get(reverse("accounts:group-pick"), {"q": "desk"}).content.decode()
    assert "Service Desk" in options
    assert "Contractors" not in options
    page = client.get(reverse("accounts:user-list")).content.decode()
    assert "Northwind staff" not in page
