"""Sharing library items: what somebody has by a share alone counts as their power, item by item."""

from typing import Any

from rbac import share_services
from rbac.models import SHARES, Share
from rbac.permissions import Permission
from rbac.shares import ITEMS, shareable
from tests.escalation.plays import LATER, Trick, plays
from tests.escalation.scene import Scene

SHARING: list[Trick] = []
LATER["sharing"] = SHARING


@plays(share_services.share_item, Permission.SOFTWARE_SHARE, weight=60, among=SHARING)
def _share(scene: Scene) -> dict[str, Any]:
    model = scene.one_of(list(ITEMS.values()))
    item, permissions = scene.pick(model, Permission.SOFTWARE_SHARE), scene.some(shareable(model), 3)
    said = {"permissions": sorted({shareable(model)[0], *permissions}), "expires_at": scene.end(), "reason": "a try"}
    return {"item": item, "user": scene.person(), **said}


@plays(share_services.end_share, Permission.SOFTWARE_SHARE, weight=10, among=SHARING)
def _end(scene: Scene) -> dict[str, Any]:
    share: Share = scene.one_of([row for table in SHARES.values() for row in table.objects.unended().told()])
    return {"item": share.item, "share": share.pk, "reason": "a try"}
