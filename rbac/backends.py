"""Placeholder until access lands in this same series."""

from allauth.account.auth_backends import AuthenticationBackend


class AccessBackend(AuthenticationBackend):
    pass
