"""Second factors: what somebody has besides a password. allauth keeps them (`allauth.mfa`)."""

from __future__ import annotations

from typing import NamedTuple

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from accounts.models import User

APP, CODES = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES
KEY = Authenticator.Type.WEBAUTHN
STRONG = (APP, KEY)
"""What is a factor by itself; recovery codes only stand in for one of these."""

NAMES = {APP: "Authenticator app", CODES: "Recovery codes", KEY: "Passkey"}


class Factors(NamedTuple):
    """One user's; `codes_left` is None without recovery codes."""

    app: Authenticator | None
    keys: list[Authenticator]
    codes_left: int | None


def factors_of(user: User) -> Factors:
    rows = list(Authenticator.objects.filter(user=user).order_by("pk"))
    by_type = {each.type: each for each in rows}
    codes = by_type.get(CODES)
    keys = [each for each in rows if each.type == KEY]
    return Factors(by_type.get(APP), keys, len(codes.wrap().get_unused_codes()) if codes else None)


def key_of(user: User, pk: int) -> Authenticator | None:
    """This passkey, if it is theirs."""
    return Authenticator.objects.filter(user=user, type=KEY, pk=pk).first()


def with_factor() -> QuerySet[Authenticator]:
    return Authenticator.objects.filter(type__in=STRONG)


def has_factor(user_id: int) -> bool:
    return with_factor().filter(user=user_id).exists()


def drop_factors(user: User) -> list[str]:
    """The bare write, for services that tell it: all of them, recovery codes too. Returns what they were, in words."""
    rows = Authenticator.objects.filter(user=user).order_by("pk")
    names = [NAMES[Authenticator.Type(row.type)] for row in rows]
    rows.delete()
    return names
