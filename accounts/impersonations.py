"""How acting as somebody else goes on and ends: bound to one session, asked anew at each request."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from accounts.models import Impersonation, User
from rbac.audit import Actor, record

KEY = "impersonation"
"""Where the session keeps its number."""


def remember(request: HttpRequest, impersonation: Impersonation) -> None:
    request.session[KEY] = impersonation.pk


def forget(request: HttpRequest) -> None:
    request.session.pop(KEY, None)


def remembered(request: HttpRequest) -> bool:
    return KEY in request.session


def going_on(request: HttpRequest, actor: User) -> Impersonation | None:
    """What this session of the actor's began and is not over, with the person. One query."""
    rows = Impersonation.objects.live().filter(pk=request.session[KEY], actor=actor)
    return rows.select_related("user__tenant").first()


def end_impersonation(*, actor: Actor, number: int, why: str) -> None:
    """End one of the actor's own; one that is over already is left alone."""
    with transaction.atomic():
        rows = Impersonation.objects.unended().filter(pk=number, actor=actor.user)
        row = rows.select_for_update(of=("self",), no_key=True).select_related("user").first()
        if row is not None:
            rows.update(ended_at=Now())
            record(actor, "impersonation.ended", target=row.user, tenant=row.user.tenant_id, after={"why": why})


def impersonations_of(user: User) -> QuerySet[Impersonation]:
    """Who acted as this user, the last first: theirs to read without any permission."""
    return Impersonation.objects.filter(user=user).select_related("actor__tenant").order_by("-pk")
