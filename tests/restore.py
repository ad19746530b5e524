"""Whole states of the database, copied and put back.

After a test that commits: everything back to what the migrations left. Django's own way (`flush`) would take the
built-in roles, which a migration writes, and would stop at the tables that their triggers protect.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase

MIGRATED = "after_migrations"

left_as = MIGRATED
"""What a test that commits leaves; another state where the next test would only make that again."""


def take_snapshot(name: str = MIGRATED) -> None:
    """Copy each table into a schema of this name, in place of what an earlier run left there."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        cursor.execute(f"CREATE SCHEMA {name}")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'CREATE TABLE {name}."{table}" AS TABLE public."{table}"')


def restore(name: str = MIGRATED) -> bool:
    """Make the rows those of the copies again, in one transaction, the triggers of their tables off meanwhile.

    Returns whether there was anything to do. Of the tables that differ the rows that do: to empty a table takes new
    files for it and its indexes, and half a second for all of them.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute("LOCK TABLE " + ", ".join(f'public."{table}"' for table in tables))  # until all others are done
        cursor.execute(" UNION ALL ".join(DIFFERS.format(table=table, name=name) for table in tables))
        changed = [table for (table,) in cursor.fetchall()]
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
DIFFERS = (
    f"SELECT '{{table}}' WHERE EXISTS (SELECT live::text FROM {LIVE} EXCEPT SELECT kept::text FROM {KEPT})"
    f" OR EXISTS (SELECT kept::text FROM {KEPT} EXCEPT SELECT live::text FROM {LIVE})"
)
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
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT to_jsonb(row)::text FROM "{table}" AS row ORDER BY 1')
            found[table] = [text for (text,) in cursor.fetchall()]
    return found
