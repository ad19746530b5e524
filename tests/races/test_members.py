"""Somebody comes into a group while a role does (issue 4, pair races): whoever is second is judged by both."""

import pytest

from accounts.group_services import add_member
from accounts.models import Group, User
from rbac.audit import Actor
from rbac.models import Effect, Role, RoleAssignment
from rbac.permissions import Permission, closure
from rbac.services import grant_assignment
from tests import factories
from tests.grants import grant
from tests.races.racer import RACES, Racer

pytestmark = pytest.mark.django_db(transaction=True)


class Scene:
    """Olga owns the instance; Gus manages the groups and people of the MSP, and holds nothing that could be given."""

    def __init__(self) -> None:
        self.msp = factories.MspFactory()
        self.olga, self.gus = (factories.UserFactory(tenant=self.msp) for _ in range(2))
        factories.RoleAssignmentFactory(user=self.olga, role=Role.objects.get(key="msp_administrator"), scope="owner")
        for permission in closure([Permission.GROUPS_MANAGE, Permission.USERS_MANAGE]):
            grant(self.gus, permission, scope="tenant", tenant=self.msp)
        self.strong = Role.objects.get(key="msp_user")

    def comes(self, group: Group, user: User):
        return lambda: add_member(actor=Actor(self.gus), group=group, user=user)

    def gives(self, group: Group):
        scope = {"scope": "tenant", "tenant": self.msp}
        draft = RoleAssignment(group=group, role=self.strong, effect=Effect.ALLOW, reason="race", **scope)
        return lambda: grant_assignment(actor=Actor(self.olga), draft=draft)


def test_whoever_adds_a_member_holds_what_the_group_brings_by_then():
    scene = Scene()
    ended = {"done": 0, "refused": 0}
    with Racer() as racer:
        for _ in range(RACES):
            group, user = factories.GroupFactory(tenant=scene.msp), factories.UserFactory(tenant=scene.msp)
            added, given = racer.race(scene.comes(group, user), scene.gives(group))
            assert (added in ended, given) == (True, "done"), (added, given)
            ended[added] += 1
            row, inside = group.role_assignments.get(), group.memberships.first()
            assert (inside is not None) == (added == "done")
            assert inside is None or inside.added_at <= row.granted_at
    print(f"{ended} of {RACES} beside a role for the group")  # noqa: T201  pytest -rP shows how even the race is
