"""Coalitions of one to three people never raise their joint power, whatever they try (issue 2, item 2)."""

from random import Random

import pytest
from django.utils import timezone

from accounts.models import User
from rbac.world import load
from tests.effort import effort
from tests.escalation import (  # noqa: F401  they register their own
    agent_plays,
    custom_plays,
    deployment_plays,
    import_plays,
    library,
    maintenance_plays,
    people_plays,
    schedule_plays,
    sharing,
    single_sign_on,
)
from tests.escalation.agent_plays import agents_everywhere, runs_everywhere
from tests.escalation.asking import everybody_asks
from tests.escalation.deployment_plays import software_everywhere
from tests.escalation.plays import LATER, TRICKS
from tests.escalation.search import Sequence, Start
from tests.escalation.worlds import administrative
from tests.factories import IdentityFactory
from tests.factors import AppFactory
from tests.restore import undone

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]

COALITIONS = 3
"""Sequences in each world."""

WORLDS = effort(100, 100, 1667)
LATER_WORLDS = effort(1, 20, 400)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    later = "acts" in metafunc.fixturenames
    metafunc.parametrize("seed", range(LATER_WORLDS if later else WORLDS))
    if later:
        metafunc.parametrize("acts", LATER)


def test_nobody_is_raised(seed):
    at = timezone.now()
    load(administrative(Random(seed), at))
    start = Start(at)
    for number in range(COALITIONS):
        with undone():
            Sequence(Random(f"{seed}/{number}"), start).run()


def test_nobody_is_raised_by_what_came_later(seed, acts):
    """Newcomers count as everybody else does: what they come to hold, one of the coalition held."""
    at = timezone.now()
    load(administrative(Random(seed), at, later=True))
    everybody_asks()
    for user in User.objects.present():
        AppFactory(user=user)
        IdentityFactory(user=user)
    agents_everywhere()
    if acts == "deployments":
        software_everywhere()
    if acts == "stopping":
        runs_everywhere()
    sequence = Sequence(Random(f"{acts} {seed}"), Start(at), TRICKS + LATER[acts])
    sequence.run()
