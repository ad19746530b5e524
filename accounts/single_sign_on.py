"""Going to a provider and coming back: bound to one browser's session, for ten minutes, once."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from typing import NamedTuple

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from procrastinate.contrib.django import app as jobs

from accounts.models import Identity, IdentityProvider, User, normal_email
from accounts.oidc import Claims, Client, NotProven, Trip, come_back, set_out
from immyrbac.sealing import unseal

LETTER_JOB = "accounts.mail_single_sign_on"
LASTS = 600
"""Seconds for signing in at the provider, with whatever it asks there."""

_KEPT, _LINKING = "single_sign_on", "identity_to_link"


class Arrival(NamedTuple):
    """Who came back, and what for: to be linked with the user `links`, or None to sign in and go on to `back`."""

    claims: Claims
    links: int | None
    back: str


def provider_of(key: str) -> IdentityProvider | None:
    return IdentityProvider.objects.standing().filter(key=key).first()


def begin(request: HttpRequest, provider: IdentityProvider, *, links: int | None = None, back: str = "") -> str:
    """The address at the provider where it begins; an earlier attempt of this browser is over. Raises NotProven."""
    here = request.build_absolute_uri(reverse("accounts:single-sign-on-return", args=[provider.key]))
    trip, address = set_out(_client(provider), here)
    kept = {"provider": provider.pk, "links": links, "back": back, "at": time.time(), "trip": trip.packed()}
    request.session[_KEPT] = kept
    return address


def arrive(request: HttpRequest, provider: IdentityProvider, answer: Mapping[str, str]) -> Arrival:
    """Who came back with this answer. Its attempt serves once, on whatever server. Raises NotProven."""
    kept = request.session.get(_KEPT)
    if kept is None or kept["trip"]["state"] != answer.get("state"):
        raise NotProven("The answer belongs to no attempt of this browser")
    del request.session[_KEPT]
    mark = hashlib.sha256(kept["trip"]["state"].encode()).hexdigest()
    if not cache.add(f"single-sign-on:{mark}", 1, timeout=2 * LASTS):
        raise NotProven("The answer was used")
    if kept["provider"] != provider.pk:
        raise NotProven("The answer is another provider's")
    if time.time() - kept["at"] > LASTS:
        raise NotProven("The attempt took too long")
    return Arrival(come_back(_client(provider), Trip(**kept["trip"]), answer), kept["links"], kept["back"])


def _client(provider: IdentityProvider) -> Client:
    """A secret that cannot be opened signs nobody in."""
    secret = unseal(provider.sealed)
    if secret is None:
        raise NotProven("The secret cannot be opened: SECRET_KEY has changed")
    return Client(provider.issuer, provider.client_id, secret)


# Linking waits for a click of whoever is signed in


def offer(request: HttpRequest, provider: IdentityProvider, user: int, claims: Claims) -> None:
    """Keep who came back until the user says that it is them."""
    request.session[_LINKING] = {"provider": provider.pk, "user": user, "at": time.time(), "claims": list(claims)}


def offered(request: HttpRequest, user: User) -> tuple[IdentityProvider, Claims] | None:
    """Who came back for this user a moment ago, if the provider still serves them."""
    kept = request.session.get(_LINKING)
    if kept is None or kept["user"] != user.pk or time.time() - kept["at"] > LASTS:
        return None
    provider = IdentityProvider.objects.open_to(user).filter(pk=kept["provider"]).first()
    return None if provider is None else (provider, Claims(*kept["claims"]))


def withdraw(request: HttpRequest) -> None:
    request.session.pop(_LINKING, None)


# For who does not know where


def ask_for_way(*, email: str, site: str) -> None:
    """Mail the addresses of their single sign-on to whoever has this address. The same work either way (safety 21).

    `site` is where they lead, as "https://host". The job names the account by number, 0 for none.
    """
    linked = Identity.objects.standing().order_by().values("user")
    users = User.objects.able_to_act().filter(email=normal_email(email), pk__in=linked)
    found = users.values_list("pk", flat=True).first()
    jobs.configure_task(LETTER_JOB, queue="mail").defer(user=found or 0, site=site)
