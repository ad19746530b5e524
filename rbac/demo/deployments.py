"""The deployments of the demo world, each saved by somebody who may."""

from __future__ import annotations

from typing import Any, NamedTuple

from accounts.models import User
from computers.deployments.models import (
    ChangeRequest,
    ChangeRequestNote,
    CrossTenantDeployment,
    Deployment,
    DeploymentComputer,
)
from computers.deployments.request_services import columns_of
from computers.deployments.services import described
from computers.models import Computer, ScriptVersion, Software
from tenancy.models import Tenant


class Planned(NamedTuple):
    """`owner` is a slug, None the instance; `item` names software, or a script of which the first version is pinned."""

    name: str
    owner: str | None
    state: str
    item: str
    target: str
    author: str
    more: dict[str, Any]


SERVERS = {"computer_scope": "type", "computer_type": "servers"}
PLANNED = (
    Planned("Backup everywhere", None, "installed", "Backup Agent", "owner", "Jonas Lindqvist", SERVERS),
    Planned("Office for customers", "contoso", "installed", "Office Suite", "msp", "Oskar Nyberg", {}),
    Planned("Backup at Fabrikam", "fabrikam", "installed", "Backup Agent", "tenant", "Rosa Delgado", SERVERS),
    Planned("Drawing for the studio", "fabrikam", "installed", "Drawing Tools", "individual", "Grace Kim", {}),
    Planned(
        "No bank reporting", "litware", "absent", "Bank Reporting", "tenant", "Jonas Lindqvist", {"is_enabled": False}
    ),
    Planned("Account of each agent", "fabrikam", "run", "Whom the agent runs as", "tenant", "Jonas Lindqvist", {}),
    Planned("Space on every disk", "fabrikam", "run", "Free disk space", "tenant", "Jonas Lindqvist", {}),
)


def write_deployments() -> None:
    """Those whose owner and author the world has."""
    owners: dict[str | None, int | None] = {None: None, **dict(Tenant.objects.values_list("slug", "id"))}
    people = dict(User.objects.values_list("name", "id"))
    software = dict(Software.objects.values_list("name", "id"))
    versions = dict(ScriptVersion.objects.filter(number=1).values_list("script__name", "id"))
    for planned in PLANNED:
        if planned.owner not in owners or planned.author not in people:
            continue
        item = {"script_version_id": versions[planned.item]} if planned.state == "run" else {}
        item |= {"software_id": software[planned.item]} if planned.state != "run" else {}
        made = Deployment(
            name=planned.name,
            tenant_id=owners[planned.owner],
            state=planned.state,
            target=planned.target,
            saved_by_id=people[planned.author],
            **item,
            **planned.more,
        )
        made.save(force_insert=True)
        if made.target == "individual":
            _single_out(made)
    _propose(people)


def _propose(people: dict[str, int]) -> None:
    """What waits for Jonas: somebody who sees all of Contoso's customers proposes something for all its customers."""
    contoso, software = (
        Tenant.objects.filter(slug="contoso").first(),
        Software.objects.filter(name="Office Suite").first(),
    )
    if contoso is None or software is None:
        return
    draft = CrossTenantDeployment(
        tenant=contoso, name="Office, everywhere", target="msp", state="installed", software=software
    )
    asked = ChangeRequest(tenant=contoso, name=draft.name, asked_by_id=people["Callum Reid"])
    asked.proposed, asked.after = columns_of(draft), dict(described(draft, ()))
    asked.save(force_insert=True)
    ChangeRequestNote.objects.create(
        request=asked, author_id=asked.asked_by_id, did="submitted", text="Three customers have asked for it this week."
    )


def _single_out(made: Deployment) -> None:
    """Two of the owner's workstations."""
    computers = Computer.objects.live().filter(tenant=made.tenant_id, type="workstation").order_by("name")[:2]
    DeploymentComputer.objects.bulk_create(
        DeploymentComputer(deployment=made, computer=computer) for computer in computers
    )
