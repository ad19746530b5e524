"""Which built-in roles somebody from the old system is given, and where. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rbac.legacy.abilities import Flags, Level, Preferences
from rbac.switches import SwitchKey
from tenancy.models import TenantScopeKind


class Proposal(NamedTuple):
    """One assignment on all computers: a built-in role by its key, for every tenant or for the person's own."""

    role: str
    scope: TenantScopeKind


def proposed(flags: Flags, preferences: Preferences) -> list[Proposal]:
    """The least that lets somebody with these flags do what they could.

    What the preferences took from people, the switches of the same names take; so nobody is given a role that keeps
    what a switch suspends, but customers, whose own roles never hold scripts and the terminal.
    """
    scope = TenantScopeKind.OWNER if flags.is_msp else TenantScopeKind.OWN_TENANT
    return [Proposal(role, scope) for role in _roles(flags, preferences)]


def _roles(flags: Flags, preferences: Preferences) -> Iterator[str]:
    yield flags.level.value
    if flags.level == Level.MSP_USER and flags.cross_tenant:
        yield "cross_tenant_deployment_manager"
    if not flags.is_msp and preferences[SwitchKey.TERMINAL_AND_SCRIPTS]:
        yield from ("script_manager", "computer_terminal_user")
