"""The services of single sign-on, as `tests.acts.table` has those of the rest."""

from typing import Any

from accounts import provider_services
from accounts.models import IdentityProvider, User
from rbac.permissions import Permission
from tests import factories
from tests.acts.case import WHY, Arguments, Case, beth
from tests.acts.stage import GIVEN, Stage

MANAGE = (Permission.USERS_MANAGE, GIVEN)
BELOW = ("Fabrikam", "Branch")
"""A provider reaches the people of its tenant and of all below it."""

SAID = {"name": "Login", "client_id": "other", "domains": ["example.com"]}


def provider_of(stage: Stage, *people: User, **fields: Any) -> IdentityProvider:
    """Of Fabrikam, with which these people are linked."""
    provider: IdentityProvider = factories.IdentityProviderFactory(tenant=stage.fabrikam, **fields)
    for user in people:
        factories.IdentityFactory(user=user, provider=provider)
    return provider


def linked(stage: Stage, **fields: Any) -> Arguments:
    return {"provider": provider_of(stage, stage.beth, **fields)}


def unlinking(stage: Stage) -> Arguments:
    provider_of(stage, stage.beth)
    return {"user": stage.beth, **WHY}


IDENTITIES = [
    Case(
        provider_services.create_provider,
        MANAGE[:1],
        lambda stage: {"tenant": stage.fabrikam, "issuer": "https://login.example", "secret": "x", **SAID},
        spots=BELOW,
    ),
    Case(
        provider_services.edit_provider,
        MANAGE,
        lambda stage: {**linked(stage), **SAID},
        time=True,
        person=beth,
        spots=BELOW,
    ),
    Case(
        provider_services.activate_provider,
        MANAGE,
        lambda stage: linked(stage, is_active=False),
        time=True,
        person=beth,
        spots=BELOW,
    ),
    Case(
        provider_services.deactivate_provider,
        MANAGE[:1],
        lambda stage: {**linked(stage), **WHY},
        person=beth,
        spots=BELOW,
    ),
    Case(
        provider_services.delete_provider,
        MANAGE[:1],
        lambda stage: {"provider": provider_of(stage), **WHY},
        spots=BELOW,
    ),
    Case(provider_services.unlink_user, MANAGE, unlinking, time=True, person=beth, spots=("Fabrikam",)),
]
