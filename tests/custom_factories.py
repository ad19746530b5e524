"""Factories of what a tenant chose; `tests.factories` has the rest."""

import factory
from factory.django import DjangoModelFactory

from tenancy.models import Branding, TenantPreferences
from tests.factories import TenantFactory


class TenantPreferencesFactory(DjangoModelFactory):
    class Meta:
        model = TenantPreferences

    tenant = factory.SubFactory(TenantFactory)
    time_zone = "Europe/Berlin"


class BrandingFactory(DjangoModelFactory):
    class Meta:
        model = Branding

    tenant = factory.SubFactory(TenantFactory)
    name = "Care"
