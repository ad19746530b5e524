"""The database that each process's own is copied from: migrated once, and kept for as long as no code changes.

Its name ends in a fingerprint of all that migrations may use. Made under a lock of the server, so that processes that
start together make it once; what earlier code left is dropped by whoever makes the next.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
from django.conf import settings
from psycopg.conninfo import make_conninfo

from tests.source import APPS, ROOT

PREFIX = "immyrbac_migrated_"
LOCK = 7_202_611
"""The number of the advisory lock; any will do that nobody else takes."""


def migrated() -> str:
    """The name of a database as the migrations leave it."""
    name = f"{PREFIX}{_fingerprint()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        known = [found for (found,) in server.execute("SELECT datname FROM pg_database ORDER BY datname")]
        if name not in known:
            _make(server, name)
            _drop(server, [each for each in known if each.startswith(PREFIX)])
    return name


def _make(server: psycopg.Connection, name: str) -> None:
    """Under another name until it is whole."""
    half_made = f"{settings.DATABASES['default']['NAME']}_half_made"
    _drop(server, [half_made])
    server.execute(f'CREATE DATABASE "{half_made}"')
    url = make_conninfo(os.environ["DATABASE_URL"], dbname=half_made)
    command = [sys.executable, "-m", "django", "migrate", "--verbosity=0", "--settings=tests.settings"]
    subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, cwd=ROOT, check=True)
    server.execute(f'ALTER DATABASE "{half_made}" RENAME TO "{name}"')


def _drop(server: psycopg.Connection, names: list[str]) -> None:
    for name in names:
        with suppress(psycopg.errors.ObjectInUse):  # by another checkout on the same server, which drops it itself
            server.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in _what_migrations_use():
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _what_migrations_use() -> Iterator[Path]:
    yield ROOT / "requirements-dev.txt"
    for app in APPS:
        found = sorted((ROOT / app).rglob("*"))
        yield from (path for path in found if path.is_file() and "__pycache__" not in path.parts)


if __name__ == "__main__":
    migrated()
