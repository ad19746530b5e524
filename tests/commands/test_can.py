"""`can` and `who_can` at their edges; that they agree with the rule, tests/oracle says."""

import json
import os

import pytest

from rbac.management.commands import can
from rbac.models import RoleAssignment
from rbac.questions import desk
from rbac.world import load
from tests.commands.shell import run

WORLD = {
    "tags": [{"name": "gold"}],
    "tenants": [{"slug": "msp", "is_msp": True}, {"slug": "acme", "name": "Acme", "parent": "msp"}],
    "users": [
        {"email": "ada@msp.test", "name": "Ada", "tenant": "msp"},
        {"email": "ben@acme.test", "name": "Ben", "tenant": "acme"},
        {"email": "eve@acme.test", "tenant": "acme", "is_active": False},
    ],
    "groups": [{"name": "crew", "tenant": "acme", "members": ["ben@acme.test"]}],
    "roles": [{"name": "Freeze", "deny_only": True, "permissions": ["computers:manage"]}],
    "computers": [
        {"name": "pc", "tenant": "acme", "type": "server"},
        {"name": "lt", "tenant": "acme", "type": "portable"},
    ],
    "scripts": [{"name": "clean"}],
    "assignments": [
        {"user": "ada@msp.test", "role": "MSP User", "scope": "msp", "tenant": "msp"},
        {"user": "eve@acme.test", "role": "Tenant User", "scope": "own_tenant"},
        {"group": "acme/crew", "role": "Tenant Administrator", "scope": "own_tenant"},
        {"user": "ben@acme.test", "role": "Freeze", "effect": "deny", "scope": "own_tenant", "reason": "migration",
         "computer_scope": "type", "computer_type": "servers"},
        {"user": "ben@acme.test", "role": "Auditor", "scope": "owner", "expires_at": "2020-01-01T00:00:00Z"},
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def world(db):
    load(WORLD)


def batch(stdin, *lines):
    stdin("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return [json.loads(line) for line in run("can", "--batch", "-").lines]


def asked(user, permission, reference):
    return {"user": user, "permission": permission, "object": reference}


class TestOne:
    def test_yes(self):
        ran = run("can", "ada@msp.test", "computers:manage", "computer:acme/pc")
        assert (ran.out, ran.code) == ("yes\n", 0)
        assert ran.err == "May act as MSP User on all computers of msp and its customers.\n"

    def test_no_names_the_deny_and_what_it_overrules(self):
        ran = run("can", "ben@acme.test", "computers:manage", "computer:acme/pc")
        assert (ran.out, ran.code) == ("no\n", 0)
        assert ran.err.splitlines() == [
            "May not use anything in Freeze on servers of their own tenant.",
            "Overruled: May act as Tenant Administrator on all computers of their own tenant, through the group crew.",
        ]

    def test_no_names_what_came_close(self):
        answer = json.loads(run("can", "ben@acme.test", "audit:view_system", "--json").out)
        assert answer["allowed"] is False
        assert answer["reasons"][0].startswith(
            "Comes close: May act as Auditor on all computers of every tenant, until"
        )

    def test_without_any_assignment(self):
        answer = json.loads(run("can", "eve@acme.test", "users:manage", "tenant:acme", "--json").out)
        assert answer == {"allowed": False, "reasons": ["No assignment gives Manage Users on Acme."]}

    def test_an_address_in_any_case(self):
        assert run("can", "ADA@msp.test", "tenants:view", "tenant:acme").out == "yes\n"

    def test_reading_what_the_instance_owns(self):
        answer = json.loads(run("can", "ben@acme.test", "scripts:view", "script:clean", "--json").out)
        assert answer["allowed"] is True
        assert "Whoever holds View Scripts may read this." in answer["reasons"]

    @pytest.mark.parametrize("reference", ["role:MSP User", "group:acme/crew", "user:ben@acme.test", "tag:gold"])
    def test_every_kind_of_object_is_found(self, reference):
        assert run("can", "ada@msp.test", "users:manage", reference).out == "no\n"

    @pytest.mark.parametrize(
        ("question", "reason"),
        [
            (("nobody@x.test", "users:view"), 'No user "nobody@x.test".'),
            (("ada@msp.test", "users:frobnicate"), 'No permission "users:frobnicate".'),
            (("ada@msp.test", "users:view", "tenant:nowhere"), 'No object "tenant:nowhere".'),
            (("ada@msp.test", "users:view", "pc"), 'No object "pc".'),
            (("ada@msp.test", "users:view", "computer:pc"), 'No object "computer:pc".'),
            (("ada@msp.test",), "needs a user and a permission"),
            ((), "needs a user and a permission"),
            (("ada@msp.test", "users:view", "--batch", "x"), "--batch takes its questions from the file alone"),
            (("--batch", "/no/such/file"), "No such file"),
        ],
    )
    def test_a_bad_question_ends_with_2(self, question, reason):
        ran = run("can", *question)
        assert (ran.out, ran.code) == ("", 2)
        assert reason in ran.err

    def test_a_bad_question_is_a_no_as_json(self):
        ran = run("can", "nobody@x.test", "users:view", "--json")
        assert (json.loads(ran.out)["allowed"], ran.code) == (False, 2)


class TestBatch:
    def test_one_answer_a_line_in_order(self, stdin):
        answers = batch(
            stdin,
            asked("ada@msp.test", "computers:view", "computer:acme/pc"),
            asked("ben@acme.test", "tenants:manage", "tenant:msp"),
            {"user": "ada@msp.test", "permission": "tenants:manage"},
            asked("ada@msp.test", "computers:view", "computer:acme/lt"),
        )
        assert [answer["allowed"] for answer in answers] == [True, False, False, True]
        assert all(set(answer) == {"allowed", "reasons"} and answer["reasons"] for answer in answers)

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("", "not JSON"),
            ("{", "not JSON"),
            ("[" * 100_000, "not JSON"),
            ('{"user": "a", "user": "ada@msp.test", "permission": "users:view"}', "a key is written twice"),
            ("[]", "not a JSON object"),
            ("null", "not a JSON object"),
            ('{"user": "ada@msp.test"}', "permission must be a text"),
            ('{"user": 7, "permission": "users:view"}', "user must be a text"),
            ('{"user": "a", "permission": "b", "object": 3}', "object must be a text, or null"),
            ('{"user": "a", "permission": "b", "on": null}', "unknown key: on"),
            (asked("x@y.test", "users:view", None), 'No user "x@y.test".'),
            (asked("\0", "users:view", None), "No user"),
            (asked("\ud800", "users:view", None), "No user"),
            (asked("ada@msp.test", "", None), 'No permission "".'),
            (asked("ada@msp.test", "users:view", "computer:acme/\0"), "No object"),
            (asked("ada@msp.test", "users:view", "assignment:1"), "No object"),
            (asked("ada@msp.test", "users:view", ""), 'No object "".'),
        ],
    )  # fmt: skip
    def test_a_bad_line_is_a_no_and_the_next_is_answered(self, stdin, line, reason):
        bad, good = batch(stdin, line, asked("ada@msp.test", "computers:view", "computer:acme/pc"))
        assert bad["allowed"] is False
        assert reason in bad["reasons"][0]
        assert good["allowed"] is True

    def test_agrees_with_the_single_form(self, stdin):
        references = [None, "tenant:acme", "tenant:msp", "computer:acme/pc", "computer:acme/lt", "user:eve@acme.test"]
        questions = [
            asked(user, permission, reference)
            for user in ("ada@msp.test", "ben@acme.test", "eve@acme.test")
            for permission in ("computers:manage", "users:manage", "tenants:view")
            for reference in references
        ]
        single = [
            run("can", q["user"], q["permission"], *([q["object"]] if q["object"] else []), "--json").out
            for q in questions
        ]
        assert batch(stdin, *questions) == [json.loads(answer) for answer in single]

    def test_answers_what_is_there_before_the_next_is_asked(self):
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as stream:
            lines = can.arriving(stream)
            os.write(writer, b"one\ntwo\nthr")
            assert next(lines) == [b"one", b"two"]
            os.write(writer, b"ee")
            os.close(writer)
            assert [each for some in lines for each in some] == [b"three"]

    def test_costs_few_queries(self, stdin, django_assert_max_num_queries):
        question = asked("ada@msp.test", "computers:view", "computer:acme/pc")
        with django_assert_max_num_queries(20):
            batch(stdin, *[question] * desk.MOST_QUESTIONS)

    def test_asks_again_after_so_many_questions(self, monkeypatch):
        looked_up = watch_desks(monkeypatch)
        list(desk.answers([b'{"user": "ada@msp.test", "permission": "users:view"}'] * (2 * desk.MOST_QUESTIONS + 1)))
        assert len(looked_up) == 3

    def test_asks_again_after_so_many_seconds(self, monkeypatch):
        looked_up = watch_desks(monkeypatch)
        clock = iter(range(0, 100, 3))
        monkeypatch.setattr(desk, "monotonic", lambda: next(clock))
        lines = [b'{"user": "ada@msp.test", "permission": "tenants:view", "object": "tenant:acme"}'] * 4
        answers = desk.answers(lines)
        assert [next(answers).allowed, next(answers).allowed] == [True, True]
        RoleAssignment.objects.filter(user__email="ada@msp.test").update(ended_at="2020-01-01T00:00Z", end_reason="x")
        assert [answer.allowed for answer in answers] == [False, False]
        assert len(looked_up) > 1


def watch_desks(monkeypatch):
    opened = []
    original = desk._Desk.__init__

    def opening(self, questions):
        opened.append(len(questions))
        original(self, questions)

    monkeypatch.setattr(desk._Desk, "__init__", opening)
    return opened


class TestList:
    def test_bare_references(self):
        assert run("can", "--list", "ada@msp.test", "computers:manage", "computers").lines == ["acme/lt", "acme/pc"]
        assert run("can", "--list", "ben@acme.test", "computers:manage", "computers").lines == ["acme/lt"]
        assert run("can", "--list", "ada@msp.test", "tenants:view", "tenants").lines == ["acme", "msp"]
        assert run("can", "--list", "ben@acme.test", "users:manage", "users").lines == [
            "ben@acme.test",
            "eve@acme.test",
        ]

    def test_nothing_is_no_line(self):
        assert run("can", "--list", "eve@acme.test", "computers:view", "computers").out == ""

    @pytest.mark.parametrize(
        "question",
        [("x@y.test", "users:view", "users"), ("ada@msp.test", "x", "users"), ("ada@msp.test", "users:view", "groups"),
         ("ada@msp.test", "users:view")],
    )  # fmt: skip
    def test_a_bad_question_ends_with_2(self, question):
        ran = run("can", "--list", *question)
        assert (ran.out, ran.code) == ("", 2)


class TestWhoCan:
    def test_lists_addresses(self):
        assert run("who_can", "computers:view", "computer:acme/pc").lines == ["ada@msp.test", "ben@acme.test"]
        assert run("who_can", "computers:manage", "computer:acme/pc").lines == ["ada@msp.test"]

    def test_on_the_instance(self):
        assert run("who_can", "tenants:view").lines == []

    @pytest.mark.parametrize("question", [("x", "tenant:acme"), ("users:view", "tenant:nowhere")])
    def test_a_bad_question_ends_with_2(self, question):
        ran = run("who_can", *question)
        assert (ran.out, ran.code) == ("", 2)
