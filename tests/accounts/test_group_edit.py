"""Groups made, edited and deleted through their pages: by whom, where, and what is refused."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.group_services import values_of
from accounts.models import Group
from immyrbac.versions import MEANWHILE, version_of
from rbac.models import AuditEntry, RoleAssignment
from rbac.permissions import Permission
from tests.factories import GroupFactory, GroupMembershipFactory, RoleAssignmentFactory
from tests.grants import end, grant
from tests.people import give_group

SAID = {"name": "Night Shift", "description": "Who works at night"}


def address(verb: str, group) -> str:
    return reverse(f"accounts:group-{verb}", args=[group.pk])


def create(client, tenant, **changes):
    return client.post(reverse("accounts:group-create", args=[tenant.pk]), SAID | changes)


def manager(client, people, scope="own_tenant", **more):
    """Sam manages groups at Litware."""
    client.force_login(people.sam)
    return grant(people.sam, Permission.GROUPS_MANAGE, scope=scope, **more)


def test_a_group_is_made_where_one_manages_groups(client, people):
    client.force_login(people.sam)
    assert create(client, people.litware).status_code == 404
    given = manager(client, people)
    answer = create(client, people.litware)
    group = Group.objects.get(name="Night Shift")
    assert answer["Location"] == address("detail", group)
    assert (group.tenant, group.description) == (people.litware, "Who works at night")
    assert create(client, people.fabrikam).status_code == 404
    end(given)
    assert create(client, people.litware, name="Other").status_code == 404


def test_who_has_no_choice_of_an_owner_is_not_asked(client, people):
    manager(client, people)
    place = reverse("accounts:group-place")
    assert client.get(place)["Location"] == reverse("accounts:group-create", args=[people.litware.pk])
    client.force_login(people.marcus)
    assert "For people of any tenant" in client.get(place).content.decode()
    chosen = client.get(place, {"tenant": people.fabrikam.pk})
    assert chosen["Location"] == reverse("accounts:group-create", args=[people.fabrikam.pk])


@pytest.mark.parametrize("foreign", ["northwind", None])
def test_an_owner_that_is_foreign_is_refused_like_one_that_is_missing(client, people, foreign):
    manager(client, people, scope="msp", tenant=people.contoso)
    pk = getattr(people, foreign).pk if foreign else 999_999
    answer = client.get(reverse("accounts:group-place"), {"tenant": pk})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["tenant"])
    assert "Northwind" not in answer.content.decode()


def test_a_group_of_the_instance_takes_its_own_permission(client, people):
    shared = reverse("accounts:group-create-shared")
    client.force_login(people.dana)
    grant(people.dana, Permission.GROUPS_MANAGE)
    assert client.post(shared, SAID).status_code == 403
    group = GroupFactory(name="Contractors")
    for verb in ("edit", "delete"):
        assert client.get(address(verb, group)).status_code == 403
    assert client.post(address("edit", group), SAID).status_code == 403
    assert "Add member" not in client.get(address("detail", group)).content.decode()
    grant(people.dana, Permission.GROUPS_MANAGE_PUBLIC)
    assert client.post(shared, SAID).status_code == 302
    assert Group.objects.get(name="Night Shift").tenant is None
    sent = {"name": "Freelancers", "version": version_of(values_of(group))}
    assert client.post(address("edit", group), sent).status_code == 302
    late = client.post(address("edit", group), sent | {"name": "Late"})
    assert late.status_code == 422
    assert late.context["form"].non_field_errors() == [MEANWHILE]
    assert Group.objects.get(pk=group.pk).name == "Freelancers"


def test_bad_input_comes_back_with_all_that_was_typed(client, people):
    manager(client, people)
    GroupFactory(name="Night Shift", tenant=people.litware)
    for name in ("", "Night Shift", "a/b"):
        answer = create(client, people.litware, name=name)
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["name"])
        assert "Who works at night" in answer.content.decode()
    assert Group.objects.filter(tenant=people.litware).count() == 1


def test_an_edit_renames_and_describes_and_never_moves(client, people):
    group = GroupFactory(name="Old", tenant=people.litware)
    manager(client, people)
    more = {"tenant": people.fabrikam.pk, "version": version_of(values_of(group))}
    answer = client.post(address("edit", group), SAID | more)
    assert answer["Location"] == address("detail", group)
    group.refresh_from_db()
    assert (group.name, group.description, group.tenant) == ("Night Shift", "Who works at night", people.litware)
    assert client.get(address("edit", people.desk)).status_code == 404


def test_what_live_assignments_use_is_not_deleted_and_the_page_names_them(client, people):
    client.force_login(people.marcus)
    row = give_group(people.desk, "msp_user", scope="tenant", tenant=people.litware)
    shown = client.get(address("delete", people.desk)).content.decode()
    assert "May act as <b>MSP User" in shown
    assert "Delete group<" not in shown
    refused = client.post(address("delete", people.desk), {"reason": "Over"})
    assert refused.status_code == 422
    assert "May act as <b>MSP User" in refused.content.decode()
    assert Group.objects.live().filter(pk=people.desk.pk).exists()
    end(row)
    assert client.post(address("delete", people.desk), {"reason": ""}).status_code == 422
    assert client.post(address("delete", people.desk), {"reason": "Over"}).status_code == 302
    assert client.get(address("detail", people.desk)).status_code == 404
    assert AuditEntry.objects.latest("pk").action == "group.removed"


def test_what_the_reader_may_not_see_keeps_a_group_as_well(client, people):
    group = GroupFactory(tenant=people.litware)
    give_group(group, "tenant_user", scope="tenant", tenant=people.contoso)
    manager(client, people)
    shown = client.get(address("delete", group)).content.decode()
    assert "Further access outside your view" in shown
    assert "Contoso" not in shown
    assert client.post(address("delete", group), {"reason": "Over"}).status_code == 422


def test_what_is_over_keeps_no_group(client, people):
    past = timezone.now() - timedelta(days=1)
    row = RoleAssignmentFactory(group=people.desk, expires_at=past)
    GroupMembershipFactory(group=people.desk, user=people.marcus)
    client.force_login(people.marcus)
    assert client.post(address("delete", people.desk), {"reason": "Over"}).status_code == 302
    assert RoleAssignment.objects.get(pk=row.pk).end_reason == "lapsed"
    assert not people.desk.memberships.unended().exists()
