"""Each service with a call that passes, what the call takes, and what else could speak against it (see `Case`)."""

from typing import Any

from accounts import group_services, services
from accounts.models import User
from rbac import services as access_services
from rbac.models import Effect, RoleAssignment
from rbac.permissions import Permission, closure
from rbac.switches import SwitchKey
from tenancy import services as tenancy_services
from tests import factories, factors
from tests.acts.agent_cases import AGENTS
from tests.acts.case import (
    ASSIGN,
    ASSIGN_OWNER,
    ASSIGN_STRONG,
    ASSIGN_TAG,
    TWO,
    WHY,
    Arguments,
    Case,
    at_litware,
    beth,
    lena,
    newt,
    tess,
)
from tests.acts.computer_cases import COMPUTERS
from tests.acts.custom_cases import CUSTOMS
from tests.acts.deployment_cases import DEPLOYMENTS
from tests.acts.identity_cases import IDENTITIES
from tests.acts.import_cases import IMPORTS
from tests.acts.invitation_cases import INVITATIONS
from tests.acts.leaving_cases import OF_LEAVING
from tests.acts.license_cases import LICENSES
from tests.acts.maintenance_cases import MAINTENANCE
from tests.acts.person_cases import OF_PEOPLE
from tests.acts.request_cases import REQUESTS
from tests.acts.role_cases import ROLES_OF_TENANTS
from tests.acts.schedule_cases import SCHEDULES
from tests.acts.share_cases import SHARES
from tests.acts.software_cases import SOFTWARE
from tests.acts.stage import CHILDREN, GIVEN, STRONG, Stage
from tests.grants import grant

# Assignments and switches


def draft(stage: Stage, user: User, role: Any = None, effect: str = Effect.ALLOW) -> Arguments:
    row = {"role": role or stage.role, "effect": effect, "tenant": stage.fabrikam, **CHILDREN, **WHY}
    return {"draft": RoleAssignment(user=user, **row)}


def give_oneself(stage: Stage, actor: User) -> Arguments:
    return draft(stage, actor, factories.RoleFactory(permissions=sorted(closure([STRONG]))))


def end_own_deny(stage: Stage, actor: User) -> Arguments:
    return {"assignments": [stage.deny(actor, GIVEN).pk]}


def at_litware_of(user: User, stage: Stage) -> RoleAssignment:
    return stage.give(user, scope="tenant", tenant=stage.litware)


def flip(stage: Stage, *, enabled: bool) -> Arguments:
    """Beth has scripts that the switch takes while it is off."""
    grant(stage.beth, Permission.SCRIPTS_MANAGE, scope="tenant", tenant=stage.fabrikam)
    factories.SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=not enabled)
    return {"key": SwitchKey.TERMINAL_AND_SCRIPTS, "enabled": enabled, **WHY}


FLIPPING = (Permission.PREFERENCES_MANAGE_SYSTEM, Permission.SCRIPTS_MANAGE, ASSIGN, ASSIGN_OWNER, GIVEN)
SCRIPTED = (("Fabrikam", Permission.SCRIPTS_MANAGE),)
"""A switch is the instance's; the tenants that it reaches are those of the people who have what it suspends."""

ACCESS = [
    Case(
        access_services.grant_assignment,
        (ASSIGN, GIVEN),
        lambda stage: draft(stage, stage.newt),
        time=True,
        own=give_oneself,
        spots=("Fabrikam", "Branch"),
    ),
    Case(
        access_services.grant_assignment,
        (ASSIGN, GIVEN),
        lambda stage: draft(stage, stage.beth, effect=Effect.DENY),
        says="to deny",
        person=beth,
        spots=("Fabrikam", "Branch"),
    ),
    Case(
        access_services.end_assignments,
        (Permission.USERS_MANAGE, GIVEN),
        lambda stage: {"assignments": [stage.beths.pk], **WHY},
        person=beth,
        own=end_own_deny,
    ),
    Case(
        access_services.end_assignments,
        (Permission.USERS_MANAGE, GIVEN),
        lambda stage: {"assignments": [stage.beths.pk, at_litware_of(stage.lena, stage).pk], **WHY},
        "of several",
        person=lena,
        spots=TWO,
    ),
    Case(
        access_services.set_switch,
        FLIPPING,
        lambda stage: flip(stage, enabled=True),
        "on",
        time=True,
        everywhere=True,
        spots=SCRIPTED,
    ),
    Case(
        access_services.set_switch,
        FLIPPING,
        lambda stage: flip(stage, enabled=False),
        "off",
        person=beth,
        everywhere=True,
        spots=SCRIPTED,
    ),
]

