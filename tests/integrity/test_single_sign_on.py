"""What the database itself holds of single sign-on (design 8)."""

import pytest

from tests import factories
from tests.integrity.sql import copy, refused_by, run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("change", ["issuer = 'https://evil.example'", "key = 'another'", "tenant_id = {tenant}"])
def test_a_provider_stays_who_it_is(change):
    factories.IdentityProviderFactory()
    with refused_by("identity_provider_is_who_it_was"):
        run(f"UPDATE accounts_identityprovider SET {change.format(tenant=factories.TenantFactory().pk)}")


def test_a_provider_serves_a_domain_at_least():
    with refused_by("identity_provider_has_domains"):
        factories.IdentityProviderFactory(domains=[])


def test_a_provider_has_a_name_of_its_own_in_its_tenant():
    first = factories.IdentityProviderFactory()
    factories.IdentityProviderFactory(name=first.name)
    with refused_by("identity_provider_name_unique"):
        factories.IdentityProviderFactory(name=first.name, tenant=first.tenant)


@pytest.mark.parametrize("change", ["subject = 'another'", "user_id = {user}", "id = id + 1", "linked_at = now()"])
def test_who_somebody_is_never_changes(change):
    factories.IdentityFactory()
    with refused_by("identity_never_changes"):
        run(f"UPDATE accounts_identity SET {change.format(user=factories.UserFactory().pk)}")


def test_a_subject_is_one_user_and_a_user_one_subject():
    first = factories.IdentityFactory()
    with refused_by("identity_is_of_one_user"):
        copy(
            factories.IdentityFactory.build(
                user=factories.UserFactory(), provider=first.provider, subject=first.subject
            )
        )
    with refused_by("identity_once_at_a_provider"):
        copy(factories.IdentityFactory.build(user=first.user, provider=first.provider, subject="another"))
    with refused_by("identity_has_a_subject"):
        factories.IdentityFactory(subject="")
