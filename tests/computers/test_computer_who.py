"""Who can do what on a computer: for whom the page is, whom it names, what it explains."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from rbac.permissions import Permission
from tests.factories import GroupFactory, GroupMembershipFactory, RoleAssignmentFactory, RoleFactory, UserFactory
from tests.grants import deny, end, grant

VIEWS = ("computer-who", "computer-who-people")


def address(view: str, computer, *more) -> str:
    return reverse(f"computers:{view}", args=[computer.pk, *more])


def page(client, view: str, computer, *more, **query) -> str:
    answer = client.get(address(view, computer, *more), query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def cell(shown: str, name: str, verb: str) -> str:
    found = re.search(rf'verdict-cell (\w+)"[^>]*aria-label="{name} can {verb} DC01', shown)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize("view", VIEWS)
def test_the_page_takes_explain_access_on_the_tenant(client, story, view):
    client.force_login(story.dana)
    assert client.get(address(view, story.dc01)).status_code == 403
    given = grant(story.dana, Permission.GOVERNANCE_EXPLAIN_ACCESS, scope="tenant", tenant=story.fabrikam)
    assert client.get(address(view, story.dc01)).status_code == 200
    assert client.get(address(view, story.press)).status_code == 403
    assert client.get(address(view, story.bikes)).status_code == 404
    end(given)
    assert client.get(address(view, story.dc01)).status_code == 403


@pytest.mark.parametrize("view", VIEWS)
def test_a_customer_reads_of_their_people_and_their_provider_and_of_nobody_else(client, story, view):
    grant(story.olivia, Permission.COMPUTERS_MANAGE, scope="tenant", tenant=story.fabrikam)
    client.force_login(story.rosa)
    shown = page(client, view, story.dc01)
    assert all(name in shown for name in ("Grace Kim", "Rosa Delgado", "Dana Whitfield", "Marcus Oyelaran"))
    assert "Olivia" not in shown
    assert "Litware" not in shown
    assert cell(shown, "The operator of this system", "edit") == "allow"
    assert cell(shown, "The operator of this system", "move") == "none"
    assert client.get(address("computer-why", story.dc01, story.olivia.pk, "computers:manage")).status_code == 404
    client.force_login(story.marcus)
    assert "Olivia Novak" in page(client, view, story.dc01)


def test_every_state_has_its_cell(client, story):
    soon = timezone.now() + timedelta(days=3)
    grant(story.grace, Permission.COMPUTERS_DELETE, scope="own_tenant", expires_at=soon)
    deny(story.dana, Permission.COMPUTERS_MANAGE, scope="tenant", tenant=story.fabrikam)
    client.force_login(story.marcus)
    shown = page(client, "computer-who-people", story.dc01)
    assert cell(shown, "Grace Kim", "see") == "allow"
    assert cell(shown, "Grace Kim", "delete") == "soon"
    assert cell(shown, "Grace Kim", "move") == "none"
    assert cell(shown, "Dana Whitfield", "edit") == "deny"
    assert "with a deny" in shown


def test_groups_stand_for_their_members_who_are_listed_by_person(client, story):
    desk, sven = GroupFactory(name="Service Desk", tenant=story.contoso), UserFactory(name="Sven", tenant=story.contoso)
    GroupMembershipFactory(group=desk, user=sven)
    role = RoleFactory(name="Field Technician", permissions=[Permission.TENANTS_VIEW, Permission.COMPUTERS_VIEW])
    RoleAssignmentFactory(group=desk, role=role, scope="msp", tenant=story.contoso, reason="On call")
    client.force_login(story.marcus)
    grouped, by_person = (page(client, view, story.dc01) for view in VIEWS)
    assert "1 person, Field Technician" in grouped
    assert "Sven" not in grouped
    assert "in Service Desk" in by_person
    assert "Yes, Service Desk can see DC01" in page(client, "computer-why-group", story.dc01, desk.pk, "computers:view")
    why = page(client, "computer-why-group", story.dc01, desk.pk, "computers:delete")
    assert "No, Service Desk cannot delete DC01" in why
    assert "No assignment of this group speaks of it here." in why


def test_a_search_finds_people_and_groups(client, story):
    client.force_login(story.marcus)
    shown = page(client, "computer-who-people", story.dc01, q="dana")
    assert "Dana Whitfield" in shown
    assert "Rosa" not in shown
    assert "Nobody matches" in page(client, "computer-who", story.dc01, q="zzz")


def test_an_explanation_names_what_decides_and_what_came_near(client, story):
    taken = deny(story.dana, Permission.COMPUTERS_MANAGE, scope="tenant", tenant=story.fabrikam, reason="CHG-4471")
    client.force_login(story.marcus)
    why = page(client, "computer-why", story.dc01, story.dana.pk, "computers:manage")
    assert "No, Dana Whitfield cannot edit DC01" in why
    assert "wins over 1 allow" in why
    assert "CHG-4471" in why
    end(taken)
    assert "Yes, Dana Whitfield can edit DC01" in page(
        client, "computer-why", story.dc01, story.dana.pk, "computers:manage"
    )
    grant(story.grace, Permission.COMPUTERS_DELETE, scope="tenant", tenant=story.northwind)
    why = page(client, "computer-why", story.dc01, story.grace.pk, "computers:delete")
    assert "but its tenants do not include this one." in why
    assert "stops here" in why


def test_what_lies_outside_the_readers_view_is_one_line(client, story):
    client.force_login(story.rosa)
    why = page(client, "computer-why", story.dc01, story.marcus.pk, "computers:manage")
    assert "Yes, Marcus Oyelaran can edit DC01" in why
    assert "Further access outside your view" in why
    assert "MSP Administrator" not in why


@pytest.mark.parametrize("permission", ["tenants:manage", "users:manage", "nothing"])
def test_only_what_can_be_done_here_is_explained(client, story, permission):
    client.force_login(story.marcus)
    assert client.get(address("computer-why", story.dc01, story.dana.pk, permission)).status_code == 404
