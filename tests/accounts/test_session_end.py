"""A session dies with the account: at the next request, whichever process answers it (safety 1)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.accounts.signing_in import is_in, signed_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def expire(user):
    type(user).objects.filter(pk=user.pk).update(access_expires_at=timezone.now() - timedelta(seconds=1))


def deactivate(user):
    type(user).objects.filter(pk=user.pk).update(is_active=False)


def deactivate_tenant(user):
    type(user.tenant).objects.filter(pk=user.tenant_id).update(is_active=False)


def remove(user):
    type(user).objects.filter(pk=user.pk).update(is_active=False, removed_at=timezone.now())


def change_password(user):
    user.set_password("quite another passphrase")
    user.save()


@pytest.mark.parametrize("end", [expire, deactivate, deactivate_tenant, remove, change_password])
def test_the_next_request_is_out(end):
    dana, neighbour = UserFactory(), UserFactory()
    theirs, other = signed_in(dana), signed_in(neighbour)
    assert is_in(theirs)
    end(dana)
    answer = theirs.get("/profile/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/profile/")
    assert is_in(other)


def test_a_fragment_sends_the_whole_page_to_the_sign_in(client):
    dana = UserFactory()
    client.force_login(dana)
    deactivate(dana)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/profile/"}
    answer = client.get("/", headers=headers)
    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/sign-in/?next=/profile/")
    assert b"Dana" not in answer.content


def test_a_form_that_comes_too_late_leads_back_to_the_start(client):
    assert client.post("/sign-out/")["Location"] == "/sign-in/?next=/"
