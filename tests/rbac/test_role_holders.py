"""Who has a role and where: what the reader may see of it, narrowed, and as CSV."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests.factories import (
    GroupFactory,
    GroupMembershipFactory,
    RoleAssignmentFactory,
    RoleFactory,
    SwitchFactory,
    UserFactory,
)
from tests.grants import deny, end
from tests.story import tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    return tell()


@pytest.fixture
def role(story):
    """Given to a group of two, to Grace until tomorrow, to Rosa from next week, to Olivia, and denied to Dana."""
    role, now = RoleFactory(name="Author", permissions=["scripts:view", "scripts:manage"]), timezone.now()
    group = GroupFactory(name="Service Desk", tenant=story.contoso)
    for member in (story.dana, story.marcus):
        GroupMembershipFactory(group=group, user=member)
    given = {"role": role, "granted_by": story.marcus, "reason": "For a year"}
    RoleAssignmentFactory(group=group, scope="tenant", tenant=story.fabrikam, include_children=True, **given)
    RoleAssignmentFactory(user=story.grace, scope="own_tenant", expires_at=now + timedelta(hours=20), **given)
    RoleAssignmentFactory(user=story.rosa, scope="own_tenant", starts_at=now + timedelta(days=7), **given)
    RoleAssignmentFactory(user=story.olivia, scope="msp", tenant=story.litware, **given)
    RoleAssignmentFactory(user=story.dana, effect="deny", scope="own_tenant", computer_scope="all", **given)
    end(RoleAssignmentFactory(user=story.hugo, **given))
    return role


def lines(client, role, **query):
    answer = client.get(reverse("rbac:role-holder-list", args=[role.pk]), query)
    assert answer.status_code == 200
    return answer.context["lines"]


def names(client, role, **query) -> list[str]:
    return [line.name for line in lines(client, role, **query)]


def test_each_sees_the_assignments_that_they_may_see(client, story, role):
    for person, seen in (
        (story.hugo, ["Dana Whitfield", "Olivia Novak", "Rosa Delgado", "Grace Kim", "Service Desk"]),
        (story.dana, ["Dana Whitfield", "Rosa Delgado", "Grace Kim", "Service Desk"]),
        (story.rosa, ["Rosa Delgado", "Grace Kim"]),
        (story.olivia, ["Olivia Novak"]),
    ):
        client.force_login(person)
        assert names(client, role) == seen


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "desk"}, ["Service Desk"]),
        ({"q": "olivia.novak@"}, ["Olivia Novak"]),
        ({"effect": "deny"}, ["Dana Whitfield"]),
        ({"to": "groups"}, ["Service Desk"]),
        ({"scope": "msp"}, ["Olivia Novak"]),
        ({"status": "new"}, ["Rosa Delgado"]),
        ({"status": "soon"}, ["Grace Kim"]),
        ({"status": "endless", "to": "users"}, ["Dana Whitfield", "Olivia Novak", "Rosa Delgado"]),
    ],
)
def test_filters_narrow_it(client, story, role, query, expected):
    client.force_login(story.hugo)
    assert names(client, role, **query) == expected


def test_a_line_says_where_how_it_stands_and_who_gave_it(client, story, role):
    client.force_login(story.hugo)
    desk = lines(client, role, to="groups")[0]
    assert (desk.members, desk.holder.given_by) == ("2 members", "Marcus Oyelaran")
    assert client.get(desk.members_url).context["listing"].total.count == 2
    said = {line.name: line.holder.status.words for line in lines(client, role)}
    assert said["Grace Kim"] == "Ends in 19 h"
    assert said["Rosa Delgado"].startswith("Starts ")
    SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    said = {line.name: line.holder.status.words for line in lines(client, role)}
    assert said["Olivia Novak"] == "Partly suspended"
    assert said["Dana Whitfield"] == "Live"


def test_who_gave_it_is_named_as_far_as_the_reader_reads_names(client, story, role):
    client.force_login(story.olivia)
    assert lines(client, role)[0].holder.given_by == "The operator of this system"


def test_members_outside_view_are_not_counted(client, story, role):
    reader = story.rosa
    group = GroupFactory(name="Mixed", tenant=story.fabrikam)
    for member in (reader, UserFactory(tenant=story.logistics)):
        GroupMembershipFactory(group=group, user=member)
    RoleAssignmentFactory(group=group, role=role, scope="own_tenant")
    deny(reader, Permission.USERS_VIEW, scope="tenant", tenant=story.logistics)
    client.force_login(reader)
    assert [line.members for line in lines(client, role, to="groups")] == ["1 member"]


def test_a_role_that_is_hidden_answers_like_one_that_is_missing(client, story, role):
    hidden = RoleFactory(tenant=story.adventure)
    client.force_login(story.rosa)
    for name in ("rbac:role-detail", "rbac:role-holder-list", "rbac:role-holder-export"):
        answers = [client.get(reverse(name, args=[pk])) for pk in (hidden.pk, 999_999)]
        assert answers[0].status_code == answers[1].status_code == 404
        assert answers[0].content == answers[1].content


def test_what_is_not_declared_is_refused(client, story, role):
    client.force_login(story.hugo)
    for query in ("sort=name", "status=x", "scope=x", "before=1", "role=1"):
        answer = client.get(f"{reverse('rbac:role-holder-list', args=[role.pk])}?{query}")
        assert answer.status_code == 400, query


def test_the_export_is_the_list(client, story, role):
    for person, query in ((story.hugo, {}), (story.rosa, {}), (story.dana, {"to": "users"})):
        client.force_login(person)
        answer = client.get(reverse("rbac:role-holder-export", args=[role.pk]), query)
        head, *rows = csv.reader(StringIO(b"".join(answer).decode()))
        assert head[:5] == ["Who", "Kind", "E-mail", "Effect", "Where"]
        assert [row[0] for row in rows] == names(client, role, **query)
    assert ["Grace Kim", "User", "grace.kim@fabrikam.example", "Allow", "their own tenant"] in [row[:5] for row in rows]
