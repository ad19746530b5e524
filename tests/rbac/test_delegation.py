"""The gate's rules, one by one, on a small world of people with names (design 6)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import group_services, services
from accounts.models import User
from rbac.access import access_for
from rbac.audit import Actor
from rbac.delegation import Refused
from rbac.models import AuditEntry, Role, RoleAssignment
from rbac.services import end_assignments, grant_assignment
from tenancy import services as tenancy_services
from tests.factories import (
    ComputerFactory,
    GroupFactory,
    MspFactory,
    RoleAssignmentFactory,
    TagFactory,
    TenantFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


class World:
    """Contoso, an MSP, with Fabrikam and Litware as customers; Olga owns the instance."""

    def __init__(self) -> None:
        self.contoso = MspFactory(name="Contoso")
        self.fabrikam = TenantFactory(name="Fabrikam", parent=self.contoso)
        self.litware = TenantFactory(name="Litware", parent=self.contoso)
        self.olga = self.person("Olga", self.contoso, "msp_administrator", scope="owner")
        self.tess = self.person("Tess", self.contoso, "msp_user", scope="tenant", tenant=self.fabrikam)
        self.adam = self.person("Adam", self.fabrikam, "tenant_administrator", scope="own_tenant")
        self.beth = self.person("Beth", self.fabrikam, "tenant_user", scope="own_tenant")

    def person(self, name: str, home, key: str, **scope) -> User:
        user = UserFactory(name=name, tenant=home)
        RoleAssignmentFactory(user=user, role=role(key), **scope)
        return user


def role(key: str) -> Role:
    return Role.objects.get(key=key)


@pytest.fixture
def world() -> World:
    return World()


def give(actor: User, to: User, key: str, **fields) -> RoleAssignment:
    draft = RoleAssignment(user=to, role=role(key), **{"scope": "own_tenant", "reason": "test", **fields})
    return grant_assignment(actor=Actor(actor), draft=draft)


def test_owner_gives_anything_and_it_is_audited(world):
    row = give(world.olga, world.beth, "msp_user", scope="owner")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.after["id"]) == ("role_assignment.granted", world.olga, row.pk)
    assert access_for(world.beth).holds("scripts:manage")


def test_tenant_administrator_gives_tenant_user_at_home_only(world):
    colleague = UserFactory(tenant=world.fabrikam)
    give(world.adam, colleague, "tenant_user")
    with pytest.raises(Refused):
        give(world.adam, colleague, "tenant_administrator")
    with pytest.raises(Refused):
        give(world.adam, colleague, "tenant_user", scope="tenant", tenant=world.fabrikam)
    stranger = UserFactory(tenant=world.litware)
    with pytest.raises(Refused):
        give(world.adam, stranger, "tenant_user")
    assert AuditEntry.objects.filter(action="role_assignment.refused").count() == 3


def test_nobody_raises_themselves(world):
    deny = RoleAssignmentFactory(
        user=world.olga, role=role("computer_terminal_user"), effect="deny", scope="tenant", tenant=world.fabrikam
    )
    UserFactory(tenant=world.contoso)
    with pytest.raises(Refused, match="own access"):
        end_assignments(actor=Actor(world.olga), assignments=[deny.pk], reason="mine")


def test_the_last_owner_stays(world):
    own = RoleAssignment.objects.get(user=world.olga)
    with pytest.raises(Refused, match="Nobody would be left"):
        end_assignments(actor=Actor(world.olga), assignments=[own.pk], reason="enough")
    with pytest.raises(Refused, match="Nobody would be left"):
        services.deactivate_users(actor=Actor(world.olga), users=[world.olga], reason="enough")


def test_weaker_does_not_manage_stronger(world):
    strong = world.person("Sven", world.fabrikam, "msp_user", scope="tenant", tenant=world.litware)
    for act in (
        lambda: services.issue_password_link(actor=Actor(world.adam), user=strong),
        lambda: services.deactivate_users(actor=Actor(world.adam), users=[strong], reason="x"),
        lambda: services.edit_user(
            actor=Actor(world.adam),
            user=strong,
            name="S",
            email="s@x.example",
            tenant=world.fabrikam,
            access_expires_at=None,
        ),
    ):
        with pytest.raises(Refused):
            act()
    assert services.deactivate_users(actor=Actor(world.adam), users=[world.beth], reason="left") == 1


def test_tag_that_carries_access_takes_its_permission(world):
    tag = TagFactory(name="Gold")
    RoleAssignmentFactory(user=world.tess, role=role("msp_user"), scope="tag", tag=tag)
    manager = world.person("Mona", world.contoso, "msp_user", scope="msp", tenant=world.contoso)
    RoleAssignmentFactory(
        user=manager, role=Role.objects.create(name="Tags", permissions=["tags:manage", "tags:view"]), scope="owner"
    )
    with pytest.raises(Refused):
        tenancy_services.tag_tenant(actor=Actor(manager), tenant=world.litware, tags=[tag])
    tenancy_services.tag_tenant(actor=Actor(world.olga), tenant=world.litware, tags=[tag])
    assert access_for(world.tess).can("tenants:view", world.litware)


def test_end_no_later_than_ones_own(world):
    temp = UserFactory(name="Temp", tenant=world.contoso)
    ends = timezone.now() + timedelta(days=2)
    RoleAssignmentFactory(user=temp, role=role("msp_administrator"), scope="owner", expires_at=ends)
    newcomer = UserFactory(tenant=world.fabrikam)
    with pytest.raises(Refused, match="no later"):
        give(temp, newcomer, "tenant_user")
    give(temp, newcomer, "tenant_user", expires_at=ends)


def test_member_gets_what_the_group_holds(world):
    group = GroupFactory(name="Desk", tenant=world.contoso)
    RoleAssignmentFactory(user=None, group=group, role=role("msp_user"), scope="msp", tenant=world.contoso)
    newcomer = UserFactory(tenant=world.contoso)
    group_services.add_member(actor=Actor(world.olga), group=group, user=newcomer)
    computer = ComputerFactory(tenant=world.litware)
    assert access_for(newcomer).can("computers:view", computer)
    group_services.end_memberships(actor=Actor(newcomer), group=group, users=[newcomer], reason="leaving")
    assert not access_for(newcomer).can("computers:view", computer)


def test_move_takes_both_ends(world):
    other = MspFactory(name="Other")
    tenancy_services.move_tenant(actor=Actor(world.olga), tenant=world.litware, parent=other)
    world.litware.refresh_from_db()
    assert world.litware.msp_id == other.pk
