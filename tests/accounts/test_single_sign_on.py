"""Signing in at a provider of single sign-on: a real one on loopback, and each way in which its word may not count."""

import base64
import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client

from accounts.models import User
from rbac.models import AuditEntry
from tests.accounts import oidc_provider
from tests.accounts.oidc_provider import CLIENT, Provider, providing
from tests.accounts.signing_in import code, is_in, sign_in, signed_in, type_code
from tests.accounts.single_sign_on import known, linked, set_out, sign_in_there, way_back
from tests.factories import IdentityFactory, TenantFactory, UserFactory
from tests.factors import AppFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def count_anew():
    cache.clear()


@pytest.fixture
def provider():
    with providing() as there:
        yield there


@pytest.fixture
def dana(provider: Provider) -> User:
    return linked(provider, UserFactory()).user


@pytest.fixture
def row(dana: User):
    return dana.identities.get().provider


def why() -> str:
    """Why the last sign-in was refused, as the log has it."""
    return AuditEntry.objects.filter(action="session.refused").latest("pk").after["why"]


def changed(address: str, **said: str | None) -> str:
    """The address with some of its query changed, or left out."""
    parts = urlsplit(address)
    query = {name: value for name, value in {**dict(parse_qsl(parts.query)), **said}.items() if value is not None}
    return f"{parts.path}?{urlencode(query)}"


# The way in


def test_whoever_is_linked_is_signed_in(client, provider, dana, row):
    answer = sign_in_there(client, row, next="/profile/access/")
    assert (answer.status_code, answer["Location"]) == (302, "/profile/access/")
    assert is_in(client)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.target_id, entry.after) == ("session.started", dana.pk, {"by": ["Single sign-on"]})


def test_what_we_ask_is_bound_to_this_attempt(client, provider, row):
    first, second = (dict(parse_qsl(urlsplit(set_out(client, row)).query)) for _ in range(2))
    assert first["response_type"] == "code"
    assert (first["client_id"], first["scope"], first["code_challenge_method"]) == (CLIENT, "openid email", "S256")
    assert first["redirect_uri"] == f"http://testserver/sign-in/single/{row.key}/back/"
    kept = client.session["single_sign_on"]["trip"]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(kept["verifier"].encode()).digest()).decode().rstrip("=")
    assert second["code_challenge"] == challenge
    assert all(len(first[name]) >= 43 and first[name] != second[name] for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_it_leads_on_within_this_site_alone(client, provider, row, back):
    assert sign_in_there(client, row, next=back)["Location"] == "/"


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(client, provider, row):
    provider.faults["discovery"] = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    sign_in_there(client, row)
    assert is_in(client)


def test_the_page_begins_nothing_by_itself(client, provider, row):
    page = client.get(f"/sign-in/single/{row.key}/")
    assert f"Continue with {row.name}" in page.content.decode()
    assert "single_sign_on" not in client.session
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/sign-in/single/{row.key}/").status_code == 403


def test_an_address_that_nobody_was_given_is_not_there(client, provider, row):
    row.is_active = False
    row.save()
    gone, never = client.get(f"/sign-in/single/{row.key}/"), client.get("/sign-in/single/never/")
    assert gone.status_code == never.status_code == 404
    assert gone.content == never.content


# What the ID token has to be

WRONG_TOKENS = {
    "signed by another": ({"sign": oidc_provider.by_a_strange_key}, {}, "InvalidSignatureError"),
    "signed by nobody": ({"sign": oidc_provider.by_nobody}, {}, "InvalidAlgorithmError"),
    "HS256 with the public key": ({"sign": oidc_provider.by_the_public_key}, {}, "InvalidAlgorithmError"),
    "HS256 with our secret": ({"sign": oidc_provider.by_our_secret}, {}, "InvalidAlgorithmError"),
    "of another issuer": ({}, {"iss": "https://other.example"}, "InvalidIssuerError"),
    "of no issuer": ({}, {"iss": None}, "MissingRequiredClaimError"),
    "for another client": ({}, {"aud": "somebody else"}, "InvalidAudienceError"),
    "for nobody": ({}, {"aud": None}, "MissingRequiredClaimError"),
    "given to another client": ({}, {"azp": "somebody else"}, "another client"),
    "for several, given to nobody": ({}, {"aud": [CLIENT, "somebody else"]}, "another client"),
    "expired": ({}, {"exp": int(time.time()) - 120}, "ExpiredSignatureError"),
    "without an end": ({}, {"exp": None}, "MissingRequiredClaimError"),
    "of tomorrow": ({}, {"iat": int(time.time()) + 86400}, "ImmatureSignatureError"),
    "of no time": ({}, {"iat": None}, "MissingRequiredClaimError"),
    "of another attempt": ({}, {"nonce": "x" * 43}, "another attempt"),
    "of no attempt": ({}, {"nonce": None}, "another attempt"),
    "about nobody": ({}, {"sub": None}, "MissingRequiredClaimError"),
    "about an empty name": ({}, {"sub": ""}, "names nobody"),
    "about a name with a line": ({}, {"sub": "subject-1\n"}, "names nobody"),
    "about a list": ({}, {"sub": ["subject-1"]}, "InvalidSubjectError"),
    "about too long a name": ({}, {"sub": "x" * 256}, "names nobody"),
    "no token": ({"sign": lambda claims: None}, {}, "no ID token"),
    "no token at all": ({"sign": lambda claims: "x.y"}, {}, "DecodeError"),
    "with a key for other things": ({"key": {"use": "enc"}}, {}, "InvalidKeyError"),
    "with a key of another name": ({"key": {"kid": "two"}}, {}, "InvalidKeyError"),
    "with a key of another algorithm": ({"key": {"alg": "RS512"}}, {}, "InvalidKeyError"),
    "with a secret among the keys": ({"key": {"kty": "oct", "k": "c2VjcmV0"}}, {}, "InvalidKeyError"),
}


@pytest.mark.parametrize(("faults", "said", "reason"), WRONG_TOKENS.values(), ids=WRONG_TOKENS)
def test_a_token_that_does_not_hold_signs_nobody_in(provider, row, faults, said, reason):
    provider.faults.update(faults)
    provider.said.update(said)
    client = Client()
    answer = sign_in_there(client, row)
    assert answer.status_code == 403
    assert not is_in(client)
    assert reason in why()


def test_what_else_the_provider_says_counts_for_nothing(client, provider, dana, row):
    """Neither the e-mail nor anything beside the token: the subject alone, of this issuer."""
    provider.person = ("somebody else", dana.email)
    answer = sign_in_there(client, row)
    assert answer.status_code == 403
    assert "No account here is linked" in answer.content.decode()
    assert dana.email not in answer.content.decode()
    assert why() == f"Single sign-on at {row}: Not linked"
    assert not is_in(client)


# What the answer has to fit


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"state": "another"}, "no attempt"),
        ({"state": None}, "no attempt"),
        ({"code": None}, "refused"),
        ({"code": "made up"}, "it answered 400"),
        ({"error": "access_denied"}, "refused"),
        ({"iss": "https://other.example"}, "another provider"),
    ],
    ids=["another state", "no state", "no code", "a made-up code", "an error", "another issuer"],
)
def test_an_answer_that_does_not_fit_signs_nobody_in(client, provider, row, said, reason):
    assert client.get(changed(way_back(client, row), **said)).status_code == 403
    assert reason in why()
    assert not is_in(client)


