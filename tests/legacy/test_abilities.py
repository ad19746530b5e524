"""The old rule against the plan of the catalogue, of which not all is in the code yet: nobody loses or gains.

`tests/data/planned_abilities.csv` are its lines about what the old guide names (design 5).
"""

import csv
from itertools import product

import pytest

from rbac.legacy.abilities import ABILITIES, CARRIED, Extent, Flags, Level, old_extent
from rbac.legacy.proposal import proposed
from rbac.permissions import Permission
from rbac.roles import BUILT_IN_ROLES
from rbac.switches import SwitchKey
from tests.oracle.naive import SWITCHES
from tests.source import ROOT

with (ROOT / "tests/data/planned_abilities.csv").open(newline="") as lines:
    PLAN = {row["codename"]: row for row in csv.DictReader(lines)}

FLAGS = [Flags(*said) for said in product([False, True], repeat=3)]
STATES = [dict(zip(CARRIED, said, strict=True)) for said in product([False, True], repeat=len(CARRIED))]


def planned_extent(permission, flags, preferences):
    """Read naively: a role has it, no switch takes it from that role, and the scope does not make it inert."""
    row = PLAN[permission]
    held = [
        role
        for role, _ in proposed(flags, preferences)
        if row[role] == "1" and all(flows(permission, role, switch, preferences) for switch in SWITCHES)
    ]
    inert = not flags.is_msp and (row["msp_only"] == "1" or row["scoping"] == "system")
    if not held or inert:
        return Extent.NOWHERE
    return Extent.EVERYWHERE if flags.is_msp else Extent.OWN


def flows(permission, role, switch, preferences):
    key, _, when, permissions, kept_by = switch
    return preferences[SwitchKey(key)] != when or permission not in permissions or role in kept_by


@pytest.mark.parametrize("ability", ABILITIES, ids=lambda ability: ability.permission)
def test_the_roles_of_the_plan_let_everybody_do_what_they_could(ability):
    differing = [
        (flags, preferences)
        for flags, preferences in product(FLAGS, STATES)
        if (old := old_extent(ability, flags, preferences)) is not None
        and old != planned_extent(ability.permission, flags, preferences)
    ]
    assert differing == []


def test_every_permission_of_the_table_is_planned():
    assert sorted(ability.permission for ability in ABILITIES) == sorted(PLAN)


def test_the_plan_and_the_code_agree_where_both_have_it():
    held = {role.key: role.permissions for role in BUILT_IN_ROLES}
    both = [row for name, row in PLAN.items() if name in Permission]
    assert both
    for row in both:
        assert {key for key in held if row.get(key) == "1"} == {
            key for key, permissions in held.items() if key in row and row["codename"] in permissions
        }


def extent(permission, level, *, cross=False, **preferences):
    """As the guide's reader would ask it, with every preference off but those that are said."""
    (ability,) = (each for each in ABILITIES if each.permission == permission)
    flags = Flags(level.is_msp, "administrator" in level, cross)
    said = {SwitchKey.DEPLOYMENTS: "deployments", SwitchKey.TERMINAL_AND_SCRIPTS: "terminal"}
    return old_extent(ability, flags, {key: preferences.get(said.get(key, ""), False) for key in CARRIED})


@pytest.mark.parametrize(
    ("permission", "level", "said", "expected"),
    [
        ("scripts:manage", Level.MSP_ADMINISTRATOR, {}, Extent.EVERYWHERE),
        ("scripts:manage", Level.MSP_USER, {}, Extent.NOWHERE),
        ("scripts:manage", Level.MSP_USER, {"terminal": True}, Extent.EVERYWHERE),
        ("scripts:manage", Level.TENANT_ADMINISTRATOR, {}, Extent.NOWHERE),
        ("scripts:manage", Level.TENANT_USER, {"terminal": True}, Extent.OWN),
        ("deployments:manage_individual", Level.TENANT_USER, {}, Extent.NOWHERE),
        ("deployments:manage_individual", Level.TENANT_USER, {"deployments": True}, Extent.OWN),
        ("deployments:manage_single_tenant", Level.TENANT_USER, {"deployments": True}, Extent.NOWHERE),
        ("deployments:manage_single_tenant", Level.TENANT_ADMINISTRATOR, {}, Extent.OWN),
        ("deployments:manage_cross_tenant", Level.MSP_USER, {}, Extent.NOWHERE),
        ("deployments:manage_cross_tenant", Level.MSP_USER, {"cross": True}, Extent.EVERYWHERE),
        ("deployments:manage_cross_tenant", Level.TENANT_USER, {"cross": True}, Extent.NOWHERE),
        ("schedules:view", Level.TENANT_ADMINISTRATOR, {}, Extent.NOWHERE),
        ("dashboard:view", Level.TENANT_USER, {}, None),
    ],
)
def test_what_the_old_guide_says(permission, level, said, expected):
    assert extent(permission, level, **said) == expected
