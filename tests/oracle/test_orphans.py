"""Assignments that match nothing now (`rbac.orphans`), against the oracle: no question is matched by what is found."""

from random import Random

import pytest

from rbac.models import RoleAssignment
from rbac.orphans import orphaned, orphans
from rbac.sentences import SENTENCE_RELATIONS
from tenancy.models import Tenant
from tests.effort import effort
from tests.oracle import naive
from tests.oracle.insert import insert
from tests.oracle.strategies import INSTANT, build
from tests.oracle.test_redundancy import rolled_back
from tests.oracle.world import Assignment, World

SEEDS = effort(15, 40, 600)


def matches_something(world: World, assignment: Assignment) -> bool:
    """Whether it matches some question of somebody who may act, whatever the switches."""
    still: World = {**world, "tenant_switches": []}
    for user in world["users"]:
        for p in naive.permissions_in(world, assignment["role"]):
            if not naive.may_act(world, user, INSTANT) or not naive.gives(still, assignment, user, p, INSTANT):
                continue
            if naive.effect_of(assignment) == "allow" and not naive.counts_for(world, user, p):
                continue
            if any(covers(world, assignment, user, place) for place in places(world)):
                return True
    return False


def places(world: World) -> list:
    return [
        (None, None),
        *((tenant["slug"], None) for tenant in world["tenants"]),
        *((computer["tenant"], computer) for computer in world["computers"]),
    ]


def covers(world: World, assignment: Assignment, user, place) -> bool:
    tenant, computer = place
    return naive.covers_tenant(world, assignment, user, tenant) and naive.covers_computer(assignment, computer)


def hangs_on_one_member(world: World, assignment: Assignment) -> bool:
    """Of a group, what is asked of each member alone: where they live, and whether that is an MSP."""
    return "group" in assignment and assignment["scope"] == "own_tenant" and "computer_scope" in assignment


@pytest.mark.django_db
def test_what_is_found_matches_nothing_and_what_is_not_found_matches_something():
    seen = 0
    for seed in range(SEEDS):
        world = build(Random(seed))
        with rolled_back():
            insert(world)
            demoted = Tenant.objects.filter(slug=world["tenants"][-1]["slug"])
            demoted.update(is_msp=False)
            world["tenants"][-1].pop("is_msp", None)
            rows = list(
                RoleAssignment.objects.order_by("pk").select_related("user__tenant", "group", *SENTENCE_RELATIONS)
            )
            live = {row.pk for row in RoleAssignment.objects.live(INSTANT)}
            found = orphans([row for row in rows if row.pk in live], INSTANT)
            told = set(RoleAssignment.objects.filter(orphaned(INSTANT)).values_list("pk", flat=True))
            assert told & live <= found.keys(), "the list would find more than the page"
            assert all(found[row.pk].words(row) for row in rows if row.pk in found)
        for row, assignment in zip(rows, world["assignments"], strict=True):
            if row.pk in live and not (row.pk not in found and hangs_on_one_member(world, assignment)):
                seen += row.pk in found
                assert matches_something(world, assignment) == (row.pk not in found), (seed, assignment)
    assert seen > SEEDS / 2
