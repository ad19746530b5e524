"""The comparison with the oracle is shown deliberate defects of the engine, one at a time, and must catch each."""

import logging
from functools import cache

import pytest

from tests.effort import effort
from tests.oracle import faults, finer_faults  # noqa: F401  they fill FAULTS
from tests.oracle.compare import Tally, disagreements, loaded
from tests.oracle.planting import FAULTS, Fault
from tests.oracle.strategies import INSTANT, seeded

pytestmark = pytest.mark.no_cover

OTHERS = effort(40, 40, 200)
"""In how many more worlds a fault is looked for when its own does not show it: a new permission changes every world."""

TRIED = effort(FAULTS[::2], FAULTS, FAULTS)


def first_difference(seed: int, fault: Fault | None = None, *, sharing: bool = False) -> str | None:
    """What the comparison says first of this world, with the fault or without."""
    with loaded(seeded(seed, sharing=sharing), INSTANT) as here, pytest.MonkeyPatch.context() as patch:
        if fault:
            fault.plant(patch)
        return next(disagreements(here, Tally()), None)


@cache
def is_clean(seed: int, *, sharing: bool) -> bool:
    """Without a fault there is nothing to catch."""
    return first_difference(seed, sharing=sharing) is None


def test_there_are_enough():
    assert len({fault.sentence for fault in FAULTS}) == len(FAULTS)
    assert len(TRIED) >= 25


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.sentence) for fault in TRIED])
def test_the_fault_is_caught(fault):
    for seed in (fault.seed, *range(OTHERS)):
        assert is_clean(seed, sharing=fault.sharing), seed
        if first_difference(seed, fault, sharing=fault.sharing):
            if seed != fault.seed:
                logging.getLogger(__name__).info("%s: sooner in world %s", fault.sentence, seed)
            return
    pytest.fail("not caught")
