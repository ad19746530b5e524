"""What the catalogue says of a permission, below the permissions themselves (design 5)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices


class Category(TextChoices):
    VIEW = "view", "View"
    CORE = "core", "Core"
    ADVANCED = "advanced", "Advanced"


class Scoping(TextChoices):
    """How far down a permission is asked: of a tenant, of one computer, or of the whole instance only."""

    TENANT = "tenant", "Tenant"
    COMPUTER = "computer", "Computer"
    SYSTEM = "system", "System"


@dataclass(frozen=True, slots=True)
class PermissionSpec:
    """What the catalogue says of one permission.

    `msp_only` counts for users whose home is an MSP (rule 4 of design 3). `administrative` permissions can raise
    somebody's reach (design 5). `depends_on` names the permissions that a role that allows must hold as well.
    """

    subject: str
    category: Category
    help_text: str
    scoping: Scoping = Scoping.TENANT
    msp_only: bool = False
    great_power: bool = False
    administrative: bool = False
    depends_on: tuple[Any, ...] = ()


OF_RESOURCES: dict[str, PermissionSpec] = {
    "computers:view": PermissionSpec(
        "Computers",
        Category.VIEW,
        "See computers and their overview",
        scoping=Scoping.COMPUTER,
        depends_on=("tenants:view",),
    ),
    "computers:view_inventory": PermissionSpec(
        "Computers",
        Category.VIEW,
        "See hardware, software and inventory script results",
        scoping=Scoping.COMPUTER,
        depends_on=("computers:view",),
    ),
    "computers:view_timeline": PermissionSpec(
        "Computers",
        Category.VIEW,
        "See events and user affinity of a computer",
        scoping=Scoping.COMPUTER,
        depends_on=("computers:view",),
    ),
    "computers:manage": PermissionSpec(
        "Computers",
        Category.CORE,
        "Rename and edit computers and exclude them from maintenance",
        scoping=Scoping.COMPUTER,
        depends_on=("computers:view",),
    ),
    "computers:manage_notes": PermissionSpec(
        "Computers",
        Category.CORE,
        "Write notes on a computer",
        scoping=Scoping.COMPUTER,
        depends_on=("computers:view",),
    ),
    "computers:set_primary_person": PermissionSpec(
        "Computers",
        Category.CORE,
        "Set the primary and additional people of a computer",
        scoping=Scoping.COMPUTER,
        depends_on=("computers:view", "users:view"),
    ),
    "computers:onboard": PermissionSpec(
        "Computers",
        Category.CORE,
        "Start, skip or repeat onboarding of a computer",
        scoping=Scoping.COMPUTER,
        depends_on=("computers:view", "sessions:run"),
    ),
    "computers:manage_tags": PermissionSpec(
        "Computers",
        Category.CORE,
        "Add and remove tags on computers; tags used by an assignment need the assign permission for that scope "
        "as well",
        scoping=Scoping.COMPUTER,
        administrative=True,
        depends_on=("computers:view", "tags:view"),
    ),
    "computers:reinventory": PermissionSpec(
        "Computers",
        Category.CORE,
        "Run inventory on a computer now",
        scoping=Scoping.COMPUTER,
        depends_on=("computers:view_inventory",),
    ),
    "computers:export": PermissionSpec(
        "Computers",
        Category.ADVANCED,
        "Download the computer list and inventory",
        depends_on=("computers:view",),
    ),
    "computers:delete": PermissionSpec(
        "Computers",
        Category.ADVANCED,
        "Delete computers and bring deleted ones back",
        scoping=Scoping.COMPUTER,
        depends_on=("computers:manage",),
    ),
    "computers:change_tenant": PermissionSpec(
        "Computers",
        Category.ADVANCED,
        "Move a computer to another tenant; needed on both tenants",
        scoping=Scoping.COMPUTER,
        msp_only=True,
        administrative=True,
        depends_on=("computers:manage",),
    ),
    "computers:use_terminal": PermissionSpec(
        "Computers",
        Category.ADVANCED,
        "Open a terminal on a computer, which can run arbitrary code",
        scoping=Scoping.COMPUTER,
        great_power=True,
        depends_on=("computers:view", "scripts:run"),
    ),
    "agents:view": PermissionSpec(
        "Agents",
        Category.VIEW,
        "See agents, pending agents and identification results",
        depends_on=("computers:view",),
    ),
    "agents:install": PermissionSpec(
        "Agents",
        Category.CORE,
        "Create and download agent installers for a tenant",
        depends_on=("agents:view",),
    ),
    "agents:manage": PermissionSpec(
        "Agents",
        Category.ADVANCED,
        "Resolve identification failures and delete agents",
        depends_on=("agents:view",),
    ),
    "deployments:view": PermissionSpec(
        "Deployments",
        Category.VIEW,
        "See single-tenant and individual deployments",
        depends_on=("software:view",),
    ),
    "deployments:view_cross_tenant": PermissionSpec(
        "Deployments",
        Category.VIEW,
        "See deployments that target more than one tenant",
        msp_only=True,
        depends_on=("deployments:view",),
    ),
    "deployments:preview_targets": PermissionSpec(
        "Deployments",
        Category.VIEW,
        "See which computers and people a deployment would reach",
        depends_on=("deployments:view", "computers:view"),
    ),
    "deployments:manage_individual": PermissionSpec(
        "Deployments",
        Category.CORE,
        "Create, edit and delete deployments that target single computers or people",
        depends_on=("deployments:view", "deployments:preview_targets", "users:view"),
    ),
    "deployments:manage_single_tenant": PermissionSpec(
        "Deployments",
        Category.CORE,
        "Create, edit and delete deployments that target one whole tenant",
        depends_on=("deployments:manage_individual", "tags:view"),
    ),
    "deployments:manage_cross_tenant": PermissionSpec(
        "Deployments",
        Category.ADVANCED,
        "Create, edit and delete deployments that target many tenants, without review",
        msp_only=True,
        great_power=True,
        depends_on=("deployments:view_cross_tenant", "tags:view"),
    ),
    "deployments:manage_change_requests": PermissionSpec(
        "Deployments",
        Category.ADVANCED,
        "Propose a new or changed cross-tenant deployment for review",
        msp_only=True,
        depends_on=("deployments:view_cross_tenant", "tags:view"),
    ),
    "deployments:review_change_requests": PermissionSpec(
        "Deployments",
        Category.ADVANCED,
        "Approve, deny or send back change requests written by somebody else",
        msp_only=True,
        depends_on=("deployments:view_cross_tenant",),
    ),
    "sessions:view": PermissionSpec(
        "Maintenance Sessions",
        Category.VIEW,
        "See sessions and their results",
        scoping=Scoping.COMPUTER,
        depends_on=("computers:view",),
    ),
    "sessions:view_logs": PermissionSpec(
        "Maintenance Sessions",
        Category.VIEW,
        "Read detailed logs of sessions and actions",
        scoping=Scoping.COMPUTER,
        depends_on=("sessions:view",),
    ),
    "sessions:run": PermissionSpec(
        "Maintenance Sessions",
        Category.CORE,
        "Start maintenance on computers in scope",
        scoping=Scoping.COMPUTER,
        depends_on=("sessions:view",),
    ),
    "sessions:rerun": PermissionSpec(
        "Maintenance Sessions",
        Category.CORE,
        "Repeat a session or a single action",
        scoping=Scoping.COMPUTER,
        depends_on=("sessions:run",),
    ),
    "sessions:cancel": PermissionSpec(
        "Maintenance Sessions",
        Category.CORE,
        "Cancel queued and running sessions in scope",
        scoping=Scoping.COMPUTER,
        depends_on=("sessions:view",),
    ),
    "sessions:postpone": PermissionSpec(
        "Maintenance Sessions",
        Category.CORE,
        "Delay maintenance or its reboot on a computer",
        scoping=Scoping.COMPUTER,
        depends_on=("sessions:view",),
    ),
    "schedules:view": PermissionSpec(
        "Schedules", Category.VIEW, "See schedules and their next runs", depends_on=("tenants:view",)
    ),
    "schedules:manage": PermissionSpec(
        "Schedules",
        Category.CORE,
        "Create, edit, run, disable and delete schedules",
        depends_on=("schedules:view", "deployments:view"),
    ),
    "software:view": PermissionSpec(
        "Software",
        Category.VIEW,
        "See global software and software owned by tenants in scope",
        depends_on=("tenants:view",),
    ),
    "software:manage": PermissionSpec(
        "Software",
        Category.CORE,
        "Create, upload, edit and delete software owned by a tenant in scope; invisible to other tenants",
        depends_on=("software:view",),
    ),
    "software:share": PermissionSpec(
        "Software",
        Category.ADVANCED,
        "Make software, scripts and licenses available to other tenants or users",
        msp_only=True,
        administrative=True,
        depends_on=("software:manage",),
    ),
    "scripts:view": PermissionSpec("Scripts", Category.VIEW, "Read scripts"),
    "scripts:manage": PermissionSpec(
        "Scripts",
        Category.CORE,
        "Create, edit and delete scripts",
        great_power=True,
        depends_on=("scripts:view",),
    ),
    "scripts:run": PermissionSpec(
        "Scripts",
        Category.ADVANCED,
        "Run a script against a computer or tenant",
        scoping=Scoping.COMPUTER,
        great_power=True,
        depends_on=("scripts:view", "computers:view"),
    ),
    "licenses:view": PermissionSpec(
        "Licenses",
        Category.VIEW,
        "See licenses owned by tenants in scope, values masked",
        depends_on=("tenants:view",),
    ),
    "licenses:manage": PermissionSpec(
        "Licenses",
        Category.CORE,
        "Create, edit and delete licenses owned by a tenant in scope; invisible to other tenants",
        depends_on=("licenses:view", "software:view"),
    ),
    "licenses:download": PermissionSpec(
        "Licenses",
        Category.ADVANCED,
        "Reveal license values and download license files",
        depends_on=("licenses:view",),
    ),
    "dashboard:view": PermissionSpec(
        "Dashboard", Category.VIEW, "See the dashboard of tenants in scope", depends_on=("tenants:view",)
    ),
    "dashboard:view_system": PermissionSpec(
        "Dashboard",
        Category.VIEW,
        "See the dashboard of the whole system",
        scoping=Scoping.SYSTEM,
        msp_only=True,
        depends_on=("dashboard:view",),
    ),
    "reports:view": PermissionSpec(
        "Reports", Category.VIEW, "See reports of tenants in scope", depends_on=("tenants:view",)
    ),
    "reports:view_system": PermissionSpec(
        "Reports",
        Category.VIEW,
        "See reports over every tenant",
        scoping=Scoping.SYSTEM,
        msp_only=True,
        depends_on=("reports:view",),
    ),
    "reports:export": PermissionSpec("Reports", Category.ADVANCED, "Download reports", depends_on=("reports:view",)),
    "preferences:view_tenant": PermissionSpec(
        "Preferences", Category.VIEW, "See preferences of a tenant", depends_on=("tenants:view",)
    ),
    "preferences:manage_tenant": PermissionSpec(
        "Preferences",
        Category.CORE,
        "Change preferences of a tenant",
        administrative=True,
        depends_on=("preferences:view_tenant",),
    ),
    "branding:view": PermissionSpec("Branding", Category.VIEW, "See branding", depends_on=("tenants:view",)),
    "branding:manage": PermissionSpec(
        "Branding", Category.CORE, "Create, edit and delete branding", depends_on=("branding:view",)
    ),
}
"""Of what the roles are about: computers and all that is kept for them. Permissions by name, which stand above."""
