"""The databases of bench/rule.py: one for each size, made once, in a server of their own in var/postgres-bench.

DATABASE_URL names another server: its database is the pattern of the others, its role must be allowed to make them.
Needs Django's settings to stand, hence DATABASE_URL: see `bench.rule`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection, connections

from bench.guarded import give_rows
from bench.users import make_askers
from rbac.demo.crowd import SIZES as CROWDS
from rbac.demo.crowd import Size
from rbac.demo.loading import load_demo

SIZES = {"10k": Size(100, 1_000, 10_000), "100k": CROWDS["medium"], "1m": CROWDS["large"]}


def open_worlds(sizes: list[str], say: Callable[[str], object], *, anew: bool = False) -> dict[str, Callable[[], None]]:
    """For each size what makes its database the one that Django asks; made first where it is not there.

    The databases are clones of one that is migrated, so that ids of content types are the same in all of them.
    """
    pattern = connection.settings_dict["NAME"]
    _migrate()
    opened = {}
    for size in sizes:
        name = f"{pattern}_{size}"
        if anew:
            _administer(f'DROP DATABASE IF EXISTS "{name}"')
        if not _is_there(name):
            _make(name, pattern, size, say)
        else:
            _enter(name)
            _migrate()
        opened[size] = _entrance(name)
    return opened


def _make(name: str, pattern: str, size: str, say: Callable[[str], object]) -> None:
    """Under another name until it is whole."""
    start, half_made = time.monotonic(), f"{name}_new"
    _administer(f'DROP DATABASE IF EXISTS "{half_made}"', f'CREATE DATABASE "{half_made}" TEMPLATE "{pattern}"')
    _enter(half_made)
    load_demo(SIZES[size], lambda words: say(f"{size}: {time.monotonic() - start:4.0f} s  {words}"))
    for asker in make_askers():
        say(f"{size}: {time.monotonic() - start:4.0f} s  {give_rows(asker):,} rows of django-guardian for {asker.name}")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM (ANALYZE)")
    _administer(f'ALTER DATABASE "{half_made}" RENAME TO "{name}"')


def _migrate() -> None:
    """The table of the bench comes last: it refers to others."""
    call_command("migrate", verbosity=0)
    call_command("migrate", "bench", run_syncdb=True, verbosity=0)


def _entrance(name: str) -> Callable[[], None]:
    """Its connection, opened once."""
    _enter(name)
    opened = connections["default"]
    return lambda: connections.__setitem__("default", opened)


def _enter(name: str) -> None:
    """Leaves the other behind closed: nobody may be in a database that is cloned or renamed."""
    connection.close()
    other = connections["default"].copy()
    other.settings_dict["NAME"] = name
    connections["default"] = other


@contextmanager
def _in(name: str) -> Iterator[None]:
    before = connections["default"]
    _enter(name)
    try:
        yield
    finally:
        connection.close()
        connections["default"] = before


def _administer(*commands: str) -> None:
    with _in("postgres"), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for command in commands:
            cursor.execute(command)


def _is_there(name: str) -> bool:
    with _in("postgres"), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None
