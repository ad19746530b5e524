"""An invitation is mailed by a real worker and a real mail server (issue 4, item 1)."""

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.links import hash_token
from tests.accounts.inviting import EMAIL
from tests.accounts.mailing import work
from tests.accounts.test_invitation_mail import LINK, send
from tests.story import tell


@pytest.mark.django_db(transaction=True)
def test_the_worker_mails_a_link_that_opens_the_invitation(inbox):
    story = tell()
    sent = send(story)
    work()
    (mail,) = inbox.mails
    text = mail.get_payload(decode=True).decode()
    assert (mail["To"], mail["Subject"]) == (EMAIL, "Marcus Oyelaran invites you to Fabrikam")
    assert "May act as Tenant User on all computers of their own tenant" in text
    sent.refresh_from_db()
    path = LINK.search(text)[1]
    assert sent.token_hash == hash_token(path.split("/")[2])
    assert not ProcrastinateJob.objects.exists()
    assert Client().get(path).headers["Location"] == reverse("accounts:invitation-accept")
