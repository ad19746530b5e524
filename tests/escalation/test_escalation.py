"""Coalitions of one to three people never raise their joint power, whatever they try (issue 2, item 2)."""

from random import Random

import pytest
from django.utils import timezone

from rbac.world import load
from tests.escalation.search import ACTS, ACTS_IN_FULL, Sequence, Start
from tests.escalation.worlds import administrative
from tests.restore import undone

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]

COALITIONS = 3
"""Sequences in each world."""

WORLDS, WORLDS_IN_FULL = 100, 1667


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    full = metafunc.config.getoption("--full")
    metafunc.parametrize("seed", range(WORLDS_IN_FULL if full else WORLDS))


def test_nobody_is_raised(seed, full):
    at = timezone.now()
    load(administrative(Random(seed), at))
    start = Start(at)
    for number in range(COALITIONS):
        with undone():
            Sequence(Random(f"{seed}/{number}"), start).run(ACTS_IN_FULL if full else ACTS)
