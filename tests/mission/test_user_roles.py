"""Every sentence of the mission's `user-roles` is a test of its name: what it says is so, and is not so next door."""

import pytest

from tests.effort import effort
from tests.mission.acting import Acting
from tests.mission.estates import Mission
from tests.mission.table import Row, by_sentence, sentences_of

pytestmark = pytest.mark.django_db
START = Mission

TABLE = by_sentence("user_roles")

OF_MSP_ROLES = ("MSP Admin", "MSP Non-Admin")


@pytest.fixture(scope="module")
def acting(_made_once: Mission) -> Acting:
    return Acting(_made_once, full=effort(False, False, True))


@pytest.mark.parametrize("sentence", TABLE, ids=list(TABLE))
def test_sentence(sentence: str, acting: Acting):
    faults = [fault for row in TABLE[sentence] for fault in acting.faults_of(row)]
    assert not faults, "\n".join(faults)


def test_every_sentence_is_in_the_table():
    assert sorted(TABLE) == sorted(sentences_of("user_roles"))


@pytest.mark.parametrize("sentence", TABLE, ids=list(TABLE))
def test_each_sentence_is_tried_both_ways(sentence: str):
    assert {is_done(row) for row in TABLE[sentence]} == {True, False}


@pytest.mark.parametrize("sentence", [each for each in TABLE if each.startswith(OF_MSP_ROLES)])
def test_sentences_on_msp_roles_are_tried_at_owner_and_for_one_msp(sentence: str):
    role = sentence.partition(":")[0]
    personas = {row.persona for row in TABLE[sentence]}
    assert {role, f"{role} of Here"} <= personas
    beyond = [row for row in TABLE[sentence] if row.persona == f"{role} of Here" and not is_done(row)]
    assert beyond, "nothing is tried that this MSP does not have"


def is_done(row: Row) -> bool:
    return row.outcomes()[()] == "yes"