# People


def bounded(stage: Stage, user: User) -> User:
    user.access_expires_at = stage.soon()
    user.save()
    return user


def edited(user: User, **said: Any) -> Arguments:
    same = {"name": user.name, "email": user.email, "tenant": user.tenant, "access_expires_at": user.access_expires_at}
    return {"user": user, **same, **said}


def asleep(user: User) -> User:
    user.is_active = False
    user.save()
    return user


def factored(user: User) -> User:
    factors.AppFactory(user=user)
    return user


MANAGE = (Permission.USERS_MANAGE, GIVEN)
PEOPLE = [
    Case(
        services.create_user,
        (Permission.USERS_MANAGE,),
        lambda stage: {"tenant": stage.fabrikam, "email": "new@example.com", "name": "New"},
    ),
    Case(services.issue_password_link, MANAGE, lambda stage: {"user": stage.beth}, time=True, person=beth),
    Case(services.reset_factors, MANAGE, lambda stage: {"user": factored(stage.beth), **WHY}, time=True, person=beth),
    Case(
        services.edit_user,
        MANAGE,
        lambda stage: edited(stage.beth, email="other@example.com"),
        time=True,
        person=beth,
        own=lambda stage, actor: edited(bounded(stage, actor), access_expires_at=None),
    ),
    Case(
        services.edit_user,
        MANAGE,
        lambda stage: edited(stage.beth, tenant=stage.litware),
        "home",
        person=beth,
        spots=TWO,
    ),
    Case(
        services.activate_users,
        MANAGE,
        lambda stage: {"users": [asleep(stage.beth), asleep(stage.lena)]},
        time=True,
        person=beth,
        spots=TWO,
    ),
    Case(
        services.deactivate_users,
        MANAGE[:1],
        lambda stage: {"users": [stage.beth, stage.lena], **WHY},
        person=beth,
        spots=TWO,
    ),
    Case(
        services.set_access_expiry,
        MANAGE,
        lambda stage: {"users": [bounded(stage, stage.beth), bounded(stage, stage.lena)], "access_expires_at": None},
        time=True,
        person=beth,
        own=lambda stage, actor: {"users": [bounded(stage, actor)]},
        spots=TWO,
    ),
    Case(services.remove_user, MANAGE[:1], lambda stage: {"user": stage.beth, **WHY}, person=beth),
]

# Groups


def strong_group(stage: Stage) -> None:
    role = factories.RoleFactory(permissions=sorted(closure([STRONG])))
    factories.RoleAssignmentFactory(group=stage.group, role=role, scope="tenant", tenant=stage.fabrikam)


def join_strong(stage: Stage, actor: User) -> Arguments:
    strong_group(stage)
    return {"user": actor}


def membership(stage: Stage, user: User) -> Arguments:
    factories.GroupMembershipFactory(group=stage.group, user=user)
    return {"group": stage.group, "users": [user], **WHY}


def leave_denied(stage: Stage, actor: User) -> Arguments:
    stage.give(group=stage.group, effect=Effect.DENY, scope="tenant", tenant=stage.litware)
    return membership(stage, actor)


GROUPING = (Permission.GROUPS_MANAGE,)
GROUPS = [
    Case(group_services.create_group, GROUPING, lambda stage: {"tenant": stage.fabrikam, "name": "New"}),
    Case(
        group_services.edit_group,
        GROUPING,
        lambda stage: {"group": stage.group, "name": "New", "description": ""},
        spots=("Contoso",),
    ),
    Case(
        group_services.remove_group,
        GROUPING,
        lambda stage: {"group": factories.GroupFactory(tenant=stage.fabrikam), **WHY},
    ),
    Case(
        group_services.add_member,
        (*GROUPING, ASSIGN, GIVEN),
        lambda stage: {"group": stage.group, "user": stage.newt},
        time=True,
        own=join_strong,
        spots=("Contoso", ("Fabrikam", ASSIGN), ("Fabrikam", GIVEN)),
    ),
    Case(
        group_services.end_memberships,
        (*GROUPING, GIVEN),
        lambda stage: membership(stage, stage.newt),
        person=newt,
        own=leave_denied,
        spots=("Contoso", ("Fabrikam", GIVEN)),
    ),
]

# Tenants and tags


