"""The demo world: invented, believable, the same at every start but for the clock (issue 2, item 8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from rbac.demo import computers, estate, grants, people
from rbac.demo.computers import Machine
from rbac.demo.scripts import SCRIPTS

SEED = 20


@dataclass(frozen=True, slots=True)
class Demo:
    """A document for `load_world`, and what that has no keys for: machines in full, when each address was last seen."""

    document: dict[str, Any]
    machines: list[Machine]
    seen: dict[str, datetime]


def small(now: datetime) -> Demo:
    """2 MSPs, 40 tenants, 300 users, 4,000 computers; every bound lies relative to `now`."""
    dice = Random(SEED)  # noqa: S311  believable, not secret
    users = people.users(dice, now)
    machines = list(computers.machines(dice, now))
    document = {
        "tags": estate.tags(),
        "tenants": estate.tenants(),
        "users": users,
        "groups": people.groups(dice, now, users),
        "roles": grants.roles(),
        "computers": [machine.row for machine in machines],
        "assignments": grants.assignments(now, users),
        "tenant_switches": grants.tenant_switches(),
        "scripts": SCRIPTS,
    }
    return Demo(document, machines, people.seen(dice, now, users))
