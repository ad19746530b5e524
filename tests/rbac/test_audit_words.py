"""No action without words: the sentences of the log are complete as services come."""

import ast
import re
from datetime import UTC, datetime

import pytest

from rbac.audit import SYSTEM, record
from rbac.audit_words import ACTIONS, ENDED, GRANTED, REFUSED, changes_of, icon_of, sentence_of, tone_of
from rbac.drafts import described
from rbac.models import AuditEntry
from rbac.sentences import plain
from tests import source
from tests.factories import RoleAssignmentFactory, RoleFactory, TenantFactory, UserFactory

WRITERS = {"act", "record", "making", "changing", "acting_on", "_acting", "_ask", "_tell"}
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")


def written_actions() -> dict[str, str]:
    """Return every action that the source writes, and where."""
    found = {}
    for path in source.files(*source.APPS):
        for node in ast.walk(ast.parse((source.ROOT / path).read_text())):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[_, ast.Constant(value=str(action)), *_]) if name in WRITERS:
                    found[action] = f"{path}:{node.lineno}"
    return found


def test_every_action_that_is_written_has_words():
    written = written_actions()
    assert len(written) > 20
    assert {action: place for action, place in written.items() if not ACTION.fullmatch(action)} == {}
    without = {a: place for a, place in written.items() if a not in ACTIONS and not a.endswith(REFUSED)}
    assert without == {}


def test_there_are_no_words_for_what_nobody_writes():
    assert set(ACTIONS) - set(written_actions()) == set()


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (AuditEntry(action="computer.edited", target_label="DC01"), "Edited computer DC01"),
        (
            AuditEntry(
                action="computer.moved", target_label="DC01", before={"tenant": "Fabrikam"}, after={"tenant": "Litware"}
            ),
            "Moved computer DC01 from Fabrikam to Litware",
        ),
        (
            AuditEntry(action="computer.refused", target_label="DC01", after={"act": "computer.tagged"}),
            "Refused: change the tags of computer DC01",
        ),
        (
            AuditEntry(action="door.refused", target_label="DC01", after={"permission": "computers:manage"}),
            "Refused: Manage Computers on DC01",
        ),
        (AuditEntry(action="role_assignment.granted", target_label="Dana", after={}), "Gave something to Dana"),
        (AuditEntry(action="comet.seen", target_label="Halley"), "comet.seen: Halley"),
    ],
)
def test_an_entry_is_a_sentence(entry, words):
    assert plain(sentence_of(entry)) == words
    assert icon_of(entry)


def given(effect: str, **bounds) -> dict[str, object]:
    """An assignment as entries describe it."""
    row = RoleAssignmentFactory(
        user=UserFactory(name="Dana"),
        role=RoleFactory(name="No nights" if effect == "deny" else "Night Shift", deny_only=effect == "deny"),
        effect=effect,
        scope="tenant",
        tenant=TenantFactory(name="Fabrikam"),
        **bounds,
    )
    return described(row)


@pytest.mark.django_db
def test_giving_and_ending_are_told_in_the_words_of_the_assignment():
    until = datetime(2031, 3, 3, 9, tzinfo=UTC)
    allow, deny = given("allow", expires_at=until), given("deny")
    told = {
        "Gave Night Shift to Dana on all computers of Fabrikam, until Mon 3 Mar 2031, 09:00": (GRANTED, None, allow),
        "Denied No nights to Dana on all computers of Fabrikam": (GRANTED, None, deny),
        "Ended Night Shift of Dana on all computers of Fabrikam, until Mon 3 Mar 2031, 09:00": (ENDED, [allow], None),
        "Ended the deny of No nights to Dana on all computers of Fabrikam": (ENDED, [deny], None),
        "Ended 2 assignments of Dana": (ENDED, [allow, deny], None),
    }
    for words, (action, ended, after) in told.items():
        before = {"assignments": ended} if ended else None
        entry = record(SYSTEM, action, label="Dana", before=before, after=after)
        assert plain(sentence_of(entry)) == words
    assert tone_of(AuditEntry(action=GRANTED, after=allow)) == "c-allow"
    assert (tone_of(AuditEntry(action=GRANTED, after=deny)), icon_of(AuditEntry(action=GRANTED, after=deny))) == (
        "",
        "deny",
    )


def test_what_changed_stands_before_what_did_not():
    entry = AuditEntry(
        before={"a": "1", "tags": ["x", "y"], "b": True}, after={"a": "1", "tags": ["y", "z"], "b": False}
    )
    changes = changes_of(entry)
    assert [(change.label, change.before, change.after, change.kept, change.is_changed) for change in changes] == [
        ("Tags", ["x"], ["z"], 1, True),
        ("B", ["yes"], ["no"], 0, True),
        ("A", ["1"], ["1"], 0, False),
    ]


@pytest.mark.django_db
def test_what_was_not_recorded_is_no_change():
    assert changes_of(record(SYSTEM, "session.ended")) == []
