"""The acts on shares of library items."""

from typing import Any

from accounts.models import User
from rbac import share_services
from rbac.permissions import Permission
from tests.acts.case import WHY, Arguments, Case, newt
from tests.acts.stage import Stage
from tests.sharing import share

SHARE, READ = Permission.SOFTWARE_SHARE, Permission.SCRIPTS_VIEW
NEEDS = (SHARE, READ, Permission.USERS_VIEW)
PLACES = ("Fabrikam", ("Fabrikam", READ))


def _with(stage: Stage, user: User) -> Arguments:
    return {"item": stage.script, "user": user, "permissions": [READ], "expires_at": None, **WHY}


def _given(stage: Stage) -> dict[str, Any]:
    given = share(stage.script, stage.newt, READ, by=stage.olga)
    return {"item": stage.script, "share": given.pk, **WHY}


SHARES = [
    Case(share_services.share_item, NEEDS, lambda stage: _with(stage, stage.newt), time=True, spots=PLACES),
    Case(share_services.end_share, NEEDS, _given, person=newt),
]
