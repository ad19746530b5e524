"""Every route with every method: what it asks, and what a visit needs. Equal, as a set, to what the URLconf has."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from accounts.services import values_of
from immyrbac.versions import version_of
from rbac.permissions import ASSIGN_PERMISSIONS, Permission
from rbac.switches import SwitchKey
from tenancy.proposals import mark_of
from tests import factories
from tests.outcomes import seen
from tests.walk.access_requests import ACCESS_REQUESTS
from tests.walk.agents import AGENTS, OF_AGENTS
from tests.walk.customs import CUSTOMS
from tests.walk.deployments import DEPLOYMENTS
from tests.walk.invitations import INVITATIONS
from tests.walk.leaving import LEAVING
from tests.walk.licenses import LICENSES
from tests.walk.maintenance import MAINTENANCE
from tests.walk.people import PEOPLE
from tests.walk.reports import REPORTS
from tests.walk.roles import ROLES
from tests.walk.schedules import SCHEDULES
from tests.walk.scripts import SCRIPTS
from tests.walk.shares import SHARES
from tests.walk.single_sign_on import SINGLE_SIGN_ON
from tests.walk.software import SOFTWARE
from tests.walk.visit import OF_TENANT_USER, Visit, forms, read_by, versioned
from tests.walk.what_if import WHAT_IF
from tests.walk.world import Estate, World


def account(world: World, estate: Estate) -> dict[str, Any]:
    version = version_of(values_of(estate.objects["User"]))
    return {"name": "Somebody", "email": "somebody@here.example", "tenant": estate.tenant.pk, "version": version}


def several(world: World, estate: Estate) -> dict[str, Any]:
    return {"ids": [estate.objects["User"].pk], "confirmed": "1", "reason": "For once"}


def leaving(world: World, estate: Estate) -> dict[str, Any]:
    return {"reason": "Left", "confirmation": estate.objects["User"].name}


def losing(world: World, estate: Estate) -> dict[str, Any]:
    return {"reason": "Lost the phone"}


def ending(world: World, estate: Estate) -> dict[str, Any]:
    row = estate.objects["RoleAssignment"]
    return {"assignments": [row.pk], "reason": "For once", **seen([row], ending=True)}


def ending_several(world: World, estate: Estate) -> dict[str, Any]:
    row = estate.objects["RoleAssignment"]
    return {"ids": row.pk, "confirmed": "1", "reason": "For once", **seen([row], ending=True)}


TO_USER, TO_GROUP = (read_by(lambda estate, kind=kind: estate.objects[kind]) for kind in ("User", "Group"))


def joining(world: World, estate: Estate) -> dict[str, Any]:
    return {"user": estate.objects["User"].pk}


def parting(world: World, estate: Estate) -> dict[str, Any]:
    return {"ids": [estate.membership.pk], "confirmed": "1", "reason": "For once"}


def ending_shared(world: World, estate: Estate) -> dict[str, Any]:
    of = {"group": estate.objects["Group"], "role": factories.RoleFactory(permissions=[])}  # which touches nobody
    row = factories.RoleAssignmentFactory(**of, scope="tenant", tenant=estate.tenant)
    return {"assignments": [row.pk], "reason": "For once"}


ON_USER = {"permission": Permission.USERS_MANAGE, "container": "User"}
GIVING = {**ON_USER, "or_holds": tuple(ASSIGN_PERMISSIONS.values())}
# Who gives to a group sees it.
GIVING_SHARED = {**GIVING, "container": "Group"}
GROUPED = frozenset({Permission.GROUPS_VIEW})


def to_access_requests(world: World, estate: Estate) -> dict[str, Any]:
    """A switch that can be flipped, since nothing hangs on it that this visitor would have to hold."""
    return {"key": SwitchKey.ACCESS_REQUESTS, "enabled": False}


def moving(world: World, estate: Estate) -> dict[str, Any]:
    return versioned("Computer", tenant=estate.branch.pk)(world, estate)


def restoring(world: World, estate: Estate) -> dict[str, Any]:
    computer = estate.objects["Computer"]
    computer.deleted_at = timezone.now()
    computer.save()
    return versioned("Computer")(world, estate)


def reaching_group(world: World, estate: Estate) -> dict[str, Any]:
    """The estate's group, with an assignment that lets it see the estate's computers."""
    group, role = estate.objects["Group"], factories.RoleFactory(permissions=[Permission.COMPUTERS_VIEW])
    factories.RoleAssignmentFactory(group=group, role=role, scope="tenant", tenant=estate.tenant)
    return {"group_id": group.pk, "permission": Permission.COMPUTERS_VIEW.value}


def who_may_see(world: World, estate: Estate) -> str:
    return f"?permission={Permission.COMPUTERS_VIEW}&on=computer:{estate.objects['Computer'].pk}"


def person(world: World, estate: Estate) -> dict[str, Any]:
    return {"user_id": estate.objects["User"].pk, "permission": Permission.COMPUTERS_VIEW.value}


PROOFS = ("account_reauthenticate", "mfa_reauthenticate", "accounts:app-add", "accounts:app-remove")
PROOFS += ("accounts:code-renew",)
"""Of one's own sign-in: who opens them proves who they are first."""

