"""What rows name comes with them in one query a model, however many they are."""

import pytest

from accounts.models import User
from immyrbac.attaching import attach, of_keys
from rbac.models import RoleAssignment
from tenancy.models import Tenant
from tests.factories import GroupFactory, RoleAssignmentFactory, RoleFactory, TenantFactory, UserFactory

pytestmark = pytest.mark.django_db


def bare() -> list[RoleAssignment]:
    return list(RoleAssignment.objects.order_by("pk"))


def test_several_names_of_one_model_are_one_query(django_assert_num_queries):
    made = [RoleAssignmentFactory(user=UserFactory(), granted_by=UserFactory()) for _ in range(3)]
    rows = bare()
    with django_assert_num_queries(2):
        people = attach(rows, "user", "granted_by", "ended_by")
        attach([*rows, *people], "tenant")
    assert {each.pk for each in people} == {pk for row in made for pk in (row.user_id, row.granted_by_id)}
    with django_assert_num_queries(0):
        for row, expected in zip(rows, made, strict=True):
            assert (row.user, row.granted_by, row.ended_by) == (expected.user, expected.granted_by, None)
            assert row.user.tenant == expected.user.tenant


def test_what_names_nothing_asks_nothing(django_assert_num_queries):
    RoleAssignmentFactory(user=None, group=GroupFactory())
    rows = bare()
    with django_assert_num_queries(0):
        assert attach(rows, "user") == []
        assert attach([], "user") == []
        assert of_keys(User, []) == []
        assert rows[0].user is None


def test_it_is_read_anew_each_time():
    tenant, other = TenantFactory(), TenantFactory()
    assert of_keys(Tenant, [tenant.pk]) == [tenant]
    Tenant.objects.filter(pk=tenant.pk).update(name="Elsewhere")
    assert {each.name for each in of_keys(Tenant, [tenant.pk, other.pk])} == {"Elsewhere", other.name}
    assert of_keys(Tenant, [0]) == []


def test_what_one_has_already_is_not_asked_for_again(django_assert_num_queries):
    given = RoleAssignmentFactory()
    for _ in range(2):
        RoleAssignmentFactory(user=given.user, role=RoleFactory())
    rows = bare()
    with django_assert_num_queries(1):
        (person,) = attach(rows[:1], "user")
    with django_assert_num_queries(0):
        assert attach(rows, "user") == [person]
        assert [row.user for row in rows] == [given.user] * 3
    attach(rows[:1], "role")
    with django_assert_num_queries(1):
        assert {role.pk for role in attach(rows, "role")} == {row.role_id for row in rows}
    with django_assert_num_queries(0):
        assert [row.role.pk for row in rows] == [row.role_id for row in rows]
