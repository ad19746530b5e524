"""Second factors: allauth keeps them, so that their factory stands beside those of our models."""

import factory
from allauth.mfa.models import Authenticator
from factory.django import DjangoModelFactory

from immyrbac.sealing import seal
from tests.factories import UserFactory

APP_KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""The secret of every authenticator app that the factory makes."""


class AppFactory(DjangoModelFactory):
    """Somebody's authenticator app."""

    class Meta:
        model = Authenticator
        django_get_or_create = ("user", "type")

    user = factory.SubFactory(UserFactory)
    type = Authenticator.Type.TOTP
    data = factory.LazyFunction(lambda: {"secret": seal(APP_KEY)})


class KeyFactory(DjangoModelFactory):
    """Somebody's passkey as lists show it: no device has it, so it signs nobody in."""

    class Meta:
        model = Authenticator

    user = factory.SubFactory(UserFactory)
    type = Authenticator.Type.WEBAUTHN
    data = factory.LazyFunction(lambda: {"name": "Laptop", "credential": {}})
