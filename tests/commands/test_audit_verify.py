"""`audit_verify`: the head of a log that is whole, and where one that is not breaks."""

import json

import pytest
from django.db import connection
from structlog.testing import capture_logs

from rbac.audit import SYSTEM, record
from tests.commands.shell import run
from tests.integrity.sql import run as sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def heads():
    """Those of three entries, as the log published them."""
    return [f"{entry.pk}:{entry.hash}" for entry in (record(SYSTEM, "tenant.created") for _ in range(3))]


def cut(count: int) -> None:
    """Take the last entries away, as whoever owns the database can."""
    connection.check_constraints()
    sql("ALTER TABLE rbac_auditentry DISABLE TRIGGER USER")
    sql("DELETE FROM rbac_auditentry WHERE id > (SELECT max(id) FROM rbac_auditentry) - %s", count)


def test_the_answer_is_the_head_alone(heads):
    with capture_logs() as lines:
        ran = run("audit_verify", "--head", heads[0], "--head", heads[2])
    assert (ran.out, ran.code) == (f"{heads[2]}\n", 0)
    assert ran.err.strip() == "3 entries intact, 2 kept heads met"
    assert [(line["event"], line["head"], line["entries"]) for line in lines] == [("audit log verified", heads[2], 3)]


def test_an_empty_log_is_whole():
    ran = run("audit_verify")
    assert (ran.out, ran.err.strip(), ran.code) == ("", "0 entries intact, 0 kept heads met", 0)


def test_a_cut_tail_shows_to_a_head_from_a_file(heads, tmp_path):
    kept = tmp_path / "heads"
    kept.write_text("\n".join(heads) + "\n\n")
    assert run("audit_verify", "--heads", str(kept)).code == 0
    cut(1)
    assert run("audit_verify").code == 0
    with capture_logs() as lines:
        ran = run("audit_verify", "--heads", str(kept))
    assert (ran.out, ran.code) == ("", 1)
    assert ran.err == "Entry 3 does not hold: the log ends before this head, which was kept. The 2 before it hold."
    assert (lines[0]["log_level"], lines[0]["at"], lines[0]["last_that_holds"]) == ("error", 3, heads[1])


def test_an_edit_shows_without_a_head(heads):
    cut(0)
    sql("UPDATE rbac_auditentry SET action = 'tenant.edited' WHERE id = 1")
    ran = run("audit_verify")
    assert (ran.out, ran.code) == ("", 1)
    assert ran.err == "Entry 1 does not hold: its contents are not what its hash says. None before it holds."


def test_heads_come_from_standard_input_too(heads, stdin):
    stdin("\n".join(heads))
    assert "3 kept heads met" in run("audit_verify", "--heads", "-").err


@pytest.mark.parametrize("options", [("--head", "3"), ("--head", "x:" + "a" * 64), ("--heads", "/no/such/file")])
def test_what_is_no_head_is_a_bad_question(options):
    ran = run("audit_verify", *options)
    assert (ran.out, ran.code) == ("", 2)


def test_a_published_head_is_one_that_the_command_takes(heads, django_capture_on_commit_callbacks):
    with capture_logs() as lines, django_capture_on_commit_callbacks(execute=True):
        record(SYSTEM, "tenant.created")
    published = json.loads(json.dumps(lines[0]))["head"]
    assert run("audit_verify", "--head", published).lines == [published]
