"""What somebody meets who follows an invitation (issue 4, item 1)."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Invitation, User
from rbac.audit import Actor
from rbac.invitation_services import revoke_invitation
from rbac.models import AuditEntry, RoleAssignment
from tests.accounts.inviting import EMAIL, accept, invite, offer
from tests.story import Story, tell

pytestmark = pytest.mark.django_db

START = tell
NEW = "seven tall ships at anchor"


@pytest.fixture
def sent(start: Story) -> Invitation:
    return invite(start.marcus, offer(start.fabrikam, "tenant_user"))


def opened() -> Client:
    client = Client()
    client.get(reverse("accounts:invitation-open", args=["sesame"]))
    return client


def fill(client: Client, **said):
    form = {"email": EMAIL, "name": "Ada Berg", "password": NEW, "again": NEW, **said}
    return client.post(reverse("accounts:invitation-accept"), form)


def title(answer) -> str:
    return answer.content.decode().split("<h1>")[1].split("</h1>")[0]


def test_they_set_name_and_password_and_sign_in(sent):
    client = opened()
    shown = client.get(reverse("accounts:invitation-accept"))
    assert title(shown) == "Join Fabrikam"
    assert EMAIL not in shown.content.decode()  # whoever finds the link does not learn the address
    assert fill(client).headers["Location"] == reverse("account_login")
    ada = User.objects.get(email=EMAIL)
    assert (ada.name, ada.check_password(NEW)) == ("Ada Berg", True)
    assert "_auth_user_id" not in client.session
    entry = AuditEntry.objects.get(action="invitation.accepted")
    assert (entry.actor, entry.after["invited_by"]) == (ada, "Marcus Oyelaran")
    assert title(fill(client)) == "This link no longer works"
    assert title(opened().get(reverse("accounts:invitation-accept"))) == "This invitation was used"


def test_it_counts_for_the_invited_address_alone(sent):
    answer = fill(opened(), email="mallory@fabrikam.example")
    assert (answer.status_code, User.objects.filter(email=EMAIL).exists()) == (422, False)
    assert "sent to another address" in answer.content.decode()


def test_somebody_signed_in_is_told_to_sign_out(sent, start):
    client = opened()
    client.force_login(start.grace)
    session = client.session
    session["invitation"] = [sent.pk, sent.token_hash]
    session.save()
    assert fill(client).status_code == 409
    assert not User.objects.filter(email=EMAIL).exists()


@pytest.mark.parametrize("said", [{"again": "x"}, {"password": "short", "again": "short"}, {"name": ""}])
def test_a_mistake_comes_back_with_the_form(sent, said):
    assert fill(opened(), **said).status_code == 422
    assert fill(opened()).status_code == 302


def expire(sent: Invitation, story: Story) -> None:
    Invitation.objects.filter(pk=sent.pk).update(expires_at=timezone.now())


def revoke(sent: Invitation, story: Story) -> None:
    revoke_invitation(actor=Actor(story.marcus), invitation=sent, reason="A mistake")


def demote(sent: Invitation, story: Story) -> None:
    RoleAssignment.objects.filter(user=story.marcus).update(ended_at="2026-01-01T00:00Z", end_reason="gone")


def use(sent: Invitation, story: Story) -> None:
    accept(sent)


def close(sent: Invitation, story: Story) -> None:
    type(story.fabrikam).objects.filter(pk=story.fabrikam.pk).update(is_active=False)


@pytest.mark.parametrize(
    ("befalls", "words"),
    [
        (expire, "This invitation has expired"),
        (revoke, "This invitation was revoked"),
        (demote, "This invitation does not count now"),
        (use, "This invitation was used"),
        (close, "This invitation does not count now"),
    ],
)
def test_what_befell_it_meanwhile_is_said(sent, start, befalls, words):
    client = opened()
    befalls(sent, start)
    answer = fill(client)
    assert (answer.status_code, title(answer)) == (410, words)


def test_an_unknown_link_says_so(db):
    answer = Client().get(reverse("accounts:invitation-open", args=["guess"]))
    assert (answer.status_code, title(answer)) == (410, "This link no longer works")
