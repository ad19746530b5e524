"""The pages on which roles are made, edited, brought back and deleted."""

import re

import pytest
from django.urls import reverse

from rbac.access import access_for
from rbac.models import AuditEntry, Role, RoleVersion
from rbac.permissions import Permission, closure
from tests.factories import ComputerFactory, RoleAssignmentFactory, RoleFactory
from tests.grants import grant
from tests.people import person

pytestmark = pytest.mark.django_db
NOTES, SCRIPTS, SEEING = Permission.COMPUTERS_MANAGE_NOTES, Permission.SCRIPTS_MANAGE, Permission.COMPUTERS_VIEW
HTMX = {"HX-Request": "true"}


@pytest.fixture
def marcus(client, people):
    client.force_login(people.marcus)
    return client


@pytest.fixture
def team(people) -> Role:
    """A role of Fabrikam's that Dana has there, where there is a computer."""
    ComputerFactory(tenant=people.fabrikam)
    role = RoleFactory(name="Team", tenant=people.fabrikam, permissions=sorted(closure([SEEING])))
    RoleAssignmentFactory(user=people.dana, role=role, scope="tenant", tenant=people.fabrikam)
    return role


def said(role: Role | None = None, *permissions: Permission, **more) -> dict:
    same = {"name": role.name, "description": role.description, "version": role.version} if role else {"kind": "allow"}
    return {**same, "permissions": sorted(permissions), **more}


def address(verb: str, *args) -> str:
    return reverse(f"rbac:role-{verb}", args=[getattr(arg, "pk", arg) for arg in args])


