"""Roles beside each other: what they differ in first, and only roles that the reader may see."""

import pytest
from django.urls import reverse

from rbac.models import Role
from rbac.permissions import Permission
from rbac.role_blocks import Comparison
from tests.factories import RoleFactory
from tests.story import tell

pytestmark = pytest.mark.django_db
COMPARE = reverse("rbac:role-compare")


@pytest.fixture
def story():
    return tell()


@pytest.fixture
def three() -> list[Role]:
    held = {"A": ["users:view"], "B": ["tags:view"], "C": ["users:view", "scripts:view"]}
    return [RoleFactory(name=name, permissions=["tenants:view", *each]) for name, each in held.items()]


def compared(client, *roles, **query):
    answer = client.get(COMPARE, {"role": [role.pk for role in roles], **query})
    assert answer.status_code == 200, answer.content
    return answer.context


def test_two_roles_show_what_only_one_holds(client, story, three):
    client.force_login(story.hugo)
    context = compared(client, *three[:2])
    assert context["first_sentence"] == f"They differ in 2 of {len(Permission)} permissions; 1 is held by both."
    assert [(role.name, count) for role, count in context["only"]] == [("A", "1"), ("B", "1")]
    sides = [(side.subject, [e.label for e in side.first], [e.label for e in side.second]) for side in context["sides"]]
    assert sides == [("People & Users", ["View Users"], []), ("Tags", [], ["View Tags"])]


def test_more_roles_show_who_holds_each_difference(client, story, three):
    client.force_login(story.hugo)
    context = compared(client, *three)
    assert context["sides"] is None
    rows = {row.entry.permission: [held for _, held in row.holds] for group in context["groups"] for row in group.rows}
    assert rows == {
        Permission.USERS_VIEW: [True, False, True],
        Permission.SCRIPTS_VIEW: [False, False, True],
        Permission.TAGS_VIEW: [False, True, False],
    }


def test_all_shows_every_permission(client, story, three):
    client.force_login(story.hugo)
    context = compared(client, *three[:2], all="on")
    assert sum(len(group.rows) for group in context["groups"]) == len(Permission)
    assert [current for *_, current in context["views"]] == [False, True]


def test_the_roles_stand_in_the_order_of_the_address_each_once(client, story, three):
    client.force_login(story.hugo)
    assert compared(client, three[1], three[0], three[1])["roles"] == [three[1], three[0]]
    turned = client.get(compared(client, three[1], three[0])["turned"])
    assert turned.context["roles"] == [three[0], three[1]]


def test_equal_roles_are_said_to_be_equal(three):
    twin = RoleFactory(permissions=three[0].permissions)
    assert Comparison([three[0], twin]).differing == []


def test_fewer_than_two_are_asked_for_another(client, story, three):
    client.force_login(story.hugo)
    for roles in ([], three[:1]):
        context = compared(client, *roles)
        assert "first_sentence" not in context
        assert len(context["slots"]) == 2
    assert b"Choose two roles" in client.get(f"{COMPARE}?role=&role={three[0].pk}").content


def test_a_hidden_role_answers_like_one_that_is_missing(client, story, three):
    hidden = RoleFactory(tenant=story.adventure)
    client.force_login(story.rosa)
    answers = [client.get(COMPARE, {"role": [three[0].pk, pk]}) for pk in (hidden.pk, 999_999)]
    assert answers[0].status_code == answers[1].status_code == 400
    assert answers[0].content == answers[1].content
    assert hidden.name not in client.get(reverse("rbac:role-pick"), {"q": hidden.name}).content.decode()


def test_what_is_unknown_or_malformed_is_refused(client, story):
    client.force_login(story.hugo)
    for query in ("role=x", "roles=1", "role=1&page=2", "role=99999999999999999999"):
        assert client.get(f"{COMPARE}?{query}").status_code == 400, query


def test_no_more_than_four_fit(client, story, three):
    client.force_login(story.hugo)
    five = [*three, RoleFactory(), RoleFactory()]
    assert client.get(COMPARE, {"role": [role.pk for role in five]}).status_code == 400
    assert len(compared(client, *five[:4])["slots"]) == 4
