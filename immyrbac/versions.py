"""Whether a thing still is what a form showed: who comes second is told, and overwrites nothing (safety 13)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from immyrbac.words import instant

MEANWHILE = "Somebody else changed this meanwhile. Nothing of theirs was overwritten; saving again overwrites it."


class OvertakenError(ValidationError):
    """Somebody else was quicker; says beside each field what stands now. `version` is that of what stands."""

    def __init__(self, stands: Mapping[str, object], said: Mapping[str, object]) -> None:
        others = {name: f"Now stands: {_words(stands[name])}" for name in said if stands[name] != said[name]}
        super().__init__({NON_FIELD_ERRORS: MEANWHILE, **others})
        self.version = version_of(stands)


def version_of(shown: Mapping[str, object]) -> str:
    """A fingerprint of the values that a form shows, 32 letters; of a row its number counts."""
    text = json.dumps({name: str(getattr(value, "pk", value)) for name, value in shown.items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def check_version(version: str | None, stands: Mapping[str, object], said: Mapping[str, object]) -> None:
    """Raise OvertakenError where `version` is not what stands now; None is a caller who was shown nothing."""
    if version is not None and version != version_of(stands):
        raise OvertakenError(stands, said)


def _words(value: object) -> str:
    return instant(value) if isinstance(value, datetime) else str(value or "nothing")
