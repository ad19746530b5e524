"""Factories of shares, one for each kind of library item; `tests.sharing` gives a chosen one."""

import factory
from django.contrib.auth.models import Permission as Named
from factory.django import DjangoModelFactory

from rbac.models import LicenseShare, ScriptShare, SoftwareShare
from tests.factories import LicenseFactory, ScriptFactory, SoftwareFactory, UserFactory


def _viewing(kind: str) -> factory.LazyFunction:
    return factory.LazyFunction(lambda: Named.objects.get(codename=f"{kind}:view"))


class _ShareFactory(DjangoModelFactory):
    class Meta:
        abstract = True

    user = factory.SubFactory(UserFactory)
    shared_by = factory.SubFactory(UserFactory)
    reason = "for once"


class LicenseShareFactory(_ShareFactory):
    class Meta:
        model = LicenseShare

    content_object = factory.SubFactory(LicenseFactory)
    permission = _viewing("licenses")


class ScriptShareFactory(_ShareFactory):
    class Meta:
        model = ScriptShare

    content_object = factory.SubFactory(ScriptFactory)
    permission = _viewing("scripts")


class SoftwareShareFactory(_ShareFactory):
    class Meta:
        model = SoftwareShare

    content_object = factory.SubFactory(SoftwareFactory)
    permission = _viewing("software")
