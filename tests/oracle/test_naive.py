"""The oracle against short stories with known answers, before anything is held against the oracle."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.oracle import naive
from tests.oracle.strategies import INSTANT
from tests.oracle.world import World

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