def test_an_answer_serves_once(client, provider, row):
    back = way_back(client, row)
    assert client.get(back).status_code == 302
    client.post("/sign-out/")
    assert client.get(back).status_code == 403
    assert not is_in(client)


def test_an_answer_serves_the_browser_that_set_out(client, provider, row):
    back, other = way_back(client, row), Client()
    assert other.get(back).status_code == 403
    way_back(other, row)
    assert other.get(back).status_code == 403
    assert not is_in(other)


def test_an_answer_serves_the_provider_that_was_asked(client, provider, row):
    """A provider that is mixed up with another gets none of its codes, and lends it no word."""
    with providing() as second:
        evil = known(second, row.tenant, name="Evil")
        back = way_back(client, row).replace(row.key, evil.key)
        assert client.get(back).status_code == 403
        assert "another provider" in why()
        assert second.codes == {}


def test_an_attempt_is_over_after_ten_minutes(client, provider, row, monkeypatch):
    back = way_back(client, row)
    later = time.time() + 601
    monkeypatch.setattr("accounts.single_sign_on.time.time", lambda: later)
    assert client.get(back).status_code == 403
    assert "too long" in why()


def test_a_later_attempt_ends_the_earlier(client, provider, row):
    earlier, later = way_back(client, row), way_back(client, row)
    assert client.get(earlier).status_code == 403
    assert client.get(later).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_counts(provider):
    """Two servers read the session before either has written it."""
    row, client = linked(provider, UserFactory()).provider, Client()
    back, cookie = way_back(client, row), client.cookies["sessionid"].value

    def come_back(_number: int) -> int:
        browser = Client()
        browser.cookies["sessionid"] = cookie
        try:
            return browser.get(back).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        first, second = sorted(pool.map(come_back, range(2)))
    assert first == 302
    assert second in (400, 403)  # 400: its session ended with the sign-in of the first


# What the provider has to be

