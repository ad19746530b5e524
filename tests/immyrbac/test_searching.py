"""How words are searched: what is found, and that an index finds it among many."""

import pytest
from django.contrib.postgres.operations import TrigramExtension
from django.db import connection

from accounts.models import Group, User
from computers.models import Computer
from immyrbac.searching import holding
from rbac.models import AuditEntry, Role
from tenancy.models import Tenant
from tests.factories import ComputerFactory

pytestmark = pytest.mark.django_db
OF_COMPUTERS = ("name", "os", "serial_number")


def found(words: str) -> list[str]:
    return list(Computer.objects.filter(holding(words, *OF_COMPUTERS)).values_list("name", flat=True))


@pytest.fixture
def computers(db):
    for name, os in (("FAB-SQL02", "Windows Server 2025"), ("SQL-01", ""), ("ÄRZTE-7", ""), ("100%_\\", "")):
        ComputerFactory(name=name, os=os)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("sql", ["FAB-SQL02", "SQL-01"]),
        ("server 20", ["FAB-SQL02"]),
        ("sq", ["SQL-01"]),
        ("S", ["SQL-01"]),
        ("är", ["ÄRZTE-7"]),
        ("0%_", ["100%_\\"]),
        ("1", ["100%_\\"]),
        ("%_", []),
        ("", ["100%_\\", "FAB-SQL02", "SQL-01", "ÄRZTE-7"]),
    ],
)
def test_words_are_found_anywhere_and_one_letter_or_two_at_the_beginning(computers, words, names):
    assert found(words) == names


@pytest.mark.parametrize(
    ("model", "columns", "index"),
    [
        (Computer, OF_COMPUTERS, "computer_letters"),
        (User, ("name", "email"), "user_letters"),
        (Tenant, ("name", "slug"), "tenant_letters"),
        (Role, ("name", "description"), "role_letters"),
        (Group, ("name", "description"), "group_letters"),
        (AuditEntry, ("target_label", "reason"), "audit_letters"),
    ],
)
def test_an_index_finds_words(model, columns, index):
    assert index in plan(model._default_manager.filter(holding("fab", *columns)), "enable_seqscan")


@pytest.mark.parametrize("model", [Computer, User, Tenant])
def test_an_index_finds_beginnings(model):
    """Without the bound, which an index of names answers as well where there are few."""
    rows = model._default_manager.filter(name__istartswith="fa")
    assert "_beginnings" in plan(rows, "enable_seqscan", "enable_bitmapscan")


def plan(rows, *without: str) -> str:
    with connection.cursor() as cursor:
        for setting in without:
            cursor.execute(f"SET LOCAL {setting} = off")
    return rows.order_by().explain()


def test_the_owner_of_a_database_who_is_no_superuser_may_add_the_extension():
    """PostgreSQL calls it trusted; whoever runs the tests may be a superuser."""
    with connection.cursor() as cursor:
        versions = "SELECT trusted FROM pg_available_extension_versions WHERE name = %s AND installed"
        cursor.execute(versions, [TrigramExtension().name])
        assert cursor.fetchone() == (True,)
