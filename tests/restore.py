"""After a test that commits: everything back to what the migrations left.

Django's own way (`flush`) would take the built-in roles, which a migration writes, and would stop at the tables that
their triggers protect.
"""

from django.db import connection, transaction
from django.test import TransactionTestCase

SNAPSHOT = "after_migrations"


def take_snapshot() -> None:
    """Copy each table that the migrations filled into a schema of its own."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SNAPSHOT}")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'CREATE TABLE IF NOT EXISTS {SNAPSHOT}."{table}" AS TABLE public."{table}"')


def restore(_: TransactionTestCase) -> None:
    """Put the copies back in one transaction, the triggers of the tables off for as long as it takes."""
    with transaction.atomic(), connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        guarded = [name for (name,) in cursor.fetchall()]
        for table in guarded:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("TRUNCATE " + ", ".join(f'"{table}"' for table in tables))
        for table in tables:
            cursor.execute(f'INSERT INTO public."{table}" SELECT * FROM {SNAPSHOT}."{table}"')
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in guarded:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
