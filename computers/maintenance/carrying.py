"""Deployments as stages of a session: planned as it begins, asked of their authors again when an agent takes one.

What an agent gets of one is signed with the rest of its job, the checksums of files with it: what it then fetches can
be nothing else.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import QuerySet

from computers.deployments.models import OF_ONE_TENANT, Deployment
from computers.deployments.targets import NEEDS, author_of, barrier, deployments_on, is_for
from computers.deployments.words import doing
from computers.maintenance.models import MaintenanceSession, SessionKind, SessionState, Stage, StageKind
from computers.models import Computer, SoftwareFile
from rbac.audit import named

PIECE = 1024 * 1024
"""Bytes of a file in one answer: short ones, so that no download holds a thread of the server."""

DELETED = "The deployment was deleted since this session began."
PAUSED = "The deployment was paused since this session began."
ELSEWHERE = "The deployment is no longer for this computer, or its author may no longer reach it."


class NotForItError(Exception):
    """The deployment is not to be carried out on the computer now; the words say why."""


class Order(NamedTuple):
    """What the agent gets of a stage; what audit says of it, and the owners of what it names there."""

    job: dict[str, Any]
    told: dict[str, Any]
    owners: tuple[int | None, ...] = ()


def to_carry_out(session: MaintenanceSession) -> list[Deployment]:
    """What a session that is about to begin will carry out besides the stages that it has."""
    if session.state != SessionState.QUEUED or session.kind != SessionKind.MAINTENANCE:
        return []
    return deployments_on(session.computer)


def put_stages(session: MaintenanceSession, planned: Collection[Deployment]) -> None:
    """One for each of these that is still there, after those that the session has."""
    rows = Deployment.objects.filter(pk__in=[each.pk for each in planned])
    first = session.stages.count()
    Stage.objects.bulk_create(
        Stage(
            session=session,
            position=position,
            kind=StageKind.DEPLOYMENT,
            deployment=deployment,
            title=deployment.name,
            crosses=deployment.target not in OF_ONE_TENANT,
        )
        for position, deployment in enumerate(rows, start=first)
    )


def order_for(stage: Stage, computer: Computer) -> Order:
    """The stage as it goes out now. Raises NotForItError."""
    if stage.kind != StageKind.DEPLOYMENT:
        return Order({"kind": stage.kind}, {})
    deployment = _deployment_of(stage, Deployment.objects.select_for_update(of=("self",), no_key=True))
    if deployment is None:
        raise NotForItError(DELETED)
    if not deployment.is_enabled:
        raise NotForItError(PAUSED)
    if not is_for(deployment, computer):
        why = barrier(author_of(deployment), deployment)
        raise NotForItError(f"Its author may no longer have it happen. {why}" if why else ELSEWHERE)
    told = {"deployments": named([deployment]), "does": doing(deployment)}
    return Order(_job(deployment), told, (deployment.tenant_id,))


def _deployment_of(stage: Stage, rows: QuerySet[Deployment]) -> Deployment | None:
    """As it is now; None where it was deleted."""
    return rows.select_related(*NEEDS).filter(pk=stage.deployment_id).first() if stage.deployment_id else None


def _job(deployment: Deployment) -> dict[str, Any]:
    if version := deployment.script_version:
        return {"kind": "script", "language": version.language, "body": version.body}
    files = SoftwareFile.objects.filter(software=deployment.software_id)
    told = [{"token": str(each.token), "name": each.name, "size": each.size, "sha256": each.sha256} for each in files]
    return {"kind": "software", "wanted": deployment.state, "software": str(deployment.software), "files": told}


def is_still_for(stage: Stage, computer: Computer) -> bool:
    """Whether it may go on, as far as that is its deployment's to say."""
    if stage.kind != StageKind.DEPLOYMENT:
        return True
    deployment = _deployment_of(stage, Deployment.objects.all())
    return deployment is not None and is_for(deployment, computer)


def piece_of(stage: Stage, token: UUID, start: int) -> bytes | None:
    """A file of the software that the stage is about, from here on; None where there is none."""
    file = SoftwareFile.objects.filter(token=token, software__deployments=stage.deployment_id).first()
    if file is None or not default_storage.exists(file.place):
        return None
    with default_storage.open(file.place) as content:
        content.seek(start)
        return bytes(content.read(PIECE))
