"""Which assignments the list marks, and why: others do the same, or nothing is left that they match."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import GroupMembership, User
from computers.models import Computer
from rbac import marks as looking
from rbac.models import Role, RoleAssignment
from rbac.permissions import Permission
from tenancy.models import Tenant
from tests.factories import (
    ComputerFactory,
    GroupFactory,
    GroupMembershipFactory,
    RoleAssignmentFactory,
    RoleFactory,
    TagFactory,
    TenantTagFactory,
)
from tests.grants import deny, grant
from tests.people import People
from tests.rbac.test_assignment_index import INDEX, marks, rows

VIEW = Permission.SCRIPTS_VIEW


START = People


@pytest.fixture
def people(start) -> People:
    return start


@pytest.fixture
def marcus(client, people):
    client.force_login(people.marcus)
    return people.marcus


def test_of_two_alike_the_younger_is_marked_and_leads_to_the_older(client, people, marcus):
    older = grant(people.sam, VIEW, scope="own_tenant")
    younger = grant(people.sam, VIEW, scope="own_tenant")
    assert list(marks(client)) == [younger.pk]
    shown = client.get(INDEX).content.decode()
    assert "<b>Duplicate</b>: all of it is given already" in shown
    assert f'href="{INDEX}?id={older.pk}"' in shown
    assert rows(client, id=older.pk) == [older]
    assert rows(client, mark="redundant") == [younger]


def test_a_group_gives_it_as_long_as_one_is_in_it(client, people, marcus):
    own = grant(people.dana, VIEW, scope="tenant", tenant=people.fabrikam)
    wide = grant(None, VIEW, group=people.desk, scope="msp", tenant=people.contoso)
    assert marks(client)[own.pk].startswith("Duplicate: all of it is given already: Service Desk: May act as ")
    assert wide.pk not in marks(client)
    GroupMembership.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert marks(client) == {}


def test_a_deny_shadows_what_it_takes_whole(client, people, marcus):
    allowed = grant(people.sam, VIEW, scope="own_tenant")
    part = deny(people.sam, VIEW, scope="tenant", tenant=people.fabrikam)
    assert marks(client) == {}
    deny(people.sam, *Permission, scope="msp", tenant=people.contoso)
    assert marks(client)[allowed.pk].startswith("Shadowed: all of it is denied: Sam Okafor: May not use ")
    assert marks(client)[part.pk].startswith("Duplicate")


def test_everybody_in_a_group_may_be_in_another(client, people, marcus):
    inner = grant(None, VIEW, group=people.desk, scope="tenant", tenant=people.fabrikam)
    staff = GroupFactory(name="Staff")
    GroupMembershipFactory(group=staff, user=people.dana)
    GroupMembershipFactory(group=staff, user=people.sam)
    grant(None, VIEW, group=staff, scope="owner")
    assert list(marks(client)) == [inner.pk]
    GroupMembershipFactory(group=people.desk, user=people.marcus)
    assert marks(client) == {}


def test_what_the_reader_does_not_see_marks_nothing(client, people):
    grant(people.sam, VIEW, scope="own_tenant")
    grant(people.sam, VIEW, scope="msp", tenant=people.contoso)
    client.force_login(people.olivia)
    assert marks(client) == {}
    client.force_login(people.marcus)
    assert len(marks(client)) == 1


ORPHANS = {
    "demoted": "Fabrikam is no MSP any more",
    "tag": "No tenant bears Gold",
    "type": "There are no servers there",
    "deleted": "PC was deleted",
    "moved": "PC stands elsewhere",
    "out": "Sam Okafor is deactivated",
    "expired": "Access of Sam Okafor has ended",
    "empty": "Nobody is in Empty",
    "idle": "Nobody in Empty may act",
    "msp_only": "All that counts of Named is for users of an MSP",
    "inert": "Nothing in Named counts in this scope",
}


@pytest.mark.parametrize("kind", ORPHANS)
def test_what_matches_nothing_says_why_and_stands_in_the_inbox(client, people, marcus, kind):
    scene = Scene(people)
    row = scene.given(kind)
    scene.set(kind, well=False)
    assert marks(client) == {row.pk: f"Orphaned: {ORPHANS[kind]}"}
    assert rows(client, mark="orphaned") == [row]
    scene.set(kind, well=True)
    assert marks(client) == {}
    assert rows(client, mark="orphaned") == []


class Scene:
    """What one assignment of Sam, or of a group, hangs on."""

    def __init__(self, people) -> None:
        self.people, self.sam = people, people.sam
        self.computer = ComputerFactory(name="PC", tenant=people.litware, type="portable")
        self.tag, self.group = TagFactory(name="Gold"), GroupFactory(name="Empty")
        self.role = RoleFactory(name="Named", permissions=[])

    def given(self, kind: str) -> RoleAssignment:
        here, msp_user = {"scope": "tenant", "tenant": self.people.litware}, Role.objects.get(key="msp_user")
        self.set("demoted", well=True)  # such an assignment names an MSP when it is given
        scope = {
            "demoted": {"scope": "msp", "tenant": self.people.fabrikam},
            "tag": {"scope": "tag", "tag": self.tag},
            "type": {**here, "computer_scope": "type", "computer_type": "servers"},
            "deleted": {**here, "computer_scope": "computer", "computer": self.computer},
            "moved": {**here, "computer_scope": "computer", "computer": self.computer},
        }.get(kind, {"scope": "own_tenant"})
        principal = {"group": self.group} if kind in ("empty", "idle") else {"user": self.sam}
        role = self.role if kind in ("msp_only", "inert") else msp_user
        return RoleAssignmentFactory(**principal, role=role, **scope)

    def set(self, kind: str, *, well: bool) -> None:
        """Whatever the kind hangs on as it should be, or broken."""
        people, past = self.people, timezone.now() - timedelta(days=1)
        {
            "demoted": lambda: Tenant.objects.filter(pk=people.fabrikam.pk).update(is_msp=well),
            "tag": lambda: TenantTagFactory(tenant=people.litware, tag=self.tag) if well else None,
            "type": lambda: ComputerFactory(tenant=people.litware, type="server") if well else None,
            "deleted": lambda: self._computer(deleted_at=None if well else past),
            "moved": lambda: self._computer(tenant=people.litware if well else people.fabrikam),
            "out": lambda: self._sam(is_active=well),
            "expired": lambda: self._sam(access_expires_at=None if well else past),
            "empty": lambda: GroupMembershipFactory(group=self.group, user=people.olivia) if well else None,
            "idle": lambda: self._idle(well=well),
            "msp_only": lambda: self._role(VIEW if well else Permission.TENANTS_CONTROL_ACTIVATION),
            "inert": lambda: self._role(VIEW if well else Permission.USERS_ASSIGN_OWNER_SCOPED_ROLES),
        }[kind]()

    def _computer(self, **changes) -> None:
        Computer.objects.filter(pk=self.computer.pk).update(**changes)

    def _sam(self, **changes) -> None:
        User.objects.filter(pk=self.sam.pk).update(**changes)

    def _role(self, permission: Permission) -> None:
        Role.objects.filter(pk=self.role.pk).update(permissions=[permission])

    def _idle(self, *, well: bool) -> None:
        if not well:
            GroupMembershipFactory(group=self.group, user=self.sam)
        self._sam(is_active=well)


def test_a_filter_says_when_it_looked_at_some_alone(client, people, marcus, monkeypatch):
    for _ in range(4):
        grant(people.sam, VIEW, scope="own_tenant")
    assert len(rows(client, mark="redundant")) == 3
    monkeypatch.setattr(looking, "LOOKED_AT", 2)
    answer = client.get(INDEX, {"mark": "redundant"})
    assert len(answer.context["lines"]) == 2
    assert "Looked for among the newest" in answer.content.decode()
