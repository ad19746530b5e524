"""The catalogue as data equals the plan that it carries out."""

import csv
import json
from pathlib import Path

import pytest

from rbac.permissions import Permission
from rbac.roles import BUILT_IN_ROLES
from rbac.switches import SwitchKey
from tests.commands.shell import run
from tests.oracle import naive
from tests.oracle.catalogue import BUILT_IN, CATALOGUE

PLAN = list(
    csv.DictReader((Path(__file__).parent.parent / "data" / "permission_catalogue.csv").read_text().splitlines())
)


@pytest.fixture(scope="module")
def catalogue():
    return json.loads(run("catalogue", "--json").out)


def test_permissions(catalogue):
    planned = [
        {
            **{key: row[key] for key in ("codename", "label", "subject", "category", "scoping")},
            "msp_only": row["msp_only"] == "1",
            "great_power": row["great_power"] == "1",
            "depends_on": sorted(filter(None, row["depends_on"].split("|"))),
        }
        for row in PLAN
    ]
    found = [row | {"depends_on": sorted(row["depends_on"])} for row in catalogue["permissions"]]
    assert sorted(found, key=str) == sorted(planned, key=str)


def test_descriptions():
    assert {p.value: p.spec.help_text for p in Permission} == {row["codename"]: row["description"] for row in PLAN}


def test_roles(catalogue):
    planned = {key: sorted(row["codename"] for row in PLAN if row[key] == "1") for key in BUILT_IN}
    assert {role["key"]: role["permissions"] for role in catalogue["roles"]} == planned
    assert {role["key"]: role["name"] for role in catalogue["roles"]} == BUILT_IN


def test_switches(catalogue):
    planned = {
        (key, default, when, frozenset(permissions & set(CATALOGUE)), frozenset(kept_by))
        for key, default, when, permissions, kept_by in naive.SWITCHES
    }
    found = {
        (switch["key"], switch["default"], each["when"], frozenset(each["permissions"]), frozenset(each["kept_by"]))
        for switch in catalogue["switches"]
        for each in switch["suspends"]
    }
    assert found == planned
    assert {"enable_access_requests", "require_mfa_for_great_power"} <= {each["key"] for each in catalogue["switches"]}


def test_the_page_of_the_documentation_says_what_the_code_says():
    """Where this fails: `script/manage catalogue --markdown > docs/permissions.md`."""
    page = Path(__file__).parent.parent.parent / "docs" / "permissions.md"
    assert page.read_text() == run("catalogue", "--markdown").out


def test_the_page_has_every_permission_role_and_switch():
    page = run("catalogue", "--markdown").out
    said = [*Permission.values, *(permission.label for permission in Permission)]
    said += [*(role.name for role in BUILT_IN_ROLES), *(key.label for key in SwitchKey)]
    assert not [each for each in said if each not in page]
    auditor = [role.key for role in BUILT_IN_ROLES].index("auditor")
    assert page.count("\n| `audit:view` |") == 1
    line = next(line for line in page.splitlines() if line.startswith("| `audit:view` |"))
    assert line.split("|")[2 + auditor].strip() == "yes"


def test_for_people():
    out = run("catalogue").out
    assert all(name in out for name in (*Permission.values, *(role.name for role in BUILT_IN_ROLES)))
