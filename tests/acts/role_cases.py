"""The services of roles, as `tests.acts.table` has those of the rest."""

from accounts.models import User
from rbac import role_services
from rbac.models import Role
from rbac.permissions import Permission, closure
from tests import factories
from tests.acts.case import ASSIGN, WHY, Arguments, Case, newt
from tests.acts.stage import CHILDREN, GIVEN, STRONG, Stage


def team(stage: Stage, user: User, *permissions: Permission) -> Role:
    """A role of Fabrikam's that somebody has there and below."""
    role = factories.RoleFactory(
        name=f"Team of {user.name}", tenant=stage.fabrikam, permissions=sorted(closure(permissions))
    )
    factories.RoleAssignmentFactory(user=user, role=role, tenant=stage.fabrikam, **CHILDREN)
    return role


def role_edited(role: Role, *permissions: Permission) -> Arguments:
    same = {"name": role.name, "description": role.description, "version": role.version}
    return {"role": role, **same, "permissions": sorted(closure(permissions)), **WHY}


def own_role(stage: Stage, actor: User) -> Arguments:
    return role_edited(team(stage, actor, Permission.COMPUTERS_VIEW), STRONG)


def role_restored(stage: Stage, before: Permission, after: Permission) -> Arguments:
    role = team(stage, stage.newt, before)
    role.permissions = sorted(closure([after]))
    role.save()
    return {"role": role, "number": 1, "version": 2, **WHY}


def own_restored(stage: Stage, actor: User) -> Arguments:
    role = team(stage, actor, STRONG)
    role.permissions = [Permission.TENANTS_VIEW]
    role.save()
    return {"role": role}


def unused_role(stage: Stage) -> Arguments:
    return {"role": factories.RoleFactory(tenant=stage.fabrikam), "version": 1, **WHY}


BELOW = ("Fabrikam", ("Branch", GIVEN))
"""The role's owner, and where somebody gains or loses by it."""

ROLES, SEEING = (Permission.ROLES_MANAGE,), Permission.COMPUTERS_VIEW
ROLES_OF_TENANTS = [
    Case(
        role_services.create_role,
        ROLES,
        lambda stage: {"tenant": stage.fabrikam, "name": "New", "permissions": [Permission.TENANTS_VIEW]},
    ),
    Case(
        role_services.edit_role,
        (*ROLES, ASSIGN, GIVEN),
        lambda stage: role_edited(team(stage, stage.newt, SEEING), GIVEN),
        time=True,
        own=own_role,
        spots=BELOW,
    ),
    Case(
        role_services.edit_role,
        (*ROLES, ASSIGN, GIVEN),
        lambda stage: role_edited(team(stage, stage.newt, GIVEN), SEEING),
        says="to take",
        person=newt,
        spots=BELOW,
    ),
    Case(
        role_services.restore_role_version,
        (*ROLES, ASSIGN, GIVEN),
        lambda stage: role_restored(stage, GIVEN, SEEING),
        time=True,
        own=own_restored,
        spots=BELOW,
    ),
    Case(
        role_services.restore_role_version,
        (*ROLES, ASSIGN, GIVEN),
        lambda stage: role_restored(stage, SEEING, GIVEN),
        says="to take",
        person=newt,
        spots=BELOW,
    ),
    Case(role_services.delete_role, ROLES, unused_role),
]
