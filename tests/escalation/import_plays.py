"""How bringing people over is tried, as `tests.escalation.plays` tries the rest."""

from typing import Any

from rbac.flips import stands
from rbac.legacy import services
from rbac.legacy.abilities import CARRIED, Flags
from rbac.legacy.people import OldFile, OldUser
from rbac.legacy.plan import plan_of
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tenancy.models import Tenant
from tests.escalation.plays import LATER, plays
from tests.escalation.scene import Scene


@plays(services.import_people, Permission.USERS_MANAGE, weight=10, among=LATER["importing"])
def _import(scene: Scene) -> dict[str, Any]:
    """Somebody new, or somebody near; the preferences as the switches stand, mostly."""
    user = scene.person() if scene.one_in(2) else None
    home = user.tenant if user else scene.pick(Tenant, Permission.USERS_MANAGE)
    flags = Flags(home.is_msp, scene.one_in(3), scene.one_in(3))
    ends = user.access_expires_at if user else scene.end()
    line = OldUser(2, user.email if user else f"{scene.fresh}@example.test", "A try", home.slug, flags, ends)
    preferences = {key: stands(key) != scene.one_in(12) for key in CARRIED}
    count = len(plan_of([line], preferences).empowered)
    return {"file": OldFile("try.csv", "", [line]), "preferences": preferences, "expected_count": count}


@plays(services.undo_import, Permission.USERS_MANAGE, weight=6, among=LATER["importing"])
def _undo(scene: Scene) -> dict[str, Any]:
    return {"run": scene.one_of(list(AuditEntry.objects.filter(action=services.IMPORTED).order_by("pk"))).pk}
