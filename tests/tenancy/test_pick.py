"""The pickers offer what the reader may see, from the first letter to the moment their access ends."""

import pytest
from django.urls import reverse

from rbac.permissions import Permission
from tests.factories import TagFactory, TenantFactory, UserFactory
from tests.grants import end, grant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "permission", "factory"),
    [
        ("tenancy:tenant-pick", Permission.TENANTS_VIEW, lambda tenant: tenant),
        ("tenancy:tag-pick", Permission.TAGS_VIEW, lambda tenant: TagFactory(name=f"Tag of {tenant}", tenant=tenant)),
    ],
)
def test_a_picker_offers_what_may_be_seen(client, name, permission, factory):
    ours, theirs = TenantFactory(name="Fabrikam"), TenantFactory(name="Fabrikam Foods")
    mine, foreign = factory(ours), factory(theirs)
    user = UserFactory(tenant=ours)
    client.force_login(user)
    assert client.get(reverse(name)).status_code == 403
    given = grant(user, permission, scope="tenant", tenant=ours)
    answer = client.get(reverse(name), {"q": "fabrikam"}).content.decode()
    assert f'value="{mine.pk}"' in answer
    assert foreign.name not in answer
    assert f'value="{mine.pk}"' not in client.get(reverse(name), {"q": "northwind"}).content.decode()
    end(given)
    assert client.get(reverse(name)).status_code == 403


@pytest.mark.parametrize("words", ["\0", "x" * 201])
def test_a_malformed_search_is_refused(client, words):
    user = UserFactory()
    grant(user, Permission.TENANTS_VIEW)
    client.force_login(user)
    assert client.get(reverse("tenancy:tenant-pick"), {"q": words}).status_code == 400
