"""What one line of the table says, and who the people of the stage are to it.

`needs` is all that the actor has to hold, the act's own permission first. `call` sets the stage and makes the
arguments. `time`: the act gives, or touches an account, so that it matters how long the actor holds what they hold.
`person`: who loses something or is managed, and may be no stronger than the actor. `own`: makes the actor the one who
gains, and returns the arguments that differ then. `by_newcomer`: the
act counts by the actor's right, and is done by whoever it makes. What a case leaves out cannot speak against that act.

`spots` are the tenants that the act's scope is made of, by name: without the act's own permission on any one of them,
and with all else, nobody does it. A pair names another permission, where a tenant is reached by what is given or taken
there and not by the act's own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests.acts.services import Service
from tests.acts.stage import CHILDREN, STRONG, Stage
from tests.grants import grant

Arguments = dict[str, Any]
Spot = str | tuple[str, Permission]

ASSIGN = Permission.USERS_ASSIGN_SPECIFIC_TENANT_SCOPED_ROLES
ASSIGN_OWNER = Permission.USERS_ASSIGN_OWNER_SCOPED_ROLES
ASSIGN_TAG = Permission.USERS_ASSIGN_TAG_SCOPED_ROLES
ASSIGN_STRONG = Permission.USERS_ASSIGN_CROSS_TENANT_ROLES
TWO = ("Fabrikam", "Litware")
WHY = {"reason": "test"}


@dataclass(frozen=True)
class Case:
    service: Service
    needs: tuple[Permission, ...]
    call: Callable[[Stage], Arguments]
    says: str = ""
    time: bool = False
    person: Callable[[Stage], User] | None = None
    own: Callable[[Stage, User], Arguments] | None = None
    everywhere: bool = False
    by_newcomer: bool = False
    spots: tuple[Spot, ...] = ("Fabrikam",)

    def doer(self, entry: AuditEntry, actor: User) -> User | None:
        """Whom the entry has to name."""
        return User.objects.get(pk=entry.target_id) if self.by_newcomer else actor

    def denials(self) -> list[tuple[str, Permission]]:
        """A tenant, and what the actor lacks there and nowhere else."""
        return [(spot, self.needs[0]) if isinstance(spot, str) else spot for spot in self.spots]

    def __str__(self) -> str:
        return f"{self.service.__name__}{self.says and ' '}{self.says}"


def beth(stage: Stage) -> User:
    return stage.beth


def lena(stage: Stage) -> User:
    return stage.lena


def newt(stage: Stage) -> User:
    return stage.newt


def tess(stage: Stage) -> User:
    return stage.tess


def at_litware(stage: Stage, actor: User) -> Arguments:
    """What comes to Litware lies in the actor's own reach."""
    grant(actor, STRONG, tenant=stage.litware, **CHILDREN)
    return {}
