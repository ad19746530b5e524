"""Attempts are counted in the cache that all processes share: for each address, and for each account."""

import pytest
from django.core.cache import cache
from django.core.cache.backends.db import DatabaseCache
from django.test import Client

from accounts import adapters
from rbac.models import AuditEntry
from tests.accounts.signing_in import is_in, sign_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
AN_ACCOUNT, AN_ADDRESS = 5, 10


@pytest.fixture(autouse=True)
def count_anew():
    cache.clear()


def fail(email, times, **more):
    """From as many addresses; returns the last answer."""
    return [sign_in(Client(), email, "wrong", address=f"198.51.100.{n}", **more) for n in range(times)][-1]


def test_the_count_is_in_the_database():
    assert isinstance(cache._connections[cache._alias], DatabaseCache)


def test_an_account_rests_after_five_failures_wherever_they_came_from(client):
    dana = UserFactory()
    assert fail(dana.email, AN_ACCOUNT).status_code == 422
    answer = sign_in(client, dana.email)
    assert answer.status_code == 429
    assert adapters.TOO_MANY in answer.content.decode()
    assert not is_in(client)
    neighbour = UserFactory()
    sign_in(client, neighbour.email)
    assert is_in(client)


def test_an_account_that_does_not_exist_rests_as_well():
    assert fail("nobody@contoso.example", AN_ACCOUNT).status_code == 422
    assert fail("nobody@contoso.example", 1).status_code == 429


def test_neither_case_nor_the_host_header_begins_a_new_count(settings):
    dana = UserFactory(email="dana@contoso.example")
    for n in range(AN_ACCOUNT):
        sign_in(Client(), "DANA@contoso.example"[: n + 1] + dana.email[n + 1 :], "x", host=f"testserver:{8000 + n}")
    assert sign_in(Client(), dana.email, host="testserver:9999").status_code == 429


def test_an_address_rests_after_ten_failures_whoever_was_meant(client):
    dana = UserFactory()
    for n in range(AN_ADDRESS):
        assert sign_in(Client(), f"guess{n}@contoso.example", "wrong").status_code == 422
    assert sign_in(client, dana.email).status_code == 429
    sign_in(client, dana.email, address="192.0.2.99")
    assert is_in(client)


def test_right_passwords_use_nothing_up():
    dana = UserFactory()
    for _ in range(AN_ADDRESS + 1):
        assert sign_in(Client(), dana.email).status_code == 302


def test_thirty_forms_a_minute_are_enough_for_one_address(client):
    answers = [sign_in(client, "", "").status_code for _ in range(31)]
    assert answers == [422] * 30 + [429]


def test_what_is_not_tried_any_more_fills_no_audit_log():
    fail("nobody@contoso.example", AN_ACCOUNT + 3)
    assert AuditEntry.objects.filter(action="session.refused").count() == AN_ACCOUNT
