"""One role: what it holds of what there is, what marks it, what is searched, and what a switch stops of it."""

import re

import pytest
from django.urls import reverse

from rbac.models import Role
from rbac.permissions import Permission
from rbac.role_blocks import blocks_of
from rbac.switches import SwitchKey
from tests.factories import GroupFactory, GroupMembershipFactory, RoleAssignmentFactory, RoleFactory, SwitchFactory
from tests.grants import grant
from tests.story import tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    return tell()


def url(role: Role) -> str:
    return reverse("rbac:role-detail", args=[role.pk])


def words(answer) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def entries(blocks):
    return [entry for block in blocks for column in block[3:] for entry in column]


def test_the_blocks_are_the_catalogue_with_what_is_held_of_it():
    role = Role.objects.get(key="msp_user")
    blocks = blocks_of(role)
    assert sorted(entry.permission for entry in entries(blocks)) == sorted(Permission)
    assert sum(block.held for block in blocks) == len(role.permissions)
    assert sum(block.all for block in blocks) == len(Permission)
    assert {entry.permission for entry in entries(blocks) if entry.granted} == set(role.permissions)
    assert {entry.permission for entry in entries(blocks_of(role, granted_only=True))} == set(role.permissions)


def test_a_search_reads_name_help_and_codename_and_opens_what_only_its_help_says():
    role = Role.objects.get(key="auditor")
    found = entries(blocks_of(role, words="inventory"))
    assert [(entry.permission, entry.is_open) for entry in found] == [
        (Permission.COMPUTERS_VIEW_INVENTORY, False),
        (Permission.COMPUTERS_REINVENTORY, False),
        (Permission.COMPUTERS_EXPORT, True),
    ]
    assert [entry.is_open for entry in entries(blocks_of(role, words="Export comp"))] == [False]
    assert [entry.permission for entry in entries(blocks_of(role, words="tags:manage"))] == [Permission.TAGS_MANAGE]
    assert blocks_of(role, words="frobnicate") == []


def test_the_page_says_first_what_it_holds_and_who_has_it_where(client, story):
    client.force_login(story.hugo)
    role = RoleFactory(name="Desk", permissions=["tenants:view", "users:view"])
    assert f"2 of {len(Permission)} permissions · held by nobody" in words(client.get(url(role)))
    group = GroupFactory(tenant=story.contoso)
    for member in (story.dana, story.grace):
        GroupMembershipFactory(group=group, user=member)
    RoleAssignmentFactory(group=group, role=role, scope="own_tenant")
    RoleAssignmentFactory(user=story.dana, role=role, scope="tenant", tenant=story.fabrikam, include_children=True)
    assert "held by 2 people on 3 tenants" in words(client.get(url(role)))
    client.force_login(story.rosa)
    assert "held by nobody whom you may see" in words(client.get(url(role)))
    RoleAssignmentFactory(user=story.dana, role=role, scope="owner")
    client.force_login(story.hugo)
    assert "held by 2 people on every tenant" in words(client.get(url(role)))


def test_marks_and_dependencies_are_named(client, story):
    client.force_login(story.hugo)
    page = words(client.get(url(Role.objects.get(key="msp_administrator")), {"q": "preferences:manage"}))
    assert "Needs View System Preferences." in page
    assert "A system permission, inert below the scope owner" in page
    assert "MSP users only" in page
    assert "preferences:manage_system" in page


def test_what_a_switch_stops_is_said(client, story):
    author = RoleFactory(name="Author", permissions=["scripts:view", "scripts:manage"])
    keeper = Role.objects.get(key="script_manager")
    client.force_login(story.hugo)
    assert "Suspended" not in words(client.get(url(author)))
    off = SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False, tenant=story.adventure)
    assert "Suspended in Adventure Works" in words(client.get(url(author)))
    client.force_login(story.rosa)
    assert "Suspended" not in words(client.get(url(author)))
    off.delete()
    SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    assert "Edit Scripts is off." in words(client.get(url(author)))
    assert "Suspended" not in words(client.get(url(keeper)))


def test_a_role_for_denying_says_what_it_takes(client, story):
    role = RoleFactory(deny_only=True, permissions=["scripts:manage"])
    SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    client.force_login(story.hugo)
    page = words(client.get(url(role)))
    assert f"Takes 1 of {len(Permission)} permissions" in page
    assert "Suspended" not in page
    assert [entry.taken for entry in entries(blocks_of(role, granted_only=True))] == [True]


def test_htmx_gets_the_permissions_alone(client, story):
    client.force_login(story.hugo)
    role = Role.objects.get(key="auditor")
    answer = client.get(url(role), {"granted": "on", "q": "view"}, headers={"HX-Request": "true"})
    assert b"<h1>" not in answer.content
    shown = len(entries(blocks_of(role, granted_only=True, words="view")))
    assert f'data-announce="{shown} permissions"' in answer.content.decode()
    nothing = client.get(url(role), {"q": "frobnicate"}, headers={"HX-Request": "true"})
    assert b"Nothing matches" in nothing.content


def test_what_is_unknown_or_malformed_is_refused(client, story):
    client.force_login(story.hugo)
    for query in ("x=1", "granted=on&page=2", f"q={'a' * 201}"):
        assert client.get(f"{url(Role.objects.get(key='auditor'))}?{query}").status_code == 400, query


def test_people_are_for_who_may_see_people(client, story):
    user = story.grace
    user.role_assignments.update(ended_at="2020-01-01T00:00Z")
    grant(user, Permission.ROLES_VIEW, scope="own_tenant")
    client.force_login(user)
    role = Role.objects.get(key="tenant_administrator")
    assert "Who has it" not in words(client.get(url(role)))
    holders = words(client.get(reverse("rbac:role-holder-list", args=[role.pk])))
    assert "You do not see people" in holders
    assert "Rosa" not in holders


def test_it_prints_with_its_answer_and_by_whom(client, story):
    client.force_login(story.hugo)
    page = client.get(url(Role.objects.get(key="auditor"))).content.decode()
    assert "data-print" in page
    assert "Printed by Hugo Marchetti" in page
