"""The matrix is the rule for many people at once: it says what `can` says of each, and costs the same for many."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from computers.models import Computer
from rbac.access import access_for
from rbac.matrix import ACTIONS, Matrix, State
from rbac.permissions import Permission
from rbac.world import load
from tenancy.models import Tenant
from tests.factories import (
    ComputerFactory,
    GroupFactory,
    GroupMembershipFactory,
    RoleAssignmentFactory,
    TenantFactory,
    UserFactory,
)
from tests.grants import deny, grant
from tests.oracle.strategies import seeded

pytestmark = pytest.mark.django_db
MAY = {State.ALLOW, State.SOON}
COMPUTERS = (Permission.COMPUTERS_VIEW, Permission.COMPUTERS_MANAGE)


def owner() -> User:
    user = UserFactory(name="Owner")
    grant(user, Permission.GOVERNANCE_EXPLAIN_ACCESS)
    return user


@pytest.mark.parametrize("seed", range(12))
def test_each_cell_says_what_the_rule_says(seed):
    load(seeded(seed))
    reader, users = access_for(owner()), list(User.objects.select_related("tenant"))
    accesses = {user.pk: access_for(user) for user in users}
    for computer in Computer.objects.live()[:4]:
        matrix = Matrix(computer, reader)
        shown = list(matrix.people.filter(matrix.named))
        reaching = matrix.of_people(shown)
        actions = ACTIONS[Computer]
        said = {(user.pk, p) for user in shown for p in actions if matrix.state(p, reaching.get(user.pk, [])) in MAY}
        assert said == {(pk, p) for pk, access in accesses.items() for p in actions if access.can(p, computer)}


@pytest.mark.parametrize("seed", range(12))
def test_each_cell_of_a_tenant_says_what_the_rule_says_of_it_and_of_its_computers(seed):
    load(seeded(seed))
    reader, users = access_for(owner()), list(User.objects.select_related("tenant"))
    accesses = {user.pk: access_for(user) for user in users}
    for tenant in Tenant.objects.all()[:6]:
        matrix = Matrix(tenant, reader)
        shown = list(matrix.people.filter(matrix.named))
        reaching, told = matrix.of_people(shown), {}
        for user in shown:
            told |= {(user.pk, p): matrix.state(p, reaching.get(user.pk, [])) for p in ACTIONS[Tenant]}
        may = {(pk, p) for pk, access in accesses.items() for p in ACTIONS[Tenant] if access.can(p, tenant)}
        # A deny on some computers leaves the permission on the tenant as such; the page says that a part is taken.
        assert {cell for cell, state in told.items() if state in MAY} <= may
        assert may <= {cell for cell, state in told.items() if state in {*MAY, State.PART}}
        for computer in Computer.objects.live().filter(tenant=tenant):
            on_it = {(pk, p) for pk, each in accesses.items() for p in COMPUTERS if each.can(p, computer)}
            assert on_it <= {cell for cell, state in told.items() if state in {*MAY, State.PART}}


def test_part_of_a_tenant_is_told_apart():
    tenant = TenantFactory()
    tech, half = UserFactory(name="Tech"), UserFactory(name="Half")
    servers = {"computer_scope": "type", "computer_type": "servers"}
    grant(tech, Permission.COMPUTERS_VIEW, scope="tenant", tenant=tenant, **servers)
    grant(half, Permission.COMPUTERS_VIEW, scope="tenant", tenant=tenant)
    deny(half, Permission.COMPUTERS_VIEW, scope="tenant", tenant=tenant, **servers)
    matrix = Matrix(tenant, access_for(owner()))
    reaching = matrix.of_people([tech, half])
    assert {matrix.state(Permission.COMPUTERS_VIEW, reaching[user.pk]) for user in (tech, half)} == {State.PART}
    assert matrix.state(Permission.TENANTS_VIEW, reaching[tech.pk]) == State.NONE
    outside = Matrix(tenant, access_for(UserFactory()))
    assert outside.operator_states()[Permission.COMPUTERS_VIEW] == State.ALLOW  # half holds it on the tenant as such


@pytest.mark.parametrize("seed", range(6))
def test_whoever_is_not_named_stands_behind_the_operator(seed):
    load(seeded(seed))
    people = list(User.objects.select_related("tenant"))
    for reader in people[:3]:
        access = access_for(reader)
        for computer in access.seen(Computer)[:2]:
            matrix = Matrix(computer, access)
            named = set(matrix.people.filter(matrix.named).values_list("pk", flat=True))
            others = [access_for(user) for user in people if user.pk not in named]
            able = {p for p in ACTIONS[Computer] if any(other.can(p, computer) for other in others)}
            states = matrix.operator_states() or {}
            assert {p for p, state in states.items() if state in MAY} == able


def test_the_number_of_queries_does_not_depend_on_people_or_assignments():
    computer, reader = ComputerFactory(), access_for(owner())
    counts = []
    for _ in range(2):
        for number in range(5):
            group = GroupFactory(name=f"Group {number} {len(counts)}")
            member = GroupMembershipFactory(group=group, user__tenant=computer.tenant)
            assignment = grant(member.user, *ACTIONS[Computer], scope="own_tenant")
            RoleAssignmentFactory(group=group, role=assignment.role)
        with CaptureQueriesContext(connection) as queries:
            matrix = Matrix(computer, reader)
            matrix.of_people(list(matrix.people.filter(matrix.named)))
            matrix.of_groups(matrix.groups(""))
        counts.append(len(queries))
    assert counts[0] == counts[1] < 15
