"""The permission catalogue: every capability that the product guards (design 5).

Pure data and pure functions: nothing here asks the database. A permission stands here only together with the door or
the service that it guards. `shared/permission_catalogue.csv` is the plan that this file carries out, issue by issue.
"""

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import TextChoices

from rbac.permission_specs import OF_RESOURCES, Category, PermissionSpec, Scoping

__all__ = ("ASSIGN_PERMISSIONS", "SPECS", "Category", "Permission", "Scoping", "closure", "is_inert", "power_first")


class Permission(TextChoices):
    """One capability, written `subject:action`."""

    USERS_VIEW = "users:view", "View Users"
    USERS_MANAGE = "users:manage", "Manage Users"
    USERS_ASSIGN_CROSS_TENANT_ROLES = "users:assign_cross_tenant_roles", "Assign Cross-Tenant Roles"
    USERS_MANAGE_ACCESS_REQUESTS = "users:manage_access_requests", "Manage Access Requests"
    USERS_ASSIGN_MSP_SCOPED_ROLES = "users:assign_msp_scoped_roles", "Assign MSP Scoped Role Assignments"
    USERS_ASSIGN_OWNER_SCOPED_ROLES = "users:assign_owner_scoped_roles", "Assign Owner Scoped Role Assignments"
    USERS_ASSIGN_TAG_SCOPED_ROLES = "users:assign_tag_scoped_roles", "Assign Tag Scoped Role Assignments"
    USERS_ASSIGN_SPECIFIC_TENANT_SCOPED_ROLES = (
        "users:assign_specific_tenant_scoped_roles",
        "Assign Specific Tenant Scoped Role Assignments",
    )
    USERS_IMPERSONATE = "users:impersonate", "Impersonate Users"
    TENANTS_VIEW = "tenants:view", "View Tenants"
    TENANTS_MANAGE = "tenants:manage", "Manage Tenants"
    TENANTS_CONTROL_ACTIVATION = "tenants:control_activation", "Control Tenant Activation"
    GROUPS_VIEW = "groups:view", "View Groups"
    GROUPS_MANAGE = "groups:manage", "Manage Groups"
    GROUPS_MANAGE_PUBLIC = "groups:manage_public", "Manage Instance-Wide Groups"
    ROLES_VIEW = "roles:view", "View Roles"
    ROLES_MANAGE = "roles:manage", "Manage Roles"
    ROLES_MANAGE_PUBLIC = "roles:manage_public", "Manage Public Roles"
    GOVERNANCE_EXPLAIN_ACCESS = "governance:explain_access", "Explain Access"
    GOVERNANCE_SIMULATE_CHANGES = "governance:simulate_changes", "Simulate Access Changes"
    AUDIT_VIEW = "audit:view", "View Audit Log"
    AUDIT_VIEW_SYSTEM = "audit:view_system", "View System Audit Log"
    AUDIT_EXPORT = "audit:export", "Export Audit Log"
    COMPUTERS_VIEW = "computers:view", "View Computers"
    COMPUTERS_VIEW_INVENTORY = "computers:view_inventory", "View Computer Inventory"
    COMPUTERS_VIEW_TIMELINE = "computers:view_timeline", "View Computer Timeline"
    COMPUTERS_MANAGE = "computers:manage", "Manage Computers"
    COMPUTERS_SET_PRIMARY_PERSON = "computers:set_primary_person", "Set Primary Person"
    COMPUTERS_ONBOARD = "computers:onboard", "Onboard Computers"
    COMPUTERS_MANAGE_NOTES = "computers:manage_notes", "Manage Computer Notes"
    COMPUTERS_MANAGE_TAGS = "computers:manage_tags", "Manage Computer Tags"
    COMPUTERS_REINVENTORY = "computers:reinventory", "Refresh Computer Inventory"
    COMPUTERS_EXPORT = "computers:export", "Export Computers"
    COMPUTERS_DELETE = "computers:delete", "Delete and Restore Computers"
    COMPUTERS_CHANGE_TENANT = "computers:change_tenant", "Move Computers Between Tenants"
    COMPUTERS_USE_TERMINAL = "computers:use_terminal", "Use Computer Terminal"
    AGENTS_VIEW = "agents:view", "View Agents"
    AGENTS_INSTALL = "agents:install", "Install Agents"
    AGENTS_MANAGE = "agents:manage", "Manage Agents"
    DEPLOYMENTS_VIEW = "deployments:view", "View Deployments"
    DEPLOYMENTS_VIEW_CROSS_TENANT = "deployments:view_cross_tenant", "View Cross-Tenant Deployments"
    DEPLOYMENTS_PREVIEW_TARGETS = "deployments:preview_targets", "Preview Deployment Targets"
    DEPLOYMENTS_MANAGE_INDIVIDUAL = "deployments:manage_individual", "Manage Individual Deployments"
    DEPLOYMENTS_MANAGE_SINGLE_TENANT = "deployments:manage_single_tenant", "Manage Single-Tenant Deployments"
    DEPLOYMENTS_MANAGE_CROSS_TENANT = "deployments:manage_cross_tenant", "Manage Cross-Tenant Deployments"
    DEPLOYMENTS_MANAGE_CHANGE_REQUESTS = "deployments:manage_change_requests", "Submit Change Requests"
    DEPLOYMENTS_REVIEW_CHANGE_REQUESTS = "deployments:review_change_requests", "Review Change Requests"
    SESSIONS_VIEW = "sessions:view", "View Maintenance Sessions"
    SESSIONS_VIEW_LOGS = "sessions:view_logs", "View Session Logs"
    SESSIONS_RUN = "sessions:run", "Run Maintenance"
    SESSIONS_RERUN = "sessions:rerun", "Rerun Maintenance"
    SESSIONS_CANCEL = "sessions:cancel", "Cancel Maintenance"
    SESSIONS_POSTPONE = "sessions:postpone", "Postpone Maintenance"
    SCHEDULES_VIEW = "schedules:view", "View Schedules"
    SCHEDULES_MANAGE = "schedules:manage", "Manage Schedules"
    SOFTWARE_VIEW = "software:view", "View Software"
    SOFTWARE_MANAGE = "software:manage", "Manage Software"
    SOFTWARE_SHARE = "software:share", "Share Library Items"
    SCRIPTS_VIEW = "scripts:view", "View Scripts"
    SCRIPTS_MANAGE = "scripts:manage", "Manage Scripts"
    SCRIPTS_RUN = "scripts:run", "Run Scripts"
    LICENSES_VIEW = "licenses:view", "View Licenses"
    LICENSES_MANAGE = "licenses:manage", "Manage Licenses"
    LICENSES_DOWNLOAD = "licenses:download", "Reveal Licenses"
    DASHBOARD_VIEW = "dashboard:view", "View Dashboard"
    DASHBOARD_VIEW_SYSTEM = "dashboard:view_system", "View System Dashboard"
    REPORTS_VIEW = "reports:view", "View Reports"
    REPORTS_VIEW_SYSTEM = "reports:view_system", "View System-Wide Reports"
    REPORTS_EXPORT = "reports:export", "Export Reports"
    TAGS_VIEW = "tags:view", "View Tags"
    TAGS_MANAGE = "tags:manage", "Manage Tags"
    PREFERENCES_VIEW_TENANT = "preferences:view_tenant", "View Tenant Preferences"
    PREFERENCES_MANAGE_TENANT = "preferences:manage_tenant", "Manage Tenant Preferences"
    PREFERENCES_VIEW_SYSTEM = "preferences:view_system", "View System Preferences"
    PREFERENCES_MANAGE_SYSTEM = "preferences:manage_system", "Manage System Preferences"
    BRANDING_VIEW = "branding:view", "View Branding"
    BRANDING_MANAGE = "branding:manage", "Manage Branding"

    @property
    def spec(self) -> "PermissionSpec":
        return SPECS[self]


