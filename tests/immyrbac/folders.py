"""Folders for servers that the tests start."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def apart() -> Iterator[Path]:
    """A folder that is not among pytest's: each start of another run closes those to PostgreSQL's own user."""
    with tempfile.TemporaryDirectory(prefix="immyrbac-") as name:
        yield Path(name)
