"""What the tests of single sign-on share: somebody who is linked with a provider on loopback, and the way there."""

import re
from html import unescape

from django.test import Client

from accounts.models import IdentityProvider, User
from immyrbac.sealing import seal
from tests.accounts.oidc_provider import CLIENT, SECRET, Provider, visit
from tests.factories import IdentityFactory, IdentityProviderFactory

LEADS_TO = re.compile(r'http-equiv="refresh" content="0;url=([^"]+)"')


def known(provider: Provider, tenant, **fields) -> IdentityProvider:
    """The provider on loopback, as the tenant has set it up."""
    said = {"issuer": provider.url, "client_id": CLIENT, "sealed": seal(SECRET), **fields}
    return IdentityProviderFactory(tenant=tenant, **said)


def linked(provider: Provider, user: User, **fields):
    """The user's identity at the provider on loopback."""
    return IdentityFactory(user=user, provider=known(provider, user.tenant, **fields), subject=provider.person[0])


def set_out(client: Client, row: IdentityProvider, **said: str) -> str:
    """Where the button of the tenant's sign-in page leads, at the provider."""
    answer = client.post(f"/sign-in/single/{row.key}/", said)
    assert answer.status_code == 200, answer.content
    return unescape(LEADS_TO.search(answer.content.decode())[1])


def way_back(client: Client, row: IdentityProvider, **said: str) -> str:
    """The address to which the provider then leads the browser back."""
    return visit(set_out(client, row, **said))


def sign_in_there(client: Client, row: IdentityProvider, **said: str):
    """The answer to coming back."""
    return client.get(way_back(client, row, **said))
