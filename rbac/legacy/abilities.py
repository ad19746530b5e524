"""The old rule: what somebody could do by two flags, one exception and five preferences. Pure.

Its source is what the old system's own guide says of its four kinds of people. Where the guide says nothing, neither
does this table: the built-in role decides there, and the parity table says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices

from rbac.switches import SwitchKey


class Level(TextChoices):
    """The four kinds of people that the two flags made."""

    MSP_ADMINISTRATOR = "msp_administrator", "MSP admin"
    MSP_USER = "msp_user", "MSP non-admin"
    TENANT_ADMINISTRATOR = "tenant_administrator", "Customer admin"
    TENANT_USER = "tenant_user", "Customer non-admin"

    @property
    def is_msp(self) -> bool:
        return self in (Level.MSP_ADMINISTRATOR, Level.MSP_USER)


class Extent(TextChoices):
    """How far an ability goes."""

    NOWHERE = "no", "no"
    OWN = "own", "own tenant"
    EVERYWHERE = "all", "every tenant"
    PARTLY = "part", "in part"


CARRIED = (
    SwitchKey.DEPLOYMENTS,
    SwitchKey.TERMINAL_AND_SCRIPTS,
    SwitchKey.CHANGE_REQUESTS,
    SwitchKey.ACCESS_REQUESTS,
    SwitchKey.IMPERSONATION,
)
"""The old preferences, each of which is a switch of the same name today."""

Preferences = Mapping[SwitchKey, bool]
"""Where each of `CARRIED` stood."""


@dataclass(frozen=True, slots=True)
class Flags:
    """What the old system kept of a person; `cross_tenant` is `can_manage_cross_tenant_deployments`."""

    is_msp: bool
    is_admin: bool
    cross_tenant: bool

    @property
    def level(self) -> Level:
        if self.is_msp:
            return Level.MSP_ADMINISTRATOR if self.is_admin else Level.MSP_USER
        return Level.TENANT_ADMINISTRATOR if self.is_admin else Level.TENANT_USER


@dataclass(frozen=True, slots=True)
class Ability:
    """Something that the old guide names, and the permission that guards it today.

    `extents` are those of the levels in their order, None where the guide says nothing. While `preference` was off,
    only `exempt` had it. `by_flag`: an MSP non-admin had it by the cross-tenant flag alone.
    """

    label: str
    permission: str
    extents: tuple[Extent | None, ...]
    preference: SwitchKey | None = None
    exempt: frozenset[Level] = frozenset()
    by_flag: bool = False


_NO, _OWN, _ALL = Extent.NOWHERE, Extent.OWN, Extent.EVERYWHERE
_ADMINS = frozenset({Level.MSP_ADMINISTRATOR, Level.TENANT_ADMINISTRATOR})
_MSP_ADMINS = frozenset({Level.MSP_ADMINISTRATOR})

ABILITIES: tuple[Ability, ...] = (
    Ability("See tenants", "tenants:view", (_ALL, _ALL, _OWN, _OWN)),
    Ability("Manage tenants", "tenants:manage", (_ALL, None, _NO, _NO)),
    Ability("See computers", "computers:view", (_ALL, _ALL, _OWN, _OWN)),
    Ability("Edit computers", "computers:manage", (_ALL, _ALL, _OWN, _NO)),
    Ability("Run maintenance", "sessions:run", (_ALL, _ALL, _OWN, _OWN)),
    Ability(
        "Use the terminal",
        "computers:use_terminal",
        (_ALL, _ALL, _OWN, _OWN),
        SwitchKey.TERMINAL_AND_SCRIPTS,
        _MSP_ADMINS,
    ),
    Ability("Run scripts", "scripts:run", (_ALL, _ALL, _OWN, _OWN), SwitchKey.TERMINAL_AND_SCRIPTS, _MSP_ADMINS),
    Ability("Edit scripts", "scripts:manage", (_ALL, _ALL, _OWN, _OWN), SwitchKey.TERMINAL_AND_SCRIPTS, _MSP_ADMINS),
    Ability("See schedules", "schedules:view", (_ALL, _ALL, _NO, _NO)),
    Ability("Manage schedules", "schedules:manage", (_ALL, _NO, _NO, _NO)),
    Ability("See users", "users:view", (_ALL, _ALL, _OWN, None)),
    Ability("Create and edit users", "users:manage", (_ALL, _NO, _OWN, _NO)),
    Ability("Give any role", "users:assign_owner_scoped_roles", (_ALL, _NO, _NO, _NO)),
    Ability("Give administrators' roles", "users:assign_cross_tenant_roles", (_ALL, _NO, _NO, _NO)),
    Ability("Impersonate users", "users:impersonate", (_ALL, _NO, _NO, _NO), SwitchKey.IMPERSONATION),
    Ability("See deployments", "deployments:view", (_ALL, _ALL, _OWN, _OWN)),
    Ability(
        "Manage deployments to single computers and people",
        "deployments:manage_individual",
        (_ALL, _ALL, _OWN, _OWN),
        SwitchKey.DEPLOYMENTS,
        _ADMINS,
    ),
    Ability(
        "Manage deployments to one tenant",
        "deployments:manage_single_tenant",
        (_ALL, _ALL, _OWN, _NO),
        SwitchKey.DEPLOYMENTS,
        _ADMINS,
    ),
    Ability("Manage cross-tenant deployments", "deployments:manage_cross_tenant", (_ALL, _NO, _NO, _NO), by_flag=True),
    Ability(
        "Propose cross-tenant deployments",
        "deployments:manage_change_requests",
        (_ALL, _ALL, _NO, _NO),
        SwitchKey.CHANGE_REQUESTS,
        _MSP_ADMINS,
    ),
    Ability("Upload software", "software:manage", (_ALL, _ALL, _OWN, _NO)),
    Ability("See licenses", "licenses:view", (_ALL, _ALL, _OWN, None)),
    Ability("Edit licenses", "licenses:manage", (_ALL, _ALL, _OWN, _NO)),
    Ability("See reports", "reports:view", (_ALL, _ALL, _OWN, _OWN)),
    Ability("See system-wide reports", "reports:view_system", (_ALL, _ALL, _NO, _NO)),
    Ability("See dashboards", "dashboard:view", (_ALL, _ALL, _OWN, None)),
    Ability("See system-wide dashboards", "dashboard:view_system", (_ALL, _ALL, _NO, _NO)),
    Ability("Change settings of a tenant", "preferences:manage_tenant", (_ALL, None, _OWN, _NO)),
    Ability("Change settings of the system", "preferences:manage_system", (_ALL, _NO, _NO, _NO)),
)


def old_extent(ability: Ability, flags: Flags, preferences: Preferences) -> Extent | None:
    """How far somebody with these flags had the ability, as the preferences stood; None: the guide does not say."""
    level = flags.level
    if ability.by_flag and level == Level.MSP_USER and flags.cross_tenant:
        return Extent.EVERYWHERE
    if ability.preference is not None and level not in ability.exempt and not preferences[ability.preference]:
        return Extent.NOWHERE
    return ability.extents[list(Level).index(level)]
