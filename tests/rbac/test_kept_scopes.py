"""How to ask for somebody's rows is kept for whoever holds the same (docs/decisions/kept-questions.md)."""

import pytest
from django.utils import timezone

from rbac.access import access_for
from tenancy.models import Tenant
from tests.factories import RoleAssignmentFactory, RoleFactory, TenantFactory, UserFactory

pytestmark = pytest.mark.django_db
VIEW = "tenants:view"


@pytest.fixture
def role():
    return RoleFactory(permissions=[VIEW])


def scope_of(user, at=None):
    return set(access_for(user, at).scope(Tenant, VIEW))


def test_the_rows_are_asked_anew(role):
    user, top = UserFactory(), TenantFactory()
    RoleAssignmentFactory(user=user, role=role, scope="tenant", tenant=top, include_children=True)
    assert scope_of(user) == {top}
    below = TenantFactory(parent=top)
    assert scope_of(user) == {top, below}


def test_what_changed_is_asked_for_at_once(role):
    user, first, second = UserFactory(), TenantFactory(), TenantFactory()
    row = RoleAssignmentFactory(user=user, role=role, scope="tenant", tenant=first)
    assert scope_of(user) == {first}
    RoleAssignmentFactory(user=user, role=role, scope="tenant", tenant=second)
    assert scope_of(user) == {first, second}
    row.ended_at, row.end_reason = timezone.now(), "over"
    row.save()
    assert scope_of(user) == {second}
    role.permissions = []
    role.save()
    assert scope_of(user) == set()


def test_two_who_hold_alike_in_different_places_ask_for_their_own(role):
    one, other = UserFactory(), UserFactory()
    for user in (one, other):
        RoleAssignmentFactory(user=user, role=role, scope="own_tenant")
    assert scope_of(one) == {one.tenant}
    assert scope_of(other) == {other.tenant}


def test_whoever_narrows_what_they_got_narrows_it_for_nobody_else(role):
    user = UserFactory()
    RoleAssignmentFactory(user=user, role=role, scope="own_tenant")
    assert not access_for(user).scope(Tenant, VIEW).filter(pk=0)
    assert access_for(user).scope(Tenant, VIEW).get() == user.tenant
    assert scope_of(user, timezone.now()) == {user.tenant}
