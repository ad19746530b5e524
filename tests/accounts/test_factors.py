"""One's own second factor: set up, used at the sign-in, removed; and what stands in for it."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from accounts.factors import factors_of, has_factor
from accounts.models import User
from accounts.passwords import change_password
from rbac.audit import Actor
from rbac.models import AuditEntry
from tests.accounts.signing_in import CODE_URL, code, is_in, sign_in, signed_in, signed_in_with_app, type_code
from tests.factories import PASSWORD, UserFactory
from tests.factors import APP_KEY, AppFactory

pytestmark = pytest.mark.django_db
ADD, REMOVE, RENEW = "/profile/security/app/add/", "/profile/security/app/remove/", "/profile/security/codes/renew/"
SECURITY = "/profile/security/"
SHOWN = re.compile(r'id="app-key">([A-Z2-7 ]+)<')


@pytest.fixture(autouse=True)
def count_anew():
    cache.clear()


@pytest.fixture
def dana():
    return UserFactory(email="dana@contoso.example", name="Dana Whitfield")


@pytest.fixture
def guarded(dana):
    """Dana, with an authenticator app."""
    AppFactory(user=dana)
    return dana


def later(monkeypatch, seconds):
    now = time.time() + seconds
    monkeypatch.setattr("allauth.account.internal.flows.reauthentication.time.time", lambda: now)


def key_of(client):
    return SHOWN.search(client.get(ADD).content.decode()).group(1).replace(" ", "")


def set_up(client):
    """Add an app as its page says; the answer to the code."""
    key = key_of(client)
    return key, client.post(ADD, {"code": code(key)})


def codes_in(answer):
    return re.findall(r"<li>(\d{8})\s", answer.content.decode())


# Setting up


def test_an_app_is_added_by_a_code_of_it_and_asked_for_from_then_on(dana):
    client = signed_in(dana)
    _, answer = set_up(client)
    assert (answer.status_code, len(codes_in(answer))) == (200, 10)
    assert has_factor(dana.pk)
    assert sign_in(Client(), dana.email)["Location"] == CODE_URL


def test_the_codes_are_in_that_answer_alone(dana):
    client = signed_in(dana)
    _, answer = set_up(client)
    assert "no-store" in answer["Cache-Control"]
    said = client.get(SECURITY).content.decode()
    assert "10 of 10 left" in said
    assert not any(each in said for each in codes_in(answer))
    assert client.get(ADD)["Location"] == SECURITY


def test_the_key_is_drawn_without_styles_or_scripts(dana):
    page = signed_in(dana).get(ADD).content.decode()
    (drawing,) = re.findall(r'<svg class="qr".*?</svg>', page, re.DOTALL)
    assert "style" not in drawing
    assert 'aria-label="QR code for your authenticator app"' in drawing


def test_a_wrong_code_comes_back_marked_with_the_same_key(dana):
    client = signed_in(dana)
    key = key_of(client)
    answer = client.post(ADD, {"code": "000000"})
    said = answer.content.decode()
    assert answer.status_code == 422
    assert SHOWN.search(said).group(1).replace(" ", "") == key
    assert "This code does not work." in said
    assert not has_factor(dana.pk)


def test_of_two_windows_the_second_finds_what_the_first_has_done(dana, monkeypatch):
    client = signed_in(dana)
    key = key_of(client)
    monkeypatch.setattr("accounts.views.factors.factors_of", lambda user: factors_of(UserFactory()))
    AppFactory(user=dana)
    assert client.post(ADD, {"code": code(key)})["Location"] == SECURITY
    assert Authenticator.objects.filter(user=dana).count() == 1


def test_nothing_is_kept_as_it_is_shown(dana):
    key, answer = set_up(signed_in(dana))
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    told = str(list(AuditEntry.objects.values()))
    for secret in (key, *codes_in(answer)):
        assert secret not in kept
        assert secret not in told


def test_another_key_of_the_site_opens_nothing_and_breaks_nothing(guarded, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "quite another key of fifty characters and more, really"
    assert is_in(signed_in_with_app(guarded))
    cache.clear()
    settings.SECRET_KEY_FALLBACKS = []
    assert type_code(signed_in(guarded), code()).status_code == 422


# Signing in


def test_a_password_alone_is_half_of_the_way(guarded):
    client = signed_in(guarded)
    assert not is_in(client)
    assert "Enter your code" in client.get(CODE_URL).content.decode()
    assert type_code(client, code())["Location"] == "/"
    assert is_in(client)


def test_the_way_goes_on_to_the_page_that_was_asked_for(guarded, client):
    sign_in(client, guarded.email, next="/profile/access/")
    assert type_code(client, code())["Location"] == "/profile/access/"


def test_a_code_works_once(guarded):
    used = code()
    type_code(signed_in(guarded), used)
    again = signed_in(guarded)
    assert type_code(again, used).status_code == 422
    assert not is_in(again)


@pytest.mark.parametrize("wrong", ["000000", "", "abc", "1" * 33])
def test_what_is_no_code_lets_nobody_in(guarded, wrong):
    client = signed_in(guarded)
    assert type_code(client, wrong).status_code == 422
    assert not is_in(client)


def test_a_code_of_the_past_lets_nobody_in(guarded):
    assert type_code(signed_in(guarded), code(periods_ago=2)).status_code == 422


def test_the_code_page_is_for_who_has_shown_a_password(client):
    assert client.get(CODE_URL)["Location"] == "/sign-in/"
    assert type_code(client, code())["Location"] == "/sign-in/"


def test_who_stands_at_the_code_can_begin_again(guarded, client):
    sign_in(client, guarded.email)
    assert client.get("/sign-in/").status_code == 200
    other = UserFactory()
    sign_in(client, other.email)
    assert is_in(client)


def test_five_wrong_codes_and_the_account_rests(guarded):
    client = signed_in(guarded)
    assert [type_code(client, "000000").status_code for _ in range(6)] == [422] * 5 + [429]
    assert type_code(client, code()).status_code == 429
    assert not is_in(client)


def expire(user):
    User.objects.filter(pk=user.pk).update(access_expires_at="2020-01-01T00:00:00Z")


def deactivate(user):
    User.objects.filter(pk=user.pk).update(is_active=False)


def close_tenant(user):
    type(user.tenant).objects.filter(pk=user.tenant_id).update(is_active=False)


def set_password(user):
    change_password(actor=Actor(user), user=user, password="another good sentence", keep="")


@pytest.mark.parametrize("meanwhile", [expire, deactivate, close_tenant, set_password])
def test_who_may_not_come_in_any_more_stops_at_the_code(guarded, meanwhile):
    client = signed_in(guarded)
    meanwhile(guarded)
    assert type_code(client, code())["Location"] == "/sign-in/"
    said = client.get("/sign-in/").content.decode()
    assert ("changed meanwhile" if meanwhile is set_password else "cannot sign in now") in said
    assert not is_in(client)


def test_a_recovery_code_stands_in_once(dana):
    _, answer = set_up(signed_in(dana))
    first = codes_in(answer)[0]
    client = signed_in(dana)
    assert type_code(client, first).status_code == 302
    assert is_in(client)
    assert type_code(signed_in(dana), first).status_code == 422
    assert factors_of(dana).codes_left == 9


# Changing it takes a proof


@pytest.mark.parametrize("page", [ADD, REMOVE, RENEW])
def test_who_proved_nothing_lately_is_asked_first_and_comes_back(dana, monkeypatch, page):
    client = signed_in(dana)
    later(monkeypatch, 301)
    asked = client.get(page)
    assert asked["Location"] == f"/prove/?next={page.replace('/', '%2F')}"
    assert client.get(asked["Location"]).status_code == 200
    assert client.post(page, {"code": "1"})["Location"] == asked["Location"]
    assert client.post("/prove/", {"password": "wrong", "next": page}).status_code == 422
    monkeypatch.undo()
    assert client.post("/prove/", {"password": PASSWORD, "next": page})["Location"] == page


def test_a_fragment_is_sent_to_the_proof_as_a_page(dana, monkeypatch):
    client = signed_in(dana)
    later(monkeypatch, 301)
    answer = client.get(REMOVE, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith("/prove/?next=")


def test_the_proof_leads_to_own_paths_alone(dana):
    client = signed_in(dana)
    assert client.post("/prove/", {"password": PASSWORD, "next": "//evil.example/"})["Location"] == "/"


def test_a_code_proves_it_too(guarded):
    client = signed_in_with_app(guarded)
    cache.clear()  # the code was used at the sign-in
    assert client.post("/prove/code/", {"code": "000000"}).status_code == 422
    assert client.post("/prove/code/", {"code": code(), "next": REMOVE})["Location"] == REMOVE


def test_who_has_no_factor_is_not_asked_for_its_code(dana):
    assert signed_in(dana).get("/prove/code/")["Location"].startswith("/prove/")


def test_a_failed_proof_is_told(dana):
    client = signed_in(dana)
    client.post("/prove/", {"password": "wrong"})
    client.post("/prove/", {"password": ""})
    (entry,) = AuditEntry.objects.filter(action="session.refused")
    assert (entry.actor, entry.target_id, entry.after) == (dana, dana.pk, {"why": "Wrong password, asked again"})


# Removing


def test_an_app_is_removed_with_its_codes(dana):
    client = signed_in(dana)
    set_up(client)
    assert client.get(REMOVE).status_code == 200
    assert has_factor(dana.pk)
    assert client.post(REMOVE)["Location"] == SECURITY
    assert not Authenticator.objects.filter(user=dana).exists()
    assert client.post(REMOVE)["Location"] == SECURITY
    assert is_in(signed_in(dana))


def test_new_codes_end_the_earlier_ones(dana):
    client = signed_in(dana)
    _, answer = set_up(client)
    renewed = codes_in(client.post(RENEW))
    assert len(set(renewed) - set(codes_in(answer))) == 10
    assert type_code(signed_in(dana), codes_in(answer)[0]).status_code == 422
    assert type_code(signed_in(dana), renewed[0]).status_code == 302


def test_without_a_factor_there_are_no_codes(dana):
    assert signed_in(dana).post(RENEW)["Location"] == SECURITY
    assert factors_of(dana).codes_left is None


def test_somebody_elses_stays_as_it_is(dana):
    neighbour = AppFactory(user=UserFactory()).user
    client = signed_in(dana)
    set_up(client)
    client.post(REMOVE)
    assert has_factor(neighbour.pk)


# What is told


def test_each_change_and_each_way_in_is_told(dana):
    client = signed_in(dana)
    set_up(client)
    client.post(RENEW)
    client.post(REMOVE)
    told = {entry.action: entry for entry in AuditEntry.objects.all()}
    assert set(told) == {"session.started", "factor.added", "factor.codes_renewed", "factor.removed"}
    assert {(entry.actor, entry.target_id, entry.tenant_id) for entry in told.values()} == {
        (dana, dana.pk, dana.tenant_id)
    }


def test_the_entry_of_a_sign_in_says_how(guarded):
    signed_in_with_app(guarded)
    started = AuditEntry.objects.get(action="session.started")
    assert started.after == {"by": ["Password", "Authenticator app"]}
    type_code(signed_in(guarded), "000000")
    refused = AuditEntry.objects.get(action="session.refused")
    assert (refused.actor, refused.target_id, refused.after) == (None, guarded.pk, {"why": "Wrong code"})
    assert APP_KEY not in str(vars(started))
