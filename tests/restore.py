"""Whole states of the database, copied and put back.

After a test that commits: everything back to what the migrations left. Django's own way (`flush`) would take the
built-in roles, which a migration writes, and would stop at the tables that their triggers protect.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.test import TransactionTestCase

MIGRATED = "after_migrations"


def take_snapshot(name: str = MIGRATED) -> None:
    """Copy each table into a schema of this name, in place of what an earlier run left there."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        cursor.execute(f"CREATE SCHEMA {name}")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'CREATE TABLE {name}."{table}" AS TABLE public."{table}"')


def restore(name: str = MIGRATED) -> None:
    """Put the copies back in one transaction, the triggers of the tables off for as long as it takes."""
    with transaction.atomic(), connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        guarded = [table for (table,) in cursor.fetchall()]
        for table in guarded:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("TRUNCATE " + ", ".join(f'"{table}"' for table in tables))
        for table in tables:
            cursor.execute(f'INSERT INTO public."{table}" OVERRIDING SYSTEM VALUE SELECT * FROM {name}."{table}"')
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in guarded:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def after_test(_: TransactionTestCase) -> None:
    restore()


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