def tagged_for(stage: Stage, actor: User) -> Arguments:
    """What bears the tag lies in the actor's own reach."""
    grant(actor, STRONG, scope="tag", tag=stage.gold)
    return {}


def move_branch(stage: Stage) -> Arguments:
    """Tess gains it, Beth loses it."""
    stage.give(stage.beth, tenant=stage.fabrikam, **CHILDREN)
    return {"tenant": stage.branch, "parent": stage.litware}


def flag_fabrikam(stage: Stage) -> Arguments:
    """Beth's *Manage Tenants* sleeps as long as her home is no MSP."""
    grant(stage.beth, Permission.TENANTS_MANAGE, scope="tenant", tenant=stage.fabrikam)
    return {"tenant": stage.fabrikam, "is_msp": True}


def unflag_branch(stage: Stage) -> Arguments:
    branch = factories.MspFactory(name="Branch office", parent=stage.fabrikam)
    stage.newt.tenant = branch
    stage.newt.save()
    return {"tenant": branch, "is_msp": False}


def untag(stage: Stage) -> Arguments:
    factories.TenantTagFactory(tenant=stage.fabrikam, tag=stage.gold)
    return {"tenant": stage.fabrikam, "tags": []}


def closed(stage: Stage) -> Arguments:
    stage.fabrikam.is_active = False
    stage.fabrikam.save()
    return {"tenant": stage.fabrikam}


TENANTS = (Permission.TENANTS_MANAGE,)
ACTIVATION = (Permission.TENANTS_CONTROL_ACTIVATION,)
TAGS = (Permission.TAGS_MANAGE,)
PLACES = [
    Case(
        tenancy_services.create_tenant,
        (*TENANTS, ASSIGN_TAG, GIVEN),
        lambda stage: {"parent": stage.fabrikam, "name": "New", "slug": "new", "tags": [stage.gold]},
        time=True,
        own=tagged_for,
    ),
    Case(tenancy_services.rename_tenant, TENANTS, lambda stage: {"tenant": stage.fabrikam, "name": "New"}),
    Case(
        tenancy_services.move_tenant,
        (*TENANTS, ASSIGN, GIVEN),
        move_branch,
        time=True,
        person=beth,
        own=at_litware,
        spots=("Branch", "Litware", ("Branch", GIVEN)),
    ),
    Case(tenancy_services.set_msp_flag, (*TENANTS, ASSIGN, ASSIGN_STRONG), flag_fabrikam, "on", time=True),
    Case(tenancy_services.set_msp_flag, TENANTS, unflag_branch, "off", person=newt, spots=("Branch office",)),
    Case(
        tenancy_services.tag_tenant,
        (*TAGS, ASSIGN_TAG, GIVEN),
        lambda stage: {"tenant": stage.fabrikam, "tags": [stage.gold]},
        time=True,
        own=tagged_for,
    ),
    Case(tenancy_services.tag_tenant, (*TAGS, ASSIGN_TAG, GIVEN), untag, "no more", person=tess),
    Case(
        tenancy_services.deactivate_tenant,
        (*ACTIVATION, Permission.USERS_MANAGE),
        lambda stage: {"tenant": stage.fabrikam, **WHY},
        person=beth,
    ),
    Case(tenancy_services.activate_tenant, (*ACTIVATION, GIVEN), closed, time=True, person=beth),
    Case(tenancy_services.delete_tenant, TENANTS, lambda stage: {"tenant": stage.branch, **WHY}, spots=("Branch",)),
    Case(
        tenancy_services.create_tag,
        (*TAGS, Permission.TENANTS_VIEW),
        lambda stage: {"tenant": stage.fabrikam, "name": "New"},
    ),
    Case(
        tenancy_services.edit_tag,
        TAGS,
        lambda stage: {"tag": stage.silver, "name": "New", "color": ""},
        spots=("Contoso",),
    ),
    Case(tenancy_services.remove_tag, TAGS, lambda stage: {"tag": stage.silver, **WHY}, spots=("Contoso",)),
]

CASES = [
    *ACCESS,
    *PEOPLE,
    *OF_PEOPLE,
    *INVITATIONS,
    *REQUESTS,
    *IMPORTS,
    *IDENTITIES,
    *OF_LEAVING,
    *GROUPS,
    *ROLES_OF_TENANTS,
    *PLACES,
    *COMPUTERS,
    *AGENTS,
    *DEPLOYMENTS,
    *SCHEDULES,
    *MAINTENANCE,
    *LICENSES,
    *SHARES,
    *SOFTWARE,
    *CUSTOMS,
]
