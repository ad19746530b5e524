"""The page of one user: what it says, and what it offers to whom."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from rbac.permissions import Permission
from tests.factories import GroupFactory, GroupMembershipFactory
from tests.grants import end, grant
from tests.people import give

TABS = [
    "accounts:user-detail",
    "accounts:user-group-list",
    "rbac:assignment-list",
    "rbac:user-access",
    "rbac:user-history",
]


def page(client, name, user) -> str:
    answer = client.get(reverse(name, args=[user.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", TABS[:3])
def test_it_is_for_who_may_view_that_user(client, people, name):
    client.force_login(people.sam)
    address = reverse(name, args=[people.olivia.pk])
    assert client.get(address).status_code == 404
    given = grant(people.sam, Permission.USERS_VIEW, scope="own_tenant")
    assert client.get(address).status_code == 200
    assert client.get(reverse(name, args=[people.dana.pk])).status_code == 404
    end(given)
    assert client.get(address).status_code == 404


def test_tabs_that_may_not_be_opened_are_absent(client, people):
    client.force_login(people.sam)
    grant(people.sam, Permission.USERS_VIEW, scope="own_tenant")
    shown = page(client, "accounts:user-detail", people.olivia)
    assert "Effective access" not in shown
    assert "Groups" not in shown
    assert client.get(reverse("rbac:user-access", args=[people.olivia.pk])).status_code == 403
    client.force_login(people.olivia)
    assert "Effective access" in page(client, "accounts:user-detail", people.sam)


def test_acts_that_may_not_be_done_are_absent(client, people):
    grant(people.sam, Permission.USERS_VIEW, scope="own_tenant")
    client.force_login(people.sam)
    shown = page(client, "accounts:user-detail", people.olivia)
    assert "Edit" not in shown
    assert "Remove" not in shown
    client.force_login(people.olivia)
    shown = page(client, "accounts:user-detail", people.sam)
    for words in ("Edit", "New set-password link", "Deactivate…", "Remove…"):
        assert words in shown


def test_groups_say_since_until_and_by_whom(client, people):
    until = timezone.now() + timedelta(days=40)
    client.force_login(people.marcus)
    GroupMembershipFactory(group=GroupFactory(name="Night Shift"), user=people.dana, expires_at=until)
    shown = page(client, "accounts:user-group-list", people.dana)
    for words in ("Service Desk", "Night Shift", "The instance", f"{until:%Y}", "Marcus Oyelaran"):
        assert words in shown


def test_groups_out_of_view_are_not_there(client, people):
    client.force_login(people.olivia)
    GroupMembershipFactory(group=GroupFactory(name="Litware Board", tenant=people.litware), user=people.sam)
    GroupMembershipFactory(group=GroupFactory(name="Watch List"), user=people.sam)
    shown = page(client, "accounts:user-group-list", people.sam)
    assert "Litware Board" in shown
    assert "Watch List" not in shown
    assert 'Groups<span class="n">1</span>' in shown


def test_effective_access_says_where_and_through_what(client, people):
    client.force_login(people.olivia)
    give(people.sam, "tenant_user", scope="own_tenant")
    give(people.sam, "script_manager", scope="tenant", tenant=people.fabrikam)
    shown = page(client, "rbac:user-access", people.sam)
    assert "View Computers" in shown
    assert "Tenant User" in shown
    assert "Script Manager" not in shown
    assert "Further access outside your view" in shown


def test_history_tells_what_was_done_to_the_account_and_to_what_it_holds(client, people):
    client.force_login(people.olivia)
    assert "Nothing has happened yet" in page(client, "rbac:user-history", people.sam)
    client.post(reverse("accounts:user-link", args=[people.sam.pk]))
    assert "Made a set-password link" in page(client, "rbac:user-history", people.sam)
    assert "Made a set-password link" not in page(client, "rbac:user-history", people.olivia)


@pytest.mark.parametrize("name", TABS)
def test_queries_do_not_grow_with_what_somebody_holds(client, people, name):
    client.force_login(people.marcus)
    give(people.dana, "msp_user", scope="tenant", tenant=people.fabrikam, granted_by=people.marcus)
    GroupMembershipFactory(group=GroupFactory(tenant=people.contoso), user=people.dana, added_by=people.marcus)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(client, name, people.dana)
        return len(captured)

    queries()
    few = queries()
    for tenant in (people.contoso, people.litware, people.tailspin, people.northwind):
        give(people.dana, "msp_user", scope="tenant", tenant=tenant, granted_by=people.theo)
        group = GroupFactory(tenant=people.contoso)
        GroupMembershipFactory(group=group, user=people.dana, added_by=people.theo)
    assert queries() <= few
