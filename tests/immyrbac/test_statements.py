"""Statements answer anew each time, and the database keeps those that are planned once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from immyrbac.arrays import any_of
from immyrbac.statements import Statement
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
