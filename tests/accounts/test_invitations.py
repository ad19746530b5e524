"""An invitation gives what its sender may give, when it is sent and when it is accepted, once (issue 4, item 1)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import GroupMembership, Invitation, User
from rbac.access import access_for
from rbac.audit import Actor
from rbac.delegation import Refused
from rbac.invitation_services import InvitationUnusable, resend_invitation, revoke_invitation
from rbac.invitations import offer_of, preview_invitation, state_of
from rbac.models import AuditEntry, PendingAssignment, RoleAssignment
from rbac.permissions import Permission
from rbac.services import end_assignments
from tests import factories
from tests.accounts.inviting import EMAIL, SITE, accept, invite, offer
from tests.grants import grant
from tests.story import Story, tell

pytestmark = pytest.mark.django_db

START = tell


@pytest.fixture
def story(start: Story) -> Story:
    return start


def demote(user: User, by: User) -> None:
    held = RoleAssignment.objects.unended().filter(user=user).values_list("pk", flat=True)
    end_assignments(actor=Actor(by), assignments=list(held), reason="moved on")


def test_the_newcomer_holds_exactly_what_was_offered(story):
    staff = factories.GroupFactory(name="Staff", tenant=story.fabrikam)
    sent = invite(story.marcus, offer(story.fabrikam, "tenant_user", groups=(staff,)))
    assert not User.objects.filter(email=EMAIL).exists()
    ada = accept(sent)
    access = access_for(ada)
    assert access.can(Permission.COMPUTERS_VIEW, story.dc01)
    assert not access.can(Permission.COMPUTERS_VIEW, story.press)
    assert (ada.tenant, ada.check_password(factories.PASSWORD)) == (story.fabrikam, True)
    row = RoleAssignment.objects.get(user=ada)
    assert (row.granted_by, row.reason) == (story.marcus, "Starts on Monday")
    assert GroupMembership.objects.get(user=ada).group == staff
    assert state_of(Invitation.objects.get()) == "accepted"


def test_what_was_shown_is_what_happens(story):
    """Item 6: the entry of the invitation keeps what was shown; the newcomer's power is that."""
    given = offer(story.fabrikam, "tenant_user", "deployment_manager", scope="tenant", tenant=story.fabrikam)
    shown = preview_invitation(access_for(story.marcus), given)
    sent = invite(story.marcus, given)
    (told,) = AuditEntry.objects.get(action="invitation.sent").after["invitations"]
    assert told["gains"] == [permission.value for permission in shown.passage.gained]
    ada = access_for(accept(sent))
    assert {permission.value for permission in Permission if ada.can(permission, story.dc01)} <= set(told["gains"])
    held = {permission for grant in ada.grants for permission in grant.permissions}
    assert held == {each for each in shown.passage.gained if not each.spec.msp_only}
    assert (shown.tenants, shown.computers) == (1, 2)


@pytest.mark.parametrize(
    ("key", "scope"),
    [
        ("tenant_administrator", {"scope": "own_tenant"}),
        ("tenant_user", {"scope": "owner"}),
        ("deployment_manager", {"scope": "own_tenant"}),
    ],
)
def test_a_tenant_administrator_gives_only_the_roles_of_rule_3(story, key, scope):
    with pytest.raises(Refused):
        invite(story.rosa, offer(story.fabrikam, key, **scope))
    assert not Invitation.objects.exists()
    assert AuditEntry.objects.latest("pk").action == "invitation.refused"
    assert invite(story.rosa, offer(story.fabrikam, "tenant_user")).invited_by == story.rosa


def test_nobody_is_invited_elsewhere(story):
    with pytest.raises(Refused, match="no longer there"):
        invite(story.rosa, offer(story.northwind))


def test_what_the_sender_lost_is_not_given(story):
    sent = invite(story.rosa, offer(story.fabrikam, "tenant_user"))
    demote(story.rosa, by=story.marcus)
    with pytest.raises(Refused):
        accept(sent)
    assert not User.objects.filter(email=EMAIL).exists()
    assert not RoleAssignment.objects.filter(reason="Starts on Monday").exists()
    again = resend_invitation(actor=Actor(story.marcus), invitation=sent, site=SITE)
    assert (again.invited_by, again.token_hash) == (story.marcus, None)


def test_a_role_that_grew_meanwhile_is_judged_as_it_is_then(story):
    role = factories.RoleFactory(name="Front desk", tenant=story.fabrikam, permissions=[Permission.TENANTS_VIEW])
    given = offer(story.fabrikam)
    pending = invite(story.rosa, given)
    factories.PendingAssignmentFactory(invitation=pending, role=role)
    role.permissions = [Permission.TENANTS_MANAGE, Permission.TENANTS_VIEW]
    role.save()
    with pytest.raises(Refused, match=r"do not hold|Manage Users alone"):
        accept(pending)


