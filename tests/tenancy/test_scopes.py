"""Each cell of the tables of tenant scopes against a naive oracle: the sets of tenants that the two cover."""

import itertools

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenancy.containment import CONTAINS, DISJOINT, TenantEstate, contains, disjoint
from tenancy.models import Tag, Tenant, TenantTag
from tenancy.scopes import (
    MspScope,
    OwnerScope,
    SingleScope,
    SubtreeScope,
    TagScope,
    TenantColumns,
    TenantScope,
    load_tenants,
    union_rows,
)
from tests.effort import effort

pytestmark = pytest.mark.django_db


@st.composite
def trees(draw):
    """Parents (an earlier tenant or none), MSP flags, and which tags each tenant bears, for three to seven tenants."""
    size = draw(st.integers(3, 7))
    parents = [draw(st.none() if n == 0 else st.one_of(st.none(), st.integers(0, n - 1))) for n in range(size)]
    flags = [draw(st.booleans()) for _ in range(size)]
    owners = draw(st.lists(st.one_of(st.none(), st.integers(0, size - 1)), min_size=1, max_size=3))
    bearers = draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, len(owners) - 1)), max_size=8))
    return parents, flags, owners, bearers


def grow(parents, flags, owners, bearers) -> list[TenantScope]:
    """Write the tree and return every scope that can be named in it."""
    made: list[Tenant] = []
    for number, (parent, is_msp) in enumerate(zip(parents, flags, strict=True)):
        above = None if parent is None else made[parent]
        made.append(Tenant.objects.create(name=str(number), slug=f"t{number}", parent=above, is_msp=is_msp))
    facts = load_tenants(tenant.pk for tenant in made)
    tags = [Tag.objects.create(name=str(n), tenant=None if o is None else made[o]) for n, o in enumerate(owners)]
    for number, tag_number in set(bearers):
        tenant, tag = made[number], tags[tag_number]
        if tag.tenant_id is None or tag.tenant_id in facts[tenant.pk].path:
            TenantTag.objects.create(tenant=tenant, tag=tag)
    return [
        OwnerScope(),
        *(MspScope(tenant.pk) for tenant in made if tenant.is_msp),
        *(kind(tenant.pk) for tenant in made for kind in (SingleScope, SubtreeScope)),
        *(TagScope(tag.pk) for tag in tags),
    ]


def covered(scope: TenantScope) -> set[int]:
    facts = load_tenants(Tenant.objects.values_list("pk", flat=True))
    in_memory = {pk for pk, tenant in facts.items() if scope.covers(tenant)}
    for columns in (TenantColumns("pk", "msp"), TenantColumns("pk")):
        assert set(Tenant.objects.filter(scope.rows(columns)).values_list("pk", flat=True)) == in_memory
    return in_memory


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees())
def test_tables_agree_with_the_sets_of_tenants(tree, db):
    with transaction.atomic():
        scopes = grow(*tree)
        sets = {scope: covered(scope) for scope in scopes}
        estate = TenantEstate()
        for one, other in itertools.product(scopes, repeat=2):
            holds, apart = contains(one, other, estate), disjoint(one, other, estate)
            assert not holds or sets[one] >= sets[other]
            assert not apart or not sets[one] & sets[other]
            assert apart == disjoint(other, one, estate)
            if isinstance(other, SingleScope):
                # A fixed tenant is looked up now: the tables say all that there is to say.
                assert holds == (other.tenant_id in sets[one])
                assert apart == (not holds)
        transaction.set_rollback(True)


