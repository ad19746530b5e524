"""The engine against the oracle, on worlds at random (design 3, 4 and 7)."""

import copy
import json
import logging

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from rbac import world as loader
from tenancy.models import Tenant
from tests.effort import effort
from tests.oracle.compare import Tally, disagreements, loaded
from tests.oracle.insert import insert
from tests.oracle.strategies import INSTANT, seeded, worlds
from tests.oracle.world import World

pytestmark = pytest.mark.no_cover

WORLDS = effort(30, 60, 1_500)
"""With shares; twice as many decisions as are asked for come of the fewest."""
DECISIONS = 20_000


@pytest.mark.django_db
def test_engine_and_oracle_agree():
    """`can`, `explain`, `scope` and `who_can` on every kind of object, `holds` in its own words."""
    tally = Tally()

    @settings(
        max_examples=WORLDS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(worlds(sharing=True))
    def on_any_world(world: World) -> None:
        with loaded(world, INSTANT, loader.load) as here:
            differences = list(disagreements(here, tally))
        assert not differences, "\n".join([*differences, json.dumps(world, indent=1)])

    on_any_world()
    logging.getLogger(__name__).info("%s", tally)  # pytest --log-cli-level=INFO shows it
    assert tally.decisions >= DECISIONS, tally
    assert 2 * tally.touched >= tally.decisions, tally
    assert tally.yes * 10 >= tally.decisions, tally


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [0, 1, 5, 9, 12, 14])
def test_what_named_an_msp_covers_nothing_once_it_is_none(seed):
    """The database asks for an MSP when such an assignment is made; later the flag may go."""
    world = seeded(seed)
    demoted = copy.deepcopy(world)
    demoted["tenants"][0]["is_msp"] = False

    def demote(_: World) -> None:
        insert(world)
        Tenant.objects.filter(slug=world["tenants"][0]["slug"]).update(is_msp=False)

    with loaded(demoted, INSTANT, demote) as here:
        assert list(disagreements(here, Tally())) == []
