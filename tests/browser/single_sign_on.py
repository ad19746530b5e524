"""The pages of single sign-on, with a provider of Fabrikam that nobody answers for; the journey has one that does."""

from typing import Any

from accounts.models import Identity, IdentityProvider, User
from immyrbac.sealing import seal
from tenancy.models import Tenant
from tests.browser.visit import Visit, user

SAID = {"client_id": "immyrbac", "domains": ["fabrikam.example"], "sealed": seal("known to us alone")}


def provider() -> dict[str, Any]:
    said = {**SAID, "issuer": "https://login.fabrikam.example", "key": "a-key-that-only-these-visits-have"}
    fabrikam = Tenant.objects.get(slug="fabrikam")
    return {"pk": IdentityProvider.objects.get_or_create(tenant=fabrikam, name="Fabrikam Login", defaults=said)[0].pk}


def inactive() -> dict[str, Any]:
    IdentityProvider.objects.filter(**provider()).update(is_active=False)
    return provider()


def key() -> dict[str, str]:
    return {"key": IdentityProvider.objects.get(**provider()).key}


def identity() -> dict[str, Any]:
    """Grace's."""
    grace = User.objects.get(name="Grace Kim")
    row, _ = Identity.objects.get_or_create(
        provider_id=provider()["pk"], user=grace, defaults={"subject": "248289761001"}
    )
    return {"pk": row.pk}


def of_grace() -> dict[str, Any]:
    identity()
    return user("Grace Kim")()


def linked() -> dict[str, Any]:
    """The provider, with Grace linked."""
    identity()
    return provider()


def _fabrikam() -> dict[str, Any]:
    linked()
    return {"pk": Tenant.objects.get(slug="fabrikam").pk}


def _northwind() -> dict[str, Any]:
    return {"pk": Tenant.objects.get(slug="northwind").pk}


def _with_identity() -> str:
    identity()
    return ""


SINGLE_SIGN_ON = [
    Visit("accounts:single-sign-on-find"),
    Visit("accounts:single-sign-on-start", of=key),
    Visit("accounts:single-sign-on-return", of=key, status=403),
    Visit("accounts:identity-link", "Grace", provider),
    Visit("accounts:identity-unlink", "Grace", identity),
    Visit("accounts:profile-security", "Grace", asks=_with_identity),
    Visit("accounts:provider-index", "Jonas", _northwind),
    Visit("accounts:provider-index", "Jonas", _fabrikam),
    Visit("accounts:provider-create", "Jonas", _northwind),
    Visit("accounts:provider-detail", "Jonas", linked),
    Visit("accounts:provider-detail", "Jonas", inactive),
    Visit("accounts:provider-edit", "Jonas", provider),
    Visit("accounts:provider-deactivate", "Jonas", provider),
    Visit("accounts:provider-delete", "Jonas", provider),
    Visit("accounts:user-unlink", "Jonas", of_grace),
]