@pytest.fixture
def estate(db) -> dict[str, TenantScope]:
    """M, an MSP, with customer C and its child D; below D another MSP N with customer E; apart from them root R."""
    tenants: dict[str, Tenant] = {}
    for name, parent, is_msp in (
        ("M", None, 1),
        ("C", "M", 0),
        ("D", "C", 0),
        ("N", "D", 1),
        ("E", "N", 0),
        ("R", None, 1),
    ):
        above = tenants[parent] if parent else None
        tenants[name] = Tenant.objects.create(name=name, slug=name.lower(), parent=above, is_msp=bool(is_msp))
    tags = {owner: Tag.objects.create(name=f"of {owner}", tenant=tenants.get(owner)) for owner in ("M", "C", "none")}
    for owner, bearer in ("M", "C"), ("C", "D"), ("none", "C"), ("none", "R"):
        TenantTag.objects.create(tenant=tenants[bearer], tag=tags[owner])
    return {
        "owner": OwnerScope(),
        **{f"msp {name}": MspScope(tenants[name].pk) for name in "MNR"},
        **{name: SingleScope(tenant.pk) for name, tenant in tenants.items()},
        **{f"below {name}": SubtreeScope(tenant.pk) for name, tenant in tenants.items()},
        **{f"tag of {owner}": TagScope(tag.pk) for owner, tag in tags.items()},
    }


def test_a_union_is_what_any_of_its_scopes_covers(estate):
    sets = {name: covered(scope) for name, scope in estate.items()}
    few = [name for name in estate if name[-1] not in "DE"]  # what stands at D and E is of no kind of its own
    for several in itertools.combinations(effort(few, list(estate), list(estate)), 3):
        for columns in (TenantColumns("pk", "msp"), TenantColumns("pk")):
            rows = union_rows([estate[name] for name in several], columns)
            found = set(Tenant.objects.filter(rows).values_list("pk", flat=True))
            assert found == set.union(*(sets[name] for name in several)), several
    assert not Tenant.objects.filter(union_rows([], TenantColumns("pk"))).exists()


YES = {
    "owner": ("owner", "msp M", "below R", "tag of none", "C"),
    "msp M": ("msp M", "M", "C", "D", "tag of M"),
    "msp N": ("N", "E", "below N", "below E"),
    "below M": ("msp M", "msp N", "below N", "D", "tag of M", "tag of C"),
    "below C": ("below D", "msp N", "tag of C", "E"),
    "tag of M": ("tag of M", "C"),
    "D": ("D",),
}
NO = {
    "msp M": ("owner", "msp N", "below M", "below C", "N", "E", "tag of C", "tag of none", "R"),
    "msp N": ("msp M", "below D", "D"),
    "below C": ("M", "msp M", "tag of M", "tag of none", "below M", "R"),
    "tag of M": ("below C", "D", "tag of none", "msp M"),
    "D": ("below D", "E", "C", "msp N", "tag of C"),
}
APART = (
    *(("msp M", "msp N"), ("msp M", "N"), ("msp M", "R"), ("msp M", "below N"), ("msp R", "below M")),
    *(("C", "D"), ("C", "below D"), ("below N", "below R"), ("D", "tag of M"), ("E", "tag of none")),
)
TOGETHER = (
    *(("owner", "R"), ("msp M", "below C"), ("msp N", "below C"), ("msp M", "C"), ("below C", "below N")),
    *(("C", "tag of none"), ("tag of M", "tag of C"), ("tag of M", "msp R"), ("tag of M", "below R"), ("E", "below C")),
)


@pytest.mark.parametrize(("answer", "table"), [(True, YES), (False, NO)])
def test_contains_as_the_design_says(estate, answer, table):
    for outer, inners in table.items():
        for inner in inners:
            assert contains(estate[outer], estate[inner], TenantEstate()) is answer, (outer, inner)


@pytest.mark.parametrize(("answer", "pairs"), [(True, APART), (False, TOGETHER)])
def test_disjoint_as_the_design_says(estate, answer, pairs):
    for one, other in pairs:
        assert disjoint(estate[one], estate[other], TenantEstate()) is answer, (one, other)


def test_every_cell_has_a_story():
    """A cell without an example in the tables above would be untested."""
    kinds = {"owner": OwnerScope, "msp": MspScope, "below": SubtreeScope, "tag": TagScope}
    kind = lambda name: kinds.get(name.split()[0], SingleScope)  # noqa: E731  a word for a word
    told = {(kind(outer), kind(inner)) for outer, inners in YES.items() for inner in inners}
    assert set(CONTAINS) <= told
    assert set(DISJOINT) <= {
        pair for one, other in APART for pair in [(kind(one), kind(other)), (kind(other), kind(one))]
    }
