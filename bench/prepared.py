"""The product with its database, as a bench of pages needs it: up to date, with the demo where it was empty."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from immyrbac.collecting import collect_seldom
from immyrbac.postgres import of_checkout


@contextmanager
def prepared(size: str) -> Iterator[None]:
    """Django set up on the database of this checkout, or of DATABASE_URL; a demo that is there stays as it is."""
    with of_checkout():
        import django  # noqa: PLC0415  the database's address is known only here
        from django.core.management import call_command  # noqa: PLC0415

        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("demo", "--if-empty", "--size", size, stdout=sys.stderr)
        collect_seldom()  # as the server does
        yield
