"""Who can touch a tenant: its people and its provider by name, everybody else as the operator (design 3)."""

import re

import pytest
from django.urls import reverse

from rbac.permissions import Permission
from tests.factories import UserFactory
from tests.grants import end, grant
from tests.story import tell

pytestmark = pytest.mark.django_db
VIEWS = ("tenant-who", "tenant-who-people")


@pytest.fixture
def story():
    return tell()


def address(view: str, tenant, *more) -> str:
    return reverse(f"tenancy:{view}", args=[tenant.pk, *more])


def page(client, view: str, tenant, *more) -> str:
    answer = client.get(address(view, tenant, *more))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def cell(shown: str, name: str, deed: str) -> str:
    return re.search(rf'verdict-cell (\w+)"[^>]*aria-label="{name} can {deed}', shown).group(1)


@pytest.mark.parametrize("view", VIEWS)
def test_the_tenants_own_administrator_reads_of_their_people_and_their_provider(client, story, view):
    grant(story.olivia, Permission.COMPUTERS_MANAGE, scope="tenant", tenant=story.fabrikam)
    client.force_login(story.rosa)
    shown = page(client, view, story.fabrikam)
    assert all(name in shown for name in ("Grace Kim", "Rosa Delgado", "Dana Whitfield", "Marcus Oyelaran"))
    assert "Olivia" not in shown
    assert "Litware" not in shown
    assert cell(shown, "The operator of this system", "manage computers in Fabrikam") == "allow"
    assert cell(shown, "The operator of this system", "manage Fabrikam") == "none"
    assert client.get(address("tenant-why", story.fabrikam, story.olivia.pk, "computers:manage")).status_code == 404
    assert client.get(address(view, story.northwind)).status_code == 404
    client.force_login(story.marcus)
    assert "Olivia Novak" in page(client, view, story.fabrikam)


@pytest.mark.parametrize("view", VIEWS)
def test_it_takes_explain_access_there(client, story, view):
    client.force_login(story.dana)
    assert client.get(address(view, story.fabrikam)).status_code == 403
    assert "tenant-who" not in client.get(address("tenant-detail", story.fabrikam)).content.decode()
    given = grant(story.dana, Permission.GOVERNANCE_EXPLAIN_ACCESS, scope="tenant", tenant=story.fabrikam)
    assert client.get(address(view, story.fabrikam)).status_code == 200
    assert client.get(address(view, story.northwind)).status_code == 403
    end(given)
    assert client.get(address(view, story.fabrikam)).status_code == 403


def test_some_of_its_computers_are_no_reason_to_leave_somebody_out(client, story):
    tess = UserFactory(name="Tess", tenant=story.contoso)
    servers = {"computer_scope": "type", "computer_type": "servers"}
    grant(tess, Permission.COMPUTERS_MANAGE, scope="tenant", tenant=story.fabrikam, **servers)
    client.force_login(story.rosa)
    shown = page(client, "tenant-who-people", story.fabrikam)
    assert cell(shown, "Tess", "manage computers in Fabrikam") == "part"
    assert cell(shown, "Tess", "manage Fabrikam") == "none"
    client.force_login(story.marcus)
    why = page(client, "tenant-why", story.fabrikam, tess.pk, "computers:manage")
    assert "Yes on some computers in Fabrikam, no on others" in why
    assert "No, Tess cannot manage computers in Fabrikam" in why
    assert "stops here" in why


def test_a_cell_is_explained(client, story):
    client.force_login(story.marcus)
    why = page(client, "tenant-why", story.fabrikam, story.rosa.pk, "users:manage")
    assert "Yes, Rosa Delgado can manage users in Fabrikam" in why
    assert address("tenant-who", story.fabrikam) in why
    for wrong in ("preferences:manage_system", "nothing"):
        assert client.get(address("tenant-why", story.fabrikam, story.rosa.pk, wrong)).status_code == 404
