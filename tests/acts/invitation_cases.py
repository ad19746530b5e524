"""The services of invitations, as `tests.acts.table` has those of the rest."""

from accounts.models import Invitation, User
from rbac import invitation_services
from rbac.invitations import Offer
from rbac.models import Effect, RoleAssignment
from rbac.permissions import Permission
from tests import factories
from tests.acts.case import ASSIGN, WHY, Arguments, Case
from tests.acts.stage import GIVEN, Stage

SITE = {"site": "https://immyrbac.test"}


def offers(stage: Stage, *emails: str) -> Arguments:
    """Notes at Fabrikam, and membership of the Desk, which has them there as well; the second of Litware and there."""
    homes = [home for _, home in zip(emails, (stage.fabrikam, stage.litware), strict=False)]
    scopes = [{"scope": "tenant", "tenant": home} for home in homes]
    drafts = [RoleAssignment(role=stage.role, effect=Effect.ALLOW, **scope) for scope in scopes]
    people = [User(email=email, name="New", tenant=home) for email, home in zip(emails, homes, strict=True)]
    made = [Offer(who, (draft,), (stage.group,), "test") for who, draft in zip(people, drafts, strict=True)]
    return {"offers": made, **SITE}


def sent(stage: Stage) -> Invitation:
    """By whoever acts."""
    ada = User.objects.get(name="Ada")
    invitation = factories.InvitationFactory(tenant=stage.fabrikam, invited_by=ada)
    factories.PendingAssignmentFactory(invitation=invitation, role=stage.role, scope="tenant", tenant=stage.fabrikam)
    invitation.groups.add(stage.group)
    return invitation


def of_olga(stage: Stage) -> Arguments:
    invitation = factories.InvitationFactory(tenant=stage.fabrikam, invited_by=stage.olga)
    factories.PendingAssignmentFactory(invitation=invitation, role=stage.role, scope="tenant", tenant=stage.litware)
    return {"invitation": invitation, **WHY}


def accepted(stage: Stage) -> Arguments:
    return {"invitation": sent(stage), "name": "New", "password": factories.PASSWORD}


INVITING = (Permission.USERS_MANAGE, Permission.GROUPS_MANAGE, ASSIGN, GIVEN)
INVITATIONS = [
    Case(invitation_services.invite_users, INVITING, lambda stage: offers(stage, "new@example.com"), time=True),
    Case(
        invitation_services.invite_users,
        INVITING,
        lambda stage: offers(stage, "new@example.com", "newer@example.com"),
        "of several",
        time=True,
        spots=("Fabrikam", "Litware", ("Litware", ASSIGN)),
    ),
    Case(
        invitation_services.resend_invitation,
        INVITING,
        lambda stage: {"invitation": sent(stage), **SITE},
        time=True,
    ),
    Case(invitation_services.revoke_invitation, (Permission.USERS_MANAGE,), of_olga),
    Case(invitation_services.accept_invitation, INVITING, accepted, time=True, by_newcomer=True),
]
