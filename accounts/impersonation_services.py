"""Acting as somebody else begins with a reason, through the gate (design 6, rule 4)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Impersonation, User
from rbac.acting import LASTS
from rbac.audit import Actor, named
from rbac.delegation import Refused, act
from rbac.permissions import Permission


def start_impersonation(*, actor: Actor, user: User, reason: str) -> Impersonation:
    """Act as this user for half an hour. What is still open of the actor's ends with it: nobody is two people."""
    with act(actor, "impersonation.started", target=user, tenant=user.tenant_id) as gate:
        user = gate.lock(user)
        gate.require(Permission.USERS_IMPERSONATE, user)
        gate.covering([user.pk])
        if actor.user is None or actor.user == user:
            raise Refused(["Nobody acts as themselves."])
        if not User.objects.able_to_act().filter(pk=user.pk).exists():
            raise ValidationError(f"{user} cannot sign in now, so nobody can act as them.")
        if not reason.strip():
            raise ValidationError({"reason": "Say why: the person will read it."})
        over = Impersonation.objects.unended().filter(actor=actor.user)
        ended = named(each.user for each in over.select_related("user"))
        over.update(ended_at=gate.now)
        until = timezone.now() + LASTS
        begun = Impersonation.objects.create(actor=actor.user, user=user, reason=reason.strip(), expires_at=until)
        before = {"users": ended} if ended else None
        gate.record(target=user, tenant=user.tenant_id, reason=reason, before=before, after={"expires_at": until})
    return begun
