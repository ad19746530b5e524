"""Acting as somebody else: what is left of two people's rights, and whether it still may be (design 4).

The rights are the target's cut down to the actor's own (`access.within`), without what is barred. Whether somebody may
act so is asked anew at each request, and inside each act of the gate: the switch, the permission, cover of the person,
the time, both accounts. Whatever is missing: no.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet

from accounts.models import Impersonation, User
from rbac.access import Access, Subject, access_for
from rbac.audit import Actor
from rbac.coverage import covers
from rbac.grants import Holding
from rbac.models import RoleAssignment
from rbac.permissions import Permission
from rbac.regions import Estate, Region
from rbac.sight import Sighted

MINUTES = 30
LASTS = timedelta(minutes=MINUTES)

_ABOUT_THINGS = ("tags", "computers", "tenants")

OUTLASTING: frozenset[str] = frozenset(
    {
        Permission.AGENTS_INSTALL,
        Permission.COMPUTERS_ONBOARD,
        Permission.COMPUTERS_REINVENTORY,
        Permission.COMPUTERS_USE_TERMINAL,
        Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL,
        Permission.DEPLOYMENTS_MANAGE_SINGLE_TENANT,
        Permission.DEPLOYMENTS_MANAGE_CROSS_TENANT,
        Permission.DEPLOYMENTS_MANAGE_CHANGE_REQUESTS,
        Permission.DEPLOYMENTS_REVIEW_CHANGE_REQUESTS,
        Permission.SCHEDULES_MANAGE,
        Permission.SCRIPTS_RUN,
        Permission.SESSIONS_CANCEL,
        Permission.SESSIONS_POSTPONE,
        Permission.SESSIONS_RERUN,
        Permission.SESSIONS_RUN,
    }
)
"""What runs, and would go on by the right of the person, or by a token, when nobody acts as them any more."""

BARRED: frozenset[str] = OUTLASTING | {
    permission
    for permission in Permission
    if permission.spec.administrative and permission.partition(":")[0] not in _ABOUT_THINGS
}
"""With these, those over people, assignments, roles, groups and switches: a new one too, unless it is of things."""


class Acting(Access):
    """What the target and the actor both may do, without what is barred. It holds no grants of its own to give from."""

    def __init__(self, target: Access, actor: Access) -> None:
        super().__init__(Holding(target.user_id, (), target.holding.switches), target.at)
        self._both = target.within(actor)

    def holds(self, permission: str) -> bool:
        return permission not in BARRED and self._both.holds(permission)

    def is_total(self, permission: str) -> bool:
        return permission not in BARRED and self._both.is_total(permission)

    def can(self, permission: str, obj: Subject | None) -> bool:
        return permission not in BARRED and self._both.can(permission, obj)

    def scope(self, source: type[Model] | QuerySet[Any], permission: str) -> QuerySet[Any]:
        rows = self._both.scope(source, permission)
        return rows.none() if permission in BARRED else rows

    def seen(self, source: type[Model] | QuerySet[Any]) -> QuerySet[Any]:
        return self._both.seen(source)

    def covers(self, permission: str, region: Region, estate: Estate | None = None) -> bool:
        return permission not in BARRED and self._both.covers(permission, region, estate)

    def covers_place(self, permission: str, tenant_id: int | None) -> bool:
        return permission not in BARRED and self._both.covers_place(permission, tenant_id)

    def visible(self, assignments: Collection[Sighted]) -> set[int]:
        return set() if RoleAssignment.VIEW in BARRED else self._both.visible(assignments)

    def know(self, objects: Iterable[Model]) -> None:
        self._both.know(objects)


def may_act_as(access: Access, user: User) -> bool:
    """Whether whoever has this access may act as the user now: the permission on them, and cover of all that they hold.

    The switch suspends the permission, so it is asked with it. Nobody acts as themselves, or as who cannot act.
    """
    if access.user_id in (None, user.pk) or not access.can(Permission.USERS_IMPERSONATE, user):
        return False
    return User.objects.able_to_act().filter(pk=user.pk).exists() and covers(access, user)


def acting_access(actor: User, user: User) -> Access | None:
    """What the actor may do as the user now; None where they may not act so any more."""
    own = access_for(actor)
    return Acting(access_for(user), own) if may_act_as(own, user) else None


def access_of(actor: Actor) -> Access:
    """What this actor may do now, asked anew: for the gate, and for work that lasts (design 3). The system has none."""
    if actor.user is None:
        return access_for(AnonymousUser())
    if actor.impersonator is None:
        return access_for(actor.user)
    if not Impersonation.objects.live().filter(actor=actor.impersonator, user=actor.user).exists():
        return access_for(AnonymousUser())
    return acting_access(actor.impersonator, actor.user) or access_for(AnonymousUser())
