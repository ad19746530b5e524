"""A morning's work in the demo world, done through the services: what the audit log has to tell of."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from accounts.group_services import edit_group
from accounts.models import Group, User
from accounts.services import deactivate_users
from rbac.audit import Actor
from rbac.delegation import Refused
from rbac.models import Role, RoleAssignment
from rbac.services import end_assignments, grant_assignment, set_switch
from rbac.switches import SwitchKey
from tenancy.models import Tenant


def live_through(now: datetime) -> None:
    """Marcus cleans up, a switch is tried, and Dana is refused."""
    marcus, dana = _actor("marcus.oyelaran@contoso.example"), _actor("dana.whitfield@contoso.example")
    _hand_over(marcus, now)
    ingrid = User.objects.get(email="ingrid.solberg@fabrikam.example")
    deactivate_users(actor=marcus, users=[ingrid], reason="Left Fabrikam at the end of the month")
    desk = Group.objects.get(name="Service Desk", tenant__slug="contoso")
    edit_group(actor=marcus, group=desk, name=desk.name, description="First and second line, seven to nineteen")
    for enabled in (True, False):
        reason = "To reproduce ticket 4417" if enabled else "Done with ticket 4417"
        set_switch(actor=marcus, key=SwitchKey.IMPERSONATION, enabled=enabled, reason=reason)
    with suppress(Refused):
        grant_assignment(actor=dana, draft=_draft(dana.user, "Script Manager", "litware", now + timedelta(days=1)))


def _actor(email: str) -> Actor:
    return Actor(User.objects.get(email=email), address="192.0.2.20")


def _hand_over(marcus: Actor, now: datetime) -> None:
    callum = User.objects.get(email="callum.reid@contoso.example")
    draft = _draft(callum, "MSP User", "trey-research", now + timedelta(days=30))
    given = grant_assignment(actor=marcus, draft=draft)
    end_assignments(actor=marcus, assignments=[given.pk], reason="Handed over to the Service Desk")


def _draft(user: User | None, role: str, tenant: str, until: datetime) -> RoleAssignment:
    return RoleAssignment(
        user=user,
        role=Role.objects.get(name=role, tenant=None),
        scope="tenant",
        tenant=Tenant.objects.get(slug=tenant),
        expires_at=until,
        reason="Cover while a colleague is away",
    )
