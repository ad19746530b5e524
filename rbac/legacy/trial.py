"""What the gate would say to an actor about a plan, without a write and without a lock."""

from __future__ import annotations

from django.utils import timezone

from rbac.access import INSTANCE, Access
from rbac.flips import flipped
from rbac.judgement import Judge
from rbac.legacy.plan import Plan
from rbac.permissions import Permission
from rbac.power import held_by
from rbac.previews import judged


def objections_to(plan: Plan, access: Access) -> list[str]:
    """What speaks against this actor bringing these people over; the same as when they do it (design 6)."""
    judge = Judge(access)
    _doors(judge, plan)
    for key in plan.flips:
        change = flipped(key, timezone.now(), enabled=plan.preferences[key])
        judge.learn([claim.reach for claim in (*change.gains, *change.losses)])
        judge.gains(change.gains, flipping=True)
        judge.losses(change.losses)
        judge.covers_others(held_by({claim.reach.person for claim in change.losses}))
    judge.granted(reach for person in plan.people for reach in person.added)
    before = [reach for person in plan.people for reach in person.before]
    judged(judge, before, [reach for person in plan.people for reach in person.after])
    return judge.objections


def _doors(judge: Judge, plan: Plan) -> None:
    """What the act takes besides what it makes different."""
    judge.learn([reach for person in plan.people for reach in person.after])
    homes = {person.user.tenant_id: person.user.tenant for person in plan.newcomers}
    judge.access.know(homes.values())
    for home in homes.values():
        if not judge.access.can(Permission.USERS_MANAGE, home):
            judge.object(f"This takes {Permission.USERS_MANAGE.label} on {home}.")
    if plan.flips and not judge.access.can(Permission.PREFERENCES_MANAGE_SYSTEM, INSTANCE):
        judge.object(f"This takes {Permission.PREFERENCES_MANAGE_SYSTEM.label} on {INSTANCE}.")
