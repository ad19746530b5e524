"""Files of the old system: what they say, and every place where they say it wrongly."""

import json
from datetime import UTC, datetime

import pytest

from rbac.legacy import people
from rbac.legacy.abilities import CARRIED, Flags
from rbac.legacy.people import COLUMNS, read_preferences, read_users
from tests.legacy.town import CROSSING, MSP_USER, PREFERENCES, content, line
from tests.source import ROOT

HEAD = ",".join(COLUMNS)


def places(data: bytes) -> list[tuple[int, str]]:
    return [(problem.line, problem.column) for problem in read_users("u.csv", data).problems]


def test_a_line():
    (user,) = read_users("u.csv", content(line(" Cai@Contoso.TEST ", **MSP_USER, **CROSSING, name="Cai"))).users
    assert (user.line, user.email, user.name, user.tenant) == (2, "cai@contoso.test", "Cai", "contoso")
    assert (user.flags, user.expires_at) == (Flags(True, False, True), None)


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2027-06-30", datetime(2027, 6, 30, 23, 59, tzinfo=UTC)),
        ("2027-06-30T18:00:00", datetime(2027, 6, 30, 18, tzinfo=UTC)),
        ("2027-06-30 18:00:00+02:00", datetime(2027, 6, 30, 16, tzinfo=UTC)),
    ],
)
def test_ends(said, moment):
    (user,) = read_users("u.csv", content(line("a@x.test", expires_at=said))).users
    assert user.expires_at == moment


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + content(line("a@x.test")), content(line("a@x.test"), "", "")])
def test_a_byte_order_mark_and_empty_lines_are_no_content(data):
    file = read_users("u.csv", data)
    assert (file.problems, [user.email for user in file.users]) == ([], ["a@x.test"])


def test_columns_may_stand_in_any_order_and_case():
    data = b"NAME,Email,tenant,is_admin,is_msp,expires_at,can_manage_cross_tenant_deployments\nA,a@x.test,t,yes,0,,no"
    (user,) = read_users("u.csv", data).users
    assert (user.name, user.flags) == ("A", Flags(False, True, False))


def test_lines_are_counted_where_values_hold_breaks():
    data = content('a@x.test,"two\nlines",t,false,false,false,', line("b@x.test", expires_at="never"))
    assert places(data) == [(2, "name"), (4, "expires_at")]


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        ([line("no address")], [(2, "email")]),
        ([line("a@x.test", name="")], [(2, "name")]),
        ([line("a@x.test", name="a/b")], [(2, "name")]),
        ([line("a@x.test", tenant="")], [(2, "tenant")]),
        ([line("a@x.test", is_msp="maybe", is_admin="")], [(2, "is_admin"), (2, "is_msp")]),
        ([line("a@x.test", expires_at="2027-02-30")], [(2, "expires_at")]),
        ([line("a@x.test", expires_at="0001-01-01T00:00:00+14:00")], [(2, "expires_at")]),
        ([line("a@x.test"), line("b@x.test"), line("A@X.test")], [(4, "email")]),
        (["a@x.test,A,t"], [(2, "")]),
        ([line("a@x.test") + ",more"], [(2, "")]),
        (['a@x.test,"A'], [(2, "")]),
        ([line("bad"), line("a@x.test", tenant=""), line("worse")], [(2, "email"), (3, "tenant"), (4, "email")]),
    ],
)
def test_every_error_names_its_line_and_column(lines, where):
    assert places(content(*lines)) == where


@pytest.mark.parametrize(
    ("data", "where", "text"),
    [
        (b"", (1, "email"), "names the columns"),
        (b"email,name\n", (1, "tenant"), "names the columns"),
        (f"{HEAD},email\n".encode(), (1, ""), "twice"),
        (f"{HEAD},phone\n".encode(), (1, "phone"), "means nothing"),
        (f"{HEAD}\na@x.test,J\xf6rg,t,,,,".encode("latin-1"), (2, ""), "not UTF-8"),
        (f"{HEAD}\n".encode("utf-16"), (1, ""), "not UTF-8"),
        (content('a@x.test,"A"B,t,false,false,false,'), (2, ""), "no CSV"),
        (content("a@x.test,A\0B,t,false,false,false,"), (2, "name"), "cannot hold"),
        (content("a@x.test,A,t\0,false,false,false,"), (2, "tenant"), "Name the tenant"),
    ],
)
def test_a_file_that_cannot_be_read(data, where, text):
    (problem,) = read_users("u.csv", data).problems
    assert (problem.line, problem.column) == where
    assert text in problem.text


def test_there_is_a_most(monkeypatch):
    monkeypatch.setattr(people, "MOST", 2)
    assert places(content(*(line(f"{n}@x.test") for n in range(5)))) == [(4, "")]
    monkeypatch.setattr(people, "_LARGEST", 10)
    assert places(content()) == [(1, "")]


def test_a_problem_reads_as_a_sentence():
    (problem,) = read_users("u.csv", content(line("a@x.test", is_msp="perhaps"))).problems
    assert str(problem) == "line 2, is_msp: “perhaps” is neither true nor false."


# Preferences


def test_preferences():
    said = {str(key): on for key, on in PREFERENCES.items()}
    assert read_preferences(b"\xef\xbb\xbf" + json.dumps(said).encode()) == (PREFERENCES, [])


@pytest.mark.parametrize(
    ("content", "line", "column", "text"),
    [
        ("{\n  x", 2, "", "no JSON"),
        ("\xff", 1, "", "no JSON"),
        ("[]", 1, "", "no object"),
        ('{"enable_impersonation": true, "enable_impersonation": false}', 1, "", "twice"),
    ],
)
def test_preferences_that_cannot_be_read(content, line, column, text):
    said, (problem,) = read_preferences(content.encode("latin-1"))
    assert (said, problem.line, problem.column) == ({}, line, column)
    assert text in problem.text


def test_what_is_left_out_is_not_guessed():
    said = {str(key): True for key in CARRIED[1:]} | {"require_mfa_for_great_power": True, "other": True}
    said[str(CARRIED[1])] = "yes"
    found, problems = read_preferences(json.dumps(said).encode())
    assert found == {}
    assert {problem.column for problem in problems} == {
        *map(str, CARRIED[:2]),
        *("require_mfa_for_great_power", "other"),
    }


def test_the_examples_of_the_documents_are_right():
    file = read_users("old-users.csv", (ROOT / "docs/examples/old-users.csv").read_bytes())
    assert (file.problems, len(file.users)) == ([], 5)
    assert read_preferences((ROOT / "docs/examples/old-preferences.json").read_bytes())[1] == []
