"""The engine against the oracle, on worlds at random (design 3, 4 and 7)."""

import copy
import json
import logging
from datetime import datetime
from random import Random

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from computers.models import ComputerTag
from rbac import world as loader
from tenancy.models import Tenant, TenantTag
from tests.effort import effort
from tests.oracle.compare import Loaded, Tally, disagreements, loaded
from tests.oracle.insert import insert
from tests.oracle.strategies import COARSE, INSTANT, build, seeded, worlds
from tests.oracle.world import World

pytestmark = pytest.mark.no_cover

WORLDS = effort(30, 60, 1_500)
"""With shares; twice as many decisions as are asked for come of the fewest."""
LIVE_WORLDS = effort(10, 30, 500)
DECISIONS = 20_000


@pytest.mark.django_db
def test_engine_and_oracle_agree():
    """At an instant at which much begins and ends."""
    tally = agreeing(worlds(sharing=True), INSTANT, WORLDS)
    logging.getLogger(__name__).info("%s", tally)  # pytest --log-cli-level=INFO shows it
    assert tally.decisions >= DECISIONS, tally
    assert 2 * tally.touched >= tally.decisions, tally
    assert tally.yes * 10 >= tally.decisions, tally


@pytest.mark.django_db
def test_engine_and_oracle_agree_now():
    """As pages ask: by statements that are kept, of which a given instant knows nothing."""
    now = timezone.now()
    tally = agreeing(worlds(now, COARSE, sharing=True), now, LIVE_WORLDS, live=True)
    assert tally.decisions >= DECISIONS * LIVE_WORLDS / WORLDS, tally
    assert tally.yes * 10 >= tally.decisions, tally


def agreeing(any_world: SearchStrategy[World], at: datetime, most: int, *, live: bool = False) -> Tally:
    """What was asked: `can`, `explain`, `scope` and `who_can` on every kind of object, `holds` in its own words."""
    tally = Tally()

    @settings(
        max_examples=most,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(any_world)
    def on_any_world(world: World) -> None:
        with loaded(world, at, loader.load, live=live) as here:
            differences = list(disagreements(here, tally))
        assert not differences, "\n".join([*differences, json.dumps(world, indent=1)])

    on_any_world()
    return tally


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


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(effort(4, 20, 200)))
def test_what_changes_beside_assignments_counts_at_the_next_question(seed):
    """How somebody's rows are asked for is kept as long as they hold the same: what they are, never."""
    now = timezone.now()
    world = build(Random(seed), now, COARSE, sharing=True)
    changed = copy.deepcopy(world)
    changed["tenants"][0]["is_msp"] = not changed["tenants"][0]["is_msp"]
    for thing in (*changed["tenants"], *changed["computers"]):
        thing["tags"] = []
    with loaded(world, now, live=True) as here:
        assert list(disagreements(here, Tally())) == []
        for tags in (TenantTag, ComputerTag):
            tags.objects.all().delete()
        Tenant.objects.filter(slug=world["tenants"][0]["slug"]).update(is_msp=changed["tenants"][0]["is_msp"])
        assert list(disagreements(Loaded(changed, now, live=True), Tally())) == []
