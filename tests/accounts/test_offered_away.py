"""Before a role, a group or a tag is deleted: the invitations that offer it, since whoever accepts one is refused."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rbac.permissions import Permission
from tests.factories import GroupFactory, InvitationFactory, PendingAssignmentFactory, RoleFactory, TagFactory
from tests.grants import grant
from tests.people import People, person

pytestmark = pytest.mark.django_db
START = People


@pytest.fixture
def world(start: People) -> People:
    return start


def dialog(user, route: str, thing) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse(route, args=[thing.pk])).content.decode()


def offering(role, **named) -> None:
    PendingAssignmentFactory(invitation=InvitationFactory(**named), role=role, scope="own_tenant")


def test_a_role_that_is_offered(world):
    role = RoleFactory(tenant=world.contoso, permissions=["computers:view"])
    assert "Whoever accepts is refused" not in dialog(world.marcus, "rbac:role-delete", role)
    offering(role, tenant=world.fabrikam)
    assert "1 open invitation offers it. Whoever accepts is refused." in dialog(world.marcus, "rbac:role-delete", role)
    offering(role, tenant=world.litware)
    assert "2 open invitations offer it." in dialog(world.marcus, "rbac:role-delete", role)


def test_what_can_no_longer_be_accepted_says_nothing(world):
    role, now = RoleFactory(tenant=world.contoso, permissions=["computers:view"]), timezone.now()
    offering(role, tenant=world.fabrikam, expires_at=now - timedelta(days=1))
    offering(role, tenant=world.fabrikam, revoked_at=now, revoked_by=world.marcus)
    assert "Whoever accepts is refused" not in dialog(world.marcus, "rbac:role-delete", role)


def test_of_those_that_are_not_seen_no_number_is_told(world):
    role = RoleFactory(tenant=world.contoso, permissions=["computers:view"])
    editor = person("Erik Moen", world.contoso)
    grant(editor, Permission.ROLES_MANAGE, scope="tenant", tenant=world.contoso)
    grant(editor, Permission.USERS_VIEW, scope="tenant", tenant=world.fabrikam)
    offering(role, tenant=world.litware)
    assert "Invitations outside your view offer it." in dialog(editor, "rbac:role-delete", role)
    offering(role, tenant=world.fabrikam)
    page = dialog(editor, "rbac:role-delete", role)
    assert "1 open invitation and invitations outside your view offer it." in page


def test_a_group_that_is_offered(world):
    group = GroupFactory(tenant=world.litware)
    InvitationFactory(tenant=world.litware).groups.add(group)
    assert "1 open invitation offers it." in dialog(world.marcus, "accounts:group-delete", group)


@pytest.mark.parametrize("column", ["tag", "computer_tag"])
def test_a_tag_that_is_offered(world, column):
    tag = TagFactory(tenant=world.contoso)
    scope = {"tag": {"scope": "tag"}, "computer_tag": {"scope": "own_tenant", "computer_scope": "tag"}}[column]
    role = RoleFactory(tenant=world.contoso, permissions=["computers:view"])
    PendingAssignmentFactory(invitation=InvitationFactory(tenant=world.fabrikam), role=role, **scope, **{column: tag})
    assert "1 open invitation offers it." in dialog(world.marcus, "tenancy:tag-delete", tag)
