"""Where I am signed in, and ending it from somewhere else."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.sessions import browser_of, open_sessions
from rbac.models import AuditEntry
from tests.accounts.signing_in import is_in, sign_in, signed_in

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0"


@pytest.fixture(autouse=True)
def count_anew():
    cache.clear()


def browser(user, agent, address="192.0.2.1"):
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    sign_in(client, user.email, address=address)
    return client


def pk_of(user, client):
    return open_sessions(user).get(session_key=client.session.session_key).pk


def test_each_session_is_told_by_browser_and_address(people):
    here = browser(people.dana, FIREFOX)
    browser(people.dana, SAFARI, "198.51.100.9")
    page = here.get("/profile/security/").content.decode()
    assert page.index("Firefox on Windows") < page.index("Safari on iPhone")
    assert "198.51.100.9" in page
    assert "This browser" in page


@pytest.mark.parametrize(
    ("agent", "words"),
    [(FIREFOX, "Firefox on Windows"), (SAFARI, "Safari on iPhone"), (EDGE, "Edge on Windows"), ("", "Unknown browser")],
)
def test_a_browser_in_words(people, agent, words):
    browser(people.dana, agent)
    assert browser_of(open_sessions(people.dana).get()) == words


def test_one_session_is_ended_from_another(people):
    here, there, third = (signed_in(people.dana) for _ in range(3))
    answer = here.post(f"/profile/sessions/{pk_of(people.dana, there)}/end/")
    assert answer["Location"] == "/profile/security/"
    assert not is_in(there)
    assert is_in(here)
    assert is_in(third)
    entry = AuditEntry.objects.get(action="session.ended")
    assert (entry.actor, entry.target_id, entry.after["address"]) == (people.dana, people.dana.pk, "192.0.2.1")


def test_all_others_are_ended_at_once(people):
    here, *others = (signed_in(people.dana) for _ in range(3))
    neighbour = signed_in(people.sam)
    here.post("/profile/sessions/end-others/")
    assert is_in(here)
    assert is_in(neighbour)
    assert not any(is_in(each) for each in others)
    assert AuditEntry.objects.get(action="session.ended").after == {"sessions": 2}


def test_the_session_of_somebody_else_is_not_there(people):
    here, theirs = signed_in(people.dana), signed_in(people.sam)
    assert here.post(f"/profile/sessions/{pk_of(people.sam, theirs)}/end/").status_code == 404
    assert is_in(theirs)


def test_ending_the_own_one_is_signing_out(people):
    here = signed_in(people.dana)
    assert here.post(f"/profile/sessions/{pk_of(people.dana, here)}/end/")["Location"] == "/sign-in/"
    assert not is_in(here)


def test_a_get_ends_nothing(people):
    here, there = signed_in(people.dana), signed_in(people.dana)
    assert here.get(f"/profile/sessions/{pk_of(people.dana, there)}/end/").status_code == 405
    assert here.get("/profile/sessions/end-others/").status_code == 405
    assert is_in(there)


def test_a_fragment_answers_with_the_list_and_a_toast(people):
    here, there = signed_in(people.dana), signed_in(people.dana)
    answer = here.post(f"/profile/sessions/{pk_of(people.dana, there)}/end/", headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert page.count("<html") == 0
    assert "was signed out." in page
    assert "End all others" not in page


def test_a_session_is_noted_when_it_is_used_not_at_every_click(people):
    here = signed_in(people.dana)
    before = open_sessions(people.dana).get().last_seen_at
    is_in(here)
    is_in(here)
    noted = open_sessions(people.dana).get().last_seen_at
    assert noted > before
    is_in(here)
    assert open_sessions(people.dana).get().last_seen_at == noted
