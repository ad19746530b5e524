"""Requests for access: asked, told to whom they concern, and answered once (issue 4, item 2)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.jobs import send_answer, send_request
from accounts.models import AccessRequest, Invitation, User
from rbac.access_requests import approvers_of, status_of
from rbac.asking import AskedAlready, ask_for_access
from rbac.audit import SYSTEM, Actor
from rbac.delegation import Refused
from rbac.models import AuditEntry, Effect, Role, RoleAssignment
from rbac.permissions import Permission
from rbac.request_services import RequestAnswered, approve_request, invite_asker, turn_down_request
from rbac.switches import SwitchKey
from tests import factories
from tests.accounts.inviting import accept, offer
from tests.acts.witness import named_by, target_of, witnessing
from tests.grants import grant
from tests.story import Story, tell

pytestmark = pytest.mark.django_db

START = tell
LATER = datetime(2031, 1, 1, tzinfo=UTC)
SITE = "https://immyrbac.test"
MANAGE = Permission.USERS_MANAGE_ACCESS_REQUESTS


@pytest.fixture
def story(start: Story) -> Story:
    return start


def ask(user: User, **said) -> AccessRequest:
    fields = {"name": user.name, "email": user.email, "message": "INC-20931, until Friday", **said}
    return ask_for_access(actor=Actor(user), asked=AccessRequest(user=user, **fields), site=SITE)


def ask_as_stranger(**said) -> AccessRequest:
    fields = {"name": "Mara Lindgren", "email": "Mara@Fabrikam.example", "place": "Fabrikam", "message": "I begin"}
    return ask_for_access(actor=SYSTEM, asked=AccessRequest(**fields | said), site=SITE)


def draft(key: str = "deployment_manager", **said) -> RoleAssignment:
    fields = {"scope": "own_tenant", "reason": "INC-20931", **said}
    return RoleAssignment(role=Role.objects.get(key=key), effect=Effect.ALLOW, **fields)


def approve(who: User, asked: AccessRequest, **said) -> RoleAssignment:
    return approve_request(actor=Actor(who), asked=asked, draft=draft(**said), site=SITE)


def refuse(who: User, asked: AccessRequest, reason: str = "Ask your manager") -> None:
    turn_down_request(actor=Actor(who), asked=asked, reason=reason, site=SITE)


# Asked


def test_asking_leaves_one_entry_that_names_the_request(story):
    last = AuditEntry.objects.latest("pk").pk if AuditEntry.objects.exists() else 0
    for asking in (lambda: ask(story.grace), ask_as_stranger):
        with witnessing() as seen:
            asking()
        (entry,) = AuditEntry.objects.filter(pk__gt=last)
        own = {target_of(entry)}
        assert (named_by(entry) | own, entry.action) == (seen | own, "access_request.made")
        last = entry.pk


def test_asking_gives_nothing(story):
    before = RoleAssignment.objects.count()
    ask(story.grace, permission=Permission.COMPUTERS_DELETE)
    assert RoleAssignment.objects.count() == before


def test_the_same_is_asked_once(story):
    ask(story.grace)
    with pytest.raises(AskedAlready):
        ask(story.grace)
    ask(story.grace, message="Something else")
    ask_as_stranger()
    with pytest.raises(AskedAlready):
        ask_as_stranger(email=" mara@fabrikam.example")
    assert AccessRequest.objects.count() == 3


def test_nobody_asks_or_approves_while_it_is_turned_off(story):
    asked = ask(story.grace)
    factories.SwitchFactory(key=SwitchKey.ACCESS_REQUESTS, enabled=False)
    with pytest.raises(Refused, match="turned off"):
        ask(story.grace, message="Again")
    with pytest.raises(Refused, match="turned off"):
        approve(story.marcus, asked)
    refuse(story.marcus, asked)


# Whom it concerns


def test_a_request_is_told_to_whoever_may_answer_it_and_nobody_else(story, mailoutbox):
    here = factories.UserFactory(tenant=story.contoso)
    grant(here, MANAGE, scope="tenant", tenant=story.fabrikam)
    elsewhere = factories.UserFactory(tenant=story.litware)
    grant(elsewhere, MANAGE, scope="tenant", tenant=story.adventure)
    over = factories.UserFactory(tenant=story.contoso)
    grant(over, MANAGE, scope="tenant", tenant=story.fabrikam, expires_at="2026-01-01T00:00Z")
    asked = ask(story.grace)
    assert set(approvers_of(asked)) == {here, story.marcus}
    send_request(asked.pk, SITE)
    (mail,) = mailoutbox
    assert (mail.to, set(mail.bcc)) == ([], {here.email, story.marcus.email})
    assert "INC-20931, until Friday" in mail.body


def test_what_a_stranger_wrote_is_not_mailed_and_goes_to_who_answers_for_the_instance(story, mailoutbox):
    here = factories.UserFactory(tenant=story.contoso)
    grant(here, MANAGE, scope="msp", tenant=story.contoso)
    asked = ask_as_stranger(message="Click on https://evil.example", name="Click")
    send_request(asked.pk, SITE)
    (mail,) = mailoutbox
    assert mail.bcc == [story.marcus.email]
    assert not any(word in mail.body + mail.subject for word in ("evil", "Click", "Mara"))


def test_who_asks_is_not_told_of_it_and_nobody_of_what_was_answered(story, mailoutbox):
    own = ask(story.marcus)
    send_request(own.pk, SITE)
    asked = ask(story.grace)
    refuse(story.marcus, asked)
    send_request(asked.pk, SITE)
    assert mailoutbox == []


def test_the_queue_holds_numbers(story):
    asked = ask(story.grace)
    assert ProcrastinateJob.objects.get().args == {"asked": asked.pk, "site": SITE}


# Answered


def test_an_approved_request_gave_what_was_chosen(story, mailoutbox):
    asked = ask(story.grace)
    given = approve(story.marcus, asked, expires_at=LATER)
    asked.refresh_from_db()
    assert (asked.assignment, asked.decided_by, given.user) == (given, story.marcus, story.grace)
    assert status_of(asked).words == "Approved"
    send_answer(asked.pk, SITE)
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == ([story.grace.email], "Your request was approved")
    assert (
        "May act as Deployment Manager on all computers of their own tenant, until Wed 1 Jan 2031, 00:00" in mail.body
    )


def test_what_it_gave_is_read_after_it_is_over(story):
    asked = ask(story.grace)
    approve(story.marcus, asked, expires_at=LATER)
    past = timezone.now() - timedelta(days=1)
    for over, words in (({"expires_at": past}, "expired"), ({"ended_at": past}, "ended")):
        asked = AccessRequest.objects.select_related("assignment").get()
        for name, value in over.items():
            setattr(asked.assignment, name, value)
        assert status_of(asked).words == f"Approved, {words}"


def test_a_refusal_says_why_to_whoever_asked(story, mailoutbox):
    for asked in (ask(story.grace), ask_as_stranger()):
        refuse(story.marcus, asked)
        send_answer(asked.pk, SITE)
    assert [mail.to for mail in mailoutbox] == [[story.grace.email], ["mara@fabrikam.example"]]
    assert all("Ask your manager" in mail.body for mail in mailoutbox)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_refusal_needs_a_reason(story, reason):
    with pytest.raises(ValidationError):
        refuse(story.marcus, ask(story.grace), reason)
    assert AccessRequest.objects.waiting().exists()


def test_a_request_is_answered_once(story):
    asked = ask(story.grace)
    approve(story.marcus, asked)
    for again in (lambda: approve(story.marcus, asked, key="msp_user"), lambda: refuse(story.marcus, asked)):
        with pytest.raises(RequestAnswered, match="approved meanwhile"):
            again()


def test_nobody_answers_their_own(story):
    asked = ask(story.marcus)
    for answer in (approve, refuse):
        with pytest.raises(Refused, match="your own access"):
            answer(story.marcus, asked)


def test_who_approves_gives_only_what_they_hold(story):
    clerk = factories.UserFactory(tenant=story.contoso)
    grant(clerk, MANAGE, scope="tenant", tenant=story.fabrikam)
    asked = ask(story.grace)
    with pytest.raises(Refused, match=r"With Manage Users alone|You do not hold"):
        approve(clerk, asked, key="tenant_administrator")
    assert AccessRequest.objects.waiting().exists()


def test_a_stranger_is_invited_to_the_address_that_they_gave(story):
    asked = ask_as_stranger()
    other = offer(story.fabrikam, "tenant_user")
    with pytest.raises(ValidationError, match="whoever asked"):
        invite_asker(actor=Actor(story.marcus), asked=asked, offer=other, site=SITE)
    mine = offer(story.fabrikam, "tenant_user", email=asked.email)
    sent = invite_asker(actor=Actor(story.marcus), asked=asked, offer=mine, site=SITE)
    asked.refresh_from_db()
    assert (asked.invitation, sent.invited_by, status_of(asked).words) == (sent, story.marcus, "Invited")
    Invitation.objects.filter(pk=sent.pk).update(token_hash="0" * 64)
    sent.refresh_from_db()
    assert accept(sent).email == asked.email


def test_a_stranger_who_has_an_account_is_not_invited(story):
    asked = ask_as_stranger(email=story.grace.email)
    mine = offer(story.fabrikam, "tenant_user", email=asked.email)
    with pytest.raises(ValidationError, match="cannot be used"):
        invite_asker(actor=Actor(story.marcus), asked=asked, offer=mine, site=SITE)
    assert AccessRequest.objects.waiting().exists()


def test_who_moved_is_answered_for_where_they_live_now(story):
    here = factories.UserFactory(tenant=story.contoso)
    grant(here, MANAGE, scope="tenant", tenant=story.fabrikam)
    asked = ask(story.grace)
    User.objects.filter(pk=story.grace.pk).update(tenant=story.northwind)
    asked.refresh_from_db()
    asked.user.refresh_from_db()
    assert set(approvers_of(asked)) == {story.marcus}
    with pytest.raises(Refused, match="no longer there"):
        refuse(here, asked)
