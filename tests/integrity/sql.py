"""Raw SQL against the guards of the database, and what each of them answers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection, transaction


def run(statement: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


def copy(table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    into = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(into) as stream:
        for row in rows:
            stream.write_row(row)


@contextmanager
def refused_by(rule: str) -> Iterator[None]:
    """What happens inside is refused by this rule, at once or at commit, and leaves no trace."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), _commit():
        yield
    assert refusal.value.__cause__.diag.constraint_name == rule


@contextmanager
def _commit() -> Iterator[None]:
    yield
    commit_checks()


def commit_checks() -> None:
    """Ask now what is otherwise asked at commit."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")
