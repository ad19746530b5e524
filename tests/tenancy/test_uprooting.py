"""What a move of a tenant ends, it ends in the same act, and gives nobody what the act's own gate did not see."""

import pytest

from accounts.models import GroupMembership
from rbac.access import access_for
from rbac.audit import Actor
from rbac.delegation import Refused
from rbac.models import Effect
from rbac.permissions import Permission
from tenancy import services
from tenancy.models import Tenant
from tests.factories import (
    GroupFactory,
    GroupMembershipFactory,
    MspFactory,
    RoleAssignmentFactory,
    RoleFactory,
    TenantFactory,
    UserFactory,
)
from tests.grants import grant

pytestmark = pytest.mark.django_db

NOTES = Permission.COMPUTERS_MANAGE_NOTES


class Branch:
    """A branch of Fabrikam, whose Beth holds notes there, but for a group of Fabrikam that denies it."""

    def __init__(self) -> None:
        self.contoso = MspFactory(name="Contoso")
        self.fabrikam = TenantFactory(name="Fabrikam", parent=self.contoso)
        self.litware = TenantFactory(name="Litware", parent=self.contoso)
        self.branch = TenantFactory(name="Branch", parent=self.fabrikam)
        self.beth = UserFactory(name="Beth", tenant=self.branch)
        grant(self.beth, NOTES, scope="tenant", tenant=self.branch)
        group = GroupFactory(name="Trainees", tenant=self.fabrikam)
        GroupMembershipFactory(group=group, user=self.beth)
        role = RoleFactory(permissions=[NOTES], deny_only=True)
        below = {"scope": "tenant", "tenant": self.fabrikam, "include_children": True}
        RoleAssignmentFactory(group=group, role=role, effect=Effect.DENY, **below)

    def mover(self, *permissions: Permission):
        user = UserFactory(name="Mona", tenant=self.contoso)
        held = (Permission.TENANTS_MANAGE, Permission.USERS_ASSIGN_SPECIFIC_TENANT_SCOPED_ROLES, *permissions)
        grant(user, *held, scope="tenant", tenant=self.contoso, include_children=True)
        return user


def test_a_move_out_of_a_group_that_denies_takes_holding_what_it_denied():
    world = Branch()
    assert not access_for(world.beth).can(NOTES, world.branch)
    with pytest.raises(Refused, match="Manage Computer Notes"):
        services.move_tenant(actor=Actor(world.mover()), tenant=world.branch, parent=world.litware)
    assert GroupMembership.objects.live().exists()
    services.move_tenant(actor=Actor(world.mover(NOTES)), tenant=world.branch, parent=world.litware)
    assert not GroupMembership.objects.live().exists()
    assert access_for(world.beth).can(NOTES, Tenant.objects.get(pk=world.branch.pk))


def test_containers_count_as_they_stand_under_the_lock():
    """A form's object is older than the act: what belonged to the provider then may belong to another now."""
    world, other = Branch(), MspFactory(name="Other")
    mona = UserFactory(name="Mona", tenant=world.contoso)
    grant(mona, Permission.TENANTS_MANAGE, Permission.TAGS_MANAGE, scope="msp", tenant=world.contoso)
    seen = Tenant.objects.get(pk=world.litware.pk)
    Tenant.objects.filter(pk=world.litware.pk).update(parent=other)
    said = {"actor": Actor(mona), "name": "New"}
    with pytest.raises(Refused):
        services.create_tenant(parent=seen, slug="new", **said)
    with pytest.raises(Refused):
        services.create_tag(tenant=seen, **said)
    with pytest.raises(Refused):
        services.move_tenant(actor=Actor(mona), tenant=world.branch, parent=seen)
