"""What counts and what does not: the rows of the profile and of the Effective access tab, against the rule itself."""

from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from computers.models import Computer
from rbac.access import INSTANCE, access_for
from rbac.effective import SOMEWHERE, Standing, effective_access, in_short
from rbac.grants import SCOPE_COLUMNS, scopes_of
from rbac.objects import KINDS
from rbac.permissions import Permission, Scoping
from rbac.switches import SwitchKey
from rbac.world import load
from tenancy.models import Tenant
from tests.factories import (
    GroupFactory,
    GroupMembershipFactory,
    MspFactory,
    RoleAssignmentFactory,
    RoleFactory,
    SwitchFactory,
    TenantFactory,
    UserFactory,
)
from tests.oracle.strategies import INSTANT, build

pytestmark = pytest.mark.django_db
VIEW, MANAGE, SCRIPTS = Permission.COMPUTERS_VIEW, Permission.COMPUTERS_MANAGE, Permission.SCRIPTS_MANAGE


@pytest.fixture
def msp():
    return MspFactory(name="Contoso MSP")


@pytest.fixture
def fabrikam(msp):
    return TenantFactory(name="Fabrikam", parent=msp)


@pytest.fixture
def dana(msp):
    return UserFactory(name="Dana Whitfield", tenant=msp)


def give(user, *permissions, **scope):
    role = RoleFactory(permissions=list(permissions), deny_only=scope.get("effect") == "deny")
    return RoleAssignmentFactory(user=user, role=role, **scope)


def standings(user, reader=None):
    """Return permission, where, how it stands and why, for each row, as texts."""
    ways = effective_access(reader or access_for(user), user)
    return [(way.permission, "".join(word.text for word in way.where), way.standing, way.why) for way in ways]


def test_what_is_given_counts_where_it_is_given(dana, fabrikam):
    give(dana, VIEW, Permission.TENANTS_VIEW, scope="tenant", tenant=fabrikam)
    assert standings(dana) == [
        (Permission.TENANTS_VIEW, "Fabrikam", Standing.COUNTS, ""),
        (VIEW, "all computers of Fabrikam", Standing.COUNTS, ""),
    ]


def test_own_tenant_is_told_by_its_name(dana):
    give(dana, VIEW, scope="own_tenant", include_children=True)
    assert standings(dana)[0][1] == "all computers of Contoso MSP and its child tenants"


def test_the_end_is_told_with_the_place(dana, fabrikam):
    give(dana, VIEW, scope="tenant", tenant=fabrikam, expires_at="2046-11-27T09:40Z")
    assert standings(dana)[0][1] == "all computers of Fabrikam, until Tue 27 Nov 2046, 09:40"


def test_a_group_gives_while_it_lasts(dana, fabrikam):
    group = GroupFactory(tenant=None)
    joined = GroupMembershipFactory(group=group, user=dana)
    RoleAssignmentFactory(group=group, role=RoleFactory(permissions=[VIEW]), scope="tenant", tenant=fabrikam)
    (way,) = effective_access(access_for(dana), dana)
    assert (way.row.group, way.standing) == (group, Standing.COUNTS)
    type(joined).objects.update(expires_at="2020-01-01T00:00Z")
    assert effective_access(access_for(dana), dana) == []


def test_what_the_scope_makes_inert_says_why(dana, fabrikam):
    give(dana, Permission.USERS_VIEW, VIEW, scope="owner", computer_scope="type", computer_type="servers")
    give(dana, Permission.PREFERENCES_VIEW_SYSTEM, scope="tenant", tenant=fabrikam)
    told = {permission: (standing, why) for permission, _, standing, why in standings(dana)}
    assert told[VIEW] == (Standing.COUNTS, "")
    assert told[Permission.USERS_VIEW][0] == told[Permission.PREFERENCES_VIEW_SYSTEM][0] == Standing.INERT
    assert "narrowed" in told[Permission.USERS_VIEW][1]
    assert "scope owner" in told[Permission.PREFERENCES_VIEW_SYSTEM][1]


def test_msp_only_counts_for_users_of_an_msp(fabrikam):
    grace = UserFactory(tenant=fabrikam)
    give(grace, Permission.TENANTS_MANAGE, scope="own_tenant")
    assert standings(grace)[0][2] == Standing.MSP_ONLY


def test_a_switch_suspends_and_keeps(dana, fabrikam):
    give(dana, SCRIPTS, scope="tenant", tenant=fabrikam)
    SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    (row,) = standings(dana)
    assert row[2:] == (Standing.SUSPENDED, f"{SwitchKey.TERMINAL_AND_SCRIPTS.label} is off.")


