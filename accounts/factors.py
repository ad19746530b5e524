"""Second factors: what somebody has besides a password. allauth keeps them (`allauth.mfa`)."""

from __future__ import annotations

from typing import NamedTuple

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

from accounts.models import User

APP, CODES = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES
STRONG = (APP, Authenticator.Type.WEBAUTHN)
"""What is a factor by itself; recovery codes only stand in for one of these."""

NAMES = {APP: "Authenticator app", CODES: "Recovery codes", Authenticator.Type.WEBAUTHN: "Passkey"}


class Factors(NamedTuple):
    """One user's; `codes_left` is None without recovery codes."""

    app: Authenticator | None
    codes_left: int | None

    @property
    def is_set_up(self) -> bool:
        return self.app is not None


def factors_of(user: User) -> Factors:
    by_type = {each.type: each for each in Authenticator.objects.filter(user=user)}
    codes = by_type.get(CODES)
    return Factors(by_type.get(APP), len(codes.wrap().get_unused_codes()) if codes else None)


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
