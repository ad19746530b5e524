"""Somebody leaves, through the page: what it lists, who takes over, what is said before, what stays, the receipt."""

import re

import pytest
from django.contrib.auth import authenticate
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.links import find_link
from accounts.models import GroupMembership, SavedView, User
from rbac.models import AuditEntry, RoleAssignment
from rbac.permissions import Permission
from tests.factories import (
    PASSWORD,
    GroupFactory,
    GroupMembershipFactory,
    InvitationFactory,
    PasswordLinkFactory,
    RoleAssignmentFactory,
)
from tests.grants import deny, end, grant
from tests.people import People, give, give_group, person
from tests.rbac.editor import HTMX

pytestmark = pytest.mark.django_db


class Desk(People):
    """Dana administers Fabrikam, is at the Desk, which may see computers, and shares a view; Max may take over."""

    def __init__(self) -> None:
        super().__init__()
        self.max = person("Max Lindqvist", self.contoso)
        self.held = give(self.dana, "msp_user", scope="tenant", tenant=self.fabrikam)
        self.notes = give(self.dana, "tenant_user", scope="tenant", tenant=self.litware)
        give_group(self.desk, "tenant_user", scope="tenant", tenant=self.fabrikam)
        self.member = GroupMembership.objects.get(user=self.dana)
        views = {"Servers": self.desk, "Mine": None}
        self.shared, _ = (
            SavedView.objects.create(owner=self.dana, name=name, route="computers:computer-list", group=group)
            for name, group in views.items()
        )


START = Desk


@pytest.fixture
def desk(start: Desk) -> Desk:
    return start


def page(user) -> str:
    return reverse("accounts:user-leave", args=[user.pk])


def all_to(desk: Desk, to: User) -> dict[str, int]:
    names = (f"assignment-{desk.held.pk}", f"assignment-{desk.notes.pk}", f"membership-{desk.member.pk}")
    return dict.fromkeys((*names, f"view-{desk.shared.pk}"), to.pk)


def shown(client, user, **chosen) -> str:
    """What stands in the panel, as its fingerprint."""
    found = re.search(r'name="expected" value="(\w+)"', client.get(page(user), chosen, headers=HTMX).content.decode())
    return found.group(1) if found else ""


def leave(client, user, **chosen):
    said = {"reason": "INC-9: left", "confirmation": user.name, "expected": shown(client, user, **chosen)}
    return client.post(page(user), {**said, **chosen})


def unended(user) -> set[str]:
    return {row.role.key for row in RoleAssignment.objects.unended().filter(user=user)}


def test_everything_ends_or_goes_to_whoever_takes_it_over_in_one_act(client, desk):
    client.force_login(desk.marcus)
    theirs, computers = Client(), reverse("computers:computer-list")
    theirs.force_login(desk.dana)
    assert theirs.get(computers).status_code == 200
    before = AuditEntry.objects.count()
    answer = leave(client, desk.dana, **all_to(desk, desk.max))
    entry = AuditEntry.objects.latest("pk")
    assert answer["Location"] == reverse("rbac:leaving-detail", kwargs={"pk": desk.dana.pk, "entry": entry.pk})
    assert (AuditEntry.objects.count(), entry.action, entry.reason) == (before + 1, "user.left", "INC-9: left")
    assert theirs.get(computers)["Location"].startswith(reverse("account_login"))
    assert (unended(desk.dana), unended(desk.max)) == (set(), {"msp_user", "tenant_user"})
    assert {row.user for row in GroupMembership.objects.live()} == {desk.max}
    assert {(view.name, view.owner) for view in SavedView.objects.all()} == {("Servers", desk.max)}


def test_what_was_said_before_is_what_happened_and_what_the_entry_tells(client, desk):
    client.force_login(desk.marcus)
    panel = client.get(page(desk.dana), all_to(desk, desk.max), headers=HTMX).context["preview"]
    assert panel.great_power
    leave(client, desk.dana, **all_to(desk, desk.max))
    told = AuditEntry.objects.latest("pk").after["ripple"]
    gained = {"id": desk.max.pk, "name": "Max Lindqvist", "permissions": panel.gained[desk.max.pk]}
    assert (told["gained"], told["lost"]) == ([gained], [])
    assert told["great_power"] == panel.great_power
    assert told["further"] is False


@pytest.mark.parametrize("wrong", [{"expected": "0"}, {"expected": ""}])
def test_what_was_not_shown_is_not_done(client, desk, wrong):
    client.force_login(desk.marcus)
    chosen = all_to(desk, desk.max)
    said = {"reason": "left", "confirmation": desk.dana.name, **chosen, **wrong}
    answer = client.post(page(desk.dana), said)
    assert answer.status_code == 409
    assert "look again" in answer.content.decode()
    assert unended(desk.dana) == {"msp_user", "tenant_user"}


