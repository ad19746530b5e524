"""The quick sign-in of tests leaves what Django's own leaves, and statements stay prepared beyond a rollback."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import signed_in
from tests.factories import UserFactory
from tests.restore import undone

pytestmark = pytest.mark.django_db

PAGE = reverse("accounts:profile-detail")


def left(client: Client) -> tuple[dict, dict]:
    """What is in its session, and its cookie; but for the key, and to the second."""
    session, cookie = client.session, client.cookies["sessionid"]
    assert Session.objects.filter(pk=cookie.value).count() == 1
    return dict(session.items()) | {"until": session.get_expiry_age() // 60}, dict(cookie)


def by(force_login, user: User) -> tuple[dict, dict]:
    client = Client()
    force_login(client, user)
    found = left(client)
    assert client.get(PAGE).status_code == 200
    return found


def test_it_leaves_what_djangos_own_leaves(django_assert_num_queries):
    user = UserFactory()
    assert by(signed_in.force_login, user) == by(signed_in.djangos_own, user)
    with django_assert_num_queries(1):
        Client().force_login(user)


def test_who_was_here_a_moment_ago_is_not_noted_again(client):
    user = UserFactory()
    signed_in.visit_again(client, user)
    assert client.get(PAGE).status_code == 200
    user.refresh_from_db()
    assert user.last_seen_at is None
    assert not UserSession.objects.exists()


def test_who_is_another_has_another_session():
    one, other = UserFactory.create_batch(2)
    client = Client()
    client.force_login(one)
    earlier = client.session.session_key
    client.force_login(other)
    assert not Session.objects.filter(pk=earlier).exists()
    assert client.get(PAGE).wsgi_request.user == other


def test_statements_stay_prepared_after_a_rollback():
    user = UserFactory()
    for _ in range(3):
        with undone():
            by(signed_in.force_login, user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE generic_plans > 1")
        assert cursor.fetchone()[0] > 0
