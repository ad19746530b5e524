"""The no that explains itself: a 403 names the permission and what came closest (design 4), and is audited."""

from __future__ import annotations

from typing import NoReturn

from django.db.models import Model

from immyrbac.http import Refusal, Refused
from immyrbac.requests import Request
from rbac.access import INSTANCE, Decision
from rbac.audit import record
from rbac.deeds import deed
from rbac.objects import KINDS, Subject
from rbac.permissions import Permission
from rbac.sentences import plain, sentence
from rbac.stations import Drawing
from rbac.subjects import explain_url

SAFE = ("GET", "HEAD")


def refuse(request: Request, permission: Permission, obj: Subject | None) -> NoReturn:
    """Raise the 403. An unsafe method leaves an audit entry: it was an attempt to change something (safety 6)."""
    unsafe = request.method not in SAFE
    if unsafe:
        target = obj if isinstance(obj, Model) else None
        tenant_id = None if obj is None else getattr(obj, KINDS[obj.__class__].tenant_id)
        record(request.actor, "door.refused", target=target, tenant=tenant_id, after={"permission": permission.value})
    decision = request.access.explain(permission, obj or INSTANCE)
    raise Refused(
        Refusal(
            title=f"You cannot {deed(permission, obj)}",
            why=_denied(decision)
            or _nearest(decision)
            or f"No assignment of yours gives {permission.label}{_on(obj)}.",
            paths=_closest(request, decision, obj),
            explanation=explain_url(user=request.user, permission=permission, on=obj) if obj else "",
            codename=permission.value,
            great_power=permission.spec.great_power,
            request_id=request.id,
            recorded=unsafe,
        )
    )


def _on(obj: Subject | None) -> str:
    return "" if obj is None else f" on {obj}"


def _closest(request: Request, decision: Decision, obj: Subject | None) -> list[dict[str, object]]:
    """What decided or else came nearest, as one path; one's own assignments need no permission to see."""
    lines = Drawing(request.access, decision, request.user, obj or INSTANCE).lines()
    return [line._asdict() for line in [*lines.matching, *lines.missing][:1]]


def _denied(decision: Decision) -> str:
    denies = [path.assignment for path in decision.deciding if path.denies]
    return f"A deny takes it from you: {plain(sentence(denies[0]))}." if denies else ""


def _nearest(decision: Decision) -> str:
    for nearest in decision.near_misses:
        if nearest.breaks is not None:
            return f"Closest is “{plain(sentence(nearest.assignment))}”, but {nearest.breaks.label}."
    return ""
