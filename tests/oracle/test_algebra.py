"""The tables *contains* and *disjoint* and `Access.covers` against the oracle, and the oracle against sets."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from accounts.models import User
from computers.models import Computer
from computers.scopes import ComputerEstate, computer_scope
from computers.scopes import contains as computers_contain
from computers.scopes import disjoint as computers_disjoint
from rbac.access import access_for
from rbac.regions import Estate, Region
from tenancy.containment import TenantEstate
from tenancy.containment import contains as tenants_contain
from tenancy.containment import disjoint as tenants_disjoint
from tenancy.models import Tag, Tenant
from tenancy.scopes import tenant_scope
from tests.effort import effort
from tests.oracle import algebra, naive
from tests.oracle.catalogue import CATALOGUE, PERMISSIONS
from tests.oracle.compare import some
from tests.oracle.insert import insert, name_of
from tests.oracle.strategies import INSTANT, seeded
from tests.oracle.world import Assignment, Ref, World
from tests.restore import undone

SEEDS = range(effort(8, 12, 60))


@pytest.fixture(scope="module", params=SEEDS)
def _inserted(request, django_db_setup, django_db_blocker):
    made = seeded(request.param)
    with django_db_blocker.unblock(), undone():
        insert(made)
        yield made


@pytest.fixture
def world(_inserted, db):
    """In the database, once for all that is asked of it."""
    return _inserted


def keys(kind: str, model: Any) -> dict[str, int]:
    """The rows of a model by their reference."""
    return {name_of(kind, row).partition(":")[2]: row.pk for row in model.objects.all()}


def tenant_objects(world: World) -> Iterator[tuple[Assignment, Any]]:
    """Each tenant scope of the world, as columns and as the engine has it."""
    tenants, tags = keys("tenant", Tenant), keys("tag", Tag)
    for row in algebra.tenant_scopes(world):
        pk, tag = tenants.get(str(row.get("tenant"))), tags.get(str(row.get("tag")))
        yield row, tenant_scope(row["scope"], pk, tag, include_children=row.get("include_children", False))


def computer_objects(world: World) -> Iterator[tuple[Assignment, Any]]:
    """Each computer scope of the world, likewise."""
    computers, tags = keys("computer", Computer), keys("tag", Tag)
    for row in algebra.computer_scopes(world):
        pk, tag = computers.get(str(row.get("computer"))), tags.get(str(row.get("computer_tag")))
        yield row, computer_scope(row["computer_scope"], pk, tag, row.get("computer_type"))


def test_tenants_contain(world):
    estate = TenantEstate()
    for (outer, one), (inner, other) in product(list(tenant_objects(world)), repeat=2):
        assert tenants_contain(one, other, estate) == algebra.tenants_contain(world, outer, inner), (outer, inner)


def test_tenants_disjoint(world):
    estate = TenantEstate()
    for (left, one), (right, other) in product(list(tenant_objects(world)), repeat=2):
        assert tenants_disjoint(one, other, estate) == algebra.tenants_disjoint(world, left, right), (left, right)


def test_computers_contain(world):
    estate = ComputerEstate()
    for (outer, one), (inner, other) in product(list(computer_objects(world)), repeat=2):
        assert computers_contain(one, other, estate) == algebra.computers_contain(world, outer, inner), (outer, inner)


def test_computers_disjoint(world):
    estate = ComputerEstate()
    for (left, one), (right, other) in product(list(computer_objects(world)), repeat=2):
        assert computers_disjoint(one, other, estate) == algebra.computers_disjoint(world, left, right), (left, right)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_the_tables_say_is_so_now_and_after_growth(seed):
    """The oracle's own tables against sets: what contains still holds all, what is disjoint still shares nothing."""
    made = seeded(seed)
    for here in (made, algebra.grown(made)):
        for outer, inner in product(algebra.tenant_scopes(made), repeat=2):
            large, small = algebra.tenants_in(here, outer), algebra.tenants_in(here, inner)
            assert small <= large or not algebra.tenants_contain(made, outer, inner), (outer, inner)
            assert not small & large or not algebra.tenants_disjoint(made, outer, inner), (outer, inner)
        for outer, inner in product(algebra.computer_scopes(made), repeat=2):
            large_, small_ = algebra.computers_in(here, outer), algebra.computers_in(here, inner)
            assert small_ <= large_ or not algebra.computers_contain(made, outer, inner), (outer, inner)
            assert not small_ & large_ or not algebra.computers_disjoint(made, outer, inner), (outer, inner)


def key(columns: Assignment) -> frozenset[object]:
    """Something to find a half of a scope by."""
    return frozenset(columns.items())


def whole_scopes(world: World, most: int) -> list[Assignment]:
    """Some of all pairs of a tenant scope and a computer scope, and those of the assignments themselves."""
    pairs = [{**t, **c} for t, c in product(algebra.tenant_scopes(world), algebra.computer_scopes(world))]
    held = [algebra.scope_of(a, user["tenant"]) for a in world["assignments"] for user in world["users"]]
    return some(pairs, most) + some(held, most)


def test_access_covers(world):
    """`Access.covers`, on which the gate stands: one grant holds the whole scope, and no deny may overlap it."""
    tenants = {key(row): scope for row, scope in tenant_objects(world)}
    computers = {key(row): scope for row, scope in computer_objects(world)}
    estate = Estate()
    for user in world["users"]:
        mine = access_for(User.objects.get(email=user["email"]), at=INSTANT)
        for scope, p in product(whole_scopes(world, 12), PERMISSIONS):
            halves = algebra.half(scope, algebra.TENANT_COLUMNS), algebra.half(scope, algebra.COMPUTER_COLUMNS)
            region = Region.of(tenants[key(halves[0])], computers[key(halves[1])])
            expected = algebra.covers(world, user["email"], p, scope, INSTANT)
            assert mine.covers(p, region, estate) == expected, (user["email"], p, scope)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_covered_may_be_done_on_all_of_it_now_and_after_growth(seed):
    """The oracle's `covers` against its `can`."""
    made = seeded(seed)
    later = algebra.grown(made)
    for user, scope, p in product(made["users"], whole_scopes(made, 12), PERMISSIONS):
        if not algebra.covers(made, user["email"], p, scope, INSTANT):
            continue
        for here in (made, later):
            assert all(naive.can(here, user["email"], p, ref, INSTANT) for ref in inside(here, p, scope)), (p, scope)


def inside(world: World, permission: str, scope: Assignment) -> list[Ref]:
    """The computers in a whole scope for a permission on computers, otherwise the tenants in it."""
    places = algebra.tenants_in(world, scope)
    if CATALOGUE[permission].scoping == "computer":
        held = algebra.computers_in(world, scope)
        return [f"computer:{name}" for name in held if name.partition("/")[0] in places]
    return [slug and f"tenant:{slug}" for slug in places]
