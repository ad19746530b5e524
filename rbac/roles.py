"""The built-in roles (design 5): the columns of the permission catalogue."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Manager, Model

from rbac.permissions import Permission


@dataclass(frozen=True, slots=True)
class BuiltInRole:
    """A read-only role that the code knows by `key`, never by its name."""

    key: str
    name: str
    description: str
    permissions: frozenset[Permission]


def _built_in(key: str, name: str, description: str, *permissions: Permission) -> BuiltInRole:
    return BuiltInRole(key, name, description, frozenset(permissions))


BUILT_IN_ROLES: tuple[BuiltInRole, ...] = (
    _built_in("msp_administrator", "MSP Administrator", "Full access to the system.", *Permission),
    _built_in(
        "msp_user",
        "MSP User",
        "Broad access to the system without its administration.",
        Permission.USERS_VIEW,
        Permission.TENANTS_VIEW,
        Permission.TENANTS_MANAGE,
        Permission.GROUPS_VIEW,
        Permission.ROLES_VIEW,
        Permission.COMPUTERS_VIEW,
        Permission.COMPUTERS_VIEW_INVENTORY,
        Permission.COMPUTERS_VIEW_TIMELINE,
        Permission.COMPUTERS_MANAGE,
        Permission.COMPUTERS_SET_PRIMARY_PERSON,
        Permission.COMPUTERS_ONBOARD,
        Permission.COMPUTERS_MANAGE_NOTES,
        Permission.COMPUTERS_REINVENTORY,
        Permission.COMPUTERS_USE_TERMINAL,
        Permission.AGENTS_VIEW,
        Permission.AGENTS_INSTALL,
        Permission.DEPLOYMENTS_VIEW,
        Permission.DEPLOYMENTS_VIEW_CROSS_TENANT,
        Permission.DEPLOYMENTS_PREVIEW_TARGETS,
        Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL,
        Permission.DEPLOYMENTS_MANAGE_SINGLE_TENANT,
        Permission.DEPLOYMENTS_MANAGE_CHANGE_REQUESTS,
        Permission.SESSIONS_VIEW,
        Permission.SESSIONS_VIEW_LOGS,
        Permission.SESSIONS_RUN,
        Permission.SESSIONS_RERUN,
        Permission.SESSIONS_CANCEL,
        Permission.SCHEDULES_VIEW,
        Permission.SOFTWARE_VIEW,
        Permission.SOFTWARE_MANAGE,
        Permission.SCRIPTS_VIEW,
        Permission.SCRIPTS_MANAGE,
        Permission.SCRIPTS_RUN,
        Permission.LICENSES_VIEW,
        Permission.LICENSES_MANAGE,
        Permission.DASHBOARD_VIEW,
        Permission.DASHBOARD_VIEW_SYSTEM,
        Permission.REPORTS_VIEW,
        Permission.REPORTS_VIEW_SYSTEM,
        Permission.TAGS_VIEW,
        Permission.PREFERENCES_VIEW_TENANT,
        Permission.BRANDING_VIEW,
        Permission.PREFERENCES_VIEW_SYSTEM,
    ),
    _built_in(
        "tenant_administrator",
        "Tenant Administrator",
        "Full access to the resources of the tenants in scope.",
        Permission.USERS_VIEW,
        Permission.USERS_MANAGE,
        Permission.TENANTS_VIEW,
        Permission.GROUPS_VIEW,
        Permission.ROLES_VIEW,
        Permission.GOVERNANCE_EXPLAIN_ACCESS,
        Permission.AUDIT_VIEW,
        Permission.COMPUTERS_VIEW,
        Permission.COMPUTERS_VIEW_INVENTORY,
        Permission.COMPUTERS_VIEW_TIMELINE,
        Permission.COMPUTERS_MANAGE,
        Permission.COMPUTERS_SET_PRIMARY_PERSON,
        Permission.COMPUTERS_ONBOARD,
        Permission.COMPUTERS_MANAGE_NOTES,
        Permission.COMPUTERS_MANAGE_TAGS,
        Permission.COMPUTERS_REINVENTORY,
        Permission.AGENTS_VIEW,
        Permission.AGENTS_INSTALL,
        Permission.DEPLOYMENTS_VIEW,
        Permission.DEPLOYMENTS_PREVIEW_TARGETS,
        Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL,
        Permission.DEPLOYMENTS_MANAGE_SINGLE_TENANT,
        Permission.SESSIONS_VIEW,
        Permission.SESSIONS_VIEW_LOGS,
        Permission.SESSIONS_RUN,
        Permission.SESSIONS_RERUN,
        Permission.SESSIONS_CANCEL,
        Permission.SESSIONS_POSTPONE,
        Permission.SOFTWARE_VIEW,
        Permission.SOFTWARE_MANAGE,
        Permission.SCRIPTS_VIEW,
        Permission.LICENSES_VIEW,
        Permission.LICENSES_MANAGE,
        Permission.DASHBOARD_VIEW,
        Permission.REPORTS_VIEW,
        Permission.TAGS_VIEW,
        Permission.PREFERENCES_VIEW_TENANT,
        Permission.PREFERENCES_MANAGE_TENANT,
        Permission.BRANDING_VIEW,
    ),
    _built_in(
        "tenant_user",
        "Tenant User",
        "Restricted access to the resources of the tenants in scope.",
        Permission.USERS_VIEW,
        Permission.TENANTS_VIEW,
        Permission.GROUPS_VIEW,
        Permission.ROLES_VIEW,
        Permission.COMPUTERS_VIEW,
        Permission.COMPUTERS_VIEW_INVENTORY,
        Permission.COMPUTERS_VIEW_TIMELINE,
        Permission.COMPUTERS_MANAGE_NOTES,
        Permission.COMPUTERS_REINVENTORY,
        Permission.AGENTS_VIEW,
        Permission.DEPLOYMENTS_VIEW,
        Permission.DEPLOYMENTS_PREVIEW_TARGETS,
        Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL,
        Permission.SESSIONS_VIEW,
        Permission.SESSIONS_VIEW_LOGS,
        Permission.SESSIONS_RUN,
        Permission.SESSIONS_RERUN,
        Permission.SESSIONS_CANCEL,
        Permission.SESSIONS_POSTPONE,
        Permission.SOFTWARE_VIEW,
        Permission.SCRIPTS_VIEW,
        Permission.LICENSES_VIEW,
        Permission.DASHBOARD_VIEW,
        Permission.REPORTS_VIEW,
        Permission.TAGS_VIEW,
        Permission.PREFERENCES_VIEW_TENANT,
        Permission.BRANDING_VIEW,
    ),
    _built_in(
        "deployment_manager",
        "Deployment Manager",
        "Keeps deployments manageable while the switch for non-administrators is off.",
        Permission.USERS_VIEW,
        Permission.TENANTS_VIEW,
        Permission.COMPUTERS_VIEW,
        Permission.DEPLOYMENTS_VIEW,
        Permission.DEPLOYMENTS_PREVIEW_TARGETS,
        Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL,
        Permission.DEPLOYMENTS_MANAGE_SINGLE_TENANT,
        Permission.SOFTWARE_VIEW,
        Permission.LICENSES_VIEW,
        Permission.TAGS_VIEW,
    ),
    _built_in(
        "cross_tenant_deployment_manager",
        "Cross-Tenant Deployment Manager",
        "Manages cross-tenant deployments without a change request.",
        Permission.TENANTS_VIEW,
        Permission.COMPUTERS_VIEW,
        Permission.DEPLOYMENTS_VIEW,
        Permission.DEPLOYMENTS_VIEW_CROSS_TENANT,
        Permission.DEPLOYMENTS_MANAGE_CROSS_TENANT,
        Permission.SOFTWARE_VIEW,
        Permission.TAGS_VIEW,
    ),
    _built_in(
        "cross_tenant_deployment_change_requester",
        "Cross-Tenant Deployment Change Requester",
        "Proposes cross-tenant deployments for review.",
        Permission.TENANTS_VIEW,
        Permission.COMPUTERS_VIEW,
        Permission.DEPLOYMENTS_VIEW,
        Permission.DEPLOYMENTS_VIEW_CROSS_TENANT,
        Permission.DEPLOYMENTS_MANAGE_CHANGE_REQUESTS,
        Permission.SOFTWARE_VIEW,
        Permission.TAGS_VIEW,
    ),
    _built_in(
        "script_manager",
        "Script Manager",
        "Keeps scripts manageable while the switch for non-administrators is off.",
        Permission.SCRIPTS_VIEW,
        Permission.SCRIPTS_MANAGE,
    ),
    _built_in(
        "computer_terminal_user",
        "Computer Terminal User",
        "Keeps the terminal usable while the switch for non-administrators is off.",
        Permission.TENANTS_VIEW,
        Permission.COMPUTERS_VIEW,
        Permission.COMPUTERS_USE_TERMINAL,
        Permission.SCRIPTS_VIEW,
        Permission.SCRIPTS_RUN,
    ),
    _built_in(
        "auditor",
        "Auditor",
        "Reads people, roles, assignments and the audit log, and changes nothing.",
        Permission.USERS_VIEW,
        Permission.TENANTS_VIEW,
        Permission.GROUPS_VIEW,
        Permission.ROLES_VIEW,
        Permission.GOVERNANCE_EXPLAIN_ACCESS,
        Permission.AUDIT_VIEW,
        Permission.AUDIT_VIEW_SYSTEM,
        Permission.AUDIT_EXPORT,
        Permission.COMPUTERS_VIEW,
        Permission.COMPUTERS_VIEW_INVENTORY,
        Permission.COMPUTERS_VIEW_TIMELINE,
        Permission.AGENTS_VIEW,
        Permission.DEPLOYMENTS_VIEW,
        Permission.DEPLOYMENTS_VIEW_CROSS_TENANT,
        Permission.DEPLOYMENTS_PREVIEW_TARGETS,
        Permission.SESSIONS_VIEW,
        Permission.SESSIONS_VIEW_LOGS,
        Permission.SCHEDULES_VIEW,
        Permission.SOFTWARE_VIEW,
        Permission.SCRIPTS_VIEW,
        Permission.LICENSES_VIEW,
        Permission.DASHBOARD_VIEW,
        Permission.DASHBOARD_VIEW_SYSTEM,
        Permission.REPORTS_VIEW,
        Permission.REPORTS_VIEW_SYSTEM,
        Permission.REPORTS_EXPORT,
        Permission.TAGS_VIEW,
        Permission.PREFERENCES_VIEW_TENANT,
        Permission.BRANDING_VIEW,
        Permission.PREFERENCES_VIEW_SYSTEM,
    ),
)

RESERVED_NAMES = frozenset(role.name.casefold() for role in BUILT_IN_ROLES)
"""No custom role is called so, however it is spelt, whoever owns it (design 5)."""


def write_built_in_roles(roles: Manager[Model]) -> None:
    """Make the built-in rows equal to the catalogue; called by the migration of each catalogue change, and only there.

    The trigger on roles lets it pass because it says so, for this transaction alone (design 8).
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL immyrbac.catalogue = 'on'")
        for role in BUILT_IN_ROLES:
            roles.update_or_create(
                key=role.key,
                defaults={
                    "name": role.name,
                    "description": role.description,
                    "permissions": sorted(role.permissions),
                },
            )
        cursor.execute("SET LOCAL immyrbac.catalogue = 'off'")
