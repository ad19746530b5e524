"""How each service is tried: a play makes the arguments of one call from what its actor sees."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from accounts import group_services, impersonation_services, leaving_services, services
from accounts.models import Group, GroupMembership, Invitation, User
from computers import script_services
from computers import services as computer_services
from computers.models import Computer, ComputerType, Script
from rbac import invitation_services, role_services
from rbac import services as access_services
from rbac.flips import stands
from rbac.handovers import Plan
from rbac.invitations import Offer
from rbac.models import Effect, Role, RoleAssignment
from rbac.permissions import Permission, closure
from rbac.switches import SwitchKey
from tenancy import services as tenancy_services
from tenancy.models import Tag, Tenant
from tests.escalation.scene import NothingToTry, Scene

Service = Callable[..., Any]
Play = Callable[[Scene], dict[str, Any]]


class Trick(NamedTuple):
    """One service, with the permission that it asks first, how often it is worth a try, and its play."""

    service: Service
    permission: Permission
    weight: int
    play: Play


TRICKS: list[Trick] = []
LATER: dict[str, list[Trick]] = {"inviting": [], "leaving": [], "factors": [], "importing": [], "acting": []}
"""Tried in sequences of their own, beside `TRICKS`: what was chosen with the same dice before stays as it was."""


def plays(
    service: Service, permission: Permission, weight: int = 2, among: list[Trick] = TRICKS
) -> Callable[[Play], Play]:
    def register(play: Play) -> Play:
        among.append(Trick(service, permission, weight, play))
        return play

    return register


def choose(scene: Scene, tricks: list[Trick]) -> Trick:
    """Mostly one whose permission the actor holds somewhere."""
    likely = [trick for trick in tricks if scene.access.holds(trick.permission) or scene.one_in(12)]
    if not likely:
        raise NothingToTry
    return scene.dice.choices(likely, [trick.weight for trick in likely])[0]


# Assignments and switches


@plays(access_services.grant_assignment, Permission.USERS_MANAGE, weight=16)
def _grant(scene: Scene) -> dict[str, Any]:
    return {"draft": scene.draft()}


@plays(access_services.end_assignments, Permission.USERS_VIEW, weight=8)
def _end(scene: Scene) -> dict[str, Any]:
    rows = RoleAssignment.objects.unended() if scene.one_in(3) else scene.denies()
    return {"assignments": [scene.pick(rows, Permission.USERS_VIEW).pk], "reason": "a try"}


@plays(access_services.set_switch, Permission.PREFERENCES_MANAGE_SYSTEM, weight=6)
def _flip(scene: Scene) -> dict[str, Any]:
    key = scene.one_of(list(SwitchKey)) if scene.one_in(4) else SwitchKey.TERMINAL_AND_SCRIPTS
    return {"key": key, "enabled": not stands(key), "reason": "a try"}


# People


@plays(services.create_user, Permission.USERS_MANAGE, weight=4)
def _create_user(scene: Scene) -> dict[str, Any]:
    tenant = scene.pick(Tenant, Permission.USERS_MANAGE)
    return {"tenant": tenant, "email": f"{scene.fresh}@example.test", "name": scene.fresh}


@plays(services.issue_password_link, Permission.USERS_MANAGE, weight=8)
def _link(scene: Scene) -> dict[str, Any]:
    return {"user": scene.somebody_else()}


@plays(services.edit_user, Permission.USERS_MANAGE, weight=6)
def _edit_user(scene: Scene) -> dict[str, Any]:
    readdressed = scene.one_in(3)
    user = scene.somebody_else() if readdressed else scene.person()
    return {
        "user": user,
        "name": scene.fresh,
        "email": f"{scene.fresh}@example.test" if readdressed else user.email,
        "tenant": scene.pick(Tenant, Permission.USERS_MANAGE) if scene.one_in(2) else user.tenant,
        "access_expires_at": scene.end() if scene.one_in(3) else user.access_expires_at,
    }


@plays(services.activate_users, Permission.USERS_MANAGE, weight=3)
def _activate(scene: Scene) -> dict[str, Any]:
    out = list(User.objects.present().filter(is_active=False).order_by("pk"))
    return {"users": [scene.one_of(out)]}


@plays(services.deactivate_users, Permission.USERS_MANAGE)
def _deactivate(scene: Scene) -> dict[str, Any]:
    return {"users": [scene.pick(User.objects.present(), Permission.USERS_MANAGE)], "reason": "a try"}


@plays(services.set_access_expiry, Permission.USERS_MANAGE, weight=3)
def _set_expiry(scene: Scene) -> dict[str, Any]:
    return {"users": [scene.person()], "access_expires_at": scene.end()}


@plays(services.remove_user, Permission.USERS_MANAGE, weight=1)
def _remove_user(scene: Scene) -> dict[str, Any]:
    return {"user": scene.pick(User.objects.present(), Permission.USERS_MANAGE), "reason": "a try"}


@plays(leaving_services.see_user_off, Permission.USERS_MANAGE, weight=30, among=LATER["leaving"])
def _see_off(scene: Scene) -> dict[str, Any]:
    """Mostly somebody strong, whose access goes to a friend."""
    user = scene.somebody_else()
    heirs = [scene.person() for _ in range(2)]
    rows = RoleAssignment.objects.unexpired().filter(user=user, effect=Effect.ALLOW).order_by("pk")
    inside = GroupMembership.objects.live().filter(user=user).order_by("pk")
    plan = Plan(*({row.pk: scene.one_of(heirs) for row in each if not scene.one_in(3)} for each in (rows, inside)), {})
    return {"user": user, "plan": plan, "reason": "a try"}


@plays(services.reset_factors, Permission.USERS_MANAGE, weight=10, among=LATER["factors"])
def _reset_factors(scene: Scene) -> dict[str, Any]:
    return {"user": scene.somebody_else(), "reason": "a try"}


@plays(impersonation_services.start_impersonation, Permission.USERS_IMPERSONATE, weight=30, among=LATER["acting"])
def _act_as(scene: Scene) -> dict[str, Any]:
    return {"user": scene.pick(User.objects.present(), Permission.USERS_IMPERSONATE), "reason": "a try"}


# Invitations


@plays(invitation_services.invite_users, Permission.USERS_MANAGE, weight=30, among=LATER["inviting"])
def _invite(scene: Scene) -> dict[str, Any]:
    newcomer = User(email=f"{scene.fresh}@example.test", tenant=scene.pick(Tenant, Permission.USERS_MANAGE))
    drafts = (scene.draft(),) if not scene.one_in(4) else ()
    groups = (scene.group(),) if scene.one_in(3) else ()
    return {"offers": [Offer(newcomer, drafts, groups, "a try")], "site": "https://try.test"}


def _waiting(scene: Scene) -> Invitation:
    return scene.one_of(list(Invitation.objects.pending().select_related("tenant", "invited_by").order_by("pk")))


@plays(invitation_services.accept_invitation, Permission.USERS_VIEW, weight=30, among=LATER["inviting"])
def _accept(scene: Scene) -> dict[str, Any]:
    return {"invitation": _waiting(scene), "name": scene.fresh, "password": "a try that is long enough"}


@plays(invitation_services.resend_invitation, Permission.USERS_MANAGE, weight=10, among=LATER["inviting"])
def _resend(scene: Scene) -> dict[str, Any]:
    return {"invitation": _waiting(scene), "site": "https://try.test"}


@plays(invitation_services.revoke_invitation, Permission.USERS_MANAGE, weight=3, among=LATER["inviting"])
def _revoke(scene: Scene) -> dict[str, Any]:
    return {"invitation": _waiting(scene), "reason": "a try"}


# Groups


@plays(group_services.create_group, Permission.GROUPS_MANAGE, weight=1)
def _create_group(scene: Scene) -> dict[str, Any]:
    return {"tenant": scene.owner(Permission.GROUPS_MANAGE), "name": scene.fresh}


@plays(group_services.edit_group, Permission.GROUPS_MANAGE, weight=1)
def _edit_group(scene: Scene) -> dict[str, Any]:
    return {"group": scene.pick(Group, Permission.GROUPS_MANAGE), "name": scene.fresh, "description": ""}


@plays(group_services.remove_group, Permission.GROUPS_MANAGE, weight=1)
def _remove_group(scene: Scene) -> dict[str, Any]:
    return {"group": scene.pick(Group, Permission.GROUPS_MANAGE), "reason": "a try"}


@plays(group_services.add_member, Permission.GROUPS_MANAGE, weight=10)
def _add_member(scene: Scene) -> dict[str, Any]:
    group = scene.pick(Group, Permission.GROUPS_MANAGE)
    return {"group": group, "user": scene.person(within=group), "expires_at": scene.end()}


@plays(group_services.end_memberships, Permission.USERS_VIEW, weight=5)
def _end_membership(scene: Scene) -> dict[str, Any]:
    mine = Group.objects.live().filter(memberships__user__in=scene.coalition, memberships__ended_at=None)
    group = scene.pick(mine.distinct(), Permission.GROUPS_VIEW)
    return {"group": group, "users": scene.some(scene.members_in(group), 1), "reason": "a try"}


# Roles


def _role(scene: Scene) -> Role:
    """Mostly one that somebody of the coalition has."""
    custom = Role.objects.live().filter(key=None)
    groups = GroupMembership.objects.live().filter(user__in=scene.coalition).values("group")
    mine = RoleAssignment.objects.unended().filter(Q(user__in=scene.coalition) | Q(group__in=groups))
    return scene.pick(custom if scene.one_in(2) else custom.filter(pk__in=mine.values("role")), Permission.ROLES_MANAGE)


def _held(scene: Scene, role: Role | None = None) -> list[str]:
    """A few permissions more than the role has, or fewer, with all that they rest on."""
    before = set(role.permissions) if role else set()
    less = set(scene.some(sorted(before), 3)) if before and scene.one_in(2) else set()
    held = {Permission(each) for each in (before - less) | set(scene.some(list(Permission), 3))}
    return sorted(held if role and role.deny_only else closure(held))


@plays(role_services.create_role, Permission.ROLES_MANAGE)
def _create_role(scene: Scene) -> dict[str, Any]:
    return {"tenant": scene.owner(Permission.ROLES_MANAGE), "name": scene.fresh, "permissions": _held(scene)}


@plays(role_services.edit_role, Permission.ROLES_MANAGE, weight=12)
def _edit_role(scene: Scene) -> dict[str, Any]:
    role = _role(scene)
    same = {"name": role.name, "description": role.description, "version": role.version}
    return {"role": role, **same, "permissions": _held(scene, role), "reason": "a try"}


@plays(role_services.restore_role_version, Permission.ROLES_MANAGE, weight=3)
def _restore_role(scene: Scene) -> dict[str, Any]:
    role = scene.pick(Role.objects.live().filter(version__gt=1), Permission.ROLES_MANAGE)
    return {"role": role, "number": scene.dice.randint(1, role.version - 1), "version": role.version}


@plays(role_services.delete_role, Permission.ROLES_MANAGE, weight=1)
def _delete_role(scene: Scene) -> dict[str, Any]:
    role = _role(scene)
    return {"role": role, "version": role.version, "reason": "a try"}


# Tenants


@plays(tenancy_services.create_tenant, Permission.TENANTS_MANAGE, weight=3)
def _create_tenant(scene: Scene) -> dict[str, Any]:
    parent = scene.owner(Permission.TENANTS_MANAGE)
    tags = scene.tags_for(parent, []) if parent and scene.one_in(2) else []
    named = {"name": scene.fresh, "slug": scene.fresh}
    return {"parent": parent, "tags": tags, "is_msp": scene.one_in(3), **named}


@plays(tenancy_services.rename_tenant, Permission.TENANTS_MANAGE, weight=1)
def _rename_tenant(scene: Scene) -> dict[str, Any]:
    return {"tenant": scene.pick(Tenant, Permission.TENANTS_MANAGE), "name": scene.fresh}


@plays(tenancy_services.move_tenant, Permission.TENANTS_MANAGE, weight=6)
def _move_tenant(scene: Scene) -> dict[str, Any]:
    return {"tenant": scene.pick(Tenant, Permission.TENANTS_MANAGE), "parent": scene.owner(Permission.TENANTS_MANAGE)}


@plays(tenancy_services.set_msp_flag, Permission.TENANTS_MANAGE, weight=4)
def _flag(scene: Scene) -> dict[str, Any]:
    tenant = scene.pick(Tenant, Permission.TENANTS_MANAGE)
    return {"tenant": tenant, "is_msp": not tenant.is_msp}


@plays(tenancy_services.tag_tenant, Permission.TAGS_MANAGE, weight=8)
def _tag_tenant(scene: Scene) -> dict[str, Any]:
    tenant = scene.pick(Tenant, Permission.TAGS_MANAGE)
    return {"tenant": tenant, "tags": scene.tags_for(tenant, list(tenant.tags.all()))}


@plays(tenancy_services.deactivate_tenant, Permission.TENANTS_CONTROL_ACTIVATION, weight=1)
def _deactivate_tenant(scene: Scene) -> dict[str, Any]:
    return {"tenant": scene.pick(Tenant, Permission.TENANTS_CONTROL_ACTIVATION), "reason": "a try"}


@plays(tenancy_services.activate_tenant, Permission.TENANTS_CONTROL_ACTIVATION, weight=3)
def _activate_tenant(scene: Scene) -> dict[str, Any]:
    return {"tenant": scene.one_of(list(Tenant.objects.filter(is_active=False).order_by("pk")))}


@plays(tenancy_services.delete_tenant, Permission.TENANTS_MANAGE, weight=1)
def _delete_tenant(scene: Scene) -> dict[str, Any]:
    return {"tenant": scene.pick(Tenant, Permission.TENANTS_MANAGE), "reason": "a try"}


# Tags


@plays(tenancy_services.create_tag, Permission.TAGS_MANAGE, weight=1)
def _create_tag(scene: Scene) -> dict[str, Any]:
    return {"tenant": scene.owner(Permission.TAGS_MANAGE), "name": scene.fresh}


@plays(tenancy_services.edit_tag, Permission.TAGS_MANAGE, weight=1)
def _edit_tag(scene: Scene) -> dict[str, Any]:
    return {"tag": scene.pick(Tag, Permission.TAGS_MANAGE), "name": scene.fresh, "color": ""}


@plays(tenancy_services.remove_tag, Permission.TAGS_MANAGE, weight=1)
def _remove_tag(scene: Scene) -> dict[str, Any]:
    return {"tag": scene.pick(Tag, Permission.TAGS_MANAGE), "reason": "a try"}


# Computers


def _computer(scene: Scene, permission: Permission, rows: QuerySet[Computer] | None = None) -> dict[str, Any]:
    """One of them, as a form about it saw it."""
    computer = scene.pick(Computer.objects.live() if rows is None else rows, permission)
    return {"computer": computer, "version": computer.updated_at}


@plays(computer_services.edit_computer, Permission.COMPUTERS_MANAGE, weight=1)
def _edit_computer(scene: Scene) -> dict[str, Any]:
    said = {"name": scene.fresh, "os": "", "serial_number": ""}
    return _computer(scene, Permission.COMPUTERS_MANAGE) | said


@plays(computer_services.write_notes, Permission.COMPUTERS_MANAGE_NOTES, weight=1)
def _write_notes(scene: Scene) -> dict[str, Any]:
    return _computer(scene, Permission.COMPUTERS_MANAGE_NOTES) | {"notes": scene.fresh}


@plays(computer_services.set_computer_type, Permission.COMPUTERS_MANAGE, weight=5)
def _set_type(scene: Scene) -> dict[str, Any]:
    return _computer(scene, Permission.COMPUTERS_MANAGE) | {"type": scene.one_of(ComputerType.values)}


@plays(computer_services.set_computer_tags, Permission.COMPUTERS_MANAGE_TAGS, weight=5)
def _set_computer_tags(scene: Scene) -> dict[str, Any]:
    asked = _computer(scene, Permission.COMPUTERS_MANAGE_TAGS)
    computer = asked["computer"]
    return asked | {"tags": scene.tags_for(computer.tenant, list(computer.tags.all()))}


@plays(computer_services.tag_computers, Permission.COMPUTERS_MANAGE_TAGS)
def _tag_computers(scene: Scene) -> dict[str, Any]:
    computers = [_computer(scene, Permission.COMPUTERS_MANAGE_TAGS)["computer"] for _ in range(2)]
    tags = scene.tags_for(computers[0].tenant, [])
    return {"computers": computers, "put" if scene.one_in(2) else "take": tags}


@plays(computer_services.move_computer, Permission.COMPUTERS_CHANGE_TENANT, weight=6)
def _move_computer(scene: Scene) -> dict[str, Any]:
    asked = _computer(scene, Permission.COMPUTERS_CHANGE_TENANT)
    tenant = scene.pick(Tenant, Permission.COMPUTERS_CHANGE_TENANT)
    lost = computer_services.tags_lost(asked["computer"], tenant)
    return asked | {"tenant": tenant, "dropping": list(lost)}


@plays(computer_services.delete_computer, Permission.COMPUTERS_DELETE, weight=1)
def _delete_computer(scene: Scene) -> dict[str, Any]:
    return _computer(scene, Permission.COMPUTERS_DELETE) | {"reason": "a try"}


@plays(computer_services.restore_computer, Permission.COMPUTERS_DELETE)
def _restore_computer(scene: Scene) -> dict[str, Any]:
    return _computer(scene, Permission.COMPUTERS_DELETE, Computer.objects.exclude(deleted_at=None))


# Scripts


@plays(script_services.create_script, Permission.SCRIPTS_MANAGE, weight=1)
def _create_script(scene: Scene) -> dict[str, Any]:
    return {"tenant": scene.owner(Permission.SCRIPTS_MANAGE), "name": scene.fresh, "language": "bash", "body": ""}


@plays(script_services.edit_script, Permission.SCRIPTS_MANAGE, weight=1)
def _edit_script(scene: Scene) -> dict[str, Any]:
    script = scene.pick(Script, Permission.SCRIPTS_MANAGE)
    return {"script": script, "version": script.updated_at, "name": scene.fresh, "language": "bash", "body": ""}


@plays(script_services.delete_script, Permission.SCRIPTS_MANAGE, weight=1)
def _delete_script(scene: Scene) -> dict[str, Any]:
    script = scene.pick(Script, Permission.SCRIPTS_MANAGE)
    return {"script": script, "version": script.updated_at, "reason": "a try"}
