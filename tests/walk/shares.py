"""The routes of shares of library items, as the walk visits them."""

from collections.abc import Callable
from typing import Any

from computers.models import License, Script, Software
from rbac.outcomes import Outcome
from rbac.permissions import Permission
from tests.walk.visit import Visit, forms
from tests.walk.world import Estate, World

SHARE = Permission.SOFTWARE_SHARE
MODELS = {"License": License, "Script": Script, "Software": Software}


def _giving(kind: str) -> Callable[[World, Estate], dict[str, Any]]:
    """By somebody who has read what it does."""

    def data(world: World, estate: Estate) -> dict[str, Any]:
        user, view = estate.objects["User"], estate.objects[kind].VIEW
        shown = Outcome({user.pk: [view]}, {}).mark
        return {"user": user.pk, "permissions": [view.value], "reason": "For once", "shown": shown}

    return data


def _given(kind: str) -> Callable[[World, Estate], dict[str, Any]]:
    return lambda world, estate: {"share": estate.shares[kind].pk}


def _ending(kind: str) -> Callable[[World, Estate], dict[str, Any]]:
    def data(world: World, estate: Estate) -> dict[str, Any]:
        lost = {estate.shares[kind].user_id: [estate.objects[kind].VIEW]}
        return {"reason": "For once", "shown": Outcome({}, lost).mark}

    return data


def _of(kind: str) -> list[Visit]:
    name, also = kind.lower(), frozenset({MODELS[kind].VIEW, Permission.USERS_VIEW})
    return [
        Visit(f"computers:{name}-share-list", "GET", SHARE, kind, also=also),
        *forms(f"computers:{name}-share-create", SHARE, kind, _giving(kind), also=also),
        *forms(f"computers:{name}-share-end", SHARE, kind, _ending(kind), also=also, route=_given(kind)),
    ]


SHARES = [
    Visit("computers:share-user-pick", "GET", SHARE),
    *(visit for kind in MODELS for visit in _of(kind)),
]
