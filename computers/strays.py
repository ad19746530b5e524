"""Uploaded files of which the database knows nothing: what a server left that was killed between file and row."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.storage import Storage, default_storage
from django.utils import timezone

from computers.models import SoftwareFile

TIDY_JOB = "computers.tidy_files"
FOLDER = "software"
AGE = timedelta(days=1)
"""No upload takes that long; and whoever restores a backup has that long for the other half of it."""

MOST = 1000
"""Files in one job, and in one question to the database."""

log = logging.getLogger(__name__)


def forget_strays(now: datetime | None = None, storage: Storage = default_storage) -> int:
    """Remove them, up to MOST; returns how many it was.

    A database that knows no file at all is no witness: it may be about to be restored.
    """
    if not storage.exists(FOLDER) or not SoftwareFile.objects.exists():
        return 0
    names, before, gone = storage.listdir(FOLDER)[1], (now or timezone.now()) - AGE, 0
    for at in range(0, len(names), MOST):
        for token in _unknown(names[at : at + MOST]):
            if gone < MOST and _came_at(storage, place := f"{FOLDER}/{token}") < before:
                storage.delete(place)
                gone += 1
    if gone:
        log.warning("uploaded files without a row removed", extra={"files": gone})
    return gone


def _unknown(names: list[str]) -> list[UUID]:
    """What is named otherwise was put there by somebody else."""
    tokens = [token for token in map(_token_of, names) if token is not None]
    known = set(SoftwareFile.objects.filter(token__in=tokens).values_list("token", flat=True))
    return [token for token in tokens if token not in known]


def _token_of(name: str) -> UUID | None:
    try:
        token = UUID(name)
    except ValueError:
        return None
    return token if str(token) == name else None


def _came_at(storage: Storage, place: str) -> datetime:
    """When it came there: a file from a backup bears the time of its writing."""
    return max(storage.get_created_time(place), storage.get_modified_time(place))
