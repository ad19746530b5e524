"""The start page: to each what they hold (each number of it: test_start_of_demo)."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from rbac.models import RoleAssignment
from rbac.permissions import Permission
from tests.factories import ComputerFactory, RoleAssignmentFactory, RoleFactory, UserFactory
from tests.people import People, give

pytestmark = pytest.mark.django_db
NUMBER = re.compile(r'<a[^>]*href="(/(?:users|computers|scripts|audit)/[^"]*)"[^>]*>(more than )?([\d,]+)[^<]*</a>')


@pytest.fixture
def people(db) -> People:
    return People()


def page(user):
    client = Client()
    client.force_login(user)
    answer = client.get("/")
    assert answer.status_code == 200
    return client, re.sub(r"\s+", " ", answer.content.decode())


def text(user):
    main = page(user)[1].partition("<main")[2]
    return re.sub(r"<[^>]+>", "", main)


def test_a_deny_in_force_and_a_start_are_told(people):
    give(people.dana, "msp_user", scope="tenant", tenant=people.fabrikam)
    give(people.dana, "deployment_manager", scope="tenant", tenant=people.litware, starts_at="2046-12-01T00:00Z")
    role = RoleFactory(name="No terminal", deny_only=True, permissions=[Permission.COMPUTERS_MANAGE])
    RoleAssignmentFactory(user=people.dana, role=role, effect="deny", scope="tenant", tenant=people.fabrikam)
    shown = text(people.dana)
    assert "May not use anything in No terminal" in shown
    assert "Starts 1 Dec 2046" in shown


def test_a_role_appears_and_goes_at_the_next_click(people):
    ComputerFactory(name="LIT-01", tenant=people.litware)
    assert "You hold no role yet" in text(people.sam)
    given = give(people.sam, "tenant_user", scope="own_tenant")
    shown = text(people.sam)
    assert "Sam, you see 1 computer" in shown
    assert "LIT-01" in shown
    RoleAssignment.objects.filter(pk=given.pk).update(ended_at=timezone.now())
    assert "You hold no role yet" in text(people.sam)


def test_the_provider_is_named_to_the_customer_and_nobody_else_is(people):
    give(people.dana, "msp_user", scope="msp", tenant=people.contoso)
    stranger = UserFactory(name="Quentin Far", tenant=people.tailspin)
    give(stranger, "msp_user", scope="owner")
    shown = text(people.olivia)
    assert "Who at Contoso MSP can touch Litware" in shown
    assert "Dana Whitfield" in shown
    assert "Marcus Oyelaran" in shown
    assert "Quentin Far" not in shown
    assert "operator of this system" in shown


def test_whose_access_ends_is_the_administrators_first_line(people):
    assert "Marcus, nobody loses access within 7 days" in text(people.marcus)
    User.objects.filter(pk=people.sam.pk).update(access_expires_at=timezone.now() + timedelta(days=3))
    assert "Marcus, 1 person loses access within 7 days" in text(people.marcus)


def queries(user):
    client, _ = page(user)
    with CaptureQueriesContext(connection) as captured:
        client.get("/")
    return len(captured)


def test_every_number_of_a_technicians_computers_comes_from_one_walk(people):
    give(people.dana, "msp_user", scope="msp", tenant=people.contoso)
    for tenant in (people.fabrikam, people.litware):
        ComputerFactory(tenant=tenant)
    client, shown = page(people.dana)
    assert len([address for address, _, _ in NUMBER.findall(shown) if address.startswith("/computers/")]) > 4
    with CaptureQueriesContext(connection) as captured:
        client.get("/")
    asked = [each["sql"] or "" for each in captured]  # what is planned once is told without its text
    assert len([each for each in asked if "COUNT(" in each and "computers_computer" in each]) == 1


@pytest.mark.parametrize("name", ["marcus", "olivia", "dana"])
def test_more_of_everything_takes_no_more_queries(people, name):
    give(people.dana, "msp_user", scope="msp", tenant=people.contoso)
    user = getattr(people, name)
    ComputerFactory(tenant=people.fabrikam)
    ComputerFactory(tenant=people.litware)
    few = queries(user)
    for _ in range(4):
        ComputerFactory(tenant=people.litware)
        UserFactory(tenant=people.litware, access_expires_at=timezone.now() + timedelta(days=2))
        give(UserFactory(tenant=people.contoso), "msp_user", scope="msp", tenant=people.contoso)
    assert queries(user) == few