def test_what_came_meanwhile_is_told_first(client, desk):
    client.force_login(desk.marcus)
    before = shown(client, desk.dana)
    give(desk.dana, "auditor", scope="tenant", tenant=desk.fabrikam)
    said = {"reason": "left", "confirmation": desk.dana.name, "expected": before}
    assert client.post(page(desk.dana), said).status_code == 409
    assert len(unended(desk.dana)) == 3


@pytest.mark.parametrize(("field", "value"), [("reason", ""), ("confirmation", "Dana"), ("assignment", "999999")])
def test_a_mistake_is_told_beside_its_field_and_nothing_happens(client, desk, field, value):
    client.force_login(desk.marcus)
    name = f"assignment-{desk.held.pk}" if field == "assignment" else field
    said = {"reason": "left", "confirmation": desk.dana.name, "expected": shown(client, desk.dana), name: value}
    answer = client.post(page(desk.dana), said)
    assert answer.status_code == 422
    assert name in answer.context["form"].errors
    assert unended(desk.dana) == {"msp_user", "tenant_user"}


def test_invitations_that_they_sent_are_named_before_and_revoked(client, desk):
    near = InvitationFactory(tenant=desk.fabrikam, invited_by=desk.dana)
    client.force_login(desk.marcus)
    assert near.email in client.get(page(desk.dana)).content.decode()
    receipt = client.get(leave(client, desk.dana)["Location"]).content.decode()
    near.refresh_from_db()
    assert near.revoked_by == desk.marcus
    assert near.email in receipt


def test_who_takes_over_gains_no_more_than_the_actor_holds(client, desk):
    """Olivia manages people at Contoso, and nothing that Dana holds elsewhere."""
    client.force_login(desk.olivia)
    grant(desk.olivia, Permission.USERS_MANAGE, scope="msp", tenant=desk.contoso)
    taken = {f"assignment-{desk.held.pk}": desk.max.pk}
    assert "You may not do this" in client.get(page(desk.dana), taken, headers=HTMX).content.decode()
    said = {"reason": "left", "confirmation": desk.dana.name}
    panel = client.get(page(desk.dana), taken, headers=HTMX).context["preview"]
    answer = client.post(page(desk.dana), {**said, **taken, "expected": panel.expected})
    assert answer.status_code == 403
    assert (unended(desk.max), AuditEntry.objects.latest("pk").action) == (set(), "user.refused")
    assert leave(client, desk.dana).status_code == 302


def test_nobody_takes_over_themselves_what_they_do_not_hold(client, desk):
    client.force_login(desk.olivia)
    grant(desk.olivia, Permission.USERS_MANAGE, scope="msp", tenant=desk.contoso)
    taken = {f"assignment-{desk.held.pk}": desk.olivia.pk}
    panel = client.get(page(desk.dana), taken, headers=HTMX).context["preview"]
    assert any("your own access" in objection for objection in panel.objections)


def test_the_last_owner_stays_until_there_is_another(client, desk):
    grant(desk.max, Permission.USERS_MANAGE)
    client.force_login(desk.max)
    assert leave(client, desk.marcus).status_code == 403
    give(desk.max, "msp_administrator", scope="owner")
    assert leave(client, desk.marcus).status_code == 302


def test_activating_again_restores_nothing(client, desk):
    client.force_login(desk.marcus)
    PasswordLinkFactory(user=desk.dana)
    leave(client, desk.dana)
    client.post(reverse("accounts:user-activate"), {"ids": [desk.dana.pk], "confirmed": "1"})
    dana = User.objects.get(pk=desk.dana.pk)
    assert dana.is_active
    assert unended(dana) == set()
    assert not GroupMembership.objects.live().filter(user=dana).exists()
    assert not dana.password_links.filter(used_at=None).exists()
    assert authenticate(None, email=dana.email, password=PASSWORD) is None


def test_a_deny_ends_and_goes_to_nobody(client, desk):
    client.force_login(desk.marcus)
    row = deny(desk.dana, Permission.COMPUTERS_VIEW, scope="tenant", tenant=desk.fabrikam)
    content = client.get(page(desk.dana)).content.decode()
    assert "Ends with them" in content
    assert f"assignment-{row.pk}" not in content
    assert leave(client, desk.dana, **{f"assignment-{row.pk}": desk.max.pk}).status_code == 302
    assert not RoleAssignment.objects.unended().filter(role=row.role).exists()


def test_what_a_successor_has_already_stays_theirs(client, desk):
    mine = give(desk.max, "msp_user", scope="tenant", tenant=desk.fabrikam)
    GroupMembershipFactory(group=desk.desk, user=desk.max)
    client.force_login(desk.marcus)
    assert leave(client, desk.dana, **all_to(desk, desk.max)).status_code == 302
    assert RoleAssignment.objects.unended().get(user=desk.max, role=mine.role).pk == mine.pk
    assert GroupMembership.objects.live().filter(user=desk.max).count() == 1


