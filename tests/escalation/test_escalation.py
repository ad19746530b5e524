"""Coalitions of one to three people never raise their joint power, whatever they try (issue 2, item 2)."""

from random import Random

import pytest
from django.utils import timezone

from rbac.world import load
from tests.escalation.plays import INVITING, TRICKS
from tests.escalation.search import ACTS, ACTS_IN_FULL, Sequence, Start
from tests.escalation.worlds import administrative
from tests.restore import undone

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]

COALITIONS = 3
"""Sequences in each world."""

WORLDS, WORLDS_IN_FULL = 100, 1667


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    full = metafunc.config.getoption("--full")
    inviting = metafunc.function is test_nobody_is_raised_by_an_invitation
    few, many = (INVITING_WORLDS, INVITING_WORLDS_IN_FULL) if inviting else (WORLDS, WORLDS_IN_FULL)
    metafunc.parametrize("seed", range(many if full else few))


INVITING_WORLDS, INVITING_WORLDS_IN_FULL = 20, 400


def test_nobody_is_raised(seed, full):
    at = timezone.now()
    load(administrative(Random(seed), at))
    start = Start(at)
    for number in range(COALITIONS):
        with undone():
            Sequence(Random(f"{seed}/{number}"), start).run(ACTS_IN_FULL if full else ACTS)


def test_nobody_is_raised_by_an_invitation(seed, full):
    """Newcomers count as everybody else does: what they come to hold, one of the coalition held."""
    at = timezone.now()
    load(administrative(Random(seed), at))
    sequence = Sequence(Random(f"inviting {seed}"), Start(at), TRICKS + INVITING)
    sequence.run(ACTS_IN_FULL if full else ACTS)