def test_it_is_accepted_once(story):
    sent = invite(story.marcus, offer(story.fabrikam))
    accept(sent)
    with pytest.raises(InvitationUnusable, match="accepted"):
        accept(sent)
    assert User.objects.filter(email=EMAIL).count() == 1


def test_it_can_be_revoked_and_expires(story):
    sent = invite(story.marcus, offer(story.fabrikam))
    revoke_invitation(actor=Actor(story.rosa), invitation=sent, reason="A mistake")
    with pytest.raises(InvitationUnusable, match="revoked"):
        accept(sent)
    with pytest.raises(ValidationError, match="was revoked meanwhile"):
        resend_invitation(actor=Actor(story.marcus), invitation=sent, site=SITE)
    other = invite(story.marcus, offer(story.fabrikam), token="another")
    Invitation.objects.filter(pk=other.pk).update(expires_at=timezone.now())
    with pytest.raises(InvitationUnusable, match="expired"):
        accept(other)


def test_an_older_link_ends_when_it_is_sent_again(story):
    sent = invite(story.marcus, offer(story.fabrikam))
    resend_invitation(actor=Actor(story.marcus), invitation=sent, site=SITE)
    with pytest.raises(InvitationUnusable, match="replaced"):
        accept(sent)


def test_what_expired_before_it_was_accepted_is_not_given(story):
    sent = invite(story.marcus, offer(story.fabrikam))
    past = timezone.now() - timedelta(minutes=1)
    factories.PendingAssignmentFactory(invitation=sent, expires_at=past)
    assert offer_of(sent).drafts == ()
    assert not RoleAssignment.objects.filter(user=accept(sent)).exists()


def test_an_offer_of_what_was_removed_gives_nothing(story):
    staff = factories.GroupFactory(name="Staff", tenant=story.fabrikam)
    sent = invite(story.marcus, offer(story.fabrikam, groups=(staff,)))
    type(staff).objects.filter(pk=staff.pk).update(removed_at=timezone.now())
    with pytest.raises(Refused, match="no longer there"):
        accept(sent)


@pytest.mark.parametrize("email", ["grace.kim@fabrikam.example", "olivia.novak@litware.example"])
def test_an_address_in_use_says_only_that(story, email):
    with pytest.raises(ValidationError, match="cannot be used"):
        invite(story.rosa, offer(story.fabrikam, email=email))


def test_an_address_is_asked_once_at_a_time(story):
    invite(story.rosa, offer(story.fabrikam))
    with pytest.raises(ValidationError, match="invited already") as twice:
        invite(story.rosa, offer(story.fabrikam))
    assert list(twice.value.message_dict) == ["email"]
    with pytest.raises(ValidationError, match="among what they get"):
        invite(story.marcus, offer(story.northwind, "tenant_user", "tenant_user"))


def test_a_group_takes_its_own_people_and_who_may_change_it(story):
    elsewhere = factories.GroupFactory(tenant=story.northwind)
    with pytest.raises(ValidationError, match="takes only people"):
        invite(story.marcus, offer(story.fabrikam, groups=(elsewhere,)))
    shared = factories.GroupFactory(tenant=story.fabrikam)
    clerk = factories.UserFactory(tenant=story.fabrikam)
    grant(clerk, Permission.USERS_MANAGE, Permission.GROUPS_VIEW, scope="tenant", tenant=story.fabrikam)
    with pytest.raises(Refused, match=Permission.GROUPS_MANAGE.label):
        invite(clerk, offer(story.fabrikam, groups=(shared,)))


def test_several_are_invited_or_nobody(story):
    both = (offer(story.fabrikam), offer(story.fabrikam, email="grace.kim@fabrikam.example"))
    with pytest.raises(ValidationError, match=r"grace\.kim@fabrikam\.example: This address"):
        invite(story.rosa, *both)
    assert not Invitation.objects.exists()
    invite(story.rosa, both[0], offer(story.fabrikam, email="bo@fabrikam.example"))
    entry = AuditEntry.objects.get(action="invitation.sent")
    assert len(entry.after["invitations"]) == Invitation.objects.count() == 2


def test_somebody_weaker_does_not_send_it_again(story):
    sent = invite(story.marcus, offer(story.fabrikam, "tenant_administrator"))
    with pytest.raises(Refused):
        resend_invitation(actor=Actor(story.rosa), invitation=sent, site=SITE)
    assert PendingAssignment.objects.filter(invitation=sent).count() == 1
