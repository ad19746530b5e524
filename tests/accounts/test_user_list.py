"""The list of users: whom it shows, how it is narrowed and sorted, and what it costs."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from rbac.permissions import Permission
from tests.factories import GroupMembershipFactory, RoleAssignmentFactory, RoleFactory
from tests.grants import end, grant
from tests.people import give, give_group, person


def names(client, **query) -> list[str]:
    answer = client.get(reverse("accounts:user-list"), query)
    assert answer.status_code == 200, answer.content
    return [row.user.name for row in answer.context["rows"]]


def test_the_list_is_for_who_may_view_users_and_shows_those_alone(client, people):
    client.force_login(people.sam)
    assert client.get(reverse("accounts:user-list")).status_code == 403
    given = grant(people.sam, Permission.USERS_VIEW, scope="tenant", tenant=people.litware)
    assert names(client) == ["Olivia Novak", "Sam Okafor"]
    end(given)
    assert client.get(reverse("accounts:user-list")).status_code == 403


def test_nothing_foreign_is_in_the_page_of_a_tenant_administrator(client, people):
    client.force_login(people.olivia)
    page = client.get(reverse("accounts:user-list")).content.decode()
    assert "Litware" in page
    for foreign in ("Contoso", "Fabrikam", "Northwind", "Theo", "Service Desk"):
        assert foreign not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "OLIVIA"}, ["Olivia Novak"]),
        ({"q": "@litware"}, ["Olivia Novak", "Sam Okafor"]),
        ({"sort": "-name", "q": "litware"}, ["Sam Okafor", "Olivia Novak"]),
        ({"q": "nobody is called this"}, []),
    ],
)
def test_it_is_searched_and_sorted(client, people, query, found):
    client.force_login(people.marcus)
    assert names(client, **query) == found


def test_it_is_narrowed_to_a_tenant_with_all_below(client, people):
    client.force_login(people.marcus)
    assert "Theo Brandt" not in names(client, tenant=people.contoso.pk)
    assert names(client, tenant=people.litware.pk) == ["Olivia Novak", "Sam Okafor"]
    assert "Sam Okafor" in names(client, tenant=people.contoso.pk)


def test_it_is_narrowed_to_the_holders_of_a_role_directly_or_through_a_group(client, people):
    client.force_login(people.marcus)
    through = give_group(people.desk, "msp_user", scope="tenant", tenant=people.fabrikam)
    direct = give(people.sam, "msp_user", scope="own_tenant")
    assert names(client, role=direct.role_id) == ["Dana Whitfield", "Sam Okafor"]
    end(through)
    end(direct)
    assert names(client, role=direct.role_id) == []


def test_a_role_narrows_by_what_the_reader_may_see_of_it(client, people):
    client.force_login(people.olivia)
    hidden = give(people.sam, "script_manager", scope="tenant", tenant=people.fabrikam)
    assert names(client, role=hidden.role_id) == []
    give(people.sam, "script_manager", scope="own_tenant")
    assert names(client, role=hidden.role_id) == ["Sam Okafor"]


def test_it_is_narrowed_to_a_group_that_the_reader_may_see(client, people):
    client.force_login(people.marcus)
    assert names(client, group=people.desk.pk) == ["Dana Whitfield"]
    client.force_login(people.olivia)
    assert client.get(reverse("accounts:user-list"), {"group": people.desk.pk}).status_code == 400


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("active", ["Active", "Ending", "Marcus Oyelaran"]),
        ("soon", ["Ending"]),
        ("expired", ["Expired"]),
        ("disabled", ["Disabled"]),
        ("removed", ["Removed"]),
    ],
)
def test_it_is_narrowed_by_status(client, people, status, expected):
    now = timezone.now()
    person("Active", people.contoso)
    person("Ending", people.contoso, access_expires_at=now + timedelta(days=3))
    person("Expired", people.contoso, access_expires_at=now - timedelta(seconds=1))
    person("Disabled", people.contoso, is_active=False)
    person("Removed", people.contoso, is_active=False, removed_at=now)
    client.force_login(people.marcus)
    found = [name for name in names(client, status=status) if name == "Marcus Oyelaran" or " " not in name]
    assert found == expected
    assert ("Removed" in names(client)) is False


def test_people_of_an_inactive_tenant_are_out(client, people):
    people.litware.is_active = False
    people.litware.save(update_fields=["is_active"])
    client.force_login(people.marcus)
    assert names(client, status="disabled") == ["Olivia Novak", "Sam Okafor"]


@pytest.mark.parametrize("query", ["status=asleep", "tenant=x", "role=0", "sort=password", "what=1", "q=a&q=b"])
def test_what_is_not_declared_is_refused(client, people, query):
    client.force_login(people.marcus)
    assert client.get(f"{reverse('accounts:user-list')}?{query}").status_code == 400


def test_a_tenant_beyond_reach_is_refused_like_one_that_is_not_there(client, people):
    client.force_login(people.olivia)
    hidden, missing = (
        client.get(reverse("accounts:user-list"), {"tenant": pk}) for pk in (people.northwind.pk, 999_999)
    )
    assert hidden.status_code == missing.status_code == 400
    assert vars(hidden.context["lost"]) == vars(missing.context["lost"])  # whole answers: tests/walk/test_hostile.py


def test_the_roles_column_says_who_holds_great_power(client, people):
    client.force_login(people.marcus)
    give(people.dana, "tenant_user", scope="own_tenant")
    give_group(people.desk, "msp_user", scope="tenant", tenant=people.fabrikam)
    rows = {row.user: row for row in client.get(reverse("accounts:user-list")).context["rows"]}
    assert [(role.name, role.great_power) for role in rows[people.dana].roles] == [
        ("MSP User", True),
        ("Tenant User", False),
    ]
    assert rows[people.sam].roles == []


def test_a_permission_that_is_inert_is_no_great_power(client, people):
    client.force_login(people.marcus)
    role = RoleFactory(permissions=["preferences:manage_system", "preferences:view_system"])
    RoleAssignmentFactory(user=people.dana, role=role, scope="tenant", tenant=people.contoso)
    rows = {row.user: row for row in client.get(reverse("accounts:user-list")).context["rows"]}
    assert [role.great_power for role in rows[people.dana].roles] == [False]


def test_its_queries_do_not_grow_with_its_rows(client, people):
    client.force_login(people.marcus)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("accounts:user-list"), {"rows": 10}).status_code == 200
        return len(captured)

    def more() -> None:
        for _ in range(15):
            give(person("Ann Lee", people.fabrikam, email=f"{uuid4()}@a.example"), "tenant_user", scope="own_tenant")
            member = person("Bob Lee", people.contoso, email=f"{uuid4()}@b.example")
            GroupMembershipFactory(group=people.desk, user=member)

    more()
    queries()
    few = queries()
    more()
    assert queries() == few


def test_htmx_gets_the_table_with_its_chips(client, people):
    client.force_login(people.marcus)
    answer = client.get(reverse("accounts:user-list"), {"status": "active"}, headers={"HX-Request": "true"})
    fragment = answer.content.decode()
    assert "<h1>" not in fragment
    assert 'id="list-chips"' in fragment
    assert "HX-Request" in answer["Vary"]
