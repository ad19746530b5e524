"""Who somebody is at a provider of single sign-on, and whether that still signs them in."""

from __future__ import annotations

from collections.abc import Collection

from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest

from accounts.models import Identity, IdentityProvider, IdentityProviderQuerySet, IdentityQuerySet, User

METHOD = "single sign-on"
"""What the record of a sign-in calls it."""

_KEPT = "identity"


def identities_of(user: User) -> IdentityQuerySet:
    return Identity.objects.filter(user=user).select_related("provider")


def providers_to_link(user: User) -> IdentityProviderQuerySet:
    """Those by which this user may sign in and does not yet."""
    return IdentityProvider.objects.open_to(user).exclude(identities__user=user)


def identity_at(provider: IdentityProvider, subject: str) -> Identity | None:
    """Whose this subject is there, if it signs in now: issuer and subject, and nothing else (safety 21)."""
    rows = Identity.objects.standing().filter(provider=provider, subject=subject)
    return rows.select_related("user__tenant").first()


def stands(identity: int, user: User) -> bool:
    return Identity.objects.standing().filter(pk=identity, user=user).exists()


def drop_identities(users: Collection[User]) -> int:
    """The bare write, for services that tell it; how many there were."""
    return Identity.objects.filter(user__in=[user.pk for user in users]).delete()[0]


def identity_used(request: HttpRequest, user: User) -> int | None:
    """By which identity this sign-in began; None for another way. What was begun before and left does not count."""
    for used in reversed(get_authentication_records(request, user)):
        if used["method"] != "mfa" or used.get("passwordless"):
            identity: int | None = used.get("identity")
            return identity
    return None


def keep(request: HttpRequest, identity: int | None) -> None:
    """The session is by this identity, and ends with it."""
    request.session.pop(_KEPT, None)
    if identity is not None:
        request.session[_KEPT] = identity


def is_backed(request: HttpRequest, user: User) -> bool:
    """Whether what this session came in by still signs the user in. One query, and only of single sign-on."""
    kept = request.session.get(_KEPT)
    return kept is None or stands(kept, user)
