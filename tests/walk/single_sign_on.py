"""The routes of single sign-on, as `tests.walk.table` has the rest."""

from typing import Any

from immyrbac.versions import version_of
from rbac.permissions import Permission
from tests import factories
from tests.walk.visit import Visit, forms
from tests.walk.world import Estate, World

SAID = {"name": "Login", "client_id": "immyrbac", "domains": "here.example"}
MANAGES = Permission.USERS_MANAGE
WHY = {"reason": "For once"}


def setting_up(world: World, estate: Estate) -> dict[str, Any]:
    return {**SAID, "issuer": "https://login.here.example", "secret": "known to us alone"}


def editing(world: World, estate: Estate) -> dict[str, Any]:
    provider = estate.objects["IdentityProvider"]
    shown = {"name": provider.name, "client_id": provider.client_id, "domains": provider.domains}
    return {**SAID, "version": version_of(shown)}


def unlinked(world: World, estate: Estate) -> dict[str, Any]:
    """Instead of the estate's provider one that can be deleted."""
    return {"pk": factories.IdentityProviderFactory(tenant=estate.tenant).pk}


SINGLE_SIGN_ON = [
    Visit("accounts:provider-index", "GET", MANAGES, "Tenant"),
    *forms("accounts:provider-create", MANAGES, "Tenant", setting_up),
    Visit("accounts:provider-detail", "GET", MANAGES, "IdentityProvider"),
    *forms("accounts:provider-edit", MANAGES, "IdentityProvider", editing),
    Visit("accounts:provider-activate", "POST", MANAGES, "IdentityProvider"),
    *forms("accounts:provider-deactivate", MANAGES, "IdentityProvider", lambda world, estate: WHY),
    *forms("accounts:provider-delete", MANAGES, "IdentityProvider", lambda world, estate: WHY, route=unlinked),
    *forms("accounts:user-unlink", MANAGES, "User", lambda world, estate: WHY),
]
