"""The same editor, for a group: who may open it, what it says before, what it gives, and how that ends."""

import pytest
from django.test import Client
from django.urls import reverse

from rbac.models import AuditEntry, RoleAssignment
from rbac.permissions import Permission
from tests.factories import ComputerFactory, GroupMembershipFactory, RoleFactory, TagFactory
from tests.grants import end, grant
from tests.outcomes import mark_of
from tests.people import give, give_group, person, size
from tests.rbac.editor import HTMX, once_read, said


def address(group, verb: str = "create") -> str:
    return reverse(f"rbac:group-assignment-{verb}", args=[group.pk])


def held(group):
    return RoleAssignment.objects.unended().filter(group=group)


def lines(client, group, **changes) -> dict[str, str]:
    answer = client.get(address(group), said(**changes), headers=HTMX)
    assert answer.status_code == 200
    return {line.text: line.second for line in answer.context["effects"]}


def test_what_a_group_is_given_counts_for_its_members_and_ends_for_them(client, people):
    theirs, users = Client(), reverse("accounts:user-list")
    theirs.force_login(people.dana)
    client.force_login(people.marcus)
    assert theirs.get(users).status_code == 403
    answer = once_read(client, address(people.desk), said(scope="tenant", tenant=people.litware.pk))
    assert answer["Location"] == address(people.desk, "list")
    assert [row.user for row in theirs.get(users).context["rows"]] == [people.olivia, people.sam]
    row = held(people.desk).get()
    assert (row.granted_by, row.reason, row.user) == (people.marcus, "INC-7", None)
    asked = client.get(address(people.desk, "end"), {"ids": row.pk})
    for words in ("its 1 member.", f"Dana Whitfield loses {size('tenant_user')} permissions"):
        assert words in asked.content.decode()
    said_so = {"assignments": [row.pk], "reason": "Over", "shown": mark_of(asked)}
    ended = client.post(address(people.desk, "end"), said_so)
    assert ended["Location"] == address(people.desk, "list")
    assert theirs.get(users).status_code == 403
    shown = client.get(address(people.desk, "list"), {"ended": "1"}).content.decode()
    assert "Ended by Marcus Oyelaran" in shown


def test_the_entry_tells_of_the_members_what_was_shown(client, people):
    """Whom the giver does not see is told to whoever reads the log there."""
    GroupMembershipFactory(group=people.desk, user=people.sam)
    client.force_login(people.marcus)
    once_read(client, address(people.desk), said(scope="tenant", tenant=people.litware.pk))
    told = AuditEntry.objects.latest("pk").after
    assert [each["name"] for each in told["reached"]] == ["Dana Whitfield", "Sam Okafor"]
    assert set(told["ripple"]["gained"].values()) == {2}
    assert told["ripple"]["label"] == "0 people lost and 2 people gained something on 1 tenant"


def test_own_tenant_is_each_members_own(client, people):
    GroupMembershipFactory(group=people.desk, user=people.sam)
    client.force_login(people.marcus)
    assert "Each member’s own" in client.get(address(people.desk)).content.decode()
    assert once_read(client, address(people.desk), said(scope="own_tenant")).status_code == 302
    theirs = Client()
    theirs.force_login(people.sam)
    assert {row.user.tenant for row in theirs.get(reverse("accounts:user-list")).context["rows"]} == {people.litware}


def test_the_editor_is_for_who_may_give_something_to_it(client, people):
    client.force_login(people.sam)
    grant(people.sam, Permission.GROUPS_VIEW)
    assert client.get(address(people.desk)).status_code == 403
    assert address(people.desk) not in client.get(address(people.desk, "list")).content.decode()
    # Managing users at the owner alone, and not below it, gives nothing to a group whose members live there.
    narrow = grant(people.sam, Permission.USERS_MANAGE, scope="tenant", tenant=people.contoso)
    assert address(people.desk) not in client.get(address(people.desk, "list")).content.decode()
    assert client.get(address(people.desk)).status_code == 403
    end(narrow)
    wide = grant(people.sam, Permission.USERS_MANAGE, scope="msp", tenant=people.contoso)
    grant(people.sam, Permission.USERS_MANAGE, scope="tenant", tenant=people.contoso, include_children=True)
    assert client.get(address(people.desk)).context["form"].kinds == ["own_tenant"]
    assert address(people.desk) in client.get(address(people.desk, "list")).content.decode()
    end(wide)