def test_the_links_that_they_gave_are_named_and_stop_working(client, desk):
    link = PasswordLinkFactory(user=desk.sam, created_by=desk.dana)
    give(desk.dana, "msp_administrator", scope="owner")
    client.force_login(desk.marcus)
    assert "Sam Okafor" in client.get(page(desk.dana)).content.decode()
    assert find_link(pk=link.pk) == link
    leave(client, desk.dana)
    assert find_link(pk=link.pk) is None


def test_who_has_left_does_not_leave_twice(client, desk):
    """With nothing to end, what was shown still stands when it is sent again."""
    client.force_login(desk.marcus)
    assert leave(client, desk.max).status_code == 302
    before = AuditEntry.objects.count()
    answer = leave(client, desk.max)
    assert answer.status_code == 422
    assert "have left already" in answer.content.decode()
    assert AuditEntry.objects.count() == before


def test_what_a_successor_loses_to_a_deny_of_a_group_is_said_before(client, desk):
    give(desk.max, "tenant_user", scope="tenant", tenant=desk.fabrikam)
    role = deny(desk.theo, Permission.COMPUTERS_VIEW, scope="tenant", tenant=desk.fabrikam).role
    RoleAssignmentFactory(group=desk.desk, user=None, role=role, effect="deny", scope="tenant", tenant=desk.fabrikam)
    client.force_login(desk.marcus)
    taken = {f"membership-{desk.member.pk}": desk.max.pk}
    assert "Max Lindqvist loses" in client.get(page(desk.dana), taken, headers=HTMX).content.decode()
    assert leave(client, desk.dana, **taken).status_code == 302
    (lost,) = AuditEntry.objects.latest("pk").after["ripple"]["lost"]
    assert (lost["id"], lost["permissions"]) == (desk.max.pk, [Permission.COMPUTERS_VIEW])


def test_a_shared_view_goes_only_to_who_could_share_it(client, desk):
    client.force_login(desk.marcus)
    answer = leave(client, desk.dana, **{f"view-{desk.shared.pk}": desk.max.pk})
    assert answer.status_code == 422
    assert "neither in Service Desk nor its manager" in answer.content.decode()
    assert SavedView.objects.get(pk=desk.shared.pk).owner == desk.dana


def test_a_view_of_a_group_out_of_sight_is_named_to_nobody(client, desk):
    """Nora manages people at Contoso, and sees no group of the instance."""
    nora = person("Nora Near", desk.contoso)
    grant(nora, Permission.USERS_MANAGE, scope="tenant", tenant=desk.contoso)
    secret = GroupFactory(name="Project Heron")
    SavedView.objects.create(owner=desk.dana, name="Heron list", route="computers:computer-list", group=secret)
    for row in RoleAssignment.objects.filter(user=desk.dana):
        end(row)
    GroupMembership.objects.filter(user=desk.dana).end()
    client.force_login(nora)
    content = client.get(page(desk.dana)).content.decode()
    assert "Heron" not in content
    assert "Further access outside your view" in content


def test_one_person_is_put_in_everywhere(client, desk):
    client.force_login(desk.marcus)
    filled = client.get(page(desk.dana), {"everything": desk.max.pk, "fill": "1"})
    assert filled.context["form"].plan.successors == [desk.max]
    assert sum(map(len, filled.context["form"].plan)) == 4


def test_the_receipt_names_what_its_reader_may_see(client, desk):
    client.force_login(desk.marcus)
    receipt = leave(client, desk.dana, **all_to(desk, desk.max))["Location"]
    content = client.get(receipt).content.decode()
    for words in (
        "What successors gained",
        "MSP User",
        "Member of Service Desk",
        "View Servers",
        "Max Lindqvist",
        "INC-9: left",
    ):
        assert words in content
    assert receipt in client.get(reverse("accounts:user-detail", args=[desk.dana.pk])).content.decode()
    near = person("Nora Near", desk.contoso)
    grant(near, Permission.USERS_VIEW, scope="tenant", tenant=desk.contoso)
    client.force_login(near)
    content = client.get(receipt).content.decode()
    for words in ("MSP User", "View Servers", "What successors gained"):
        assert words not in content
    assert "Further access outside your view" in content
    client.force_login(desk.theo)
    assert client.get(receipt).status_code == 404


def test_a_receipt_is_of_one_leaving_of_one_person(client, desk):
    client.force_login(desk.marcus)
    leave(client, desk.dana)
    entry = AuditEntry.objects.latest("pk").pk
    other = reverse("rbac:leaving-detail", kwargs={"pk": desk.max.pk, "entry": entry})
    assert client.get(other).status_code == 404


def test_the_page_asks_as_often_whatever_they_hold(client, desk):
    client.force_login(desk.marcus)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page(desk.dana)).status_code == 200
        return len(captured)

    queries()  # the first visit of a session writes
    few = queries()
    for _ in range(4):
        give_group(GroupFactory(tenant=desk.contoso), "tenant_user", scope="own_tenant")
        GroupMembershipFactory(group=GroupFactory(tenant=desk.contoso), user=desk.dana)
        grant(desk.dana, Permission.COMPUTERS_VIEW, scope="tenant", tenant=desk.fabrikam)
    assert queries() == few
