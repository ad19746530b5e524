"""The three agents of the demo: they come in at each start, and are in demo mode (agent/immyrbac_agent.py)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import PermissionDenied

from computers.agents.models import Agent
from computers.agents.secrets import find_agent
from computers.agents.services import create_enrolment, remove_agent
from computers.agents.traffic import Facts, enrol_agent
from computers.models import Computer, ComputerType
from rbac.audit import SYSTEM

TENANT = "fabrikam"
TYPES = (ComputerType.WORKSTATION, ComputerType.SERVER, ComputerType.DOMAIN_CONTROLLER)


class DemoAgent(NamedTuple):
    """What one is started with."""

    computer: str
    type: str
    state: Path


def demo_agents(folder: Path, server: str) -> Iterator[DemoAgent]:
    """Let an agent in on one computer of each type, or find it again; none where this is not the demo's world."""
    for kind in TYPES:
        rows = Computer.objects.live().filter(tenant__slug=TENANT, type=kind).exclude(name__contains="LT")
        computer = rows.select_related("tenant").order_by("name", "pk").first()
        if computer is None:
            continue
        state = folder / f"{computer.pk}.json"
        known = _known(state, computer) or _let_in(computer)
        _keep(state, {**known, "server": server})
        yield DemoAgent(computer.name, kind, state)


def _known(state: Path, computer: Computer) -> dict[str, str] | None:
    """What it was known by, if it still is: the database may be a new one."""
    try:
        said: dict[str, str] = json.loads(state.read_text())
        found = find_agent(said["token"])
    except (OSError, ValueError, KeyError, PermissionDenied):
        return None
    return said if found and found.computer_id == computer.pk and said.get("key") else None


def _let_in(computer: Computer) -> dict[str, str]:
    if Agent.objects.on(computer).exists():
        remove_agent(actor=SYSTEM, computer=computer, reason="The demo starts anew, without what it was known by")
    enrolment, _ = create_enrolment(actor=SYSTEM, tenant=computer.tenant, computer=computer)
    facts = Facts(computer.name, computer.type, computer.os, computer.serial_number, [])
    _, token, key = enrol_agent(enrolment, facts)
    return {"token": token, "key": key}


def _keep(state: Path, said: dict[str, str]) -> None:
    state.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    state.unlink(missing_ok=True)
    with os.fdopen(os.open(state, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(said, file)
