"""What a permission lets somebody do, as a verb with its object: "edit DC01", "view users in Fabrikam"."""

from __future__ import annotations

from accounts.models import Group, Person, User
from computers.models import Computer, License, Script, Software
from rbac.models import Role
from rbac.objects import ComputersOf, Instance, Subject
from rbac.permissions import Permission, Scoping
from tenancy.models import Tag, Tenant

PLAIN = {
    Permission.USERS_ASSIGN_MSP_SCOPED_ROLES: "assign roles at the scope of an MSP",
    Permission.USERS_ASSIGN_OWNER_SCOPED_ROLES: "assign roles at scope owner",
    Permission.USERS_ASSIGN_TAG_SCOPED_ROLES: "assign roles at the scope of a tag",
    Permission.USERS_ASSIGN_SPECIFIC_TENANT_SCOPED_ROLES: "assign roles at the scope of a tenant",
    Permission.TENANTS_CONTROL_ACTIVATION: "activate and deactivate tenants",
    Permission.GOVERNANCE_EXPLAIN_ACCESS: "ask why others may or may not",
    Permission.GOVERNANCE_SIMULATE_CHANGES: "ask what a change of access would do",
    Permission.AUDIT_VIEW: "view the audit log",
    Permission.AUDIT_VIEW_SYSTEM: "view the system audit log",
    Permission.AUDIT_EXPORT: "export the audit log",
    Permission.DASHBOARD_VIEW: "view the dashboard",
    Permission.DASHBOARD_VIEW_SYSTEM: "view the dashboard of the whole system",
}
"""Where a label in small letters is no verb with its object."""

ON_ITS_OWN: dict[tuple[Permission, type], str] = {
    (Permission.USERS_VIEW, User): "see {}",
    (Permission.USERS_MANAGE, User): "manage {}",
    (Permission.USERS_IMPERSONATE, User): "act as {}",
    (Permission.USERS_VIEW, Person): "see {}",
    (Permission.USERS_MANAGE, Person): "manage {}",
    (Permission.TENANTS_VIEW, Tenant): "see {}",
    (Permission.TENANTS_MANAGE, Tenant): "manage {}",
    (Permission.TENANTS_CONTROL_ACTIVATION, Tenant): "activate or deactivate {}",
    (Permission.GROUPS_VIEW, Group): "see {}",
    (Permission.GROUPS_MANAGE, Group): "manage {}",
    (Permission.GROUPS_MANAGE_PUBLIC, Group): "manage {}",
    (Permission.ROLES_VIEW, Role): "see {}",
    (Permission.ROLES_MANAGE, Role): "manage {}",
    (Permission.ROLES_MANAGE_PUBLIC, Role): "manage {}",
    (Permission.GOVERNANCE_EXPLAIN_ACCESS, User): "ask why {} may or may not",
    (Permission.GOVERNANCE_SIMULATE_CHANGES, User): "ask what a change of what {} holds would do",
    (Permission.COMPUTERS_VIEW, Computer): "see {}",
    (Permission.COMPUTERS_MANAGE, Computer): "edit {}",
    (Permission.COMPUTERS_SET_PRIMARY_PERSON, Computer): "say who uses {}",
    (Permission.COMPUTERS_ONBOARD, Computer): "onboard {}",
    (Permission.COMPUTERS_MANAGE_NOTES, Computer): "write notes on {}",
    (Permission.COMPUTERS_MANAGE_TAGS, Computer): "change the tags of {}",
    (Permission.COMPUTERS_EXPORT, Computer): "export {}",
    (Permission.COMPUTERS_DELETE, Computer): "delete {}",
    (Permission.COMPUTERS_CHANGE_TENANT, Computer): "move {}",
    (Permission.COMPUTERS_USE_TERMINAL, Computer): "run commands on {}",
    (Permission.AGENTS_VIEW, Computer): "see the agent of {}",
    (Permission.AGENTS_INSTALL, Computer): "install an agent on {}",
    (Permission.AGENTS_MANAGE, Computer): "remove the agent of {}",
    (Permission.COMPUTERS_VIEW_INVENTORY, Computer): "see the inventory of {}",
    (Permission.COMPUTERS_VIEW_TIMELINE, Computer): "see what happened to {}",
    (Permission.COMPUTERS_REINVENTORY, Computer): "take the inventory of {} anew",
    (Permission.SESSIONS_VIEW, Computer): "see maintenance of {}",
    (Permission.SESSIONS_VIEW_LOGS, Computer): "read logs of maintenance on {}",
    (Permission.SESSIONS_RUN, Computer): "run maintenance on {}",
    (Permission.SESSIONS_RERUN, Computer): "run maintenance on {} again",
    (Permission.SESSIONS_CANCEL, Computer): "cancel maintenance on {}",
    (Permission.SESSIONS_POSTPONE, Computer): "postpone maintenance on {}",
    (Permission.SCRIPTS_RUN, Computer): "run scripts on {}",
    (Permission.SCRIPTS_VIEW, Script): "read {}",
    (Permission.SCRIPTS_MANAGE, Script): "edit {}",
    (Permission.SOFTWARE_VIEW, Software): "see {}",
    (Permission.SOFTWARE_MANAGE, Software): "edit {}",
    **{(Permission.SOFTWARE_SHARE, kind): "share {}" for kind in (License, Script, Software)},
    (Permission.LICENSES_VIEW, License): "see {}",
    (Permission.LICENSES_MANAGE, License): "edit {}",
    (Permission.LICENSES_DOWNLOAD, License): "reveal the key of {}",
    (Permission.TAGS_VIEW, Tag): "see {}",
    (Permission.TAGS_MANAGE, Tag): "manage {}",
}
"""What it does to one object of the kind that it is about."""

WITHIN: dict[type, str] = {Tenant: "in", User: "for", Group: "for"}
"""How other permissions stand to an object; `on` for the rest."""


def deed(permission: Permission, obj: Subject | None = None) -> str:
    """As it follows "You cannot"; without an object, what it does anywhere."""
    plain = plain_deed(permission)
    if obj is None:
        return plain
    if isinstance(obj, Instance):
        return plain if permission.spec.scoping == Scoping.SYSTEM else f"{plain} of {obj}"
    kind: type = Computer if isinstance(obj, ComputersOf) else type(obj)
    own = ON_ITS_OWN.get((permission, kind))
    return own.format(obj) if own else f"{plain} {WITHIN.get(kind, 'on')} {obj}"


def plain_deed(permission: Permission) -> str:
    """What it does, without what it is done to."""
    return PLAIN.get(permission) or _small(permission.label)


def _small(label: str) -> str:
    """A label without its capitals, but for what is one all through: MSP."""
    return " ".join(word if word.isupper() else word.lower() for word in label.split())
