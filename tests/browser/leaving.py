"""Somebody of the demo who leaves, for visits: everything of Dana's to one person, and Callum, who has left."""

from collections.abc import Callable
from typing import Any

from accounts.leaving_services import see_user_off
from accounts.models import GroupMembership, User
from rbac.audit import Actor
from rbac.handovers import Plan
from rbac.models import AuditEntry, RoleAssignment, Switch
from rbac.switches import SwitchKey


def handed_to(name: str) -> Callable[[], str]:
    return lambda: f"?everything={User.objects.get(name=name).pk}&fill=1"


def letting_act() -> str:
    """The preference that lets people act as others is on."""
    Switch.objects.update_or_create(key=SwitchKey.IMPERSONATION, tenant=None, defaults={"enabled": True})
    return ""


def left() -> dict[str, Any]:
    """Seen off once, by Jonas: what he held goes to Aiko."""
    callum, aiko = (User.objects.get(name=name) for name in ("Callum Reid", "Aiko Tanabe"))
    told = AuditEntry.objects.filter(action="user.left", target_id=callum.pk).first()
    if told:
        return {"pk": callum.pk, "entry": told.pk}
    rows = RoleAssignment.objects.unexpired().filter(user=callum, effect="allow")
    inside = GroupMembership.objects.live().filter(user=callum)
    plan = Plan({row.pk: aiko for row in rows}, {row.pk: aiko for row in inside[:1]}, {})
    jonas = Actor(User.objects.get(name="Jonas Lindqvist"))
    entry = see_user_off(actor=jonas, user=callum, plan=plan, reason="INC-20944: last day 27 November")
    return {"pk": callum.pk, "entry": entry}
