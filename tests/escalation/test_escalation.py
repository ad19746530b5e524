"""Coalitions of one to three people never raise their joint power, whatever they try (issue 2, item 2)."""

from random import Random

import pytest
from django.utils import timezone

from rbac.world import load
from tests.escalation.search import Sequence, undone
from tests.escalation.worlds import administrative

pytestmark = pytest.mark.django_db

COALITIONS = 3
"""Sequences in each world."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    worlds = 1667 if metafunc.config.getoption("--full") else 100
    metafunc.parametrize("seed", range(worlds))


def test_nobody_is_raised(seed):
    at = timezone.now()
    load(administrative(Random(seed), at))
    for number in range(COALITIONS):
        with undone():
            Sequence(Random(f"{seed}/{number}"), at).run()
