"""What counts by the right of somebody who leaves goes to another who may have it happen, or rests (design 6, rule 2).

The bare writes, for the service that sees them off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from computers.deployments import targets
from computers.deployments.models import CrossTenantDeployment, Deployment, TenantDeployment
from computers.models import Computer
from computers.schedules import rights
from computers.schedules.models import Schedule
from rbac.access import Access, access_for
from rbac.audit import named
from rbac.delegation import Gate
from rbac.handovers import Losing, Plan, happening_by

KINDS: dict[str, tuple[type[Deployment | Schedule], dict[str, Any]]] = {
    "tenant_deployments": (TenantDeployment, {"is_enabled": False}),
    "deployments": (CrossTenantDeployment, {"is_enabled": False}),
    "schedules": (Schedule, {"is_enabled": False, "next_run_at": None}),
}
"""As an audit entry calls them, and what rests of each."""


def pass_on_authored(gate: Gate, losing: Losing, plan: Plan) -> dict[str, Any]:
    """Each that the plan names counts by its successor's right from now; returns what audit says came.

    Raises ValidationError, by the field of each that its successor or the actor could not save themselves.
    """
    wrong: dict[str, str] = {}
    came: dict[str, list[Any]] = {key: [] for key in KINDS}
    keys = {kind: key for key, (kind, _) in KINDS.items()}
    for name, rows, heirs in (
        ("deployment", losing.deployments, plan.deployments),
        ("schedule", losing.schedules, plan.schedules),
    ):
        for row in (row for row in rows if row.pk in heirs):
            found, heir = gate.lock(row), heirs[row.pk]
            if why := _barrier(gate.access, heir, found):
                wrong[f"{name}-{row.pk}"] = why
            found.saved_by = heir
            found.save(update_fields=("saved_by", "updated_at"))
            came[keys[type(found)]].append(found)
    if wrong:
        raise ValidationError(wrong)
    return {key: named(rows) for key, rows in came.items()}


def _barrier(access: Access | None, heir: User, thing: Deployment | Schedule) -> str:
    """Why it cannot become the successor's, as a sentence; nobody has more reached by another than by themselves."""
    theirs = access_for(heir)
    if why := _bar(theirs, thing):
        return f"{heir} may not have it happen. {why}"
    if access is None or heir.pk == access.user_id:
        return ""
    if why := _bar(access, thing):
        return f"You may not have it happen. {why}"
    own = _reached(access, thing).order_by().values("pk")
    return f"{heir} would reach more with it than you." if _reached(theirs, thing).exclude(pk__in=own).exists() else ""


def _bar(access: Access, thing: Deployment | Schedule) -> str:
    return rights.barrier(access, thing) if isinstance(thing, Schedule) else targets.barrier(access, thing)


def _reached(access: Access, thing: Deployment | Schedule) -> QuerySet[Computer]:
    return rights.within(access, thing) if isinstance(thing, Schedule) else targets.within(access, thing)


def lay_to_rest(user: User) -> dict[str, Any]:
    """What nobody took over would happen by nobody's right; whoever enables it later is its author. For the entry."""
    return {key: _rest(kind, user, resting) for key, (kind, resting) in KINDS.items()}


def _rest(kind: type[Deployment | Schedule], user: User, resting: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = happening_by(user, kind)
    found = list(rows.select_for_update(no_key=True).order_by("pk"))
    rows.filter(pk__in=[row.pk for row in found]).update(**resting, updated_at=Now())
    return named(found)