SPECS: dict[Permission, PermissionSpec] = {
    Permission.USERS_VIEW: PermissionSpec(
        "People & Users",
        Category.VIEW,
        "See people and user accounts, their groups and their assignments",
        depends_on=(Permission.TENANTS_VIEW,),
    ),
    Permission.USERS_MANAGE: PermissionSpec(
        "People & Users",
        Category.CORE,
        "Create, edit, expire and delete users; without an assign permission only the User's Tenant scope and "
        "non-admin roles can be given",
        administrative=True,
        depends_on=(Permission.USERS_VIEW, Permission.ROLES_VIEW),
    ),
    Permission.USERS_ASSIGN_CROSS_TENANT_ROLES: PermissionSpec(
        "People & Users",
        Category.ADVANCED,
        "Assign roles that contain system or MSP-only permissions, within what the assigner covers",
        administrative=True,
        depends_on=(Permission.USERS_VIEW, Permission.ROLES_VIEW),
    ),
    Permission.USERS_MANAGE_ACCESS_REQUESTS: PermissionSpec(
        "People & Users",
        Category.ADVANCED,
        "Approve or deny requests to join, with an expiry",
        administrative=True,
        depends_on=(Permission.USERS_MANAGE,),
    ),
    Permission.USERS_ASSIGN_MSP_SCOPED_ROLES: PermissionSpec(
        "People & Users",
        Category.ADVANCED,
        "Give a role the scope of a whole MSP that the assigner covers",
        administrative=True,
        depends_on=(Permission.USERS_VIEW, Permission.ROLES_VIEW),
    ),
    Permission.USERS_ASSIGN_OWNER_SCOPED_ROLES: PermissionSpec(
        "People & Users",
        Category.ADVANCED,
        "Create assignments that cover every tenant in the system",
        scoping=Scoping.SYSTEM,
        administrative=True,
        depends_on=(Permission.USERS_VIEW, Permission.ROLES_VIEW),
    ),
    Permission.USERS_ASSIGN_TAG_SCOPED_ROLES: PermissionSpec(
        "People & Users",
        Category.ADVANCED,
        "Give a role the scope of a tenant tag that the assigner covers",
        administrative=True,
        depends_on=(Permission.USERS_VIEW, Permission.ROLES_VIEW, Permission.TAGS_VIEW),
    ),
    Permission.USERS_ASSIGN_SPECIFIC_TENANT_SCOPED_ROLES: PermissionSpec(
        "People & Users",
        Category.ADVANCED,
        "Create assignments that cover one chosen tenant",
        administrative=True,
        depends_on=(Permission.USERS_VIEW, Permission.ROLES_VIEW, Permission.TENANTS_VIEW),
    ),
    Permission.USERS_IMPERSONATE: PermissionSpec(
        "People & Users",
        Category.ADVANCED,
        "Act as another user whose permissions are a subset of your own; every action records both identities",
        great_power=True,
        administrative=True,
        depends_on=(Permission.USERS_VIEW,),
    ),
    Permission.TENANTS_VIEW: PermissionSpec(
        "Tenants", Category.VIEW, "See tenant names, tags and hierarchy; ticked by default on every new role"
    ),
    Permission.TENANTS_MANAGE: PermissionSpec(
        "Tenants",
        Category.CORE,
        "Create, edit, re-parent and delete tenants",
        msp_only=True,
        administrative=True,
        depends_on=(Permission.TENANTS_VIEW,),
    ),
    Permission.TENANTS_CONTROL_ACTIVATION: PermissionSpec(
        "Tenants",
        Category.ADVANCED,
        "Activate and deactivate tenants",
        msp_only=True,
        depends_on=(Permission.TENANTS_VIEW,),
    ),
    Permission.GROUPS_VIEW: PermissionSpec(
        "Groups", Category.VIEW, "See groups, their members and their assignments", depends_on=(Permission.USERS_VIEW,)
    ),
    Permission.GROUPS_MANAGE: PermissionSpec(
        "Groups",
        Category.CORE,
        "Create, edit and delete groups owned by a tenant in scope and change their members",
        administrative=True,
        depends_on=(Permission.GROUPS_VIEW, Permission.USERS_MANAGE),
    ),
    Permission.GROUPS_MANAGE_PUBLIC: PermissionSpec(
        "Groups",
        Category.ADVANCED,
        "Manage groups that belong to no tenant and accept members from any tenant",
        scoping=Scoping.SYSTEM,
        msp_only=True,
        administrative=True,
        depends_on=(Permission.GROUPS_MANAGE,),
    ),
    Permission.ROLES_VIEW: PermissionSpec(
        "Roles",
        Category.VIEW,
        "See public roles and roles owned by tenants in scope, with every permission they hold",
        depends_on=(Permission.TENANTS_VIEW,),
    ),
    Permission.ROLES_MANAGE: PermissionSpec(
        "Roles",
        Category.CORE,
        "Create, edit, clone and delete custom roles of a tenant; judged where the role is assigned",
        administrative=True,
        depends_on=(Permission.ROLES_VIEW,),
    ),
    Permission.ROLES_MANAGE_PUBLIC: PermissionSpec(
        "Roles",
        Category.ADVANCED,
        "Create and edit custom roles that every tenant can see",
        scoping=Scoping.SYSTEM,
        msp_only=True,
        great_power=True,
        administrative=True,
        depends_on=(Permission.ROLES_MANAGE,),
    ),
    Permission.GOVERNANCE_EXPLAIN_ACCESS: PermissionSpec(
        "Access Governance",
        Category.VIEW,
        "Ask why another user is allowed or denied an action and see the deciding assignment",
        depends_on=(Permission.USERS_VIEW, Permission.ROLES_VIEW, Permission.GROUPS_VIEW),
    ),
    Permission.GOVERNANCE_SIMULATE_CHANGES: PermissionSpec(
        "Access Governance",
        Category.CORE,
        "Preview who would gain or lose what before a role, group or assignment is saved",
        depends_on=(Permission.GOVERNANCE_EXPLAIN_ACCESS,),
    ),
    Permission.AUDIT_VIEW: PermissionSpec(
        "Audit", Category.VIEW, "See audit events of tenants in scope", depends_on=(Permission.TENANTS_VIEW,)
    ),
    Permission.AUDIT_VIEW_SYSTEM: PermissionSpec(
        "Audit",
        Category.VIEW,
        "See audit events that belong to no tenant, such as sign-in, preferences and system roles",
        scoping=Scoping.SYSTEM,
        msp_only=True,
        depends_on=(Permission.AUDIT_VIEW,),
    ),
    Permission.AUDIT_EXPORT: PermissionSpec(
        "Audit",
        Category.ADVANCED,
        "Download audit events and signed evidence packs",
        depends_on=(Permission.AUDIT_VIEW,),
    ),
    Permission.TAGS_VIEW: PermissionSpec("Tags", Category.VIEW, "See tags"),
    Permission.TAGS_MANAGE: PermissionSpec(
        "Tags",
        Category.CORE,
        "Create, edit and delete tags and put them on tenants; a tag used by an assignment warns and needs the "
        "assign permission",
        administrative=True,
        depends_on=(Permission.TAGS_VIEW,),
    ),
    Permission.PREFERENCES_VIEW_SYSTEM: PermissionSpec(
        "Preferences", Category.VIEW, "See preferences of the whole system", scoping=Scoping.SYSTEM, msp_only=True
    ),
    Permission.PREFERENCES_MANAGE_SYSTEM: PermissionSpec(
        "Preferences",
        Category.ADVANCED,
        "Change preferences of the whole system, including the switches that suspend permissions",
        scoping=Scoping.SYSTEM,
        msp_only=True,
        great_power=True,
        administrative=True,
        depends_on=(Permission.PREFERENCES_VIEW_SYSTEM,),
    ),
    **{
        Permission(name): replace(spec, depends_on=tuple(map(Permission, spec.depends_on)))
        for name, spec in OF_RESOURCES.items()
    },
}

