"""Give and end access in a test, without the gate: what the services make of it is tested where they are."""

from django.db.models.functions import Now

from accounts.models import User
from rbac.models import Effect, RoleAssignment
from rbac.permissions import Permission, closure
from tests.factories import RoleAssignmentFactory, RoleFactory


def grant(user: User, *permissions: Permission, **scope) -> RoleAssignment:
    """One assignment of these permissions with all that they depend on; scope `owner` unless said otherwise."""
    return RoleAssignmentFactory(user=user, role=RoleFactory(permissions=sorted(closure(permissions))), **scope)


def deny(user: User, *permissions: Permission, **scope) -> RoleAssignment:
    """One assignment that takes exactly these permissions."""
    role = RoleFactory(permissions=sorted(permissions), deny_only=True)
    return RoleAssignmentFactory(user=user, role=role, effect=Effect.DENY, **scope)


def end(assignment: RoleAssignment) -> None:
    RoleAssignment.objects.filter(pk=assignment.pk).update(ended_at=Now())