def test_a_tenant_suspends_for_its_own_objects(dana, msp, fabrikam):
    give(dana, SCRIPTS, Permission.TENANTS_VIEW, scope="msp", tenant=msp)
    give(dana, SCRIPTS, scope="tenant", tenant=fabrikam)
    SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False, tenant=fabrikam)
    told = {where: (standing, why) for permission, where, standing, why in standings(dana) if permission == SCRIPTS}
    assert told == {
        "Contoso MSP and its customers": (Standing.PARTLY_SUSPENDED, "Switched off in Fabrikam."),
        "Fabrikam": (Standing.SUSPENDED, "Switched off in Fabrikam."),
    }


def test_a_deny_takes_all_or_part_and_is_named(dana, msp, fabrikam):
    give(dana, VIEW, MANAGE, scope="tenant", tenant=fabrikam)
    give(dana, VIEW, scope="msp", tenant=msp)
    give(dana, VIEW, scope="tenant", tenant=TenantFactory())
    give(dana, VIEW, scope="tenant", tenant=fabrikam, effect="deny")
    told = [(where, standing) for permission, where, standing, _ in standings(dana) if permission == VIEW]
    assert [standing for _, standing in told] == [
        Standing.DENIES,
        Standing.COUNTS,
        Standing.PARTLY_DENIED,
        Standing.DENIED,
    ]
    denied = next(row for row in standings(dana) if row[2] == Standing.DENIED)
    assert denied[3].startswith("May not use anything in ")
    assert next(row for row in standings(dana) if row[0] == MANAGE)[2] == Standing.COUNTS


def test_somebody_else_reads_only_what_they_may_see(dana, fabrikam):
    reader = UserFactory(tenant=fabrikam)
    give(reader, Permission.USERS_VIEW, Permission.TENANTS_VIEW, scope="tenant", tenant=dana.tenant)
    give(dana, VIEW, scope="tenant", tenant=dana.tenant)
    give(dana, VIEW, scope="tenant", tenant=fabrikam)
    give(dana, VIEW, scope="owner", effect="deny")
    (row,) = standings(dana, access_for(reader))
    assert row == (VIEW, "all computers of Contoso MSP", Standing.DENIED, "Something outside your view takes it.")


def test_nothing_counts_for_who_may_not_act(dana):
    give(dana, VIEW, scope="own_tenant")
    User.objects.update(is_active=False)
    assert standings(dana, access_for(dana))[0][2] == Standing.OUT


def test_the_answer_comes_before_the_rows(dana, fabrikam):
    assert in_short([]) == "0 permissions count."
    give(dana, VIEW, MANAGE, scope="own_tenant")
    give(dana, VIEW, Permission.PREFERENCES_VIEW_SYSTEM, scope="tenant", tenant=fabrikam)
    ways = effective_access(access_for(dana), dana)
    assert in_short(ways) == "2 permissions count, through 2 assignments. 1 other counts nowhere."


def queries_for(user):
    with CaptureQueriesContext(connection) as queries:
        effective_access(access_for(user), user)
    return len(queries)


def test_more_assignments_take_no_more_queries(dana):
    give(dana, VIEW, scope="tenant", tenant=TenantFactory())
    give(dana, VIEW, scope="tenant", tenant=TenantFactory(), effect="deny")
    few = queries_for(dana)
    for _ in range(5):
        give(dana, VIEW, scope="tenant", tenant=TenantFactory())
        give(dana, VIEW, scope="tenant", tenant=TenantFactory(), effect="deny")
    assert queries_for(dana) == few


def covered(way, user):
    """Return the objects in the assignment's scope of which the permission may be asked."""
    tenants, computers = scopes_of([getattr(way.row, column) for column in SCOPE_COLUMNS], user.tenant_id)
    if way.permission.spec.scoping == Scoping.COMPUTER:
        return Computer.objects.filter(tenants.rows(KINDS[Computer].columns) & computers.rows(), deleted_at=None)
    return Tenant.objects.filter(tenants.rows(KINDS[Tenant].columns))


@pytest.mark.parametrize("seed", range(12))
def test_in_worlds_at_random_the_rows_agree_with_the_rule(seed):
    load(build(Random(seed)))
    subjects = [INSTANCE, *Tenant.objects.all(), *Computer.objects.filter(deleted_at=None)]
    for user in User.objects.select_related("tenant"):
        access = access_for(user, INSTANT)
        ways = effective_access(access, user, INSTANT)
        for way in ways:
            if way.standing == Standing.COUNTS:
                assert all(access.can(way.permission, each) for each in covered(way, user)), way
        some = {way.permission for way in ways if way.standing in SOMEWHERE}
        for permission in set(Permission) - some:
            assert not any(access.can(permission, each) for each in subjects), (user, permission)
