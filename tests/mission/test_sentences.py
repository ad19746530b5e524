"""Each sentence of the mission's `user-roles`, each scope and remark of its `rbac-roadmap` is a test of its name.

What it says is so, and is not so next door. One world for both tables: they ask for many of the same pages.
"""

import pytest

from tests.effort import effort
from tests.mission.acting import Acting
from tests.mission.estates import Mission
from tests.mission.table import Row, by_sentence, sentences_of

START = Mission

USER_ROLES, ROADMAP = by_sentence("user_roles"), by_sentence("roadmap")

OF_MSP_ROLES = ("MSP Admin", "MSP Non-Admin")


@pytest.fixture(scope="module")
def acting(_made_once: Mission) -> Acting:
    return Acting(_made_once, full=effort(False, False, True))


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [*USER_ROLES.values(), *ROADMAP.values()], ids=[*USER_ROLES, *ROADMAP])
def test_sentence(rows: list[Row], acting: Acting):
    faults = [fault for row in rows for fault in acting.faults_of(row)]
    assert not faults, "\n".join(faults)


def test_every_sentence_is_in_the_tables():
    assert sorted(USER_ROLES) == sorted(sentences_of("user_roles"))
    assert list(ROADMAP) == sentences_of("roadmap")


@pytest.mark.parametrize("sentence", USER_ROLES, ids=list(USER_ROLES))
def test_each_sentence_on_roles_is_tried_both_ways(sentence: str):
    assert {is_done(row) for row in USER_ROLES[sentence]} == {True, False}


@pytest.mark.parametrize("sentence", ROADMAP, ids=list(ROADMAP))
def test_each_sentence_of_the_roadmap_is_tried_both_ways(sentence: str):
    assert len({row.outcomes()[()] for row in ROADMAP[sentence]}) > 1


@pytest.mark.parametrize("sentence", [each for each in USER_ROLES if each.startswith(OF_MSP_ROLES)])
def test_sentences_on_msp_roles_are_tried_at_owner_and_for_one_msp(sentence: str):
    role = sentence.partition(":")[0]
    personas = {row.persona for row in USER_ROLES[sentence]}
    assert {role, f"{role} of Here"} <= personas
    beyond = [row for row in USER_ROLES[sentence] if row.persona == f"{role} of Here" and not is_done(row)]
    assert beyond, "nothing is tried that this MSP does not have"


def is_done(row: Row) -> bool:
    return row.outcomes()[()] == "yes"
