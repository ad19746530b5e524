"""Raw SQL against the guards of the database, and what each of them answers."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.db.models.expressions import DatabaseDefault


def run(statement: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


def copy(*rows: Model) -> None:
    """Write unsaved rows of one model in one COPY, as they are: no column is left to the database that has a value."""
    values = [{field.column: field.pre_save(row, add=True) for field in row._meta.concrete_fields} for row in rows]
    columns = [column for column in values[0] if any(_is_value(row[column]) for row in values)]
    into = f"COPY {rows[0]._meta.db_table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(into) as stream:
        for row in values:
            stream.write_row([row[column] for column in columns])


def _is_value(value: object) -> bool:
    return value is not None and not isinstance(value, DatabaseDefault)


@contextmanager
def refused_by(rule: str) -> Iterator[None]:
    """What happens inside is refused by this rule, at once or at commit, and leaves no trace."""
    commit_checks()  # those of what was there before have their say before
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
