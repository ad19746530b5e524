"""Every change of a deployment: by the permission that its kind of target takes, and by its new author (design 6, 9).

Whoever saves one is its author from then on, so that saving asks all that having it happen asks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from computers.deployments.models import (
    OF_ONE_TENANT,
    Deployment,
    DeploymentComputer,
    State,
    Target,
    TenantDeployment,
)
from computers.deployments.targets import barrier, chosen_in, is_open_to, managing, singles_of
from computers.deployments.words import aim_of, doing
from computers.models import Computer
from immyrbac.versions import check_version
from rbac.audit import Actor
from rbac.delegation import Gate, Refused, act
from rbac.sentences import plain

ELSEWHERE = "It can only name software and scripts of its owner, or of the instance."
MOST_NAMES = 200
"""So many single computers, and so many people."""

GONE = "One of its computers is no longer there."
NOT_AN_MSP = "Only an MSP has customers."
COLUMNS = (
    *("name", "is_enabled", "state", "software", "script_version", "target", "tag", "people"),
    *("computer_scope", "computer_tag", "computer_type", "saved_by", "updated_at"),
)


def create_deployment(*, actor: Actor, draft: Deployment, computers: Collection[Computer] = ()) -> Deployment:
    """Raises ValidationError and Refused. `computers` are the single ones, of its tenant."""
    with act(actor, "deployment.created", label=draft.name, tenant=draft.tenant_id) as gate:
        if draft.tenant:
            draft.tenant = gate.lock(draft.tenant)
        twin = gate.twin("deployment.created", _alike(draft))
        if twin and set(singles_of(twin)) == set(computers):
            return twin
        put_deployment(gate, draft, computers)
        gate.record(target=draft, tenant=draft.tenant_id, after=described(draft, computers))
    return draft


def _alike(draft: Deployment) -> QuerySet[Deployment]:
    said = {name: getattr(draft, name) for name in (*COLUMNS[:-2], "tenant")}
    return type(draft).objects.filter(**said)


def edit_deployment(
    *, actor: Actor, draft: Deployment, computers: Collection[Computer] = (), version: str | None = None
) -> Deployment:
    """`draft` is the deployment as it shall be, `version` what the form showed. Its tenant never changes."""
    with act(actor, "deployment.edited", target=draft, tenant=draft.tenant_id) as gate:
        found = gate.lock(draft)
        _require(gate, found)
        stood = list(singles_of(found))
        check_version(version, values_of(found, stood), values_of(draft, computers))
        before = described(found, stood)
        _sign(gate, draft, computers)
        after = described(draft, computers)
        if after != before or found.saved_by_id != draft.saved_by_id:
            draft.save(update_fields=COLUMNS)
            _write_computers(draft, computers)
            gate.record(target=draft, tenant=draft.tenant_id, before=before, after=after)
        gate.keeping(draft)
    return draft


def delete_deployment(*, actor: Actor, deployment: Deployment, version: str | None = None, reason: str) -> None:
    """What was installed stays: nothing is undone by it."""
    with act(actor, "deployment.deleted", target=deployment, tenant=deployment.tenant_id) as gate:
        found = gate.lock(deployment)
        _require(gate, found)
        stood = list(singles_of(found))
        check_version(version, values_of(found, stood), {})
        gone, before = type(found)(pk=found.pk, name=found.name), described(found, stood)
        found.delete()
        gate.record(target=gone, tenant=found.tenant_id, reason=reason, before=before)


def put_deployment(gate: Gate, draft: Deployment, computers: Collection[Computer] = ()) -> None:
    """Save it, new or as it shall be, by the rights of whoever acts, who becomes its author."""
    _sign(gate, draft, computers)
    if draft.pk:
        draft.save(update_fields=COLUMNS)
    else:
        draft.save(force_insert=True)
    _write_computers(draft, computers)
    gate.keeping(draft)


def values_of(deployment: Deployment, computers: Collection[Computer]) -> dict[str, object]:
    """What its form shows."""
    names = (*COLUMNS[:-2], "tenant")
    shown: dict[str, object] = {name: getattr(deployment, name) for name in names}
    return {**shown, "computers": ", ".join(sorted(computer.name for computer in computers))}


def described(deployment: Deployment, computers: Collection[Computer]) -> Mapping[str, Any]:
    """What audit says of it."""
    return {
        "name": deployment.name,
        "does": doing(deployment),
        "aim": plain(aim_of(deployment, computers, most=MOST_NAMES)),
        "enabled": deployment.is_enabled,
    }


def _require(gate: Gate, deployment: Deployment) -> None:
    if gate.access and not is_open_to(gate.access, deployment):
        raise Refused([f"This takes {managing(deployment.target).label} on all that it is for."])


def _sign(gate: Gate, draft: Deployment, computers: Collection[Computer]) -> None:
    """The actor becomes its author, who has to be able to have it happen."""
    if gate.actor.user is None or gate.access is None:
        raise ValueError("A deployment counts by the right of somebody: the system has none.")
    draft.saved_by = gate.actor.user
    check_deployment(draft, computers)
    if why := barrier(gate.access, draft):
        raise Refused([why])
    if computers and draft.tenant:
        wanted = {computer.pk for computer in computers}
        there = {each.pk for each in chosen_in(gate.access, draft.tenant, [each.name for each in computers])}
        if wanted - there:
            raise Refused([GONE])


def check_deployment(draft: Deployment, computers: Collection[Computer]) -> None:
    """What nobody could save. Raises ValidationError."""
    draft.clean_fields(exclude=("saved_by",))
    item = draft.script_version.script if draft.script_version else draft.software
    if item is None or (draft.state == State.RUN) != (draft.script_version is not None):
        raise ValidationError({"state": "Choose what it shall do, and with what."})
    if item.tenant_id not in (None, draft.tenant_id):
        raise ValidationError(ELSEWHERE)
    if isinstance(draft, TenantDeployment) != (draft.target in OF_ONE_TENANT):
        raise ValidationError({"target": "It cannot become this."})
    if draft.target == Target.MSP and not (draft.tenant and draft.tenant.is_msp):
        raise ValidationError({"target": NOT_AN_MSP})
    if (draft.target == Target.INDIVIDUAL) != bool(computers or draft.people):
        raise ValidationError({"computers": "Name a computer or a person."})
    if max(len(computers), len(draft.people)) > MOST_NAMES:
        raise ValidationError({"computers": f"At most {MOST_NAMES} computers and as many people."})
    draft.validate_constraints()


def _write_computers(draft: Deployment, computers: Collection[Computer]) -> None:
    rows = DeploymentComputer.objects.filter(deployment=draft)
    kept = {computer.pk for computer in computers}
    rows.exclude(computer__in=kept).delete()
    missing = kept - set(rows.values_list("computer_id", flat=True))
    DeploymentComputer.objects.bulk_create(DeploymentComputer(deployment=draft, computer_id=pk) for pk in missing)
