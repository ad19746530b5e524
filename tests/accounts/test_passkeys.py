"""What is no passkey lets nobody in and changes nothing; tests/browser/test_journey_passkey.py uses real ones."""

import json
from base64 import urlsafe_b64encode

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.core.cache import cache

from accounts.factors import has_factor
from rbac.models import AuditEntry
from tests.accounts.signing_in import is_in, signed_in
from tests.factories import UserFactory
from tests.factors import KeyFactory

pytestmark = pytest.mark.django_db
SIGN_IN, ADD = "/sign-in/passkey/", "/profile/security/passkeys/add/"


@pytest.fixture(autouse=True)
def count_anew():
    cache.clear()


def text(value: str) -> str:
    return urlsafe_b64encode(value.encode()).decode().rstrip("=")


def answer_of(handle: str | None) -> str:
    """As a browser answers, of a key that nobody has."""
    signed = {"clientDataJSON": text("{}"), "authenticatorData": text("x" * 37), "signature": text("x")}
    return json.dumps(
        {"id": text("k"), "rawId": text("k"), "type": "public-key", "response": {**signed, "userHandle": handle}}
    )


MALFORMED = ["", "{", "null", "[]", "1", '"words"', "{}", '{"response": {}}', '{"response": null}', '{"id": 1}']
MALFORMED += map(answer_of, [None, "\x00", "****", text("zzzzzzzzzzzz"), text("-1")])


@pytest.mark.parametrize("credential", MALFORMED)
def test_what_is_no_answer_of_a_key_is_refused_and_is_no_fault(client, credential):
    client.post(SIGN_IN)
    answer = client.post(SIGN_IN, {"credential": credential})
    assert answer.status_code == 422
    assert "does not sign anybody in here" in answer.content.decode()
    assert not is_in(client)


def test_the_name_of_an_account_is_not_enough(client):
    dana = UserFactory()
    client.post(SIGN_IN)
    known = client.post(SIGN_IN, {"credential": answer_of(text(user_pk_to_url_str(dana)))})
    client.post(SIGN_IN)
    unknown = client.post(SIGN_IN, {"credential": answer_of(text("1y2p0ij32e8e7"))})
    assert known.status_code == unknown.status_code == 422
    assert not is_in(client)
    entry = AuditEntry.objects.filter(action="session.refused").first()
    assert (entry.target_id, entry.after) == (None, {"why": "Passkey not known"})


def test_each_challenge_is_new_and_kept_by_nobody_else(client):
    first, second = client.post(SIGN_IN), client.post(SIGN_IN)
    assert "no-store" in first["Cache-Control"]
    assert first.json()["publicKey"]["challenge"] != second.json()["publicKey"]["challenge"]
    assert first.json()["publicKey"]["userVerification"] == "required"


def test_one_address_tries_thirty_times_a_minute(client):
    assert [client.post(SIGN_IN).status_code for _ in range(31)] == [200] * 30 + [429]


@pytest.mark.parametrize("credential", MALFORMED)
def test_what_no_device_made_is_not_added(credential):
    dana = UserFactory()
    client = signed_in(dana)
    client.get(ADD)
    assert client.post(ADD, {"name": "Laptop", "credential": credential}).status_code == 422
    assert not has_factor(dana.pk)


def test_what_is_wrong_with_the_name_stands_beside_it():
    client = signed_in(UserFactory())
    client.get(ADD)
    answer = client.post(ADD, {"name": "x" * 61, "credential": "{}"})
    assert answer.status_code == 422
    assert b"at most 60" in answer.content


@pytest.mark.parametrize("act", ["edit", "remove"])
def test_the_key_of_somebody_else_is_not_there(act):
    client, theirs = signed_in(UserFactory()), KeyFactory()
    address = f"/profile/security/passkeys/{theirs.pk}/{act}/"
    assert client.get(address).status_code == 404
    assert client.post(address, {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.get().data["name"] == "Laptop"


def test_a_key_is_named_and_removed_after_a_proof(client):
    dana = UserFactory()
    own = KeyFactory(user=dana)
    client.force_login(dana)
    for act in ("edit", "remove"):
        assert client.post(f"/profile/security/passkeys/{own.pk}/{act}/", {"name": "x"})["Location"].startswith(
            "/prove/"
        )
    assert Authenticator.objects.get().data["name"] == "Laptop"


def test_recovery_codes_go_with_the_last_factor():
    dana = UserFactory()
    client = signed_in(dana)
    own = KeyFactory(user=dana)
    Authenticator.objects.create(user=dana, type="recovery_codes", data={"seed": "x", "used_mask": 0})
    assert client.post(f"/profile/security/passkeys/{own.pk}/remove/").status_code == 302
    assert not Authenticator.objects.filter(user=dana).exists()
