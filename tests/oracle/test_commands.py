"""The commands of design 10 give the oracle's answers; they ask at the present instant, so bounds lie days away."""

import io
import json
from datetime import UTC, datetime
from random import Random

import pytest
from django.core.management import call_command

from tests.oracle import naive
from tests.oracle.catalogue import BUILT_IN, PERMISSIONS
from tests.oracle.strategies import COARSE, build
from tests.oracle.world import KINDS, Ref, World, objects

SEEDS = range(3)
Question = tuple[str, str, Ref]


def lines(*command: str) -> list[str]:
    """Standard output of a command, line by line."""
    out = io.StringIO()
    call_command(*command, stdout=out, stderr=io.StringIO())
    return out.getvalue().splitlines()


@pytest.fixture(params=SEEDS)
def world(request, db, tmp_path):
    """A world loaded by the command; the instant is now."""
    made = build(Random(request.param), datetime.now(UTC), COARSE)
    document = tmp_path / "world.json"
    document.write_text(json.dumps(made))
    call_command("load_world", str(document), stdout=io.StringIO(), stderr=io.StringIO())
    return made


def questions(world: World) -> list[Question]:
    """One in twenty of all that can be asked."""
    refs: list[Ref] = [None, *(ref for kind in KINDS for ref in objects(world, kind, list(BUILT_IN.values())))]
    every = [(user["email"], p, ref) for user in world["users"] for p in PERMISSIONS for ref in refs]
    return Random(0).sample(every, len(every) // 20)


def test_batch(world, tmp_path):
    asked = questions(world)
    batch = tmp_path / "questions.jsonl"
    batch.write_text("".join(json.dumps({"user": u, "permission": p, "object": ref}) + "\n" for u, p, ref in asked))
    answers = [json.loads(line)["allowed"] for line in lines("can", "--batch", str(batch))]
    now = datetime.now(UTC)
    assert answers == [naive.can(world, u, p, ref, now) for u, p, ref in asked]


@pytest.mark.parametrize("kind", ["computer", "tenant", "user"])
def test_list(world, kind):
    now = datetime.now(UTC)
    for user in world["users"]:
        for p in ("computers:manage", "tenants:view", "users:manage"):
            expected = sorted(naive.scope(world, user["email"], p, kind, now))
            found = sorted(f"{kind}:{name}" for name in lines("can", "--list", user["email"], p, f"{kind}s"))
            assert found == expected, (user["email"], p)


def test_who_can(world):
    now = datetime.now(UTC)
    for ref in objects(world, "computer", []) + objects(world, "tenant", []):
        for p in ("computers:view", "tenants:view"):
            assert sorted(lines("who_can", p, ref)) == sorted(naive.who_can(world, p, ref, now)), (p, ref)
