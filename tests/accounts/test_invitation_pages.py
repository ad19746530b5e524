"""The pages of invitations: put together piece by piece, sent, read, revoked, and several by CSV."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation, User
from rbac.models import PendingAssignment, Role
from rbac.permissions import Permission
from tests import factories
from tests.accounts.inviting import EMAIL, invite, offer
from tests.grants import grant
from tests.story import Story, tell

pytestmark = pytest.mark.django_db

START = tell
PIECE = {"effect": "allow", "scope": "own_tenant", "computer_scope": "all", "starts": "now", "ends": "never"}
LINES = "email,name,roles\nada@fabrikam.example,Ada Berg,Tenant User\nbo@fabrikam.example,,\n"


@pytest.fixture
def story(start: Story) -> Story:
    return start


def page(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def said(key: str = "", **more) -> dict[str, object]:
    role = {"role": Role.objects.get(key=key).pk} if key else {}
    return {"email": EMAIL, "reason": "Starts on Monday", **PIECE, **role, **more}


def create(user: User, story: Story, **data):
    return page(user).post(reverse("accounts:invitation-create", args=[story.fabrikam.pk]), data)


def test_pieces_are_put_together_taken_out_and_sent(story):
    staff = factories.GroupFactory(name="Staff", tenant=story.fabrikam)
    answer = create(story.marcus, story, **said("tenant_user", add="1"))
    (first,) = answer.context["form"].kept
    assert first.words == "May act as Tenant User on all computers of their own tenant"
    assert answer.context["form"]["email"].value() == EMAIL
    answer = create(story.marcus, story, **said("deployment_manager", add="1", kept=first.text))
    both = [piece.text for piece in answer.context["form"].kept]
    answer = create(story.marcus, story, **said(drop="0", kept=both))
    assert [piece.text for piece in answer.context["form"].kept] == both[1:]
    assert not Invitation.objects.exists()
    answer = create(story.marcus, story, **said(kept=both, group=staff.pk))
    assert answer.headers["Location"] == reverse("accounts:invitation-list")
    keys = PendingAssignment.objects.order_by("role__key").values_list("role__key", flat=True)
    assert list(keys) == ["deployment_manager", "tenant_user"]
    assert list(Invitation.objects.get().groups.all()) == [staff]


def test_nothing_is_added_where_nothing_was_chosen(story):
    answer = create(story.marcus, story, **said(add="1"))
    assert "Choose a role or a group first." in answer.content.decode()
    assert answer.context["form"].kept == []


def test_the_preview_says_what_it_makes_of_them(story):
    address = reverse("accounts:invitation-create", args=[story.fabrikam.pk])
    answer = page(story.rosa).get(address, said("tenant_user"), headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "May act as Tenant User on all computers of their own tenant" in text
    assert "You may invite them" in text
    answer = page(story.rosa).get(address, said("tenant_administrator"), headers={"HX-Request": "true"})
    assert "You may not invite them" in answer.content.decode()


def test_great_power_takes_the_typed_address(story):
    data = said("msp_administrator", scope="owner")
    answer = create(story.marcus, story, **data)
    assert "Give great power" in answer.content.decode()
    assert not Invitation.objects.exists()
    assert create(story.marcus, story, **data, confirmation=EMAIL).status_code == 302
    assert Invitation.objects.exists()


def test_a_refusal_stands_above_the_form_and_nothing_is_lost(story):
    answer = create(story.rosa, story, **said("tenant_administrator", message="Welcome"))
    assert answer.status_code == 403
    assert "With Manage Users alone" in answer.content.decode()
    assert "Welcome" in answer.content.decode()


@pytest.mark.parametrize("kept", ["role=1&scope=owner", "nonsense", "x" * 3000, "%00", "group=9"])
def test_what_was_kept_is_read_as_strictly_as_what_is_typed(story, kept):
    answer = create(story.rosa, story, **said(kept=kept))
    assert answer.status_code == 422
    assert not Invitation.objects.exists()


def test_the_list_shows_what_waits_and_the_page_what_the_reader_may_know(story):
    sent = invite(
        story.marcus, offer(story.fabrikam, "tenant_user"), offer(story.northwind, email="no@northwind.example")
    )
    factories.PendingAssignmentFactory(
        invitation=sent, role=Role.objects.get(key="msp_user"), scope="msp", tenant=story.contoso
    )
    client = page(story.rosa)
    text = client.get(reverse("accounts:invitation-list")).content.decode()
    assert (EMAIL in text, "northwind" in text) == (True, False)
    text = client.get(reverse("accounts:invitation-detail", args=[sent.pk])).content.decode()
    assert "Tenant User on all computers of their own tenant" in text
    assert ("Contoso MSP and its customers" in text, "Further access outside your view" in text) == (False, True)


def test_a_page_says_when_it_can_no_longer_be_accepted(story):
    clerk = factories.UserFactory(tenant=story.fabrikam)
    held = grant(clerk, Permission.USERS_MANAGE, scope="tenant", tenant=story.fabrikam)
    sent = invite(clerk, offer(story.fabrikam))
    client, address = page(story.marcus), reverse("accounts:invitation-detail", args=[sent.pk])
    assert "It cannot be accepted now" not in client.get(address).content.decode()
    type(held).objects.filter(pk=held.pk).update(ended_at="2026-01-01T00:00Z", end_reason="gone")
    assert "It cannot be accepted now" in client.get(address).content.decode()


def several(user: User, story: Story, lines: str = LINES, **more):
    address = reverse("accounts:invitation-import", args=[story.fabrikam.pk])
    return page(user).post(address, {"lines": lines, "reason": "New branch", **more})


def test_several_are_shown_first_and_then_invited(story):
    file = SimpleUploadedFile("people.csv", LINES.encode())
    shown = several(story.rosa, story, lines="", file=file)
    assert "Nothing has been sent yet" in shown.content.decode()
    assert not Invitation.objects.exists()
    assert several(story.rosa, story, confirmed="1").status_code == 302
    assert Invitation.objects.count() == 2


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("ada", "valid email"),
        ("grace.kim@fabrikam.example", "cannot be used"),
        ("ada@fabrikam.example,Ada,Tenant Administrator", "You do not hold|With Manage Users alone"),
        ("ada@fabrikam.example,Ada,No such role", "There is no role “No such role”"),
        ("bo@fabrikam.example", "has this address already"),
        ("ada@fabrikam.example,,,9999-12-31T23:59-14:00", "is no day"),
    ],
)
def test_each_line_says_what_is_wrong_with_it(story, line, error):
    lines = f"email,name,roles,access_ends\nbo@fabrikam.example,Bo,Tenant User\n{line}\n"
    answer = several(story.rosa, story, lines=lines, confirmed="1")
    good, bad = answer.context["lines"]
    assert (answer.status_code, good.errors) == (422, [])
    assert any(part in " ".join(bad.errors) for part in error.split("|"))
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "lines", ["name\nAda", "email\n" + "a@b.example\n" * 101, 'email\n"', "email\na@b.example,x", "email\n"]
)
def test_a_file_that_cannot_be_read_is_told_beside_it(story, lines):
    answer = several(story.rosa, story, lines=lines)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["lines"])


def test_a_column_that_there_is_not_is_named(story):
    answer = several(story.rosa, story, lines="email,role,group\nada@fabrikam.example,Tenant User,")
    assert "There is no column “role” and “group”." in answer.context["form"].errors["lines"][0]


def test_great_power_for_several_takes_the_typed_tenant(story):
    lines = "email,roles\nada@fabrikam.example,MSP Administrator"
    assert several(story.marcus, story, lines=lines, confirmed="1").status_code == 422
    assert several(story.marcus, story, lines=lines, confirmed="1", confirmation="Fabrikam").status_code == 302