def text(answer) -> str:
    """Return the words of the page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", answer.content.decode()))


# Making


def test_what_others_depend_on_is_added_and_said(marcus, people):
    answer = marcus.post(address("create", people.fabrikam), said(None, NOTES, name="Desk"), follow=True)
    role = Role.objects.get(name="Desk", tenant=people.fabrikam)
    assert set(role.permissions) == closure([NOTES])
    assert "Added, since others depend on it: View Tenants" in text(answer)


def test_ticks_are_drawn_anew_without_saving(marcus, people):
    posted = said(None, NOTES, name="Desk", draw="1", q="scripts")
    answer = marcus.post(address("create", people.fabrikam), posted, headers=HTMX)
    page = answer.content.decode()
    assert "View Computers, which Manage Computer Notes needs" in text(answer)
    assert f'type="hidden" name="permissions" value="{NOTES}"' in page
    assert f'value="{SCRIPTS}"' in page
    assert not Role.objects.filter(name="Desk").exists()


def test_without_scripts_the_whole_page_is_drawn_anew_and_keeps_everything(marcus, people):
    posted = said(None, NOTES, name="Desk", description="Nights", draw="1", granted="on")
    page = marcus.post(address("create", people.fabrikam), posted).content.decode()
    assert 'value="Desk"' in page
    assert ">\nNights</textarea>" in page
    assert "Manage Scripts" not in page


def test_a_role_for_denying_takes_exactly_what_is_ticked(marcus):
    marcus.post(address("create-shared"), said(None, NOTES, name="No notes", kind="deny"))
    role = Role.objects.get(name="No notes")
    assert (role.deny_only, role.tenant, role.permissions) == (True, None, [NOTES])


def test_a_copy_begins_with_what_it_is_copied_from(marcus, people):
    source = Role.objects.get(key="msp_user")
    query = f"?copied_from={source.pk}"
    page = marcus.get(address("create", people.fabrikam) + query)
    assert page.context["form"].held == closure(map(Permission, source.permissions))
    assert 'value="Copy of MSP User"' in page.content.decode()
    marcus.post(address("create", people.fabrikam) + query, said(None, NOTES, name="Ours", copied_from=source.pk))
    assert AuditEntry.objects.latest("pk").after["copied_from"] == "MSP User"


@pytest.mark.parametrize(("name", "error"), [("MSP user", "A built-in role is called so"), ("a/b", "cannot hold")])
def test_a_name_that_no_role_may_have_comes_back_with_the_form(marcus, people, name, error):
    answer = marcus.post(address("create", people.fabrikam), said(None, NOTES, name=name))
    assert answer.status_code == 422
    assert error in text(answer)
    assert f'value="{NOTES}" id="tick-COMPUTERS_MANAGE_NOTES" checked' in answer.content.decode()


def test_who_may_manage_in_one_tenant_is_not_asked_whose_it_is(client, people):
    manager = person("Roland Manager", people.contoso)
    grant(manager, Permission.ROLES_MANAGE, scope="tenant", tenant=people.fabrikam)
    client.force_login(manager)
    assert client.get(address("place")).headers["Location"] == address("create", people.fabrikam)
    assert client.get(address("create-shared")).status_code == 403


# Editing


def test_whoever_has_it_is_shown_before_and_changed_after(marcus, people, team):
    answer = marcus.post(address("edit", team), said(team, NOTES, SEEING))
    assert answer.status_code == 200
    assert "Dana Whitfield" in text(answer)
    assert "Manage Computer Notes: before: 0 , after: every computer" in text(answer)
    assert not access_for(people.dana).can(NOTES, people.fabrikam)
    reviewed = said(team, NOTES, SEEING, expected=answer.context["change"].ripple.expected, reason="Asked for")
    assert marcus.post(address("edit", team), reviewed).status_code == 302
    assert access_for(people.dana).can(NOTES, people.fabrikam)


def test_great_power_takes_the_name_of_the_role(marcus, people, team):
    drawn = marcus.post(address("edit", team), said(team, SCRIPTS, SEEING))
    shown = drawn.context["change"]
    assert shown.phrase == "Team"
    assert '<span class="ripple-line"><span class="power"' in drawn.content.decode()
    posted = said(team, SCRIPTS, SEEING, expected=shown.ripple.expected, reason="Asked for")
    answer = marcus.post(address("edit", team), posted | {"confirmation": "Teams"})
    assert (answer.status_code, "This is not Team." in text(answer)) == (422, True)
    assert not access_for(people.dana).can(SCRIPTS, people.fabrikam)
    marcus.post(address("edit", team), posted | {"confirmation": "team"})
    assert access_for(people.dana).can(SCRIPTS, people.fabrikam)


def test_the_review_leads_back_to_what_was_chosen(marcus, team):
    answer = marcus.post(address("edit", team), said(team, SCRIPTS, name="Crew", back="1"))
    assert 'value="Crew"' in answer.content.decode()
    assert f'value="{SCRIPTS}" id="tick-SCRIPTS_MANAGE" checked' in answer.content.decode()
    assert Role.objects.get(pk=team.pk).name == "Team"


def test_a_name_that_is_taken_is_said_before_the_review(marcus, people, team):
    RoleFactory(name="Crew", tenant=people.fabrikam)
    answer = marcus.post(address("edit", team), said(team, SCRIPTS, name="Crew"))
    assert answer.status_code == 422
    assert "A role with this name is already there." in text(answer)


def test_somebody_who_was_quicker_is_told_and_what_was_chosen_stays(marcus, people, team):
    Role.objects.filter(pk=team.pk).update(name="Theirs")
    answer = marcus.post(address("edit", team), said(team, SCRIPTS, name="Mine"))
    assert answer.status_code == 409
    assert "it is at version 2 now" in text(answer)
    assert 'value="Mine"' in answer.content.decode()
    assert '<input type="hidden" name="version" value="2"' in answer.content.decode()
    assert Role.objects.get(pk=team.pk).name == "Theirs"


def test_numbers_that_moved_are_shown_again(marcus, team):
    posted = said(team, NOTES, SEEING, expected="9-9-9-9-9-9", reason="Asked for")
    answer = marcus.post(address("edit", team), posted)
    assert (answer.status_code, "has moved" in text(answer)) == (409, True)
    assert Role.objects.get(pk=team.pk).version == 1


def test_a_change_without_a_reason_comes_back(marcus, team):
    shown = marcus.post(address("edit", team), said(team, NOTES, SEEING)).context["change"]
    answer = marcus.post(address("edit", team), said(team, NOTES, SEEING, expected=shown.ripple.expected))
    assert (answer.status_code, "Say why" in text(answer)) == (422, True)


def test_who_may_not_is_told_before_and_has_no_button(client, people, team):
    manager = person("Roland Manager", people.contoso)
    grant(manager, Permission.ROLES_MANAGE, Permission.USERS_VIEW, scope="msp", tenant=people.contoso)
    client.force_login(manager)
    page = text(client.post(address("edit", team), said(team, NOTES, SEEING)))
    assert "You may not do this." in page
    assert "Change it for" not in page


def test_built_in_roles_have_no_such_pages(marcus):
    role = Role.objects.get(key="tenant_user")
    for verb in ("edit", "delete", "version-list"):
        assert marcus.get(address(verb, role)).status_code == 404
    page = text(marcus.get(address("detail", role)))
    assert "Clone…" in page
    assert "Edit role" not in page


# Versions, and the end


def test_a_version_is_read_and_brought_back_through_the_review(marcus, people, team):
    Role.objects.filter(pk=team.pk).update(permissions=sorted(closure([NOTES])), edit_reason="More work")
    assert "Added Manage Computer Notes" in text(marcus.get(address("version-list", team)))
    old = text(marcus.get(address("version-detail", team, 1)))
    assert "Held now, and not then" in old
    assert "Bring it back…" in old
    shown = marcus.get(address("version-restore", team, 1))
    assert "Dana Whitfield" in text(shown)
    posted = {"version": 2, "expected": shown.context["change"].ripple.expected, "reason": "Too much"}
    assert marcus.post(address("version-restore", team, 1), posted).status_code == 302
    assert not access_for(people.dana).can(NOTES, people.fabrikam)
    assert [each.number for each in RoleVersion.objects.filter(role=team)] == [2, 1]
    assert marcus.get(address("version-detail", team, 7)).status_code == 404


def test_a_restore_of_what_somebody_changed_meanwhile_is_shown_again(marcus, team):
    Role.objects.filter(pk=team.pk).update(permissions=sorted(closure([NOTES])))
    expected = marcus.get(address("version-restore", team, 1)).context["change"].ripple.expected
    posted = {"version": 1, "expected": expected, "reason": "Too much"}
    assert marcus.post(address("version-restore", team, 1), posted).status_code == 409
    assert Role.objects.get(pk=team.pk).version == 2


def test_a_role_in_use_lists_who_has_it_instead_of_going(marcus, people, team):
    page = text(marcus.get(address("delete", team)))
    assert "Dana Whitfield" in page
    assert "Delete role" not in page
    answer = marcus.post(address("delete", team), {"version": 1, "reason": "Old"})
    assert (answer.status_code, "still use this role" in text(answer)) == (422, True)
    unused = RoleFactory(name="Unused", tenant=people.fabrikam)
    assert marcus.post(address("delete", unused), {"version": 1, "reason": "Old"}).status_code == 302
    assert marcus.get(address("detail", unused)).status_code == 404
