"""The oracle against short stories with known answers, before anything is held against the oracle."""

from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.oracle import naive
from tests.oracle.catalogue import BUILT_IN, PERMISSIONS
from tests.oracle.strategies import INSTANT, seeded
from tests.oracle.world import KINDS, World, objects

ANYWHERE = "anywhere"
BOOK = yaml.safe_load((Path(__file__).parent / "stories.yaml").read_text())
STORIES = [pytest.param(story, id=story["say"]) for story in BOOK["stories"]]


def world_of(story: dict[str, Any]) -> World:
    """The base world with what a story gives and changes."""
    world: World = BOOK["base"] | {"assignments": story["given"]} | story.get("change", {})
    return world


def answer(story: dict[str, Any], at: datetime = INSTANT) -> bool:
    """What the oracle says."""
    email, permission, ref = story["ask"]
    if ref == ANYWHERE:
        return naive.holds(world_of(story), email, permission, at)
    return naive.can(world_of(story), email, permission, ref, at)


@pytest.mark.parametrize("story", STORIES)
def test_the_oracle_knows_the_answer(story: dict[str, Any]) -> None:
    assert answer(story) is story["answer"]


@pytest.mark.parametrize("seed", range(20))
def test_any_can_implies_holds(seed):
    """Design 4 says so of the two sentences that the oracle has from different places."""
    world = seeded(seed)
    refs = [None, *(ref for kind in KINDS for ref in objects(world, kind, list(BUILT_IN.values())))]
    for user, permission in product(world["users"], PERMISSIONS):
        if not naive.holds(world, user["email"], permission, INSTANT):
            may = [ref for ref in refs if naive.can(world, user["email"], permission, ref, INSTANT)]
            assert not may, (user["email"], permission)
