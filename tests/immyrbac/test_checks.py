"""The demo's public passwords never serve in production."""

import pytest
from django.db import DatabaseError

from accounts.models import User
from immyrbac import checks
from tenancy.models import Tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo_user():
    tenant = Tenant.objects.create(name="Northwind", slug="northwind")
    user = User(email="ada@northwind.example", name="Ada", tenant=tenant)
    user.set_password("public")
    user.save()
    return user


def found():
    return [message.id for message in checks.no_demo_user_in_production()]


def test_a_demo_user_is_an_error_only_where_debug_is_off(demo_user, settings):
    assert found() == ["immyrbac.E001"]
    settings.DEBUG = True
    assert found() == []


def test_one_who_cannot_sign_in_is_none(demo_user):
    User.objects.update(is_active=False)
    assert found() == []
    demo_user.is_active = True
    demo_user.set_unusable_password()
    demo_user.save()
    assert found() == []


def test_real_users_are_none(demo_user):
    User.objects.update(email="ada@northwind.test")
    assert found() == []


def test_a_database_that_cannot_be_asked_is_a_warning(monkeypatch):
    def refuse():
        raise DatabaseError("nobody there")

    monkeypatch.setattr(checks.connection.introspection, "table_names", refuse)
    assert found() == ["immyrbac.W001"]


def test_an_empty_database_is_fine(monkeypatch):
    monkeypatch.setattr(checks.connection.introspection, "table_names", list)
    assert found() == []
