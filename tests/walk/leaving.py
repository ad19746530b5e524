"""The pages of somebody's leaving, for the table of the walk."""

from typing import Any

from accounts.models import User
from rbac.handovers import Handover, losing_of
from rbac.permissions import Permission
from tests.walk.visit import Visit, forms
from tests.walk.world import Estate, World


def going(world: World, estate: Estate) -> dict[str, Any]:
    """Nobody takes anything over; what was shown is what stands. Who may only do this sees nothing that they saved."""
    user: User = estate.objects["User"]
    losing = losing_of(None, user)._replace(deployments=[], schedules=[])
    return {"reason": "Left", "confirmation": user.name, "expected": Handover(losing, {}, {}).expected}


LEAVING = [
    *forms(
        "accounts:impersonation-start",
        Permission.USERS_IMPERSONATE,
        "User",
        lambda world, estate: {"reason": "For once"},
    ),
    *forms("accounts:user-leave", Permission.USERS_MANAGE, "User", going),
    Visit("accounts:successor-pick", "GET", Permission.USERS_MANAGE, "User"),
    Visit(
        "rbac:leaving-detail",
        "GET",
        Permission.USERS_VIEW,
        "User",
        route=lambda world, estate: {"entry": estate.objects["AuditEntry"].pk},
    ),
]
