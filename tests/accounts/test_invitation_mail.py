"""The mail of an invitation: to whom, with which link, and when none is sent (issue 4, item 1)."""

import re

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.jobs import send_letter
from accounts.models import Invitation
from rbac.audit import Actor
from rbac.delegation import Refused
from rbac.invitation_services import invite_users, revoke_invitation
from rbac.models import AuditEntry, RoleAssignment
from tests.accounts.inviting import SITE, offer
from tests.acts.witness import named_by, target_of, witnessing
from tests.story import Story, tell

START = tell
LINK = re.compile(rf"{SITE}(/invitation/\S+/)")


def send(story: Story, **said) -> Invitation:
    given = offer(story.fabrikam, "tenant_user", **said)
    return invite_users(actor=Actor(story.marcus), offers=[given], site=SITE)[0]


@pytest.mark.django_db
def test_what_is_refused_is_not_mailed(start):
    start_jobs = ProcrastinateJob.objects.count()
    with pytest.raises(Refused):
        invite_users(actor=Actor(start.rosa), offers=[offer(start.fabrikam, "msp_user")], site=SITE)
    assert ProcrastinateJob.objects.count() == start_jobs


@pytest.mark.django_db
def test_the_queue_holds_no_secret(start):
    sent = send(start)
    assert ProcrastinateJob.objects.get().args == {"invitation": sent.pk, "site": SITE}
    assert Invitation.objects.get().token_hash is None


@pytest.mark.django_db
def test_nothing_is_mailed_that_could_not_be_accepted(start, mailoutbox):
    revoked, unbacked = send(start), send(start, email="bo@fabrikam.example")
    revoke_invitation(actor=Actor(start.marcus), invitation=revoked, reason="A mistake")
    RoleAssignment.objects.filter(user=start.marcus).update(ended_at="2026-01-01T00:00Z", end_reason="gone")
    for invitation in (revoked, unbacked):
        send_letter(invitation.pk, SITE)
    assert mailoutbox == []
    assert not Invitation.objects.exclude(token_hash=None).exists()


@pytest.mark.django_db
def test_the_link_is_told_and_another_try_makes_another(start, mailoutbox):
    sent = send(start)
    last = AuditEntry.objects.latest("pk").pk
    with witnessing() as seen:
        send_letter(sent.pk, SITE)
    (entry,) = AuditEntry.objects.filter(pk__gt=last)
    assert (entry.action, {target_of(entry)} | named_by(entry)) == ("invitation.link_made", seen)
    send_letter(sent.pk, SITE)
    first, second = (LINK.search(mail.body)[1] for mail in mailoutbox)
    client = Client()
    assert (client.get(first).status_code, client.get(second).status_code) == (410, 302)
