"""The sets of `tests.escalation.power` against the oracle's own answers, one question at a time."""

from datetime import timedelta
from itertools import product
from random import Random

import pytest
from django.utils import timezone

from rbac.world import load
from tests.escalation.power import ABOUT_COMPUTERS, ABOUT_PEOPLE, NOWHERE, STATES, When, power
from tests.escalation.rows import read_world
from tests.escalation.worlds import administrative
from tests.oracle import naive
from tests.oracle.catalogue import CATALOGUE, PERMISSIONS
from tests.oracle.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]


def asked(world: World) -> list[tuple[str | None, str | None]]:
    """Each place and person with its reference in the oracle's words."""
    places = [(tenant["slug"], f"tenant:{tenant['slug']}") for tenant in world["tenants"]]
    places += [(each["name"], f"computer:{each['tenant']}/{each['name']}") for each in world["computers"]]
    return [(None, None), *places, *((user["email"], f"user:{user['email']}") for user in world["users"])]


def is_asked(permission: str, place: str | None) -> bool:
    """Whether somebody asks this permission of such a thing: of a tenant all, for what it holds."""
    kind = (place or "")[:1]
    return permission in {"c": ABOUT_COMPUTERS, "u": ABOUT_PEOPLE}.get(kind, CATALOGUE)


@pytest.mark.parametrize("seed", range(3))
def test_power_is_what_the_oracle_says(seed):
    at = timezone.now()
    load(administrative(Random(seed), at))
    world = read_world()
    moments = [at, at + timedelta(hours=36)]
    found = power(world, moments)
    dice, places = Random(seed), asked(world)
    for user, permission in product(found, PERMISSIONS):
        for state, switches in enumerate(STATES[permission]):
            others = {key: dice.random() < 0.5 for key, *_ in naive.SWITCHES}
            switched = {**world, "switches": {**world["switches"], **others, **switches}}
            for (place, reference), (number, moment) in product(places, enumerate(moments)):
                can = is_asked(permission, place) and naive.can(switched, user, permission, reference, moment)
                assert (place in found[user].get(When(permission, number, state), NOWHERE)) == can