def test_it_is_hidden_from_who_may_not_see_the_group(client, people):
    client.force_login(people.olivia)
    for verb in ("list", "create", "end"):
        assert client.get(address(people.desk, verb)).status_code == 404


FOREIGN = {
    "role": lambda people: RoleFactory(tenant=people.northwind),
    "msp": lambda people: people.tailspin,
    "tag": lambda people: TagFactory(tenant=people.tailspin),
    "tenant": lambda people: people.northwind,
    "computer": lambda people: ComputerFactory(tenant=people.northwind),
    "computer_tag": lambda people: TagFactory(tenant=people.northwind),
}
CHOOSES = {
    "msp": {"scope": "msp"},
    "tag": {"scope": "tag"},
    "tenant": {"scope": "tenant"},
    "computer": {"computer_scope": "computer"},
    "computer_tag": {"computer_scope": "tag"},
}


@pytest.mark.parametrize("field", FOREIGN)
def test_what_is_foreign_is_refused_in_every_field(client, people, field):
    give(people.dana, "msp_administrator", scope="msp", tenant=people.contoso)
    TagFactory(tenant=people.contoso)
    client.force_login(people.dana)
    answer = once_read(
        client, address(people.desk), said(**CHOOSES.get(field, {}), **{field: FOREIGN[field](people).pk})
    )
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert "Northwind" not in answer.content.decode()
    assert not held(people.desk).exists()


def test_the_preview_counts_the_members_who_gain(client, people):
    for user in (people.sam, people.olivia):
        GroupMembershipFactory(group=people.desk, user=user)
    give(people.sam, "tenant_user", scope="owner")
    client.force_login(people.marcus)
    shown = lines(client, people.desk, scope="tenant", tenant=people.contoso.pk)
    assert shown["2 of 3 members gain something"].startswith("The others hold all of it already.")
    shown = lines(client, people.desk, key="msp_user", scope="tenant", tenant=people.contoso.pk)
    assert any("for 2 members with another home" in second for second in shown.values())
    give_group(people.desk, "tenant_user", scope="owner")
    denied = lines(client, people.desk, scope="tenant", tenant=people.contoso.pk, effect="deny")
    assert "3 of 3 members lose something" in denied
    assert f"Members lose {size('tenant_user')} permissions" in denied


def test_the_preview_counts_only_members_whom_the_reader_sees(client, people):
    GroupMembershipFactory(group=people.desk, user=person("Out Of View", people.fabrikam))
    give(people.olivia, "msp_administrator", scope="tenant", tenant=people.contoso)
    client.force_login(people.olivia)
    shown = lines(client, people.desk, scope="tenant", tenant=people.contoso.pk)
    assert "1 of 1 member gains something" in shown


def test_a_group_of_nobody_says_so(client, people):
    client.force_login(people.marcus)
    people.desk.memberships.update(ended_at=people.desk.memberships.get().added_at)
    assert "Nobody is in this group now" in lines(client, people.desk, scope="owner")


def test_great_power_takes_the_groups_name(client, people):
    client.force_login(people.marcus)
    asked = once_read(client, address(people.desk), said(key="script_manager", scope="owner"))
    assert "Give great power to Service Desk?" in asked.content.decode()
    assert not held(people.desk).exists()
    repeated = dict(asked.context["repeated"])
    given = client.post(address(people.desk), {**repeated, "confirmation": "service desk"})
    assert given.status_code == 302
    assert held(people.desk).get().role.key == "script_manager"


def test_the_gate_refuses_a_raise_through_a_group(client, people):
    """Dana is in the desk: what she would give it, she would give herself."""
    grant(people.dana, Permission.USERS_MANAGE, Permission.GROUPS_VIEW, scope="msp", tenant=people.contoso)
    strong = RoleFactory(permissions=["tenants:view", "scripts:view"])
    client.force_login(people.dana)
    refused = once_read(client, address(people.desk), said(role=strong.pk, scope="own_tenant"))
    assert refused.status_code == 403
    assert "This would raise your own access." in refused.content.decode()
    assert not held(people.desk).exists()
    assert AuditEntry.objects.latest("pk").action == "role_assignment.refused"
