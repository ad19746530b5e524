"""The switches: preferences that suspend permissions for all roles but a few (design 7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.db.models import TextChoices

from rbac.permissions import Permission

GREAT_POWER = frozenset(permission for permission in Permission if permission.spec.great_power)
"""What can do lasting harm."""


class SwitchKey(TextChoices):
    """The preferences that suspend permissions for all roles but a few (design 7)."""

    DEPLOYMENTS = "allow_non_admins_to_manage_deployments", "Allow Non-Admin Users to Manage Deployments"
    TERMINAL_AND_SCRIPTS = (
        "allow_non_admins_and_non_msp_users_to_use_terminal_and_edit_scripts",
        "Allow Non-Admins and Non-MSP Users to Use Terminal and Edit Scripts",
    )
    CHANGE_REQUESTS = (
        "require_change_requests",
        "Require Change Requests for Non-Admin Cross-Tenant Deployments",
    )
    ACCESS_REQUESTS = "enable_access_requests", "Enable Access Requests"
    IMPERSONATION = "enable_impersonation", "Enable User Impersonation"
    GREAT_POWER_MFA = "require_mfa_for_great_power", "Require MFA for Great Power"

    @property
    def spec(self) -> "SwitchSpec":
        return SWITCHES[self]


@dataclass(frozen=True, slots=True)
class Suspension:
    """While the switch stands at `when`, `permissions` flow only through roles whose key is in `kept_by`."""

    when: bool
    permissions: frozenset[Permission]
    kept_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class SwitchSpec:
    """A switch without a row stands at `default`. A tenant may tighten one that is `tenant_may_tighten`.

    `topic` is what is turned on or off, as a question names it. While it is on, whoever holds any of `guards` does
    nothing before they have a second factor. `opens` says what else hangs on it, where nobody's access does.
    """

    default: bool
    topic: str
    help_text: str
    suspends: tuple[Suspension, ...] = ()
    tenant_may_tighten: bool = False
    guards: frozenset[Permission] = frozenset()
    opens: str = ""


def _suspension(permissions: Iterable[Permission], *kept_by: str, when: bool) -> Suspension:
    return Suspension(when, frozenset(permissions), frozenset(kept_by))


SWITCHES: dict[SwitchKey, SwitchSpec] = {
    SwitchKey.DEPLOYMENTS: SwitchSpec(
        default=True,
        topic="deployments by non-administrators",
        help_text="While off, only administrators and Deployment Managers manage deployments of one tenant or less.",
        suspends=(
            _suspension(
                (Permission.DEPLOYMENTS_MANAGE_INDIVIDUAL, Permission.DEPLOYMENTS_MANAGE_SINGLE_TENANT),
                "msp_administrator",
                "tenant_administrator",
                "deployment_manager",
                when=False,
            ),
        ),
        tenant_may_tighten=True,
    ),
    SwitchKey.TERMINAL_AND_SCRIPTS: SwitchSpec(
        default=True,
        topic="terminal and script editing for non-administrators",
        help_text="While off, only MSP Administrators, Script Managers and Computer Terminal Users may run code.",
        suspends=(
            _suspension(
                (Permission.COMPUTERS_USE_TERMINAL, Permission.SCRIPTS_RUN, Permission.SCRIPTS_MANAGE),
                "msp_administrator",
                "script_manager",
                "computer_terminal_user",
                when=False,
            ),
        ),
        tenant_may_tighten=True,
    ),
    SwitchKey.CHANGE_REQUESTS: SwitchSpec(
        default=False,
        topic="change requests for cross-tenant deployments",
        help_text="While on, cross-tenant deployments of non-administrators need a change request.",
        suspends=(
            _suspension(
                (Permission.DEPLOYMENTS_MANAGE_CROSS_TENANT,),
                "msp_administrator",
                "cross_tenant_deployment_manager",
                when=True,
            ),
            _suspension(
                (Permission.DEPLOYMENTS_MANAGE_CHANGE_REQUESTS,),
                "msp_administrator",
                "cross_tenant_deployment_change_requester",
                when=False,
            ),
        ),
    ),
    SwitchKey.ACCESS_REQUESTS: SwitchSpec(
        default=True,
        topic="access requests",
        help_text="While off, nobody can ask for access and no request can be approved.",
        opens="It opens and closes the form that asks, and approving; what was asked stays readable.",
    ),
    SwitchKey.IMPERSONATION: SwitchSpec(
        default=False,
        topic="user impersonation",
        help_text="While off, nobody can act as another user.",
        suspends=(_suspension((Permission.USERS_IMPERSONATE,), when=False),),
    ),
    SwitchKey.GREAT_POWER_MFA: SwitchSpec(
        default=False,
        topic="the second factor for great power",
        help_text="While on, whoever holds great power does nothing before they have set up a second factor.",
        guards=GREAT_POWER,
    ),
}

GOVERNING: dict[Permission, tuple[SwitchKey, ...]] = {
    permission: keys
    for permission in Permission
    if (
        keys := tuple(
            key for key, switch in SWITCHES.items() if any(permission in each.permissions for each in switch.suspends)
        )
    )
}
"""Every permission that some switch can suspend, with those switches."""


def keeps(role_key: str | None, permission: Permission, key: SwitchKey, *, enabled: bool) -> bool:
    """Whether `permission` flows through a role with this key while switch `key` stands at `enabled` (design 7)."""
    return all(
        role_key in suspension.kept_by
        for suspension in key.spec.suspends
        if suspension.when == enabled and permission in suspension.permissions
    )


@cache
def resilience(role_key: str | None, permission: Permission) -> frozenset[tuple[SwitchKey, bool]]:
    """Where switches may stand with `permission` still flowing through a role with this key."""
    return frozenset(
        (key, enabled)
        for key in GOVERNING.get(permission, ())
        for enabled in (False, True)
        if keeps(role_key, permission, key, enabled=enabled)
    )
