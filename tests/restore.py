"""Whole states of the database, copied and put back.

After a test that commits: everything back to what the migrations left. Django's own way (`flush`) would take the
built-in roles, which a migration writes, and would stop at the tables that their triggers protect.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase
from psycopg import Cursor

MIGRATED = "after_migrations"

left_as = MIGRATED
"""What a test that commits leaves; another state where the next test would only make that again."""


@cache
def _tables() -> list[str]:
    return connection.introspection.table_names()


@cache
def _all_sums(schema: str) -> bytes:
    each = (f'(SELECT sum(hashtextextended(r::text, 0)) FROM {schema}."{table}" r)' for table in _tables())
    return f"SELECT {', '.join(each)}".encode()


def sums(schema: str = "public") -> dict[str, Any]:
    """A number for the rows of each table: as long as none has changed, the same. In it their order does not count."""
    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:
        return dict(zip(_tables(), cursor.execute(_all_sums(schema), prepare=True).fetchone(), strict=True))


_sums_of_copies = cache(sums)


def take_snapshot(name: str = MIGRATED) -> None:
    """Copy each table into a schema of this name, in place of what an earlier run left there."""
    _sums_of_copies.cache_clear()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        cursor.execute(f"CREATE SCHEMA {name}")
        for table in _tables():
            cursor.execute(f'CREATE TABLE {name}."{table}" AS TABLE public."{table}"')


def restore(name: str = MIGRATED) -> bool:
    """Make the rows those of the copies again, in one transaction, the triggers of their tables off meanwhile.

    Returns whether there was anything to do. Of the tables that differ the rows that do: to empty a table takes new
    files for it and its indexes, and half a second for all of them.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE " + ", ".join(f'public."{table}"' for table in _tables()))  # all others are done
        kept = _sums_of_copies(name)
        changed = [table for table, found in sums().items() if found != kept[table]]
        if not changed:
            return False
        with _unguarded(cursor, changed):
            # One statement of each kind, since some foreign keys are checked at its end
            for change in (REMOVE, BRING_BACK):
                parts = [f'"{table}" AS ({change.format(table=table, name=name)})' for table in changed]
                cursor.execute(f"WITH {', '.join(parts)} SELECT")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return True


LIVE, KEPT = 'public."{table}" AS live', '{name}."{table}" AS kept'
REMOVE = f"DELETE FROM {LIVE} WHERE NOT EXISTS (SELECT FROM {KEPT} WHERE kept::text = live::text)"
BRING_BACK = (
    'INSERT INTO public."{table}" OVERRIDING SYSTEM VALUE '
    f"SELECT * FROM {KEPT} WHERE NOT EXISTS (SELECT FROM {LIVE} WHERE live::text = kept::text)"
)


@contextmanager
def _unguarded(cursor: Any, tables: list[str]) -> Iterator[None]:
    """What must not be changed in the product can be put back."""
    cursor.execute(
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgrelid = ANY(%s::regclass[])",
        [[f'public."{table}"' for table in tables]],
    )
    guarded = [table for (table,) in cursor.fetchall()]
    for table in guarded:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table in guarded:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def after_test(_: TransactionTestCase) -> None:
    restore(left_as)


@contextmanager
def undone() -> Iterator[None]:
    """A test's transaction, within another's or alone: services may believe that theirs is the outermost."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


def end_other_sessions() -> None:
    """Before the database is dropped: what a browser asked for as its test ended may still be being answered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )


def every_row() -> dict[str, list[str]]:
    """All rows of all tables, by table: to say that nothing was written."""
    found = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f'SELECT to_jsonb(row)::text FROM "{table}" AS row ORDER BY 1')
            found[table] = [text for (text,) in cursor.fetchall()]
    return found
