"""The routes of people who use computers, as the walk visits them."""

from typing import Any

from accounts.persons import values_of
from immyrbac.versions import version_of
from rbac.permissions import Permission
from tests import factories
from tests.walk.visit import Visit, forms
from tests.walk.world import Estate, World

VIEW, MANAGE = Permission.USERS_VIEW, Permission.USERS_MANAGE


def _made(world: World, estate: Estate) -> dict[str, Any]:
    return {"name": "New person", "login": "new"}


def _edited(world: World, estate: Estate) -> dict[str, Any]:
    return {"name": "New name", "version": version_of(values_of(estate.objects["Person"]))}


SET = Permission.COMPUTERS_SET_PRIMARY_PERSON
MAKING = frozenset({Permission.AGENTS_VIEW, MANAGE})


def _other(world: World, estate: Estate) -> dict[str, Any]:
    return {"person": factories.PersonFactory(tenant=estate.tenant).pk}


def _named(world: World, estate: Estate) -> dict[str, Any]:
    return {"person_id": estate.objects["Person"].pk}


PEOPLE = [
    Visit("accounts:person-list", "GET", VIEW),
    Visit("accounts:person-export", "GET", VIEW),
    Visit("accounts:person-place", "GET", MANAGE),
    Visit("accounts:person-user-pick", "GET", MANAGE, "Tenant"),
    *forms("accounts:person-create", MANAGE, "Tenant", _made),
    Visit("accounts:person-detail", "GET", VIEW, "Person"),
    *forms("accounts:person-edit", MANAGE, "Person", _edited),
    *forms("accounts:person-delete", MANAGE, "Person", lambda world, estate: {"reason": "Left"}),
    Visit("computers:computer-people", "GET", VIEW, "Computer", also=frozenset({Permission.COMPUTERS_VIEW})),
    *forms("computers:computer-person-add", SET, "Computer", _other),
    Visit("computers:computer-person-pick", "GET", SET, "Computer"),
    Visit("computers:computer-person-primary", "POST", SET, "Computer", route=_named),
    Visit("computers:computer-person-remove", "POST", SET, "Computer", route=_named),
    Visit(
        "computers:computer-person-adopt",
        "POST",
        SET,
        "Computer",
        lambda world, estate: {"name": "reported"},
        also=MAKING,
    ),
]
