"""The audit log grows by links of its chain, and in no other way (design 8 and 9)."""

import pytest

from rbac.audit import SYSTEM, record
from rbac.models import AuditEntry
from tests.integrity.sql import commit_checks, copy, refused_by, run


@pytest.fixture
def last(db):
    record(SYSTEM, "tenant.created")
    return record(SYSTEM, "tenant.edited")


def entry(number: int, prev_hash: str, own_hash: str) -> AuditEntry:
    return AuditEntry(id=number, at="2031-01-01", action="tenant.created", prev_hash=prev_hash, hash=own_hash * 64)


@pytest.mark.parametrize("statement", ["UPDATE rbac_auditentry SET reason = reason", "DELETE FROM rbac_auditentry"])
def test_entries_can_be_neither_changed_nor_deleted(last, statement):
    with refused_by("audit_entry_stays"):
        run(f"{statement} WHERE id = {last.id}")


def test_the_log_is_never_emptied(last):
    commit_checks()
    with refused_by("rbac_auditentry_is_never_emptied"):
        run("TRUNCATE rbac_auditentry")


@pytest.mark.parametrize(
    ("ahead", "prev_hash"),
    [(1, "0" * 64), (1, "a" * 64), (0, None), (2, None), (-5, None)],
    ids=["as if it were the first", "another's", "the same number", "a gap", "long before"],
)
def test_an_entry_follows_the_last_and_carries_its_hash(last, ahead, prev_hash):
    with refused_by("audit_entry_follows_the_last"):
        copy(entry(last.id + ahead, prev_hash or last.hash, "b"))


def test_the_first_entry_follows_nothing(db):
    with refused_by("audit_entry_follows_the_last"):
        copy(entry(2, "0" * 64, "b"))
    copy(entry(1, "0" * 64, "b"))


def test_two_of_one_statement_cannot_follow_the_same(last):
    first = entry(last.id + 1, last.hash, "b")
    with refused_by("audit_entry_follows_the_last"):
        copy(first, entry(last.id + 2, last.hash, "c"))
    copy(first, entry(last.id + 2, "b" * 64, "c"))