ASSIGN_PERMISSIONS: dict[str, Permission] = {
    "owner": Permission.USERS_ASSIGN_OWNER_SCOPED_ROLES,
    "msp": Permission.USERS_ASSIGN_MSP_SCOPED_ROLES,
    "tag": Permission.USERS_ASSIGN_TAG_SCOPED_ROLES,
    "tenant": Permission.USERS_ASSIGN_SPECIFIC_TENANT_SCOPED_ROLES,
}
"""The permission that giving each kind of tenant scope takes; `own_tenant` takes `users:manage` (design 6, rule 1)."""


def closure(permissions: Iterable[Permission]) -> frozenset[Permission]:
    """The permissions with all that they depend on, directly or through others (design 5)."""
    closed: set[Permission] = set()
    pending = list(permissions)
    while pending:
        permission = pending.pop()
        if permission not in closed:
            closed.add(permission)
            pending.extend(permission.spec.depends_on)
    return frozenset(closed)


def is_inert(permission: Permission, *, whole_instance: bool, all_computers: bool) -> bool:
    """Rules 2 and 3 of design 3: what an assignment's own scope takes from its role, whatever the object."""
    if permission.spec.scoping == Scoping.SYSTEM:
        return not (whole_instance and all_computers)
    return permission.spec.scoping == Scoping.TENANT and not all_computers


def power_first(permission: Permission) -> tuple[bool, int]:
    """Sorts permissions for whoever weighs them: great power before the rest, both as the catalogue has them."""
    return _WEIGHED[permission]


_WEIGHED = {each: (not each.spec.great_power, place) for place, each in enumerate(Permission)}
