"""Whoever may not come in gets one answer, for the same work (safety 21): nobody learns who has an account."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import adapters
from tests.accounts.signing_in import URL, is_in, sign_in
from tests.factories import PASSWORD, TenantFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def count_anew():
    cache.clear()


def unknown():
    return "nobody@contoso.example", PASSWORD


def wrong_password():
    return UserFactory().email, "not the password"


def inactive():
    return UserFactory(is_active=False).email, PASSWORD


def expired():
    return UserFactory(access_expires_at=timezone.now() - timedelta(seconds=1)).email, PASSWORD


def tenant_inactive():
    return UserFactory(tenant=TenantFactory(is_active=False)).email, PASSWORD


def removed():
    return UserFactory(is_active=False, removed_at=timezone.now()).email, PASSWORD


def without_password():
    user = UserFactory()
    user.set_unusable_password()
    user.save()
    return user.email, PASSWORD


REFUSED = [unknown, wrong_password, inactive, expired, tenant_inactive, removed, without_password]


def refusal(email, password):
    """Return the answer as far as the asker can tell it from others, and the queries that it took."""
    client = Client()
    client.get(URL)
    with CaptureQueriesContext(connection) as queries:
        answer = sign_in(client, email, password)
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode()).replace(email, "EMAIL")
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("X-Request-ID", "Expires", "Content-Length")
    }
    return answer.status_code, headers, body, len(queries)


@pytest.mark.parametrize("case", REFUSED)
def test_every_refusal_is_the_same_answer_for_as_many_queries(case):
    status, headers, body, queries = refusal("someone@contoso.example", PASSWORD)
    assert status == 422
    assert adapters.MISMATCH in body
    assert refusal(*case()) == (status, headers, body, queries)


@pytest.mark.parametrize("case", REFUSED)
def test_every_refusal_hashes_one_password(case, monkeypatch):
    email, password = case()
    encode, hashed = MD5PasswordHasher.encode, []
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashed.append(args) or encode(*args))
    sign_in(Client(), email, password)
    assert len(hashed) == 1


@pytest.mark.parametrize("case", REFUSED)
def test_whoever_is_refused_stays_out(client, case):
    sign_in(client, *case())
    assert "sessionid" not in client.cookies
    assert not is_in(client)