PASSKEYS = ("accounts:passkey-add", "accounts:passkey-edit", "accounts:passkey-remove", "mfa_reauthenticate_webauthn")

OPEN = [
    Visit("start", "GET"),
    Visit("healthz", "GET"),
    *OF_AGENTS,
    Visit("readyz", "GET"),
    *(Visit("account_login", method) for method in ("GET", "POST")),
    Visit("account_logout", "POST"),
    Visit("accounts:factor-choose", "GET"),
    Visit("mfa_login_webauthn", "POST"),
    *(Visit(name, method) for name in PASSKEYS for method in ("GET", "POST")),
    Visit("mfa_authenticate", "GET"),
    Visit("mfa_authenticate", "POST"),
    *(Visit(f"{name}", method) for name in PROOFS for method in ("GET", "POST")),
    *(Visit(f"accounts:password-{act}", way) for act in ("forget", "set", "edit") for way in ("GET", "POST")),
    Visit("accounts:password-link-open", "GET"),
    Visit("accounts:invitation-open", "GET"),
    Visit("accounts:invitation-accept", "GET"),
    Visit("accounts:invitation-accept", "POST"),
    *(Visit(f"accounts:single-sign-on-{act}", method) for act in ("find", "start") for method in ("GET", "POST")),
    Visit("accounts:single-sign-on-return", "GET"),
    *(Visit(f"accounts:identity-{act}", way) for act in ("link", "confirm", "unlink") for way in ("GET", "POST")),
    Visit("accounts:access-request-ask", "GET"),
    Visit("accounts:access-request-ask", "POST"),
    Visit("accounts:access-request-create", "GET"),
    Visit("accounts:access-request-create", "POST"),
    Visit("accounts:profile-requests", "GET"),
    Visit("search", "GET"),
    Visit("accounts:saved-view-list", "GET"),
    Visit("accounts:saved-view-menu", "GET"),
    Visit("accounts:saved-view-group-pick", "GET"),
    *(
        Visit(f"accounts:saved-view-{act}", method)
        for act in ("create", "edit", "delete")
        for method in ("GET", "POST")
    ),
    Visit("accounts:profile-access", "GET"),
    Visit("accounts:profile-detail", "GET"),
    Visit("accounts:profile-security", "GET"),
    Visit("accounts:impersonation-end", "POST"),
    Visit("accounts:session-end", "POST"),
    Visit("accounts:session-end-others", "POST"),
    Visit("rbac:explain", "GET"),
    Visit("rbac:explain-ask", "GET", query=lambda world, estate: "?words=what+can+I+do+on+the+instance"),
    Visit("rbac:explain-on-pick", "GET"),
]
"""Public routes, and those for whoever is signed in: their own tests say what they do."""

# The estate's person loses what a computer takes with it when it moves.
MANAGED = frozenset({Permission.USERS_MANAGE})
SEEN, NAMED = frozenset({Permission.COMPUTERS_VIEW}), frozenset({Permission.TENANTS_VIEW})


