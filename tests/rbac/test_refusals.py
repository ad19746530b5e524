"""What a refusal says: what is lacking, what came nearest, the smallest grant that would do, where to ask for it."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from rbac.models import Role
from rbac.permissions import Permission
from rbac.smallest import has_more_power
from rbac.switches import SwitchKey
from tests import factories
from tests.grants import deny, grant
from tests.story import Story, tell

pytestmark = pytest.mark.django_db

START = tell
EDIT = Permission.COMPUTERS_MANAGE


@pytest.fixture
def story(start: Story) -> Story:
    return start


def refused(user: User, route: str, pk: int) -> str:
    """The page of this refusal, as its reader reads it."""
    client = Client()
    client.force_login(user)
    answer = client.get(reverse(route, args=[pk]))
    assert answer.status_code == 403
    return unescape(answer.content.decode())


def asking(page: str) -> str:
    """Where its button leads; empty without one."""
    found = re.search(r'class="btn" href="([^"]+)"[^>]*>(?:<svg.*?</svg>)?Ask for access', page, re.DOTALL)
    return found[1] if found else ""


def smallest(permission: Permission) -> Role:
    """Of the public roles the one that holds it with the least besides, and no great power where that can be."""
    holding = [role for role in Role.objects.filter(tenant=None, deny_only=False) if permission in role.permissions]
    return min(holding, key=lambda role: (has_more_power(role, permission), len(role.permissions), role.pk))


def test_it_names_what_is_lacking_and_the_smallest_grant_that_would_do(story):
    page = refused(story.grace, "computers:computer-edit", story.dc01.pk)
    assert f"It takes <b>{EDIT.label}</b>" in page
    words = f"“May act as {smallest(EDIT)} on DC01 of your own tenant”"
    assert f"The smallest grant that would do: {words}." in page


def test_what_is_held_nowhere_is_not_told_as_held_elsewhere(story):
    """Dana holds it where she works, were it not for the preference."""
    grant(story.dana, Permission.DEPLOYMENTS_MANAGE_CHANGE_REQUESTS, scope="tenant", tenant=story.fabrikam)
    client = Client()
    client.force_login(story.dana)
    page = unescape(client.get(reverse("deployments:change-request-place")).content.decode())
    assert "a preference suspends the permission" in page
    assert "do not include this one" not in page


def test_its_button_files_the_request_filled_in(story):
    address = asking(refused(story.grace, "computers:computer-edit", story.dc01.pk))
    client = Client()
    client.force_login(story.grace)
    form = client.get(address).context["form"]
    assert (form["permission"].value(), form["about"].value()) == (EDIT.value, f"computer:{story.dc01.pk}")
    assert form.subject == story.dc01


@pytest.mark.parametrize(
    ("bound", "says"),
    [
        ({"expires_at": -1}, "Give the role again, with a later end."),
        ({"starts_at": 1}, "Wait until the assignment starts."),
    ],
)
def test_it_says_where_time_alone_is_missing(story, bound, says):
    moments = {name: timezone.now() + timedelta(hours=hours) for name, hours in bound.items()}
    grant(story.grace, EDIT, scope="own_tenant", **moments)
    page = refused(story.grace, "computers:computer-edit", story.dc01.pk)
    assert says in page
    assert "The smallest grant" not in page


def test_where_a_deny_decides_no_grant_would_do(story):
    deny(story.grace, EDIT, scope="own_tenant")
    page = refused(story.grace, "computers:computer-edit", story.dc01.pk)
    assert "Giving another role changes nothing while the deny lives." in page
    assert "The smallest grant" not in page


def test_what_is_for_msps_alone_is_not_promised_to_others(story):
    page = refused(story.grace, "tenancy:tenant-edit", story.fabrikam.pk)
    assert "Only somebody whose home tenant is an MSP can use this." in page
    assert "The smallest grant" not in page


def test_a_tenant_that_the_reader_may_not_know_is_not_named(story):
    """Who sees a script sees it with its owner's name nowhere."""
    reader = factories.UserFactory(tenant=story.contoso)
    grant(reader, Permission.ROLES_VIEW, scope="own_tenant")
    role = factories.RoleFactory(permissions=[Permission.SCRIPTS_VIEW])
    factories.RoleAssignmentFactory(user=reader, role=role, scope="tenant", tenant=story.adventure)
    script = factories.ScriptFactory(name="Clean", tenant=story.adventure)
    page = refused(reader, "computers:script-edit", script.pk)
    main = page[page.index("<main") : page.index("What came closest")] if "What came closest" in page else page
    assert "of its owner”" in main
    assert story.adventure.name not in main


def test_who_sees_no_roles_is_told_what_one_would_have_to_hold(story):
    reader = factories.UserFactory(tenant=story.fabrikam)
    role = factories.RoleFactory(permissions=[Permission.COMPUTERS_VIEW, Permission.TENANTS_VIEW])
    factories.RoleAssignmentFactory(user=reader, role=role, scope="own_tenant")
    page = refused(reader, "computers:computer-edit", story.dc01.pk)
    assert f"a role that holds {EDIT.label} on DC01" in page


def test_a_menu_that_is_closed_leads_to_a_request_as_well(story):
    client = Client()
    client.force_login(story.grace)
    answer = client.get(reverse("rbac:audit-list"))
    assert answer.status_code == 403
    page = unescape(answer.content.decode())
    assert "of your own tenant”" in page
    assert asking(page).endswith(f"?permission={Permission.AUDIT_VIEW.value}")


def test_there_is_no_button_while_nobody_can_ask(story):
    factories.SwitchFactory(key=SwitchKey.ACCESS_REQUESTS, enabled=False)
    assert asking(refused(story.grace, "computers:computer-edit", story.dc01.pk)) == ""


def test_an_editor_that_may_not_give_leads_to_a_request(story):
    client = Client()
    client.force_login(story.rosa)
    chosen = {"effect": "allow", "scope": "own_tenant", "computer_scope": "all", "starts": "now", "ends": "never"}
    said = {**chosen, "role": Role.objects.get(key="tenant_administrator").pk}
    address = reverse("rbac:assignment-create", args=[story.grace.pk])
    page = client.get(address, said, headers={"HX-Request": "true"}).content.decode()
    assert "You may not give this" in page
    assert asking(page) == reverse("accounts:access-request-create")


def test_who_asks_why_they_cannot_may_ask_for_it(story):
    client = Client()
    client.force_login(story.grace)
    said = {"permission": EDIT.value, "on": f"computer:{story.dc01.pk}"}
    page = unescape(client.get(reverse("rbac:explain"), said).content.decode())
    assert asking(page).endswith(f"?permission={EDIT.value}&about=computer:{story.dc01.pk}")