WRONG_PROVIDERS = {
    "names another issuer": ({"discovery": {"issuer": "https://other.example"}}, "another issuer"),
    "a token endpoint inside": ({"discovery": {"token_endpoint": "http://10.0.0.1/"}}, "not a public address"),
    "keys at the cloud's own service": (
        {"discovery": {"jwks_uri": "https://169.254.169.254/"}},
        "not a public address",
    ),
    "a token endpoint of another kind": ({"discovery": {"token_endpoint": "file:///etc/passwd"}}, "malformed address"),
    "an authorization endpoint that is a script": (
        {"discovery": {"authorization_endpoint": "javascript:alert(1)"}},
        "malformed address",
    ),
    "no keys": ({"discovery": {"jwks_uri": None}}, "malformed address"),
    "an answer that leads elsewhere": (
        {"at discovery": {"status": 302, "headers": {"Location": "http://127.0.0.1/"}}},
        "it answered 302",
    ),
    "keys that lead elsewhere": (
        {"at keys": {"status": 307, "headers": {"Location": "http://127.0.0.1/"}}},
        "it answered 307",
    ),
    "a huge answer": ({"at keys": {"raw": b"[" * 300_000}}, "huge"),
    "a deep answer": ({"at keys": {"raw": b'{"keys":' + b"[" * 100_000}}, "no JSON"),
    "a list": ({"at token": {"raw": b"[]"}}, "no JSON object"),
    "words": ({"at discovery": {"raw": b"hello"}}, "no JSON"),
    "a fault": ({"at token": {"status": 500}}, "it answered 500"),
}


@pytest.mark.parametrize(("faults", "reason"), WRONG_PROVIDERS.values(), ids=WRONG_PROVIDERS)
def test_a_provider_that_answers_wrongly_signs_nobody_in(client, provider, row, faults, reason):
    provider.faults.update(faults)
    answer = client.post(f"/sign-in/single/{row.key}/")
    if answer.status_code == 200:
        answer = sign_in_there(client, row)
    assert answer.status_code == 403
    assert reason in why()
    assert not is_in(client)


def test_a_secret_that_cannot_be_opened_signs_nobody_in(client, provider, row, settings):
    settings.SECRET_KEY = "another key that never sealed anything at all"
    assert client.post(f"/sign-in/single/{row.key}/").status_code == 403


# The end of every road


def test_a_second_factor_is_asked_for_as_after_a_password(client, provider, dana, row):
    AppFactory(user=dana)
    assert sign_in_there(client, row)["Location"] == "/sign-in/code/"
    assert not is_in(client)
    type_code(client, code())
    assert is_in(client)
    assert AuditEntry.objects.latest("pk").after == {"by": ["Single sign-on", "Authenticator app"]}


def turn_off(identity):
    type(identity.provider).objects.filter(pk=identity.provider_id).update(is_active=False)


def unlink(identity):
    identity.delete()


def readdress(identity):
    User.objects.filter(pk=identity.user_id).update(email="dana@elsewhere.example")


def move(identity):
    User.objects.filter(pk=identity.user_id).update(tenant=TenantFactory())


GONE = [turn_off, unlink, readdress, move]


@pytest.mark.parametrize("end", GONE)
def test_the_second_step_is_over_when_the_first_counts_no_more(client, provider, dana, row, end):
    AppFactory(user=dana)
    sign_in_there(client, row)
    end(dana.identities.select_related("provider").get())
    answer = type_code(client, code())
    assert answer["Location"] == "/sign-in/"
    assert not is_in(client)
    assert "changed meanwhile" in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize("end", GONE)
def test_a_session_is_out_at_the_next_request_when_its_way_in_is_gone(client, provider, dana, row, end):
    by_password = signed_in(dana)
    sign_in_there(client, row)
    assert is_in(client)
    end(dana.identities.select_related("provider").get())
    assert not is_in(client)
    assert is_in(by_password)


@pytest.mark.parametrize("end", GONE)
def test_what_counts_no_more_signs_nobody_in(client, provider, dana, row, end):
    back = way_back(client, row)
    end(dana.identities.select_related("provider").get())
    assert client.get(back).status_code == 403
    assert not is_in(client)


def test_whoever_may_not_act_is_refused_as_by_password(client, provider, dana, row):
    User.objects.filter(pk=dana.pk).update(is_active=False)
    assert sign_in_there(client, row)["Location"] == "/sign-in/"
    assert not is_in(client)
    assert why() == "Account not active"


def test_what_was_begun_by_single_sign_on_and_left_binds_no_password(client, provider, dana, row):
    AppFactory(user=dana)
    sign_in_there(client, row)
    sign_in(client, dana.email)
    unlink(dana.identities.get())
    type_code(client, code())
    assert is_in(client)


def test_a_provider_of_a_tenant_above_signs_in_and_one_beside_does_not(client, provider, dana, row):
    below = UserFactory(tenant=TenantFactory(parent=row.tenant))
    IdentityFactory(user=below, provider=row, subject="below")
    provider.person = ("below", "")
    assert sign_in_there(client, row).status_code == 302
    beside = UserFactory(tenant=TenantFactory())
    IdentityFactory(user=beside, provider=row, subject="beside")
    provider.person = ("beside", "")
    assert sign_in_there(Client(), row).status_code == 403


# Limits


def test_one_address_goes_and_comes_thirty_times_a_minute(client, provider, row):
    answers = [client.get(f"/sign-in/single/{row.key}/back/").status_code for _ in range(31)]
    assert answers == [403] * 30 + [429]


def test_who_is_signed_in_has_nothing_to_do_there(client, provider, dana, row):
    client.force_login(dana)
    assert client.get(f"/sign-in/single/{row.key}/")["Location"] == "/"
