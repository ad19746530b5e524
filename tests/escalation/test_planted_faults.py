"""The search is shown deliberate defects of the gate, one at a time, and must catch each."""

from random import Random

import pytest
from django.utils import timezone

from rbac.world import load
from tests.escalation.faults import FAULTS, Fault
from tests.escalation.search import PromiseBrokenError, Sequence, Start
from tests.escalation.test_escalation import COALITIONS, WORLDS
from tests.escalation.worlds import administrative
from tests.restore import undone

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]


def breaks_a_promise(fault: Fault, seed: int, number: int) -> bool:
    at = timezone.now()
    with undone():
        load(administrative(Random(seed), at))
        sequence = Sequence(Random(f"{seed}/{number}"), Start(at))
        try:
            with fault.planted():
                sequence.run()
        except PromiseBrokenError:
            return True
    return False


def others(fault: Fault) -> list[tuple[int, int]]:
    """The first sequence of a normal run that shows it, if any."""
    every = ((seed, number) for seed in range(WORLDS) for number in range(COALITIONS))
    return next(([sequence] for sequence in every if breaks_a_promise(fault, *sequence)), [])


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.sentence) for fault in FAULTS])
def test_the_fault_is_caught(fault):
    """By a sequence of a normal run, so that `test_escalation` shows the same one to be clean without the fault."""
    assert fault.seed < WORLDS
    assert fault.number < COALITIONS
    if not breaks_a_promise(fault, fault.seed, fault.number):
        pytest.fail(f"not caught by sequence {fault.seed}/{fault.number}; it shows in others: {others(fault)}")