COMPUTERS = [
    Visit("computers:computer-list", "GET", Permission.COMPUTERS_VIEW),
    Visit("computers:computer-export", "GET", Permission.COMPUTERS_EXPORT),
    Visit("computers:destination-pick", "GET", Permission.COMPUTERS_CHANGE_TENANT),
    Visit(
        "computers:computer-batch-tags",
        "POST",
        Permission.COMPUTERS_MANAGE_TAGS,
        data=lambda world, estate: {"ids": estate.objects["Computer"].pk},
    ),
    Visit("computers:computer-detail", "GET", Permission.COMPUTERS_VIEW, "Computer"),
    Visit("computers:computer-who", "GET", Permission.GOVERNANCE_EXPLAIN_ACCESS, "Computer", also=SEEN),
    Visit("computers:computer-who-people", "GET", Permission.GOVERNANCE_EXPLAIN_ACCESS, "Computer", also=SEEN),
    Visit("computers:computer-why", "GET", Permission.GOVERNANCE_EXPLAIN_ACCESS, "Computer", route=person, also=SEEN),
    Visit(
        "computers:computer-why-group",
        "GET",
        Permission.GOVERNANCE_EXPLAIN_ACCESS,
        "Computer",
        route=reaching_group,
        also=SEEN,
    ),
    Visit("computers:computer-history", "GET", Permission.AUDIT_VIEW, "Computer", also=SEEN),
    *forms("computers:computer-edit", Permission.COMPUTERS_MANAGE, "Computer", versioned("Computer", name="New name")),
    *forms("computers:computer-type", Permission.COMPUTERS_MANAGE, "Computer", versioned("Computer", type="server")),
    *forms("computers:computer-notes", Permission.COMPUTERS_MANAGE_NOTES, "Computer", versioned("Computer", notes="x")),
    *forms("computers:computer-tags", Permission.COMPUTERS_MANAGE_TAGS, "Computer", versioned("Computer")),
    *forms("computers:computer-move", Permission.COMPUTERS_CHANGE_TENANT, "Computer", moving, also=MANAGED),
    *forms("computers:computer-delete", Permission.COMPUTERS_DELETE, "Computer", versioned("Computer", reason="Sold")),
    *forms("computers:computer-restore", Permission.COMPUTERS_DELETE, "Computer", restoring),
    *SCRIPTS,
]


def renaming(kind: str, *shown: str, **said: Any) -> Callable[[World, Estate], dict[str, Any]]:
    """The body of a form that showed these values of the object."""
    return lambda world, estate: {
        "name": "New name",
        "version": version_of({name: getattr(estate.objects[kind], name) for name in shown}),
        **said,
    }


def emptied(world: World, estate: Estate) -> dict[str, Any]:
    """Instead of the estate's tenant one that can be deleted."""
    return {"pk": factories.TenantFactory(name="Empty", parent=estate.tenant).pk}


def named(model: str, **said: Any) -> Callable[[World, Estate], dict[str, Any]]:
    return lambda world, estate: {"name": f"New {model}", **said}


def closed(world: World, estate: Estate) -> dict[str, Any]:
    return {"pk": factories.TenantFactory(name="Empty", parent=estate.tenant, is_active=False).pk}


def chosen(expected: str, **said: Any) -> Callable[[World, Estate], dict[str, Any]]:
    """The body of an act that was looked at: what it said that it would do, and why it is done."""
    return lambda world, estate: {"expected": expected, "reason": "For once", **said}


def tagging(world: World, estate: Estate) -> dict[str, Any]:
    tag = estate.objects["Tag"]
    return chosen(f"0-0-0-0-{mark_of([tag], [])}", tags=tag.pk)(world, estate)


def hanging(world: World, estate: Estate) -> dict[str, Any]:
    return chosen("0-0-0-0", parent=estate.branch.pk)(world, estate)


TENANTS, TAGS = Permission.TENANTS_MANAGE, Permission.TAGS_MANAGE
ACTIVATION, EXPLAIN = Permission.TENANTS_CONTROL_ACTIVATION, Permission.GOVERNANCE_EXPLAIN_ACCESS
CONFIRMED = {"reason": "Gone", "confirmation": "Empty"}
TENANCY = [
    Visit("tenancy:tenant-list", "GET", Permission.TENANTS_VIEW),
    Visit("tenancy:tenant-tree", "GET", Permission.TENANTS_VIEW),
    Visit("tenancy:tenant-export", "GET", Permission.TENANTS_VIEW),
    Visit("tenancy:tenant-pick", "GET", Permission.TENANTS_VIEW),
    Visit("tenancy:msp-pick", "GET", Permission.TENANTS_VIEW),
    Visit("tenancy:parent-pick", "GET", TENANTS),
    Visit("tenancy:tenant-place", "GET", TENANTS),
    *forms("tenancy:tenant-create", TENANTS, "Tenant", named("tenant", slug="new-tenant")),
    *forms("tenancy:tenant-create-root", TENANTS, "instance", named("tenant", slug="new-root")),
    Visit("tenancy:tenant-detail", "GET", Permission.TENANTS_VIEW, "Tenant"),
    Visit("tenancy:tenant-who", "GET", EXPLAIN, "Tenant"),
    Visit("tenancy:tenant-who-people", "GET", EXPLAIN, "Tenant"),
    Visit("tenancy:tenant-why", "GET", EXPLAIN, "Tenant", route=person),
    Visit("tenancy:tenant-why-group", "GET", EXPLAIN, "Tenant", route=reaching_group),
    Visit("tenancy:tenant-history", "GET", Permission.AUDIT_VIEW, "Tenant"),
    *forms("tenancy:tenant-edit", TENANTS, "Tenant", renaming("Tenant", "name")),
    *forms("tenancy:tenant-tags", TAGS, "Tenant", tagging, route=emptied, also=NAMED),
    *forms("tenancy:tenant-move", TENANTS, "Tenant", hanging, route=emptied),
    *forms("tenancy:tenant-msp", TENANTS, "Tenant", chosen("0-0-0-0"), route=emptied),
    *forms("tenancy:tenant-activate", ACTIVATION, "Tenant", chosen("0-0-0-0"), route=closed),
    *forms("tenancy:tenant-deactivate", ACTIVATION, "Tenant", chosen("0-0-0-0"), route=emptied),
    *forms("tenancy:tenant-delete", TENANTS, "Tenant", lambda world, estate: CONFIRMED, route=emptied),
    Visit("tenancy:tag-list", "GET", Permission.TAGS_VIEW),
    Visit("tenancy:tag-export", "GET", Permission.TAGS_VIEW),
    Visit("tenancy:tag-pick", "GET", Permission.TAGS_VIEW),
    Visit("tenancy:tag-owner-pick", "GET", TAGS),
    Visit("tenancy:tag-place", "GET", TAGS),
    *forms("tenancy:tag-create", TAGS, "Tenant", named("tag", color="red"), also=NAMED),
    *forms("tenancy:tag-create-shared", TAGS, "instance", named("tag", color="red")),
    Visit("tenancy:tag-detail", "GET", Permission.TAGS_VIEW, "Tag"),
    *forms("tenancy:tag-edit", TAGS, "Tag", renaming("Tag", "name", "color", color="red")),
    *forms("tenancy:tag-delete", TAGS, "Tag", lambda world, estate: {"reason": "Unused"}),
]

