"""Each cell of the tables of computer scopes against the sets of computers that the two cover."""

import itertools

import pytest

from computers.models import Computer, ComputerScopeType, ComputerTag
from computers.scopes import (
    CONTAINS,
    DISJOINT,
    AllScope,
    ComputerEstate,
    ComputerScope,
    ComputerTagScope,
    OneComputerScope,
    TypeScope,
    contains,
    disjoint,
    load_computers,
    union_rows,
)
from tests.factories import ComputerFactory, TagFactory, TenantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def scopes() -> list[ComputerScope]:
    """One computer of each type in one tenant, two tags, one of them on the server and the portable."""
    tenant = TenantFactory()
    made = {kind: ComputerFactory(tenant=tenant, type=kind) for kind, _ in Computer._meta.get_field("type").choices}
    tags = [TagFactory(), TagFactory()]
    for kind in ("server", "portable"):
        ComputerTag.objects.create(computer=made[kind], tag=tags[0])
    return [
        AllScope(),
        *(OneComputerScope(computer.pk) for computer in made.values()),
        *(ComputerTagScope(tag.pk) for tag in tags),
        *(TypeScope(kind) for kind in ComputerScopeType.values),
    ]


def covered(scope: ComputerScope) -> set[int]:
    facts = load_computers(Computer.objects.values_list("pk", flat=True))
    in_memory = {pk for pk, computer in facts.items() if scope.covers(computer)}
    assert set(Computer.objects.filter(scope.rows()).values_list("pk", flat=True)) == in_memory
    return in_memory


def test_a_union_is_what_any_of_its_scopes_covers(scopes):
    sets = [covered(scope) for scope in scopes]
    for several in itertools.combinations(range(len(scopes)), 3):
        found = set(Computer.objects.filter(union_rows(scopes[each] for each in several)).values_list("pk", flat=True))
        assert found == set.union(*(sets[each] for each in several)), several
    assert not Computer.objects.filter(union_rows([])).exists()


def test_types_part_servers_from_domain_controllers(scopes):
    sizes = {scope.type: len(covered(scope)) for scope in scopes if isinstance(scope, TypeScope)}
    assert sizes == {"workstations_and_portables": 2, "servers": 1, "domain_controllers": 1}


def test_tables_agree_with_the_sets_of_computers(scopes):
    told = {True: set(), False: set()}
    apart_told = {True: set(), False: set()}
    for one, other in itertools.product(scopes, repeat=2):
        holds, apart = contains(one, other, ComputerEstate()), disjoint(one, other, ComputerEstate())
        told[holds].add((type(one), type(other)))
        apart_told[apart].add((type(one), type(other)))
        assert not holds or covered(one) >= covered(other)
        assert not apart or not covered(one) & covered(other)
        if isinstance(other, OneComputerScope):
            assert holds == (other.computer_id in covered(one))
            assert apart == (not holds)
    assert set(CONTAINS) <= told[True]
    assert set(CONTAINS) <= told[False]
    assert set(DISJOINT) <= apart_told[True]
    assert set(DISJOINT) <= apart_told[False]


def test_open_scopes_may_meet(scopes):
    tag = next(scope for scope in scopes if isinstance(scope, ComputerTagScope))
    for kind in ComputerScopeType.values:
        assert not disjoint(tag, TypeScope(kind), ComputerEstate())
        assert not contains(TypeScope(kind), tag, ComputerEstate())
