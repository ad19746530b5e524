"""The way in and out: own paths only, a new session, and what the audit log says of it."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from rbac.audit_words import sentence_of
from rbac.models import AuditEntry
from rbac.sentences import plain
from tests.accounts.signing_in import URL, is_in, sign_in, signed_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def count_anew():
    cache.clear()


@pytest.fixture
def dana():
    return UserFactory(email="dana@contoso.example", name="Dana Whitfield")


def test_the_right_password_opens_a_session_and_the_next_page(client, dana):
    assert not is_in(client)
    answer = sign_in(client, dana.email, next="/profile/?tab=1")
    assert (answer.status_code, answer["Location"]) == (302, "/profile/?tab=1")
    assert is_in(client)


def test_who_is_in_already_goes_to_the_start_page(client, dana):
    client.force_login(dana)
    assert client.get(URL)["Location"] == "/"


def test_the_address_may_be_typed_in_any_case(client, dana):
    sign_in(client, " Dana@Contoso.EXAMPLE ")
    assert is_in(client)


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        r"/\evil.example/",
        "javascript:alert(1)",
        "profile/",
        "http://testserver/",
    ],
)
def test_it_leads_to_own_paths_only(client, dana, path):
    assert sign_in(client, dana.email, next=path)["Location"] == "/"


def test_the_session_and_the_csrf_secret_change_at_the_door(dana):
    client = Client(enforce_csrf_checks=True)
    client.get(URL)
    session = client.session
    session["mark"] = "planted"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    token = client.cookies["csrftoken"].value
    sign_in(client, dana.email, csrfmiddlewaretoken=token)
    assert is_in(client)
    assert client.session.session_key != planted
    assert client.cookies["csrftoken"].value != token
    client.cookies["sessionid"] = planted
    assert not is_in(client)


def test_a_form_of_another_site_signs_nobody_in(dana):
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, dana.email).status_code == 403
    assert not is_in(client)


def test_a_session_ends_with_the_browser_and_is_never_cached(client, dana):
    answer = sign_in(client, dana.email)
    assert answer.cookies["sessionid"]["max-age"] == ""
    assert answer.cookies["sessionid"]["httponly"]
    assert "no-store" in client.get(URL)["Cache-Control"] + Client().get(URL)["Cache-Control"]


def test_there_is_no_way_in_but_this_one(client):
    for path in ("/signup/", "/accounts/signup/", "/password/reset/", "/accounts/login/", "/confirm-email/"):
        assert client.get(path).status_code == 404


def test_signing_out_takes_a_post(client, dana):
    client.force_login(dana)
    assert client.get("/sign-out/").status_code == 405
    assert is_in(client)
    assert client.post("/sign-out/")["Location"] == URL
    assert not is_in(client)


def test_signing_out_ends_this_session_alone(dana):
    here, there = signed_in(dana), signed_in(dana)
    here.post("/sign-out/")
    assert not is_in(here)
    assert is_in(there)


def test_the_audit_log_tells_who_came_and_went(client, dana):
    sign_in(client, dana.email, address="192.0.2.7")
    client.post("/sign-out/")
    ended, started = AuditEntry.objects.all()[:2]
    for entry, action in ((started, "session.started"), (ended, "session.ended")):
        assert (entry.action, entry.actor, entry.target_id, entry.tenant_id) == (action, dana, dana.pk, dana.tenant_id)
        assert entry.request_id
    assert started.address == "192.0.2.7"


def test_a_refusal_is_told_without_what_was_typed(client, dana):
    sign_in(client, dana.email, "my other password")
    sign_in(client, "hunter2@nowhere.example", "hunter2")
    unknown, wrong = AuditEntry.objects.all()[:2]
    assert (wrong.action, wrong.actor, wrong.target_id) == ("session.refused", None, dana.pk)
    assert (wrong.tenant_id, wrong.after["why"]) == (dana.tenant_id, "Wrong password")
    assert plain(sentence_of(wrong)) == "Failed sign-in of Dana Whitfield: Wrong password"
    assert plain(sentence_of(unknown)) == "Failed sign-in of an unknown account: No such account"
    assert (unknown.action, unknown.target_id, unknown.tenant_id) == ("session.refused", None, None)
    said = str([list(AuditEntry.objects.filter(pk__in=(unknown.pk, wrong.pk)).values())])
    assert "hunter2" not in said
    assert "my other password" not in said


def test_a_sign_in_is_remembered_on_the_user(client, dana):
    assert User.objects.get(pk=dana.pk).last_login is None
    sign_in(client, dana.email)
    is_in(client)
    now = User.objects.get(pk=dana.pk)
    assert now.last_login
    assert now.last_seen_at
