"""Who takes something from somebody holds it where it is taken, and as it stood before (design 6, rule 4)."""

import pytest

from accounts import services
from rbac.access import access_for
from rbac.audit import Actor
from rbac.coverage import endable
from rbac.delegation import Refused
from rbac.models import Effect, RoleAssignment
from rbac.permissions import Permission
from rbac.services import end_assignments, grant_assignment
from rbac.shifts import verdict_on
from tenancy import services as tenancy_services
from tenancy.prospects import retagged
from tests.factories import (
    GroupFactory,
    MspFactory,
    RoleAssignmentFactory,
    RoleFactory,
    TagFactory,
    TenantFactory,
    TenantTagFactory,
    UserFactory,
)
from tests.grants import deny, grant

pytestmark = pytest.mark.django_db

NOTES, DELETE = Permission.COMPUTERS_MANAGE_NOTES, Permission.COMPUTERS_DELETE


@pytest.fixture
def contoso():
    return MspFactory(name="Contoso")


@pytest.fixture
def fabrikam(contoso):
    return TenantFactory(name="Fabrikam", parent=contoso)


class TagElsewhere:
    """Contoso's tag on a customer of a provider below it; Bob reaches by the tag, Alice all that belongs to Contoso."""

    def __init__(self, contoso) -> None:
        nested = MspFactory(name="Nested", parent=contoso)
        self.theirs = TenantFactory(name="Theirs", parent=nested)
        self.gold = TagFactory(name="Gold", tenant=contoso)
        TenantTagFactory(tenant=self.theirs, tag=self.gold)
        bob = UserFactory(name="Bob", tenant=contoso)
        grant(bob, NOTES, scope="tag", tag=self.gold)
        self.alice = UserFactory(name="Alice", tenant=contoso)
        grant(self.alice, NOTES, Permission.USERS_MANAGE, scope="msp", tenant=contoso)
        grant(self.alice, Permission.TAGS_MANAGE, Permission.TENANTS_VIEW, scope="msp", tenant=nested)


def untag(world: TagElsewhere):
    return tenancy_services.tag_tenant(actor=Actor(world.alice), tenant=world.theirs, tags=[])


def test_a_tag_comes_off_by_whoever_holds_there_what_goes_with_it(contoso):
    """Afterwards all that bears it belongs to Contoso, so that Alice would hold all that Bob has left."""
    world = TagElsewhere(contoso)
    assert verdict_on(access_for(world.alice), retagged(world.theirs, [])).objections != []
    with pytest.raises(Refused, match="do not hold yourself"):
        untag(world)
    grant(world.alice, NOTES, scope="tenant", tenant=world.theirs)
    assert not untag(world).tags.exists()


def test_who_covers_a_tenant_by_the_tag_alone_may_take_it_off(contoso, fabrikam):
    gold = TagFactory(name="Gold")
    TenantTagFactory(tenant=fabrikam, tag=gold)
    grant(UserFactory(name="Bob", tenant=fabrikam), NOTES, scope="tag", tag=gold)
    alice = UserFactory(name="Alice", tenant=contoso)
    held = (NOTES, Permission.USERS_MANAGE, Permission.TAGS_MANAGE, Permission.USERS_ASSIGN_TAG_SCOPED_ROLES)
    grant(alice, *held, scope="tag", tag=gold)
    grant(alice, Permission.USERS_MANAGE, Permission.TENANTS_VIEW, scope="tenant", tenant=fabrikam)
    assert not tenancy_services.tag_tenant(actor=Actor(alice), tenant=fabrikam, tags=[]).tags.exists()


def test_an_empty_group_counts_the_member_who_may_come(contoso, fabrikam):
    """What it holds is taken by whoever holds it, be somebody in it or not; the page offers the same."""
    group = GroupFactory(name="Desk", tenant=fabrikam)
    role = RoleFactory(permissions=["computers:delete", "computers:manage", "computers:view", "tenants:view"])
    row = RoleAssignmentFactory(group=group, role=role, scope="tenant", tenant=contoso)
    adam = UserFactory(name="Adam", tenant=fabrikam)
    grant(adam, Permission.GROUPS_MANAGE, scope="tenant", tenant=fabrikam)
    grant(adam, Permission.TENANTS_VIEW, Permission.ROLES_VIEW, scope="tenant", tenant=contoso)
    assert endable(access_for(adam), group, [row]) == set()
    with pytest.raises(Refused, match="do not hold yourself"):
        end_assignments(actor=Actor(adam), assignments=[row.pk], reason="test")
    draft = RoleAssignment(
        group=group,
        role=RoleFactory(permissions=[NOTES], deny_only=True),
        effect=Effect.DENY,
        scope="own_tenant",
        reason="test",
    )
    with pytest.raises(Refused, match="do not hold yourself"):
        grant_assignment(actor=Actor(adam), draft=draft)
    grant(adam, DELETE, scope="tenant", tenant=contoso)
    assert endable(access_for(adam), group, [row]) == {row.pk}
    assert end_assignments(actor=Actor(adam), assignments=[row.pk], reason="test") == 1


def test_a_deny_from_elsewhere_keeps_nobody_from_being_sent_home(fabrikam):
    """It is no reach: a customer sends its own people home, whatever their provider denies them (rule 4)."""
    beth, adam = (UserFactory(name=name, tenant=fabrikam) for name in ("Beth", "Adam"))
    grant(beth, NOTES, scope="tenant", tenant=fabrikam)
    deny(beth, DELETE, scope="owner")
    grant(adam, Permission.USERS_MANAGE, scope="tenant", tenant=fabrikam)
    assert services.deactivate_users(actor=Actor(adam), users=[beth], reason="left") == 1
