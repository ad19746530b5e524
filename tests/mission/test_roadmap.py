"""Every scope and every remark of the mission's `rbac-roadmap` is a test of its name."""

import pytest

from tests.effort import effort
from tests.mission.acting import Acting
from tests.mission.estates import Mission
from tests.mission.table import by_sentence, sentences_of

pytestmark = pytest.mark.django_db
START = Mission

TABLE = by_sentence("roadmap")


@pytest.fixture(scope="module")
def acting(_made_once: Mission) -> Acting:
    return Acting(_made_once, full=effort(False, False, True))


@pytest.mark.parametrize("sentence", TABLE, ids=list(TABLE))
def test_sentence(sentence: str, acting: Acting):
    faults = [fault for row in TABLE[sentence] for fault in acting.faults_of(row)]
    assert not faults, "\n".join(faults)


def test_every_sentence_is_in_the_table():
    assert list(TABLE) == sentences_of("roadmap")


@pytest.mark.parametrize("sentence", TABLE, ids=list(TABLE))
def test_each_sentence_is_tried_both_ways(sentence: str):
    assert len({row.outcomes()[()] for row in TABLE[sentence]}) > 1
