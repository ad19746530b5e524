"""Counts and gathered rows find what the plain scope does, whichever way they take to it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Group, User
from computers.models import Computer
from immyrbac.counting import counted
from rbac.access import access_for
from rbac.acting import Acting
from rbac.models import Role, RoleAssignment
from rbac.permissions import Permission
from rbac.role_use import of_whom_is_seen
from tenancy.models import Tag, Tenant, TenantTag
from tests.factories import ComputerFactory, ComputerTagFactory, GroupFactory
from tests.grants import deny, grant
from tests.people import give_group

READERS = ("marcus", "dana", "rosa", "grace", "hugo", "olivia")


@pytest.fixture
def wide(story):
    """Grace is let in by a tag, by an MSP and by a single type of computers, which overlap; less what a deny takes."""
    TenantTag.objects.create(tenant=story.northwind, tag=story.tier0)
    TenantTag.objects.create(tenant=story.adventure, tag=story.tier0)
    for n in range(4):
        both = ComputerFactory(name=f"BOTH-{n}", tenant=story.northwind, type="server")
        ComputerTagFactory(computer=both, tag=story.tier0)
    sees = (Permission.COMPUTERS_VIEW, Permission.USERS_VIEW, Permission.TENANTS_VIEW)
    grant(story.grace, *sees, scope="tag", tag=story.tier0)
    grant(story.grace, *sees, scope="tenant", tenant=story.northwind, computer_scope="type", computer_type="servers")
    grant(story.grace, *sees, scope="tenant", tenant=story.contoso, include_children=True)
    deny(story.grace, Permission.COMPUTERS_VIEW, scope="tenant", tenant=story.logistics)
    give_group(GroupFactory(name="Desk", tenant=story.northwind), "auditor", scope="own_tenant")
    return story


@pytest.mark.parametrize("reader", READERS)
def test_what_is_counted_is_what_is_there(wide, reader):
    access = access_for(getattr(wide, reader))
    for model in (User, Group, Computer, Tenant, Tag, Role, RoleAssignment):
        rows = access.seen(model)
        there = rows.count()
        assert counted(rows, there + 1) == there
        assert counted(rows, 1) == min(there, 1)
        assert counted(rows.exclude(pk__in=access.seen(model).values("pk")), 9) == 0


def test_what_two_ways_find_is_counted_once(wide):
    rows = access_for(wide.grace).seen(Computer).filter(name__startswith="BOTH")
    assert counted(rows, 9) == 4
    assert counted(rows, 3) == 3


def test_a_choice_that_is_no_choice_is_left_alone(wide):
    rows = Tenant.objects.filter(pk__in=Tenant.objects.none()) | Tenant.objects.filter(name="Northwind")
    assert counted(rows, 9) == 1
    assert counted(Tenant.objects.none(), 9) == 0


@pytest.mark.parametrize("reader", READERS)
def test_assignments_that_are_gathered_are_those_that_are_seen(wide, reader):
    access = access_for(getattr(wide, reader))
    assert set(of_whom_is_seen(access)) == set(access.seen(RoleAssignment))


@pytest.mark.parametrize("standing", [Acting, lambda one, other: one.within(other)])
@pytest.mark.parametrize("other", ["rosa", "hugo", "olivia"])
def test_of_two_at_once_those_are_gathered_that_both_see(wide, other, standing):
    """Each pair of the same person asks for its own: neither has grants by which it could be told from another."""
    for them in ("dana", other):
        both = standing(access_for(wide.marcus), access_for(getattr(wide, them)))
        assert set(of_whom_is_seen(both)) == set(both.seen(RoleAssignment))


def test_nothing_is_gathered_for_who_sees_nobody(wide):
    deny(wide.dana, Permission.USERS_VIEW, scope="owner")
    assert not of_whom_is_seen(access_for(wide.dana)).exists()


def test_a_choice_with_one_thing_left_in_it_is_looked_up(wide):
    rows = Tenant.objects.filter(pk__in=()) | Tenant.objects.filter(
        pk__in=Tenant.objects.filter(is_msp=True).values("pk")
    )
    with CaptureQueriesContext(connection) as asked:
        assert counted(rows, 9) == 2
    assert "UNION" not in asked[0]["sql"]
    assert "ANY" in asked[0]["sql"]
