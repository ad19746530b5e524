"""The routes of invitations, as `tests.walk.table` has the rest."""

from typing import Any

from rbac.permissions import Permission
from tests.walk.visit import OF_TENANT_USER, Visit, plain_role
from tests.walk.world import Estate, World


def inviting(world: World, estate: Estate) -> dict[str, Any]:
    return {**plain_role(world, estate), "email": "new@here.example", "name": "New person"}


def several_lines(world: World, estate: Estate) -> dict[str, Any]:
    lines = "email,roles\nnew@here.example,Tenant User\nnewer@here.example,"
    return {"lines": lines, "reason": "For once", "confirmed": "1"}


INVITES = {"permission": Permission.USERS_MANAGE, "container": "Tenant"}
INVITED = {"permission": Permission.USERS_MANAGE, "container": "Invitation"}
ROLE_READER = frozenset({Permission.ROLES_VIEW})
INVITATIONS = [
    Visit("accounts:invitation-list", "GET", Permission.USERS_VIEW),
    Visit("accounts:invitation-export", "GET", Permission.USERS_VIEW),
    Visit("accounts:invitation-place", "GET", Permission.USERS_MANAGE),
    Visit("accounts:invitation-create", "GET", **INVITES),
    Visit("accounts:invitation-create", "POST", **INVITES, data=inviting, also=OF_TENANT_USER),
    Visit("accounts:invitation-group-pick", "GET", **INVITES),
    Visit("accounts:invitation-import", "GET", **INVITES),
    Visit("accounts:invitation-import", "POST", **INVITES, data=several_lines, also=OF_TENANT_USER | ROLE_READER),
    Visit("accounts:invitation-detail", "GET", Permission.USERS_VIEW, "Invitation"),
    Visit("accounts:invitation-resend", "POST", **INVITED),
    Visit("accounts:invitation-revoke", "GET", **INVITED),
    Visit("accounts:invitation-revoke", "POST", **INVITED, data=lambda world, estate: {"reason": "For once"}),
]
