"""Statements answer anew each time, and the database keeps those that are planned once."""

import pytest
from django.db import connection
from django.db.models import Value
from django.test.utils import CaptureQueriesContext

from immyrbac.arrays import any_of
from immyrbac.statements import FEW, Statement, found_by_each
from tenancy.models import Tenant
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db


def kept() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%tenancy_tenant%slug%'")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("planned_once", [False, True])
def test_it_answers_anew_for_each_value(planned_once):
    named = Tenant.objects.filter(any_of("pk", [-1])).order_by().values_list("slug", "pk")
    statement, before = Statement(named, planned_once=planned_once), kept()
    tenants = [TenantFactory(slug=f"place-{n}") for n in range(4)]
    for _ in range(3):
        for tenant in tenants:
            with CaptureQueriesContext(connection) as asked:
                assert statement.rows({-1: [tenant.pk]}) == [(tenant.slug, tenant.pk)]
            assert len(asked) == 1
    Tenant.objects.filter(pk=tenants[0].pk).update(slug="elsewhere")
    assert statement.rows({-1: [tenants[0].pk]}) == [("elsewhere", tenants[0].pk)]
    assert statement.rows({-1: [tenants[1].pk, tenants[0].pk]}) != []
    assert (kept() > before) is planned_once


def test_objects_come_with_what_was_selected(django_assert_num_queries):
    tenant = TenantFactory(parent=TenantFactory(slug="above"))
    rows = Tenant.objects.filter(slug="its slug").select_related("parent").annotate(said=Value("here")).order_by()
    statement = Statement(rows, planned_once=True)
    for slug, expected in ((tenant.slug, [tenant]), ("nowhere", [])):
        with django_assert_num_queries(1):
            found = statement.objects({"its slug": slug})
            assert found == expected
            assert [(each.parent.slug, each.said) for each in found] == [("above", "here")] * len(expected)


def test_a_long_list_is_planned_for_itself():
    named = Tenant.objects.filter(any_of("pk", [-1])).order_by().values_list("slug", "created_at")
    statement, before = Statement(named, planned_once=True), kept()
    for _ in range(4):
        statement.rows({-1: [*range(FEW + 1)]})
    assert kept() == before


def test_it_is_kept_once_whatever_numbers_it_is_asked_with():
    named = Tenant.objects.filter(any_of("pk", [-1]) | any_of("parent_id", [-2])).order_by()
    statement, before = Statement(named.values_list("slug", "is_active"), planned_once=True), kept()
    for number in (1, 40_000, 3_000_000_000):
        for parents in ([], [number]):
            for _ in range(3):
                statement.rows({-1: [number], -2: parents})
    assert kept() == before + 1


def test_several_find_in_one_query(django_assert_num_queries):
    tenants = [TenantFactory() for _ in range(3)]
    slug, name = (
        Statement(Tenant.objects.filter(any_of("pk", [-1])).order_by().values_list("pk", column))
        for column in ("slug", "name")
    )
    with django_assert_num_queries(1):
        found = found_by_each([(slug, {-1: [tenants[0].pk]}), (name, {-1: [tenants[1].pk]}), (slug, {-1: [0]})])
    assert sorted(found) == sorted([(tenants[0].pk, tenants[0].slug), (tenants[1].pk, tenants[1].name)])
    with django_assert_num_queries(0):
        assert found_by_each([]) == []


def test_what_is_no_place_is_written_as_it_is():
    """Percent signs, quotes and backslashes are what a statement's own words must not be taken for."""
    odd = "100 %s of 'it' \\ %(x)s %"
    tenant, _ = TenantFactory(name=odd), TenantFactory(name="100")
    rows = Tenant.objects.filter(any_of("pk", [-1]), name=odd, slug__contains="%").order_by().values_list("pk")
    statement = Statement(rows, planned_once=True)
    assert [statement.rows({-1: [tenant.pk]}) for _ in range(3)] == [[], [], []]
    statement = Statement(rows.model.objects.filter(any_of("pk", [-1]), name=odd).values_list("pk"), planned_once=True)
    assert [statement.rows({-1: [tenant.pk, 0]}) for _ in range(3)] == [[(tenant.pk,)]] * 3


@pytest.mark.parametrize("values", [{}, {-1: [0]}, {-1: [0], -2: [0], -3: [0]}])
def test_its_places_are_the_same_each_time(values):
    """A place that nothing is said of would be a constant: what a deny is looked up by, perhaps."""
    rows = Tenant.objects.filter(any_of("pk", [-1]) | any_of("parent", [-2])).order_by().values_list("pk")
    statement, tenant = Statement(rows, planned_once=True), TenantFactory()
    assert statement.rows({-1: [tenant.pk], -2: [0]}) == [(tenant.pk,)]
    with pytest.raises(ValueError, match="each time"):
        statement.rows(values)
