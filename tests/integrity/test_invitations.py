"""What the database itself holds of invitations, and of what they offer (design 8)."""

import pytest

from tests import factories
from tests.integrity.sql import copy, refused_by, run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("change", ["UPDATE {} SET scope = 'owner'", "DELETE FROM {}"])
def test_what_was_offered_never_changes(change):
    factories.PendingAssignmentFactory()
    with refused_by("pending_assignment_stays"):
        run(change.format("rbac_pendingassignment"))


def test_an_offer_is_there_once():
    offered = factories.PendingAssignmentFactory()
    same = {"invitation": offered.invitation, "role": offered.role}
    with refused_by("pendingassignment_once"):
        copy(factories.PendingAssignmentFactory.build(**same))


def test_an_address_waits_once_in_a_tenant():
    first = factories.InvitationFactory()
    twin = {"email": first.email, "tenant": first.tenant, "invited_by": first.invited_by, "token_hash": None}
    with refused_by("invitation_open_once"):
        copy(factories.InvitationFactory.build(**twin))
    run("UPDATE accounts_invitation SET revoked_at = now() WHERE id = %s", first.pk)
    copy(factories.InvitationFactory.build(**twin))


def test_an_address_has_its_normal_form():
    with refused_by("invitation_email_normal"):
        factories.InvitationFactory(email="Ada@example.com")


def test_an_invitation_ends_once():
    invitation = factories.InvitationFactory()
    with refused_by("invitation_ends_once"):
        run("UPDATE accounts_invitation SET accepted_at = now()")
    user = factories.UserFactory()
    with refused_by("invitation_ends_once"):
        run("UPDATE accounts_invitation SET accepted_at = now(), revoked_at = now(), user_id = %s", user.pk)
    run("UPDATE accounts_invitation SET accepted_at = now(), user_id = %s WHERE id = %s", user.pk, invitation.pk)