GROUP = {"name": "New group", "description": "Who works at night"}
GROUPS = [
    Visit("accounts:group-list", "GET", Permission.GROUPS_VIEW),
    Visit("accounts:group-export", "GET", Permission.GROUPS_VIEW),
    Visit("accounts:group-pick", "GET", Permission.GROUPS_VIEW),
    Visit("accounts:group-place", "GET", Permission.GROUPS_MANAGE),
    Visit("accounts:group-place-pick", "GET", Permission.GROUPS_MANAGE),
    *forms("accounts:group-create", Permission.GROUPS_MANAGE, "Tenant", lambda world, estate: GROUP),
    *forms("accounts:group-create-shared", Permission.GROUPS_MANAGE_PUBLIC, "instance", lambda world, estate: GROUP),
    Visit("accounts:group-detail", "GET", Permission.GROUPS_VIEW, "Group"),
    *forms("accounts:group-edit", Permission.GROUPS_MANAGE, "Group", renaming("Group", "name", "description", **GROUP)),
    *forms("accounts:group-delete", Permission.GROUPS_MANAGE, "Group", lambda world, estate: {"reason": "Over"}),
    *forms("accounts:membership-create", Permission.GROUPS_MANAGE, "Group", joining),
    Visit("accounts:membership-pick", "GET", Permission.GROUPS_MANAGE, "Group"),
    Visit("accounts:membership-end", "POST", Permission.GROUPS_MANAGE, "Group", parting),
    Visit("rbac:group-assignment-list", "GET", Permission.GROUPS_VIEW, "Group"),
    Visit("rbac:group-assignment-create", "GET", **GIVING_SHARED, also=GROUPED),
    Visit("rbac:group-assignment-create", "POST", **GIVING_SHARED, data=TO_GROUP, also=OF_TENANT_USER | GROUPED),
    Visit("rbac:group-assignment-end", "GET", **GIVING_SHARED, also=GROUPED),
    Visit("rbac:group-assignment-end", "POST", **GIVING_SHARED, data=ending_shared, also=GROUPED),
    Visit("rbac:group-history", "GET", Permission.AUDIT_VIEW, "Group", also=GROUPED),
]


