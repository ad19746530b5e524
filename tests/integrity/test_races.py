"""Two transactions that cannot see each other: what each may do alone, both together may not (design 8)."""

from collections.abc import Callable
from threading import Barrier, BrokenBarrierError, Thread

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from computers.models import Computer
from rbac.models import RoleAssignment
from tenancy.models import Tenant
from tests.factories import (
    ComputerFactory,
    GroupFactory,
    MspFactory,
    RoleFactory,
    TagFactory,
    TenantFactory,
    UserFactory,
)
from tests.integrity.sql import commit_checks, copy, run

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 0.3  # seconds for the other to come as far; it cannot while it waits for a lock of ours


class World:
    """A provider with a customer, a stranger, and one of each thing that can be in the wrong place."""

    def __init__(self) -> None:
        self.provider = MspFactory()
        self.customer = TenantFactory(parent=self.provider)
        self.stranger = TenantFactory()
        self.user = UserFactory(tenant=self.customer)
        self.group = GroupFactory(tenant=self.provider)
        self.tag = TagFactory(tenant=self.provider)
        self.computer = ComputerFactory(tenant=self.customer)
        self.role = RoleFactory()


@pytest.fixture
def world(transactional_db):
    return World()


Act = Callable[[World], object]


def together(world: World, *acts: Act) -> list[bool]:
    """Which of the acts could be committed, in transactions that overlap: both act, both ask their checks, both end."""
    acted, checked = Barrier(len(acts)), Barrier(len(acts))
    done = [False] * len(acts)

    def act(number: int) -> None:
        try:
            with transaction.atomic():
                acts[number](world)
                wait_for(acted)
                commit_checks()
                wait_for(checked)
            done[number] = True
        except (IntegrityError, OperationalError):  # refused by a rule, or one of two that wait for each other
            return
        finally:
            connection.close()

    in_threads([lambda number=number: act(number) for number in range(len(acts))])
    return done


def wait_for(barrier: Barrier) -> None:
    try:
        barrier.wait(PATIENCE)
    except BrokenBarrierError:
        return


def in_threads(acts: list[Callable[[], None]]) -> None:
    threads = [Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)


def sql(statement: str) -> Act:
    return lambda world: run(statement.format(w=world))


JOIN = sql("INSERT INTO accounts_groupmembership (group_id, user_id) VALUES ({w.group.id}, {w.user.id})")
PUT_ON_TENANT = sql("INSERT INTO tenancy_tenanttag (tag_id, tenant_id) VALUES ({w.tag.id}, {w.customer.id})")
PUT_ON_COMPUTER = sql("INSERT INTO computers_computertag (tag_id, computer_id) VALUES ({w.tag.id}, {w.computer.id})")
MOVE_CUSTOMER = sql("UPDATE tenancy_tenant SET parent_id = {w.stranger.id} WHERE id = {w.customer.id}")
MOVE_USER = sql("UPDATE accounts_user SET tenant_id = {w.stranger.id} WHERE id = {w.user.id}")
MOVE_COMPUTER = sql("UPDATE computers_computer SET tenant_id = {w.stranger.id} WHERE id = {w.computer.id}")
REMOVE_TAG = sql("UPDATE tenancy_tag SET removed_at = now() WHERE id = {w.tag.id}")


def give(w: World) -> None:
    copy(RoleAssignment(user=w.user, role=w.role, scope="tag", tag=w.tag, granted_at="2031-01-01"))


ONE_OF_TWO = {
    "join, move the member": (JOIN, MOVE_USER),
    "join, move the member's tenant": (JOIN, MOVE_CUSTOMER),
    "join, remove the group": (JOIN, sql("UPDATE accounts_group SET removed_at = now() WHERE id = {w.group.id}")),
    "tag a tenant, move it": (PUT_ON_TENANT, MOVE_CUSTOMER),
    "tag a tenant, remove the tag": (PUT_ON_TENANT, REMOVE_TAG),
    "tag a computer, move it": (PUT_ON_COMPUTER, MOVE_COMPUTER),
    "tag a computer, move its tenant": (PUT_ON_COMPUTER, MOVE_CUSTOMER),
    "tag a computer, change the owner": (PUT_ON_COMPUTER, sql("UPDATE tenancy_tag SET tenant_id = {w.stranger.id}")),
    "give a tag, remove it": (give, REMOVE_TAG),
    "give a role, turn it into a deny": (give, sql("UPDATE rbac_role SET deny_only = true WHERE id = {w.role.id}")),
    "give a role, delete it": (give, sql("DELETE FROM rbac_role WHERE id = {w.role.id}")),
    "each below the other": (
        sql("UPDATE tenancy_tenant SET parent_id = {w.stranger.id} WHERE id = {w.provider.id}"),
        sql("UPDATE tenancy_tenant SET parent_id = {w.customer.id} WHERE id = {w.stranger.id}"),
    ),
}


@pytest.mark.parametrize("acts", ONE_OF_TWO.values(), ids=ONE_OF_TWO)
def test_one_of_two_succeeds(world, acts):
    assert sorted(together(world, *acts)) == [False, True]


def test_a_member_cannot_leave_by_two_steps_at_once(world):
    """The user goes where the group's owner has just been, and the owner goes elsewhere."""
    JOIN(world)
    run("UPDATE accounts_group SET tenant_id = NULL")
    to_provider = sql("UPDATE accounts_group SET tenant_id = {w.provider.id} WHERE id = {w.group.id}")
    assert sorted(together(world, to_provider, MOVE_USER)) == [False, True]


ARRIVALS = {
    "a new computer": lambda w: copy(Computer(tenant=w.customer, name="new", type="server")),
    "a computer moved": sql("UPDATE computers_computer SET tenant_id = {w.stranger.id}"),
    "a new tenant": lambda w: copy(Tenant(parent=w.customer, name="new", slug="new", path=[1])),
    "another flag": sql("UPDATE tenancy_tenant SET is_msp = true WHERE id = {w.stranger.id}"),
}


@pytest.mark.parametrize("arrival", ARRIVALS.values(), ids=ARRIVALS)
def test_what_comes_to_a_tenant_that_moves_takes_its_place(world, arrival):
    assert together(world, arrival, MOVE_CUSTOMER) == [True, True]
    for computer in Computer.objects.select_related("tenant"):
        assert computer.msp_id == computer.tenant.msp_id
    for tenant in Tenant.objects.select_related("parent"):
        above = tenant.parent
        assert tenant.path == [*(above.path if above else []), tenant.id]
        assert tenant.msp_id == (tenant.id if tenant.is_msp else above and above.msp_id)
