"""Acts on providers of single sign-on and on who is linked, which give nobody anything: a search of their own."""

from typing import Any

from accounts import provider_services
from accounts.models import IdentityProvider
from rbac.permissions import Permission
from tenancy.models import Tenant
from tests.escalation.plays import LATER, Trick, plays
from tests.escalation.scene import Scene

LINKING: list[Trick] = []
LATER["linking"] = LINKING
SAID: dict[str, Any] = {"client_id": "a try", "domains": ["try.test"]}


def _one(scene: Scene) -> IdentityProvider:
    return scene.pick(IdentityProvider, Permission.USERS_MANAGE)


@plays(provider_services.create_provider, Permission.USERS_MANAGE, weight=4, among=LINKING)
def _create_provider(scene: Scene) -> dict[str, Any]:
    said = {"issuer": "https://try.test", "secret": "a try", **SAID}
    return {"tenant": scene.pick(Tenant, Permission.USERS_MANAGE), "name": scene.fresh, **said}


@plays(provider_services.edit_provider, Permission.USERS_MANAGE, weight=3, among=LINKING)
def _edit_provider(scene: Scene) -> dict[str, Any]:
    return {"provider": _one(scene), "name": scene.fresh, **SAID}


@plays(provider_services.activate_provider, Permission.USERS_MANAGE, weight=3, among=LINKING)
def _activate_provider(scene: Scene) -> dict[str, Any]:
    return {"provider": _one(scene)}


@plays(provider_services.deactivate_provider, Permission.USERS_MANAGE, weight=3, among=LINKING)
def _deactivate_provider(scene: Scene) -> dict[str, Any]:
    return {"provider": _one(scene), "reason": "a try"}


@plays(provider_services.delete_provider, Permission.USERS_MANAGE, weight=2, among=LINKING)
def _delete_provider(scene: Scene) -> dict[str, Any]:
    return {"provider": _one(scene), "reason": "a try"}


@plays(provider_services.unlink_user, Permission.USERS_MANAGE, weight=6, among=LINKING)
def _unlink_user(scene: Scene) -> dict[str, Any]:
    return {"user": scene.somebody_else(), "reason": "a try"}
