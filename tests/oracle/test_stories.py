"""The engine against the stories: one base world, and in it what each of them gives."""

from typing import Any

import pytest

from rbac import access
from tests.oracle.compare import MODELS
from tests.oracle.insert import Inserted, leave_ended
from tests.oracle.strategies import INSTANT
from tests.oracle.test_naive import ANYWHERE, BOOK, STORIES, world_of
from tests.oracle.world import Ref

pytestmark = pytest.mark.no_cover


def base() -> Inserted:
    """What is there in every story, made once: making it takes longer than all that is asked of it."""
    inserted = Inserted(BOOK["base"])
    inserted.things()
    leave_ended()
    return inserted


START = base


def tell(start: Inserted, story: dict[str, Any]) -> None:
    """Beside what is there, what this story gives and how its switches stand; a story changes nothing else."""
    assert story.get("change", {}).keys() <= {"switches", "tenant_switches"}
    start.world = world_of(story)
    start.given()


def thing(start: Inserted, ref: Ref) -> Any:
    """The row, read anew."""
    if ref is None:
        return access.INSTANCE
    kind, _, name = ref.partition(":")
    row = start.tenants[name] if kind == "tenant" else start.found[kind, name]
    return MODELS[kind]._default_manager.get(pk=row.pk)


@pytest.mark.parametrize("story", STORIES)
def test_the_engine_knows_the_stories(story, start):
    tell(start, story)
    email, permission, ref = story["ask"]
    mine = access.access_for(thing(start, f"user:{email}"), at=INSTANT)
    answer = mine.holds(permission) if ref == ANYWHERE else mine.can(permission, thing(start, ref))
    assert answer is story["answer"]


def test_what_is_read_by_its_own_rule_is_not_explained_by_a_deny(start):
    """A role is seen from below its owner, also by somebody whom a deny keeps from the owner itself."""
    eyes = {"user": "ann@example.test", "role": "Eyes", "scope": "tenant"}
    tell(start, {"given": [{**eyes, "tenant": "birch-lab"}, {**eyes, "tenant": "birch", "effect": "deny"}]})
    mine = access.access_for(thing(start, "user:ann@example.test"), at=INSTANT)
    decision = mine.explain("roles:view", thing(start, "role:birch/Birch Eyes"))
    assert (decision.allowed, decision.readable, decision.deciding) == (True, True, ())
