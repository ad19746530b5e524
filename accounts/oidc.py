"""OpenID Connect, as much of it as signing in takes: the code flow with state, nonce and PKCE (S256).

Of what the provider says, the ID token alone counts, and only after every check of OpenID Connect Core 3.1.3.7. Each
address that it names is read through `immyrbac.fetching`. See docs/decisions/single-sign-on.md.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple
from urllib.parse import quote_plus, urlencode

import jwt

from immyrbac.fetching import FetchError, check_address, fetch_json

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Asymmetric ones alone: with any other our secret, or nothing, would vouch for who somebody is."""

KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
"""What sort of key an algorithm takes, by how its name begins."""

CLOCKS_DIFFER = 60
LONGEST_SUBJECT, LONGEST_EMAIL = 255, 254
SCOPE = "openid email"


class NotProven(Exception):  # noqa: N818  it is no fault: somebody did not prove who they are
    """The provider did not prove who it is, or who somebody is. Says why, for the audit log; never for a stranger."""


@dataclass(frozen=True)
class Client:
    """Who we are at a provider."""

    issuer: str
    client_id: str
    secret: str


@dataclass(frozen=True)
class Trip:
    """One way to the provider and back: what its answer has to fit, and where that is asked about."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    token_endpoint: str
    jwks_uri: str
    posts_secret: bool

    def packed(self) -> dict[str, Any]:
        return asdict(self)


class Claims(NamedTuple):
    """Who somebody is at the provider; `email` is empty where it names none, or has not looked whether it is theirs."""

    subject: str
    email: str


def set_out(client: Client, redirect_uri: str) -> tuple[Trip, str]:
    """A new trip, and the address at the provider that it begins with. Raises NotProven."""
    said = _discovered(client.issuer)
    methods = said.get("token_endpoint_auth_methods_supported")
    posts = isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    ends = {"token_endpoint": str(said["token_endpoint"]), "jwks_uri": str(said["jwks_uri"])}
    trip = Trip(state, nonce, verifier, redirect_uri, **ends, posts_secret=posts)
    start = str(said["authorization_endpoint"])
    return trip, f"{start}{'&' if '?' in start else '?'}{urlencode(_asked(client, trip))}"


def _asked(client: Client, trip: Trip) -> dict[str, str]:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(trip.verifier.encode()).digest()).rstrip(b"=")
    return {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": trip.redirect_uri,
        "scope": SCOPE,
        "state": trip.state,
        "nonce": trip.nonce,
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
    }


def _discovered(issuer: str) -> dict[str, Any]:
    """What the issuer says of itself. It must name itself as it was set up, or it is another."""
    said = _fetched(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if said.get("issuer") != issuer:
        raise NotProven("The provider names another issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        try:
            check_address(str(said.get(name) or ""))
        except FetchError as error:
            raise NotProven(f"The provider's {name.replace('_', ' ')}: {error}") from error
    return said


def _fetched(url: str, form: Mapping[str, str] | None = None, **headers: str) -> dict[str, Any]:
    try:
        return fetch_json(url, form, **headers)
    except FetchError as error:
        raise NotProven(f"The provider cannot be asked: {error}") from error


def come_back(client: Client, trip: Trip, answer: Mapping[str, str]) -> Claims:
    """Who came back with this answer, the query of the address to which the provider led. Raises NotProven.

    The caller has taken the trip out of the session by its state, so that it serves once and this browser alone.
    """
    if not _same(answer.get("state", ""), trip.state):
        raise NotProven("The answer belongs to another attempt")
    if answer.get("iss", client.issuer) != client.issuer:  # RFC 9207
        raise NotProven("The answer is another provider's")
    if "error" in answer or not answer.get("code"):
        raise NotProven("The provider refused")
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": trip.redirect_uri}
    form["code_verifier"] = trip.verifier
    token = _redeemed(client, trip, form).get("id_token")
    if not isinstance(token, str):
        raise NotProven("The provider sent no ID token")
    return _claims(_checked(client, trip, token))


def _same(said: str, kept: str) -> bool:
    return hmac.compare_digest(said.encode("utf-8", "replace"), kept.encode())


def _redeemed(client: Client, trip: Trip, form: dict[str, str]) -> dict[str, Any]:
    if trip.posts_secret:
        said = {"client_id": client.client_id, "client_secret": client.secret}
        return _fetched(trip.token_endpoint, form | said)
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.secret)}"
    return _fetched(trip.token_endpoint, form, Authorization=f"Basic {base64.b64encode(pair.encode()).decode()}")


def _checked(client: Client, trip: Trip, token: str) -> dict[str, Any]:
    """What an ID token says, if it is signed by the issuer, for us, for this trip, and holds now."""
    try:
        head = jwt.get_unverified_header(token)
        said: dict[str, Any] = jwt.decode(
            token,
            _key(head, _fetched(trip.jwks_uri)),
            algorithms=ALGORITHMS,
            audience=client.client_id,
            issuer=client.issuer,
            leeway=CLOCKS_DIFFER,
            options={"require": ["iss", "sub", "aud", "exp", "iat"], "enforce_minimum_key_length": True},
        )
    except (jwt.PyJWTError, ArithmeticError, RecursionError, TypeError, ValueError) as error:
        raise NotProven(f"The ID token does not hold: {type(error).__name__}") from error
    if not _same(str(said.get("nonce", "")), trip.nonce):
        raise NotProven("The ID token was made for another attempt")
    is_ours_alone = said["aud"] in (client.client_id, [client.client_id])
    if said.get("azp", client.client_id if is_ours_alone else None) != client.client_id:
        raise NotProven("The ID token was made for another client")
    return said


def _key(head: Mapping[str, Any], published: Mapping[str, Any]) -> jwt.PyJWK:
    """The one published key that fits what the token's head names, fixed to its algorithm. Raises PyJWTError."""
    algorithm, kid = head.get("alg"), head.get("kid")
    if algorithm not in ALGORITHMS:
        raise jwt.InvalidAlgorithmError
    keys = published.get("keys")
    fitting = [
        key
        for key in (keys if isinstance(keys, list) else [])
        if isinstance(key, dict)
        and key.get("kty") == KEY_TYPES[algorithm[:2]]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (kid is None or key.get("kid") == kid)
    ]
    if len(fitting) != 1:
        raise jwt.InvalidKeyError
    return jwt.PyJWK(fitting[0], algorithm)


def _claims(said: Mapping[str, Any]) -> Claims:
    """Who it is. An address counts unless the provider says that it has not looked whose it is."""
    subject, email = said["sub"], said.get("email")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise NotProven("The ID token names nobody")
    named = isinstance(email, str) and len(email) <= LONGEST_EMAIL and email.isprintable()
    return Claims(subject, str(email) if named and said.get("email_verified", True) is True else "")
