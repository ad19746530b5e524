"""A forgotten password: one answer for every address, a mail for whoever has one, and a link that works once."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.jobs import send_password_letter
from accounts.links import MAILED_LIFETIME, create_link, find_link, hash_token
from accounts.models import PasswordLink, User
from accounts.passwords import LETTER_JOB
from rbac.audit import SYSTEM, Actor
from rbac.models import AuditEntry
from rbac.notices import NOTICE_JOB
from tests.accounts.mailing import work
from tests.accounts.signing_in import is_in, sign_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PAGE, SITE = "/forgotten-password/", "https://immyrbac.test"
NEW = "seven tall ships at anchor"
LINK = re.compile(r"https?://[^/]+(/set-password/\S+/)")


@pytest.fixture(autouse=True)
def count_anew():
    cache.clear()


def unknown():
    return "nobody@contoso.example"


def inactive():
    return UserFactory(is_active=False).email


def expired():
    return UserFactory(access_expires_at=timezone.now() - timedelta(seconds=1)).email


def without_password():
    user = UserFactory()
    user.set_unusable_password()
    user.save()
    return user.email


NOBODY = [unknown, inactive, expired, without_password]


def ask(email):
    """The answer as far as whoever asks can tell it from others, and how often it asked the database."""
    client = Client()
    client.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(PAGE, {"email": email})
    told = client.get("/sign-in/").content.decode()
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", told)
    return answer.status_code, answer["Location"], body, len(queries)


def asked_for() -> list[int]:
    return [job.args["user"] for job in ProcrastinateJob.objects.filter(task_name=LETTER_JOB)]


@pytest.mark.parametrize("case", NOBODY)
def test_no_answer_tells_whether_there_is_an_account(case):
    dana = UserFactory()
    answer = ask(dana.email)
    assert answer[:2] == (302, "/sign-in/")
    assert "A link is on its way" in answer[2]
    assert ask(case()) == answer
    assert sorted(asked_for()) == [0, dana.pk]


@pytest.mark.parametrize("case", NOBODY)
def test_whoever_could_not_use_it_gets_no_mail(case):
    found = User.objects.filter(email=case()).values_list("pk", flat=True).first()
    send_password_letter(found or 0, SITE)
    assert (mail.outbox, PasswordLink.objects.count(), AuditEntry.objects.count()) == ([], 0, 0)


@pytest.mark.django_db(transaction=True)
def test_the_mailed_link_sets_a_password_once(client, inbox):
    dana = UserFactory(email="dana@contoso.example", name="Dana Whitfield")
    client.post(PAGE, {"email": " Dana@Contoso.example"})
    work()
    (letter,) = inbox.mails
    assert letter["To"] == dana.email
    (link,) = LINK.findall(letter.get_payload(decode=True).decode())
    assert client.get(link)["Location"] == "/set-password/"
    assert client.post("/set-password/", {"password": NEW, "again": NEW}).status_code == 302
    assert client.get(link).status_code == 410
    sign_in(client, dana.email, NEW)
    assert is_in(client)
    (left,) = ProcrastinateJob.objects.all()
    assert left.task_name == NOTICE_JOB


def test_it_works_for_an_hour_and_is_told_without_its_token():
    dana = UserFactory()
    send_password_letter(dana.pk, SITE)
    (path,) = LINK.findall(mail.outbox[0].body)
    link = PasswordLink.objects.get()
    assert link.expires_at - timezone.now() <= MAILED_LIFETIME
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.target_id) == ("user.password_link_mailed", None, dana.pk)
    token = path.split("/")[2]
    assert link.token_hash == hash_token(token)
    assert token not in str(vars(entry))
    PasswordLink.objects.update(created_at=timezone.now() - timedelta(hours=2), expires_at=timezone.now())
    assert Client().get(path).status_code == 410


def test_asking_again_ends_the_earlier_mail_and_no_link_of_an_administrator():
    dana, marcus = UserFactory(), UserFactory()
    first = hash_token(create_link(actor=SYSTEM, user=dana))
    given = hash_token(create_link(actor=Actor(marcus), user=UserFactory()))
    send_password_letter(dana.pk, SITE)
    assert find_link(token_hash=first) is None
    send_password_letter(PasswordLink.objects.get(token_hash=given).user_id, SITE)
    assert PasswordLink.objects.get(token_hash=given).used_at is None


def test_with_the_new_password_every_other_link_ends(client):
    dana = UserFactory()
    other = create_link(actor=Actor(UserFactory()), user=dana)
    send_password_letter(dana.pk, SITE)
    client.get(LINK.findall(mail.outbox[0].body)[0])
    client.post("/set-password/", {"password": NEW, "again": NEW})
    assert PasswordLink.objects.get(token_hash=hash_token(other)).used_at is not None


def test_one_address_is_asked_for_three_times_in_ten_minutes(client):
    answers = [client.post(PAGE, {"email": email}).status_code for email in ["a@b.example"] * 4 + ["c@d.example"]]
    assert answers == [302, 302, 302, 429, 302]


def test_what_is_no_address_comes_back_marked(client):
    answer = client.post(PAGE, {"email": "dana at contoso"})
    assert answer.status_code == 422
    assert b'value="dana at contoso"' in answer.content
    assert asked_for() == []
