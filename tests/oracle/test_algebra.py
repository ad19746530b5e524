"""The tables *contains* and *disjoint* of both scopes modules, cell by cell against the oracle, and it against sets."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest

from computers.models import Computer
from computers.scopes import ComputerEstate, computer_scope
from computers.scopes import contains as computers_contain
from computers.scopes import disjoint as computers_disjoint
from tenancy.models import Tag, Tenant
from tenancy.scopes import TenantEstate, tenant_scope
from tenancy.scopes import contains as tenants_contain
from tenancy.scopes import disjoint as tenants_disjoint
from tests.oracle import algebra
from tests.oracle.insert import insert, name_of
from tests.oracle.strategies import seeded
from tests.oracle.world import Assignment, World

SEEDS = range(12)
Table = Callable[[World, Assignment, Assignment], bool]


@pytest.fixture(params=SEEDS)
def world(request, db):
    made = seeded(request.param)
    insert(made)
    return made


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
