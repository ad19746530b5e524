"""Assignments without an effect of their own (`rbac.redundancy`), against the oracle: all of them gone at once.

Found: whoever ends it changes nothing, now and later. Not found, where scopes cannot overlap in part: ending it does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction

from rbac.access import access_for
from rbac.models import Role, RoleAssignment
from rbac.redundancy import Redundancy, redundant, suspects
from tests.effort import effort
from tests.factories import MspFactory, RoleAssignmentFactory, UserFactory
from tests.oracle import naive
from tests.oracle.insert import insert
from tests.oracle.naive import TERMINAL
from tests.oracle.strategies import INSTANT, build
from tests.oracle.world import World, reference

SEEDS = effort(15, 40, 600)
LATER = [timedelta(0), timedelta(microseconds=1), timedelta(minutes=30), timedelta(hours=2)]
PLAIN = ["scripts:view", "tags:view", "tenants:view"]
ON_COMPUTERS = ["computers:manage", "computers:view"]


def found_in(world: World) -> dict[int, Redundancy]:
    """What an owner is shown, by the place in the document; `by` are places as well."""
    insert(world)
    place = {pk: n for n, pk in enumerate(RoleAssignment.objects.order_by("pk").values_list("pk", flat=True))}
    reader = UserFactory(tenant=MspFactory())
    RoleAssignmentFactory(user=reader, role=Role.objects.get(key="msp_administrator"), scope="owner")
    rows = RoleAssignment.objects.filter(pk__in=place)
    asked = rows.unexpired(INSTANT).values_list("pk", "user_id", "group_id")
    found = redundant(access_for(reader, at=INSTANT), [*asked])
    missed = found.keys() - set(rows.filter(suspects(INSTANT)).values_list("pk", flat=True))
    assert not missed, "the list would not look at them"
    return {place[pk]: Redundancy(tuple(place[each] for each in why.by), why.taken) for pk, why in found.items()}


def decisions(world: World, t: datetime) -> set[Any]:
    """Every yes of the bare rule, from which `can` and `holds` follow, of what the world's roles hold."""
    listed = {p for assignment in world["assignments"] for p in naive.permissions_in(world, assignment["role"])}
    places: list[tuple[str | None, Any]] = [(None, None), *((tenant["slug"], None) for tenant in world["tenants"])]
    places += [(computer["tenant"], computer) for computer in world["computers"]]
    return {
        (user["email"], p, tenant, computer and reference(computer))
        for p in sorted(listed)
        for about in [speaking_of(world, p)]
        for user in world["users"]
        if naive.may_act(world, user, t)
        for tenant, computer in places
        if naive.bare(naive.Question(about, user, p, t, tenant, computer))
    }


def speaking_of(world: World, permission: str) -> World:
    """The world without the assignments that do not have this permission, which match no question of it."""
    rows = world["assignments"]
    return {**world, "assignments": [row for row in rows if permission in naive.permissions_in(world, row["role"])]}


def without(world: World, places: set[int]) -> World:
    kept = [assignment for n, assignment in enumerate(world["assignments"]) if n not in places]
    return {**world, "assignments": kept}


def states(world: World) -> Iterator[World]:
    """The world with the switch that the catalogue has something for, both ways."""
    for stands in (True, False):
        yield {**world, "switches": {**world.get("switches", {}), TERMINAL: stands}}


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def simple(dice: Random, *, denies: bool) -> World:
    """Tenants side by side, each with a computer; scopes that hold one another whole or share nothing, without ends.

    With `denies`, everybody is allowed everything, so that each deny takes something.
    """
    slugs, people = ["alder", "birch"], ["ada@example.test", "ben@example.test"]
    tenants = [{"slug": slug, "name": slug} for slug in slugs]
    computers = [{"name": "pc", "tenant": slug, "type": "server"} for slug in slugs]
    roles = [
        {"name": name, "permissions": sorted(dice.sample(PLAIN + ON_COMPUTERS, count))}
        for name, count in (("One", 1), ("Two", 2), ("Three", 3), ("All", 5))
    ]
    given: list[Any] = [
        {"user": email, "role": "All", "scope": "owner", "effect": "allow"} for email in people if denies
    ]
    for _ in range(9):
        place = dice.choice(slugs)
        narrow = {"computer_scope": "computer", "computer": f"{place}/pc"} if dice.random() < 0.3 else {}
        role = dice.choice([role for role in roles if not narrow or set(role["permissions"]) & set(ON_COMPUTERS)])
        scope = {"scope": "owner"} if not narrow and dice.random() < 0.3 else {"scope": "tenant", "tenant": place}
        principal = {"user": dice.choice(people)} if dice.random() < 0.8 else {"group": "crew"}
        effect = {"effect": dice.choice(["allow", "deny"])}
        given.append({**principal, "role": role["name"], **scope, **narrow, **effect})
    unique = list({tuple(sorted(row.items())): row for row in given}.values())
    users = [{"email": email, "name": email, "tenant": "alder"} for email in people]
    groups = [{"name": "crew", "members": people[:1]}]
    world: Any = {"tenants": tenants, "users": users, "groups": groups, "roles": roles, "computers": computers}
    return {**world, "assignments": unique}


@pytest.mark.django_db
def test_what_is_found_may_go_all_at_once_and_changes_nothing():
    seen = 0
    for seed in range(SEEDS):
        world = build(Random(seed))
        with rolled_back():
            found = found_in(world)
        seen += len(found)
        for state in states(world) if found else ():
            for t in (INSTANT + wait for wait in LATER):
                assert decisions(state, t) == decisions(without(state, set(found)), t), (seed, found)
    assert seen > SEEDS / 3


@pytest.mark.django_db
@pytest.mark.parametrize("denies", [False, True], ids=["allows", "denies"])
def test_what_is_not_found_is_missed_where_scopes_are_simple(denies):
    for seed in range(SEEDS):
        world = simple(Random(seed), denies=denies)
        with rolled_back():
            found = found_in(world)
        effect = "deny" if denies else "allow"
        alike = [n for n, assignment in enumerate(world["assignments"]) if naive.effect_of(assignment) == effect]
        left = without(world, found.keys() & set(alike))
        for n, assignment in enumerate(left["assignments"]):
            if "user" in assignment and naive.effect_of(assignment) == effect:
                assert decisions(without(left, {n}), INSTANT) != decisions(left, INSTANT), (seed, assignment, found)
