"""Somebody leaves, or is acted as: as `tests.acts.table` has the services of the rest."""

from datetime import timedelta

from django.utils import timezone

from accounts import impersonation_services, leaving_services
from accounts.models import User
from rbac.handovers import Plan
from rbac.models import Effect
from rbac.permissions import Permission, closure
from rbac.switches import SwitchKey
from tests import factories
from tests.acts.case import ASSIGN, WHY, Arguments, Case, beth
from tests.acts.stage import GIVEN, STRONG, Stage
from tests.deployments.factories import CrossTenantDeploymentFactory, TenantDeploymentFactory
from tests.schedules.factories import ScheduleFactory

NOBODY = Plan({}, {}, {})


def goes(stage: Stage) -> Arguments:
    return {"user": stage.beth, "plan": NOBODY, **WHY}


def to_newt(stage: Stage) -> Arguments:
    """What Beth holds, and her place at the Desk."""
    member = factories.GroupMembershipFactory(group=stage.group, user=stage.beth)
    plan = Plan({stage.beths.pk: stage.newt}, {member.pk: stage.newt}, {})
    return {"user": stage.beth, "plan": plan, **WHY}


def to_oneself(stage: Stage, actor: User) -> Arguments:
    role = factories.RoleFactory(permissions=sorted(closure([STRONG])))
    held = factories.RoleAssignmentFactory(user=stage.beth, role=role, scope="tenant", tenant=stage.fabrikam)
    return {"plan": Plan({held.pk: actor}, {}, {})}


def with_all(stage: Stage) -> Arguments:
    """Everything that can go with somebody, and what happens by their right; Newt had the same before, until now."""
    past = {"expires_at": timezone.now() - timedelta(hours=1)}
    stage.give(stage.beth, scope="tenant", tenant=stage.branch, effect=Effect.DENY)
    stage.give(stage.newt, scope="tenant", tenant=stage.fabrikam, **past)
    factories.PasswordLinkFactory(user=stage.beth)
    factories.InvitationFactory(tenant=stage.fabrikam, invited_by=stage.beth)
    TenantDeploymentFactory(tenant=stage.fabrikam, saved_by=stage.beth)
    CrossTenantDeploymentFactory(tenant=stage.fabrikam, saved_by=stage.beth)
    ScheduleFactory(tenant=stage.fabrikam, saved_by=stage.beth)
    said = to_newt(stage)
    factories.GroupMembershipFactory(group=stage.group, user=stage.newt, **past)
    return said


MANAGE = (Permission.USERS_MANAGE, ASSIGN, GIVEN, Permission.GROUPS_MANAGE)


def acting_as_beth(stage: Stage) -> Arguments:
    factories.SwitchFactory(key=SwitchKey.IMPERSONATION, enabled=True)
    return {"user": stage.beth, **WHY}


OF_LEAVING = [
    Case(
        impersonation_services.start_impersonation,
        (Permission.USERS_IMPERSONATE, GIVEN),
        acting_as_beth,
        person=beth,
    ),
    Case(leaving_services.see_user_off, MANAGE[:1], goes, person=beth),
    Case(leaving_services.see_user_off, MANAGE, to_newt, "to another", time=True, person=beth, own=to_oneself),
]
