"""What was given and sleeps is judged when it comes to count (docs/decisions/what-comes-to-count.md)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import services
from accounts.models import User
from rbac.audit import Actor
from rbac.delegation import Refused
from rbac.models import Effect, Role, RoleAssignment
from rbac.permissions import Permission
from rbac.services import end_assignments, grant_assignment
from tenancy import services as tenancy_services
from tests.factories import GroupFactory, MspFactory, RoleAssignmentFactory, RoleFactory, TenantFactory, UserFactory
from tests.grants import deny, grant

pytestmark = pytest.mark.django_db

ASSIGNING = (Permission.USERS_ASSIGN_SPECIFIC_TENANT_SCOPED_ROLES, Permission.USERS_ASSIGN_CROSS_TENANT_ROLES)


@pytest.fixture
def contoso():
    return MspFactory(name="Contoso")


@pytest.fixture
def fabrikam(contoso):
    return TenantFactory(name="Fabrikam", parent=contoso)


@pytest.fixture
def mona(contoso) -> User:
    """Manages people and tenants of Contoso and below, and may move no computers."""
    user = UserFactory(name="Mona", tenant=contoso)
    held = (Permission.USERS_MANAGE, Permission.TENANTS_MANAGE, Permission.COMPUTERS_MANAGE, *ASSIGNING)
    grant(user, *held, scope="tenant", tenant=contoso, include_children=True)
    return user


def edit(actor: User, user: User, tenant) -> User:
    said = {"name": user.name, "email": user.email, "access_expires_at": user.access_expires_at}
    return services.edit_user(actor=Actor(actor), user=user, tenant=tenant, **said)


def sleeper(home, contoso) -> User:
    """Somebody whose *Move Computers* sleeps until their home is an MSP."""
    user = UserFactory(name="Slim", tenant=home)
    grant(user, Permission.COMPUTERS_CHANGE_TENANT, scope="tenant", tenant=contoso, include_children=True)
    return user


def test_an_msp_flag_awakens_nothing_that_its_giver_does_not_hold(mona, contoso, fabrikam):
    user = sleeper(fabrikam, contoso)
    with pytest.raises(Refused, match="Move Computers"):
        tenancy_services.set_msp_flag(actor=Actor(mona), tenant=fabrikam, is_msp=True)
    RoleAssignment.objects.filter(user=user).update(ended_at=timezone.now())
    assert tenancy_services.set_msp_flag(actor=Actor(mona), tenant=fabrikam, is_msp=True).is_msp


def test_nobody_moves_themselves_to_an_msp_to_awaken_what_they_have(contoso, fabrikam):
    user = sleeper(fabrikam, contoso)
    grant(user, Permission.USERS_MANAGE, scope="owner")
    with pytest.raises(Refused, match="own access"):
        edit(user, user, contoso)


def test_a_move_out_of_an_inactive_tenant_takes_access_as_long(contoso, fabrikam):
    closed = TenantFactory(name="Closed", parent=contoso, is_active=False)
    user = UserFactory(name="Finn", tenant=closed)
    grant(user, Permission.USERS_VIEW, scope="tenant", tenant=contoso)
    temp = UserFactory(name="Temp", tenant=contoso)
    grant(temp, Permission.USERS_MANAGE, scope="owner", expires_at=timezone.now() + timedelta(days=1))
    with pytest.raises(Refused, match="that you do not hold"):
        edit(temp, user, fabrikam)
    user.tenant = TenantFactory(name="Open", parent=contoso)
    user.save()
    assert edit(temp, user, fabrikam).tenant == fabrikam


def test_a_later_deny_of_the_giver_bounds_what_they_give(mona, contoso, fabrikam):
    tomorrow = timezone.now() + timedelta(days=1)
    deny(mona, Permission.COMPUTERS_MANAGE, scope="tenant", tenant=fabrikam, starts_at=tomorrow)
    role = RoleFactory(permissions=["computers:manage", "computers:view", "tenants:view"])
    said = {"role": role, "scope": "tenant", "tenant": fabrikam, "reason": "test"}
    with pytest.raises(Refused, match="no later"):
        grant_assignment(actor=Actor(mona), draft=RoleAssignment(user=UserFactory(tenant=fabrikam), **said))
    until = {"user": UserFactory(tenant=fabrikam), "expires_at": tomorrow}
    assert grant_assignment(actor=Actor(mona), draft=RoleAssignment(**until, **said)).pk


def test_a_moved_person_is_explained_by_nobody_new_without_judgement(mona, contoso, fabrikam):
    other = TenantFactory(name="Litware", parent=contoso)
    curious = UserFactory(tenant=contoso)
    grant(curious, Permission.GOVERNANCE_EXPLAIN_ACCESS, scope="tenant", tenant=other)
    user = UserFactory(name="Beth", tenant=fabrikam)
    with pytest.raises(Refused, match="Explain Access"):
        edit(mona, user, other)


def test_own_tenant_of_a_group_can_be_ended(contoso):
    olga = UserFactory(name="Olga", tenant=contoso)
    RoleAssignmentFactory(user=olga, role=Role.objects.get(key="msp_administrator"), scope="owner")
    group = GroupFactory(tenant=contoso)
    role = Role.objects.get(key="tenant_user")
    row = RoleAssignmentFactory(group=group, role=role, scope="own_tenant", effect=Effect.DENY)
    assert end_assignments(actor=Actor(olga), assignments=[row.pk], reason="test") == 1
