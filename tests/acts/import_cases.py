"""The services of coming from the old system, as `tests.acts.table` has those of the rest.

What a switch may take from the actor they cannot give with a role that keeps it; so nobody here brings scripts along.
"""

from rbac.audit import SYSTEM
from rbac.legacy import services
from rbac.permissions import Permission
from rbac.roles import BUILT_IN_ROLES
from rbac.switches import SwitchKey
from tests import factories
from tests.acts.case import TWO, Arguments, Case
from tests.acts.stage import Stage
from tests.legacy.town import CAREFUL, file, line

PLAIN = next(sorted(role.permissions) for role in BUILT_IN_ROLES if role.key == "tenant_user")


def coming(_: Stage) -> Arguments:
    """Two plain users, and preferences that were stricter than the switches stand."""
    people = (line(f"newest@{tenant}.example", tenant=tenant) for tenant in TWO)
    return {"file": file(*people), "preferences": CAREFUL}


def coming_without_a_switch(stage: Stage) -> Arguments:
    factories.SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    return coming(stage)


def brought(arguments: Arguments) -> Arguments:
    entry = services.import_people(actor=SYSTEM, **arguments)
    assert entry
    return {"run": entry.pk}


PLACED = tuple((tenant, Permission.USERS_MANAGE) for tenant in TWO)
"""Switches are the instance's; people come to tenants."""

MANAGING, FLIPPING = (Permission.USERS_MANAGE, *PLAIN), (Permission.PREFERENCES_MANAGE_SYSTEM,)
IMPORTS = [
    Case(services.import_people, MANAGING, coming_without_a_switch, time=True, spots=TWO),
    Case(services.import_people, (*FLIPPING, *MANAGING), coming, "with a switch", everywhere=True, spots=PLACED),
    Case(services.undo_import, MANAGING, lambda stage: brought(coming_without_a_switch(stage)), spots=TWO),
    Case(
        services.undo_import,
        (*FLIPPING, *MANAGING),
        lambda stage: brought(coming(stage)),
        "with a switch",
        everywhere=True,
        spots=PLACED,
    ),
]