VISITS = [
    *TENANCY,
    Visit("accounts:user-list", "GET", Permission.USERS_VIEW),
    Visit("accounts:user-export", "GET", Permission.USERS_VIEW),
    Visit("accounts:user-detail", "GET", Permission.USERS_VIEW, "User"),
    Visit("accounts:user-group-list", "GET", Permission.USERS_VIEW, "User"),
    Visit("accounts:user-activate", "POST", Permission.USERS_MANAGE, data=several),
    Visit("accounts:user-deactivate", "POST", Permission.USERS_MANAGE, data=several),
    Visit("accounts:user-expire", "POST", Permission.USERS_MANAGE, data=several),
    Visit("accounts:user-place", "GET", Permission.USERS_MANAGE),
    Visit("accounts:user-place-pick", "GET", Permission.USERS_MANAGE),
    Visit("accounts:user-create", "GET", Permission.USERS_MANAGE, "Tenant"),
    Visit("accounts:user-create", "POST", Permission.USERS_MANAGE, "Tenant", data=account),
    Visit("accounts:user-edit", "GET", **ON_USER),
    Visit("accounts:user-edit", "POST", **ON_USER, data=account),
    Visit("accounts:user-remove", "GET", **ON_USER),
    Visit("accounts:user-remove", "POST", **ON_USER, data=leaving),
    Visit("accounts:user-link", "POST", **ON_USER),
    Visit("accounts:user-factor-reset", "GET", **ON_USER),
    Visit("accounts:user-factor-reset", "POST", **ON_USER, data=losing),
    Visit("rbac:assignment-index", "GET", Permission.USERS_VIEW, query=lambda world, estate: "?effect=allow"),
    Visit("rbac:assignment-export", "GET", Permission.USERS_VIEW),
    Visit("rbac:assignment-people", "GET", Permission.USERS_VIEW),
    Visit("rbac:assignment-people-export", "GET", Permission.USERS_VIEW),
    Visit(
        "rbac:assignment-end-several",
        "POST",
        Permission.USERS_MANAGE,
        data=ending_several,
        or_holds=tuple(ASSIGN_PERMISSIONS.values()),
    ),
    Visit("rbac:assignment-list", "GET", Permission.USERS_VIEW, "User"),
    Visit("rbac:assignment-create", "GET", **GIVING),
    Visit("rbac:assignment-create", "POST", **GIVING, data=TO_USER, also=OF_TENANT_USER),
    Visit("rbac:assignment-end", "GET", **GIVING),
    Visit("rbac:assignment-end", "POST", **GIVING, data=ending),
    Visit("rbac:user-access", "GET", Permission.GOVERNANCE_EXPLAIN_ACCESS, "User"),
    Visit("rbac:explain-user-pick", "GET", Permission.GOVERNANCE_EXPLAIN_ACCESS),
    Visit("rbac:explain-who", "GET", Permission.GOVERNANCE_EXPLAIN_ACCESS, query=who_may_see, also=SEEN),
    Visit("rbac:explain-who-export", "GET", Permission.GOVERNANCE_EXPLAIN_ACCESS, query=who_may_see, also=SEEN),
    Visit("rbac:user-history", "GET", Permission.AUDIT_VIEW, "User", also=frozenset({Permission.USERS_VIEW})),
    Visit("rbac:scope-msp-pick", "GET", Permission.USERS_ASSIGN_MSP_SCOPED_ROLES),
    Visit("rbac:scope-tag-pick", "GET", Permission.USERS_ASSIGN_TAG_SCOPED_ROLES),
    Visit("rbac:scope-tenant-pick", "GET", Permission.USERS_ASSIGN_SPECIFIC_TENANT_SCOPED_ROLES),
    Visit("rbac:scope-computer-pick", "GET", Permission.COMPUTERS_VIEW),
    Visit("rbac:preference-list", "GET", Permission.PREFERENCES_VIEW_SYSTEM, "instance"),
    Visit("rbac:switch-change", "GET", Permission.PREFERENCES_MANAGE_SYSTEM, "instance", route=to_access_requests),
    Visit(
        "rbac:switch-change",
        "POST",
        Permission.PREFERENCES_MANAGE_SYSTEM,
        "instance",
        data=lambda world, estate: {"expected": "0", "reason": "For once"},
        route=to_access_requests,
    ),
    *INVITATIONS,
    *LICENSES,
    *SHARES,
    *SOFTWARE,
    *LEAVING,
    *PEOPLE,
    *SINGLE_SIGN_ON,
    *ACCESS_REQUESTS,
    *GROUPS,
    *COMPUTERS,
    *AGENTS,
    *DEPLOYMENTS,
    *SCHEDULES,
    *MAINTENANCE,
    *ROLES,
    *CUSTOMS,
    *REPORTS,
    *WHAT_IF,
    Visit("rbac:audit-list", "GET", Permission.AUDIT_VIEW),
    Visit("rbac:audit-export", "GET", Permission.AUDIT_EXPORT),
    Visit("rbac:audit-export-json", "GET", Permission.AUDIT_EXPORT),
    Visit("rbac:actor-pick", "GET", Permission.USERS_VIEW),
    Visit("rbac:audit-detail", "GET", Permission.AUDIT_VIEW, "AuditEntry"),
]
