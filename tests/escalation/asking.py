"""How the services are tried that answer requests for access, as `tests.escalation.plays` has those of the rest."""

from typing import Any

from accounts.models import AccessRequest, User
from rbac import request_services
from rbac.invitations import Offer
from rbac.permissions import Permission
from tenancy.models import Tenant
from tests.escalation.plays import LATER, Trick, plays
from tests.escalation.scene import Scene

ASKING: list[Trick] = []
LATER["asking"] = ASKING


def everybody_asks() -> None:
    """Each of them some times, and strangers as often: before the first act, since asking gives nothing."""
    people = User.objects.present().order_by("pk")
    own = [{"user": user, "name": user.name, "email": user.email} for user in people]
    strangers = [{"name": "Stranger", "email": f"stranger{number}@example.test"} for number in range(len(own))]
    AccessRequest.objects.bulk_create(
        AccessRequest(message=f"Try {number}", **each) for number in range(3) for each in (*own, *strangers)
    )


def _asked(scene: Scene, **found: Any) -> AccessRequest:
    return scene.pick(AccessRequest.objects.waiting().filter(**found), Permission.USERS_MANAGE_ACCESS_REQUESTS)


@plays(request_services.approve_request, Permission.USERS_MANAGE_ACCESS_REQUESTS, weight=60, among=ASKING)
def _approve(scene: Scene) -> dict[str, Any]:
    """Mostly what somebody of the coalition asked."""
    friends = {"user__in": scene.coalition} if scene.one_in(2) else {"user__isnull": False}
    return {"asked": _asked(scene, **friends), "draft": scene.draft(), "site": "https://try.test"}


@plays(request_services.invite_asker, Permission.USERS_MANAGE_ACCESS_REQUESTS, weight=20, among=ASKING)
def _invite_asker(scene: Scene) -> dict[str, Any]:
    asked, tenant = _asked(scene, user=None), scene.pick(Tenant, Permission.USERS_MANAGE)
    offer = Offer(User(email=asked.email, name=asked.name, tenant=tenant), (scene.draft(),), (), "a try")
    return {"asked": asked, "offer": offer, "site": "https://try.test"}


@plays(request_services.turn_down_request, Permission.USERS_MANAGE_ACCESS_REQUESTS, weight=5, among=ASKING)
def _turn_down(scene: Scene) -> dict[str, Any]:
    return {"asked": _asked(scene), "reason": "a try", "site": "https://try.test"}
