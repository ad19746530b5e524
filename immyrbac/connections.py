"""Connections to the database outside requests."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import close_old_connections


@contextmanager
def fresh_connection() -> Iterator[None]:
    """As a request has it: the worker lives longer than a connection may."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()
