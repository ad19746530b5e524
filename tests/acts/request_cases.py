"""The services that answer access requests, as `tests.acts.table` has those of the rest."""

from accounts.models import AccessRequest, User
from rbac import request_services
from rbac.models import Effect, Role, RoleAssignment
from rbac.permissions import Permission, closure
from tests import factories
from tests.acts.case import ASSIGN, WHY, Arguments, Case
from tests.acts.invitation_cases import INVITING, SITE, offers
from tests.acts.stage import GIVEN, STRONG, Stage

MANAGE = Permission.USERS_MANAGE_ACCESS_REQUESTS


def draft(stage: Stage, role: Role) -> RoleAssignment:
    return RoleAssignment(role=role, effect=Effect.ALLOW, scope="tenant", tenant=stage.fabrikam, **WHY)


def of_newt(stage: Stage) -> AccessRequest:
    return factories.AccessRequestFactory(user=stage.newt, permission=GIVEN)


def approving(stage: Stage) -> Arguments:
    return {"asked": of_newt(stage), "draft": draft(stage, stage.role), **SITE}


def of_oneself(stage: Stage, actor: User) -> Arguments:
    """What the actor asked, and would give themselves."""
    strong = factories.RoleFactory(permissions=sorted(closure([STRONG])))
    return {"asked": factories.AccessRequestFactory(user=actor), "draft": draft(stage, strong)}


def inviting(stage: Stage) -> Arguments:
    asked = factories.AccessRequestFactory(user=None)
    (offer,) = offers(stage, asked.email)["offers"]
    return {"asked": asked, "offer": offer, **SITE}


PLACED = (("Fabrikam", Permission.USERS_MANAGE), ("Fabrikam", ASSIGN))
"""A stranger's request is the instance's; where they are to come is what the inviting takes."""

REQUESTS = [
    Case(request_services.approve_request, (MANAGE, ASSIGN, GIVEN), approving, time=True, own=of_oneself),
    Case(request_services.invite_asker, (MANAGE, *INVITING), inviting, time=True, everywhere=True, spots=PLACED),
    Case(request_services.turn_down_request, (MANAGE,), lambda stage: {"asked": of_newt(stage), **WHY, **SITE}),
]
