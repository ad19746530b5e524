"""`Tenant.path`, `Tenant.msp` and `Computer.msp` are what the tree says, whatever raw SQL does to it (design 8)."""

from dataclasses import dataclass, field

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from computers.models import Computer
from tenancy.models import Tenant
from tests.factories import ComputerFactory, MspFactory, TenantFactory
from tests.integrity.sql import commit_checks, copy, refused_by, run

IDS = st.integers(1, 7)
PARENTS = st.none() | IDS
SHIFT = 9_000_000  # above the ids that the sequences have given


@dataclass
class Tree:
    """The tree as a naive dictionary: id to (parent, is_msp); computers: id to tenant."""

    tenants: dict[int, tuple[int | None, bool]] = field(default_factory=dict)
    computers: dict[int, int] = field(default_factory=dict)

    def path(self, tenant: int | None) -> list[int]:
        above = []
        while tenant is not None:
            if tenant in above:
                raise RecursionError
            above.insert(0, tenant)
            tenant = self.tenants[tenant][0]
        return above

    def msp(self, tenant: int) -> int | None:
        return next((above for above in reversed(self.path(tenant)) if self.tenants[above][1]), None)

    def rows(self) -> tuple[dict, dict]:
        tenants = {tenant: (self.path(tenant), self.msp(tenant)) for tenant in self.tenants}
        return tenants, {computer: self.msp(tenant) for computer, tenant in self.computers.items()}


def stored() -> tuple[dict, dict]:
    def back(number):
        return number and number - SHIFT

    tenants = {
        back(tenant): ([back(above) for above in path], back(msp))
        for tenant, path, msp in run("SELECT id, path, msp_id FROM tenancy_tenant WHERE id > %s", SHIFT)
    }
    computers = run("SELECT id, msp_id FROM computers_computer WHERE id > %s", SHIFT)
    return tenants, {back(computer): back(msp) for computer, msp in computers}


def shifted(number: int | None) -> int | None:
    return number and number + SHIFT


def insert(tree: Tree, rows: list[tuple[int, int | None, bool]]) -> None:
    """Several tenants in one COPY, in any order, with a lie about their place."""
    rows = [row for row in rows if row[0] not in tree.tenants]
    tree.tenants |= {tenant: (parent, is_msp) for tenant, parent, is_msp in rows}
    if rows:
        copy(
            *[
                Tenant(id=shifted(tenant), parent_id=shifted(parent), is_msp=is_msp, slug=f"t-{tenant}", path=[1, 2])
                for tenant, parent, is_msp in rows
            ]
        )


def place(tree: Tree, rows: list[tuple[int, int | None, bool]]) -> None:
    """Several tenants moved and flipped in one UPDATE."""
    rows = [row for row in rows if row[0] in tree.tenants]
    tree.tenants |= {tenant: (parent, is_msp) for tenant, parent, is_msp in rows}
    if rows:
        run(
            "UPDATE tenancy_tenant SET parent_id = new.parent, is_msp = new.is_msp FROM (VALUES "
            + ", ".join("(%s::bigint, %s::bigint, %s::boolean)" for _ in rows)
            + ") AS new (id, parent, is_msp) WHERE tenancy_tenant.id = new.id",
            *[value for tenant, parent, is_msp in rows for value in (shifted(tenant), shifted(parent), is_msp)],
        )


def lie(tree: Tree, rows: list[tuple[int, int | None, bool]]) -> None:
    run("UPDATE tenancy_tenant SET path = '{5,6}', msp_id = %s", shifted(rows[0][0]))
    run("UPDATE computers_computer SET msp_id = %s", shifted(rows[0][0]))


def replace(tree: Tree, rows: list[tuple[int, int | None, bool]]) -> None:
    """A tenant ends, and another with its id stands elsewhere, in one transaction."""
    for tenant, parent, is_msp in rows[:1]:
        if tree.tenants.pop(tenant, None):
            run("DELETE FROM tenancy_tenant WHERE id = %s", shifted(tenant))
            insert(tree, [(tenant, parent, is_msp)])


def put_computers(tree: Tree, rows: list[tuple[int, int | None, bool]]) -> None:
    """Computers come, or move, to the tenants named as parents."""
    for computer, tenant, _ in rows:
        if tenant not in tree.tenants:
            continue
        if computer in tree.computers:
            run("UPDATE computers_computer SET tenant_id = %s WHERE id = %s", shifted(tenant), shifted(computer))
        else:
            copy(Computer(id=shifted(computer), tenant_id=shifted(tenant), name=f"C{computer}", type="server"))
        tree.computers[computer] = tenant


ROWS = st.lists(st.tuples(IDS, PARENTS, st.booleans()), min_size=1, max_size=4, unique_by=lambda row: row[0])
ACTS = st.lists(st.tuples(st.sampled_from([insert, place, place, lie, replace, put_computers]), ROWS), max_size=12)


def attempt(tree: Tree, act, rows) -> Tree:
    """The tree after the act: unchanged where it made no tree, and then the database refused as well."""
    after = Tree(dict(tree.tenants), dict(tree.computers))
    try:
        with transaction.atomic():
            act(after, rows)
            commit_checks()
    except IntegrityError:
        with pytest.raises((RecursionError, KeyError)):  # a cycle, or a parent that is not there
            after.rows()
        return tree
    return after


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=ROWS, acts=ACTS)
def test_places_are_those_of_a_naive_recomputation(db, first, acts):
    with transaction.atomic():
        tree = Tree()
        insert(tree, [(tenant, None, is_msp) for tenant, _, is_msp in first])
        for act, rows in acts:
            tree = attempt(tree, act, rows)
            assert stored() == tree.rows()
        transaction.set_rollback(True)


def test_a_tenant_cannot_stand_below_itself(db):
    top = TenantFactory()
    bottom = TenantFactory(parent=TenantFactory(parent=top))
    with refused_by("tenant_no_cycle"):
        run("UPDATE tenancy_tenant SET parent_id = %s WHERE id = %s", bottom.id, top.id)
    with refused_by("tenant_no_cycle"):
        run("UPDATE tenancy_tenant SET parent_id = id WHERE id = %s", bottom.id)


def test_one_statement_may_turn_a_branch_round(db):
    top = TenantFactory()
    bottom = TenantFactory(parent=top)
    run(
        "UPDATE tenancy_tenant SET parent_id = CASE id WHEN %s THEN %s::bigint END WHERE id IN (%s, %s)",
        *(top.id, bottom.id, top.id, bottom.id),
    )
    top.refresh_from_db()
    assert top.path == [bottom.id, top.id]


def test_losing_the_msp_flag_hands_computers_to_the_msp_above(db):
    provider = MspFactory()
    nested = MspFactory(parent=provider)
    computer = ComputerFactory(tenant=TenantFactory(parent=nested))
    assert computer.msp == nested
    run("UPDATE tenancy_tenant SET is_msp = false WHERE id = %s", nested.id)
    computer.refresh_from_db()
    assert computer.msp == provider
