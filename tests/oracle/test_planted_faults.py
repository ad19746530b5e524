"""The comparison with the oracle is shown deliberate defects of the engine, one at a time, and must catch each."""

import logging
from collections import Counter
from collections.abc import Iterable
from functools import cache

import pytest
from django.utils import timezone

from tests.effort import effort
from tests.oracle import faults, finer_faults, live_faults  # noqa: F401  they fill FAULTS
from tests.oracle.compare import Loaded, Tally, disagreements, loaded
from tests.oracle.planting import FAULTS, Fault, Home
from tests.oracle.strategies import INSTANT, seeded

pytestmark = pytest.mark.no_cover

OTHERS = effort(40, 40, 200)
"""In how many more worlds a fault is looked for when its own does not show it: a new permission changes every world."""

HOMES = Counter(fault.home for fault in FAULTS)
TOGETHER = [fault for fault in FAULTS if HOMES[fault.home] >= 3]
"""Those whose world shows three or more: to load a world takes longer than to try a fault in it."""

TRIED = sorted(effort(TOGETHER, FAULTS, FAULTS), key=lambda fault: fault.home)
"""Those of one world beside each other: whichever process tries one of them has loaded it for all."""


def is_caught(here: Loaded, fault: Fault) -> bool:
    """Whether the comparison says anything of this world while the fault is planted."""
    with pytest.MonkeyPatch.context() as patch:
        fault.plant(patch)
        return next(disagreements(here, Tally()), None) is not None


def caught_in(home: Home, tried: Iterable[Fault]) -> set[Fault]:
    """Which of these the comparison catches in this world; without them, and after them, there is nothing to catch."""
    now = timezone.now() if home.live else None
    world = seeded(home.seed, sharing=home.sharing, now=now)
    with loaded(world, now or INSTANT, live=home.live) as here:
        caught = {fault for fault in tried if is_caught(here, fault)}
        assert next(disagreements(here, Tally()), None) is None, home
        return caught


@cache
def caught_at_home(home: Home) -> set[Fault]:
    """Which of all that are said to show in this world it shows: it is loaded once for them."""
    return caught_in(home, [fault for fault in TRIED if fault.home == home])


def test_there_are_enough():
    assert len({fault.sentence for fault in FAULTS}) == len(FAULTS)
    assert len(TRIED) >= 25


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.sentence) for fault in TRIED])
def test_the_fault_is_caught(fault):
    if fault in caught_at_home(fault.home):
        return
    for seed in range(OTHERS):
        if caught_in(fault.home._replace(seed=seed), [fault]):
            logging.getLogger(__name__).info("%s: sooner in world %s", fault.sentence, seed)
            return
    pytest.fail("not caught")
