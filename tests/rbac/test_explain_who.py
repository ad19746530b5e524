"""Who may do one thing to one object: those whom `who_can` finds, by name as far as the reader may know it."""

import csv
import re

import pytest
from django.urls import reverse

from rbac.access import first_who_can, who_can
from rbac.naming import OPERATOR, OTHERS
from rbac.permissions import Permission
from rbac.subjects import who_url
from tests.factories import (
    GroupFactory,
    GroupMembershipFactory,
    RoleAssignmentFactory,
    RoleFactory,
    ScriptFactory,
    UserFactory,
)
from tests.grants import deny, end, grant

VIEW, EDIT = Permission.COMPUTERS_VIEW, Permission.COMPUTERS_MANAGE


def ask(client, reader, permission, on, **more) -> str:
    client.force_login(reader)
    answer = client.get("&".join([who_url(permission=permission, on=on), *map("=".join, more.items())]))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def names(shown: str) -> list[str]:
    return re.findall(r'scope="row"[^>]*><\w+ class="name"[^>]*>([^<]*)<', shown)


def rows(client, reader, permission, on) -> list[list[str]]:
    client.force_login(reader)
    query = who_url(permission=permission, on=on).partition("?")[2]
    answer = client.get(f"{reverse('rbac:explain-who-export')}?{query}")
    assert answer.status_code == 200
    return list(csv.reader(b"".join(answer).decode().splitlines()))


@pytest.mark.parametrize("permission", [VIEW, EDIT, Permission.COMPUTERS_DELETE, Permission.USERS_MANAGE])
def test_the_list_is_who_can(client, story, permission):
    deny(story.dana, EDIT, scope="tenant", tenant=story.fabrikam)
    expected = list(who_can(permission, story.dc01).order_by("name").values_list("name", flat=True))
    assert expected
    assert names(ask(client, story.marcus, permission, story.dc01)) == expected
    assert [row[0] for row in rows(client, story.marcus, permission, story.dc01)[1:]] == expected


def test_the_first_are_those_by_name(story, django_assert_max_num_queries):
    for number, name in enumerate(("Zoe", "Abel", "Abel")):
        grant(UserFactory(name=name, tenant=story.fabrikam, email=f"{number}@fabrikam.test"), VIEW, scope="own_tenant")
    script = ScriptFactory(tenant=None)
    for permission, on in (
        (VIEW, story.dc01),
        (EDIT, story.dc01),
        (VIEW, story.fabrikam),
        (Permission.SCRIPTS_VIEW, script),
    ):
        expected = list(who_can(permission, on).order_by("name", "pk"))
        assert len(expected) > 2, permission
        for count in (1, 3, len(expected), len(expected) + 5):
            assert first_who_can(permission, on, count) == expected[:count]
    with django_assert_max_num_queries(2):
        first_who_can(VIEW, story.dc01, 3)
    assert first_who_can("nothing:known", story.dc01, 3) == []


def test_it_takes_explain_access_and_the_sight_of_the_object(client, story):
    client.force_login(story.dana)
    address = who_url(permission=VIEW, on=story.dc01)
    assert client.get(address).status_code == 403
    given = grant(story.dana, Permission.GOVERNANCE_EXPLAIN_ACCESS, scope="tenant", tenant=story.fabrikam)
    assert client.get(address).status_code == 200
    hidden, missing = (
        client.get(reverse("rbac:explain-who"), {"permission": VIEW.value, "on": f"computer:{pk}"})
        for pk in (story.bikes.pk, 2_000_000_000)
    )
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.content == missing.content
    end(given)
    assert client.get(address).status_code == 403


def test_a_customer_reads_of_their_people_and_their_provider_and_of_nobody_else(client, story):
    grant(story.olivia, EDIT, scope="tenant", tenant=story.fabrikam)
    shown = ask(client, story.rosa, VIEW, story.dc01)
    assert set(names(shown)) == {
        "Rosa Delgado",
        "Grace Kim",
        "Dana Whitfield",
        "Marcus Oyelaran",
        "Hugo Marchetti",
        OPERATOR,
    }
    assert all(hidden not in shown for hidden in ("Olivia", "Litware", "@contoso"))
    assert "Outside your view" in shown
    assert OPERATOR not in str(rows(client, story.rosa, VIEW, story.dc01))


def test_of_what_the_instance_owns_those_outside_are_others(client, story):
    shown = ask(client, story.rosa, Permission.SCRIPTS_VIEW, ScriptFactory(tenant=None))
    assert OTHERS in names(shown)
    assert OPERATOR not in shown
    assert "Dana" not in shown


def test_each_has_the_way_they_have_it(client, story):
    desk = GroupFactory(name="Service Desk", tenant=story.contoso)
    GroupMembershipFactory(group=desk, user=story.hugo)
    role = RoleFactory(name="Field Technician", permissions=[EDIT])
    RoleAssignmentFactory(group=desk, role=role, scope="msp", tenant=story.contoso)
    found = {row[0]: row[3] for row in rows(client, story.marcus, EDIT, story.dc01)[1:]}
    assert found["Hugo Marchetti"] == "Field Technician through Service Desk, Contoso MSP and its customers"
    assert found["Dana Whitfield"] == "MSP User, Contoso MSP and its customers"


def test_a_name_narrows_it_and_the_question_stays(client, story):
    shown = ask(client, story.marcus, VIEW, story.dc01, q="dana")
    assert names(shown) == ["Dana Whitfield"]
    shown = ask(client, story.marcus, VIEW, story.dc01, q="zzz")
    assert "Nobody matches" in shown
    assert f"permission={VIEW}".replace(":", "%3A") in shown


def test_it_is_read_page_by_page(client, story):
    for number in range(12):
        grant(UserFactory(name=f"P{number:02}", tenant=story.fabrikam), VIEW, scope="own_tenant")
    first = ask(client, story.marcus, VIEW, story.dc01, rows="10")
    following = re.search(r'href="([^"]*after=[^"]*)"', first).group(1).replace("&amp;", "&")
    second = client.get(following).content.decode()
    assert len(names(first)) == 10
    assert names(first) + names(second) == sorted(who_can(VIEW, story.dc01).values_list("name", flat=True))


def test_nobody_is_said_plainly(client, story):
    for person in (story.marcus, story.dana):
        deny(person, Permission.TENANTS_CONTROL_ACTIVATION, scope="owner")
    shown = ask(client, story.marcus, Permission.TENANTS_CONTROL_ACTIVATION, story.fabrikam)
    assert "Nobody can." in shown


@pytest.mark.parametrize("query", ["permission=x", "on=x", "", "permission=users:view"])
def test_half_a_question_is_a_form_and_no_file(client, story, query):
    client.force_login(story.marcus)
    page = client.get(f"{reverse('rbac:explain-who')}?{query}").status_code
    assert page == (400 if "=x" in query else 200)
    assert client.get(f"{reverse('rbac:explain-who-export')}?{query}").status_code == 400


def test_the_right_that_ends_while_it_is_written_ends_the_file(client, story):
    given = grant(story.dana, Permission.GOVERNANCE_EXPLAIN_ACCESS, scope="tenant", tenant=story.fabrikam)
    client.force_login(story.dana)
    query = who_url(permission=VIEW, on=story.dc01).partition("?")[2]
    answer = client.get(f"{reverse('rbac:explain-who-export')}?{query}")
    end(given)
    assert "Stopped" in b"".join(answer).decode()
