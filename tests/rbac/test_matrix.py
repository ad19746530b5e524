"""What the matrix tells apart, and that it costs the same for many; that it is the rule: `test_matrix_worlds.py`."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from computers.models import Computer
from rbac.access import access_for
from rbac.matrix import ACTIONS, Matrix, State
from rbac.permissions import Permission
from tests.factories import (
    ComputerFactory,
    GroupFactory,
    GroupMembershipFactory,
    RoleAssignmentFactory,
    TenantFactory,
    UserFactory,
)
from tests.grants import deny, grant

pytestmark = pytest.mark.django_db


def owner() -> User:
    user = UserFactory(name="Owner")
    grant(user, Permission.GOVERNANCE_EXPLAIN_ACCESS)
    return user


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
