"""What the oracle knows of the catalogue (design 5), apart from `rbac.permissions`, so that one can check the other.

A permission that enters the code gets its line in `catalogue.csv`; `test_catalogue.py` fails until it has one.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Scoping = Literal["tenant", "computer", "system"]

BUILT_IN = {
    "msp_administrator": "MSP Administrator",
    "msp_user": "MSP User",
    "tenant_administrator": "Tenant Administrator",
    "tenant_user": "Tenant User",
    "deployment_manager": "Deployment Manager",
    "cross_tenant_deployment_manager": "Cross-Tenant Deployment Manager",
    "cross_tenant_deployment_change_requester": "Cross-Tenant Deployment Change Requester",
    "script_manager": "Script Manager",
    "computer_terminal_user": "Computer Terminal User",
    "auditor": "Auditor",
}


@dataclass(frozen=True)
class Facts:
    """One permission: what its scope has to be, for whom it counts, what a role that holds it must hold too."""

    scoping: Scoping
    msp_only: bool
    depends_on: frozenset[str]
    roles: frozenset[str]


def _read() -> dict[str, Facts]:
    with (Path(__file__).parent / "catalogue.csv").open(newline="") as lines:
        return {row["codename"]: _facts(row) for row in csv.DictReader(lines)}


def _facts(row: dict[str, str]) -> Facts:
    scoping: dict[str, Scoping] = {"tenant": "tenant", "computer": "computer", "system": "system"}
    return Facts(
        scoping=scoping[row["scoping"]],
        msp_only=row["msp_only"] == "1",
        depends_on=frozenset(filter(None, row["depends_on"].split("|"))),
        roles=frozenset(key for key in BUILT_IN if row[key] == "1"),
    )


CATALOGUE = _read()
PERMISSIONS = sorted(CATALOGUE)


def closed(permissions: set[str]) -> set[str]:
    """These permissions with all that they depend on (what a role that allows must hold)."""
    found = set(permissions)
    while missing := {needed for p in found for needed in CATALOGUE[p].depends_on} - found:
        found |= missing
    return found


@cache
def permissions_of(key: str) -> frozenset[str]:
    """What a built-in role holds; kept, since the oracle asks for it half a million times."""
    return frozenset(p for p, facts in CATALOGUE.items() if key in facts.roles)
