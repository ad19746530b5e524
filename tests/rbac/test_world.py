"""Documents in and out: what load and dump promise each other (design 10)."""

import pytest

from rbac.world import dump, load, normal
from tests.oracle.strategies import seeded

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(20))
def test_a_loaded_world_is_dumped_in_its_normal_form(seed):
    world = seeded(seed)
    load(world)
    assert dump() == normal(world)


@pytest.mark.parametrize("seed", range(5))
def test_loading_a_dump_changes_nothing(seed):
    load(seeded(seed))
    report = load(dump())
    assert [(name, count) for name, count in report.counts.items() if count.created or count.changed] == []
