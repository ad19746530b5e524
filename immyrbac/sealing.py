"""Secrets that must be read again, encrypted at rest under SECRET_KEY (safety 23): a dump alone tells none."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

PURPOSE = b"immyrbac: secrets at rest"


if TYPE_CHECKING:  # generic for the checker alone
    TextField = models.TextField[str, str]
else:
    TextField = models.TextField


class SealedField(TextField):
    """A column that holds what `seal` made: a type of its own, so that whoever lists columns can leave it out."""


def seal(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str | None:
    """What was sealed; None where no key of this site made it."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _box() -> MultiFernet:
    """Seals with SECRET_KEY, and opens with those before it as well."""
    return MultiFernet([_fernet(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
