"""Whoever owns an account is mailed when the way into it changes, by a real worker and a real mail server."""

import re

import pytest
from django.core.cache import cache
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import factor_changes
from accounts.jobs import send_notice
from accounts.links import create_link
from accounts.services import remove_user, reset_factors
from rbac.audit import SYSTEM, Actor
from rbac.delegation import Refused
from rbac.models import AuditEntry
from rbac.naming import OPERATOR
from rbac.permissions import Permission
from tests.accounts.mailing import work
from tests.accounts.signing_in import code, sign_in, signed_in
from tests.factories import PASSWORD
from tests.factors import AppFactory, KeyFactory
from tests.grants import grant
from tests.story import Story, tell

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
SHOWN = re.compile(r'id="app-key">([A-Z2-7 ]+)<')
NEW = "seven tall ships at anchor"


@pytest.fixture
def story(db) -> Story:
    """Made for each test: what a module makes once would stand in the way of the test that commits."""
    return tell()


@pytest.fixture(autouse=True)
def count_anew():
    cache.clear()


def told() -> list[str]:
    """The actions that are mailed, in order."""
    jobs = ProcrastinateJob.objects.filter(task_name="accounts.mail_factor_notice").order_by("pk")
    return [AuditEntry.objects.get(pk=job.args["entry"]).action for job in jobs]


@pytest.mark.django_db(transaction=True)
def test_the_mail_says_what_when_whence_and_what_to_do(inbox):
    grace = tell().grace
    client = Client(HTTP_USER_AGENT=FIREFOX)
    sign_in(client, grace.email)
    said = {"current": PASSWORD, "password": NEW, "again": NEW}
    assert client.post("/profile/password/", said, REMOTE_ADDR="192.0.2.7").status_code == 302
    work()
    (mail,) = inbox.mails
    text = mail.get_payload(decode=True).decode()
    assert (mail["To"], mail["Subject"]) == (grace.email, "Your sign-in to immyrbac was changed")
    assert f"What: Set the password of {grace.name}" in text
    assert "Who: You, or somebody who is signed in as you" in text
    assert "From: 192.0.2.7, Firefox on Windows" in text
    assert re.search(r"When: \w{3} \d+ \w{3} \d{4}, \d\d:\d\d UTC", text)
    assert "Tell\nyour administrator" in text.replace("\r\n", "\n")
    assert "://" not in text


@pytest.mark.django_db
def test_of_somebody_else_it_says_the_name_that_may_be_read(story: Story, mailoutbox):
    """Olivia works at another provider than Marcus: she reads no name of him. Nobody reads his address."""
    for user, by, name in ((story.grace, story.rosa, story.rosa.name), (story.olivia, story.marcus, OPERATOR)):
        AppFactory(user=user)
        reset_factors(actor=Actor(by, address="192.0.2.9"), user=user, reason="Lost")
        send_notice(AuditEntry.objects.latest("pk").pk, "")
        assert f"Who: {name}" in mailoutbox[-1].body
        assert "192.0.2.9" not in mailoutbox[-1].body


@pytest.mark.django_db
def test_every_change_of_ones_own_is_mailed_once(story: Story, monkeypatch):
    client = signed_in(story.dana)
    key = SHOWN.search(client.get("/profile/security/app/add/").content.decode())[1].replace(" ", "")
    client.post("/profile/security/app/add/", {"code": code(key)})
    client.post("/profile/security/codes/renew/")
    client.post("/profile/security/app/remove/")
    in_place_of_a_device = KeyFactory(user=story.dana), None
    monkeypatch.setattr(factor_changes.key_flows, "add_authenticator", lambda *_: in_place_of_a_device)
    factor_changes.add_key(actor=Actor(story.dana), request=None, name="Laptop", credential={})
    added = KeyFactory(user=story.dana)
    client.post(f"/profile/security/passkeys/{added.pk}/remove/")
    assert told() == ["factor.added", "factor.codes_renewed", "factor.removed", "factor.added", "factor.removed"]


@pytest.mark.django_db
def test_a_link_and_a_reset_are_mailed(story: Story, client):
    token = create_link(actor=SYSTEM, user=story.grace)
    client.get(f"/set-password/{token}/")
    client.post("/set-password/", {"password": NEW, "again": NEW})
    AppFactory(user=story.grace)
    reset_factors(actor=Actor(story.rosa), user=story.grace, reason="Lost")
    assert told() == ["user.password_set", "user.factors_reset"]


@pytest.mark.django_db
def test_what_did_not_happen_is_not_mailed(story: Story):
    AppFactory(user=story.grace)
    grant(story.grace, Permission.COMPUTERS_DELETE, scope="owner")
    with pytest.raises(Refused):
        reset_factors(actor=Actor(story.rosa), user=story.grace, reason="Lost")
    assert told() == []


@pytest.mark.django_db
def test_whoever_was_removed_reads_nothing(story: Story, mailoutbox):
    AppFactory(user=story.grace)
    reset_factors(actor=Actor(story.rosa), user=story.grace, reason="Lost")
    entry = AuditEntry.objects.latest("pk")
    remove_user(actor=Actor(story.rosa), user=story.grace, reason="Left")
    send_notice(entry.pk, "")
    assert mailoutbox == []
