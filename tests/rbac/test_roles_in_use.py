"""The roles that somebody may use now, on the start page of whoever sees all people and of whoever sees some."""

import pytest
from django.utils import timezone

from accounts.models import GroupMembership
from rbac import role_use
from rbac.access import access_for
from rbac.models import Role, RoleAssignment
from rbac.roles_in_use import roles_in_use
from tests.factories import GroupFactory, GroupMembershipFactory, RoleAssignmentFactory, UserFactory
from tests.people import People, give, give_group, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture(params=["all", "some"])
def reader(request, people):
    if request.param == "all":
        return people.marcus
    petra = person("Petra Admin", people.contoso)
    give(petra, "msp_administrator", scope="msp", tenant=people.contoso)
    return petra


def counted(reader, *, only_great=False) -> dict[str, str]:
    return {each.role.key: str(each.people) for each in roles_in_use(access_for(reader), only_great=only_great)}


def test_whoever_holds_it_twice_is_one(people, reader):
    assert "script_manager" not in counted(reader)
    give(people.dana, "script_manager", scope="tenant", tenant=people.fabrikam)
    give_group(people.desk, "script_manager", scope="tenant", tenant=people.litware)
    assert counted(reader)["script_manager"] == "1"
    GroupMembershipFactory(group=people.desk, user=people.sam)
    assert counted(reader)["script_manager"] == "2"


def test_what_lets_nobody_do_anything_now_is_not_in_use(people, reader):
    empty = GroupFactory(tenant=people.contoso)
    give_group(empty, "script_manager", scope="tenant", tenant=people.fabrikam)
    give(people.sam, "deployment_manager", scope="own_tenant", starts_at="2046-12-01T00:00Z")
    role = Role.objects.get(key="msp_user")
    RoleAssignmentFactory(user=people.dana, role=role, effect="deny", scope="tenant", tenant=people.fabrikam)
    assert not counted(reader).keys() & {"script_manager", "deployment_manager", "msp_user"}
    member = GroupMembershipFactory(group=empty, user=people.dana)
    assert counted(reader)["script_manager"] == "1"
    GroupMembership.objects.filter(pk=member.pk).update(ended_at=timezone.now())
    assert "script_manager" not in counted(reader)


def test_great_power_counts_where_it_holds(people, reader):
    give(people.theo, "script_manager", scope="own_tenant")
    give(people.sam, "auditor", scope="own_tenant")
    great = counted(reader, only_great=True)
    assert "msp_administrator" in great
    assert "auditor" not in great
    assert "auditor" in counted(reader)
    assert ("script_manager" in counted(reader)) == (reader == people.marcus)


def test_what_ends_meanwhile_is_not_in_use(people, reader, monkeypatch):
    given = give(people.dana, "script_manager", scope="tenant", tenant=people.fabrikam)

    def ended_before(*asked):
        RoleAssignment.objects.filter(pk=given.pk).update(ended_at=timezone.now())
        return role_use.uses_of(*asked)

    monkeypatch.setattr("rbac.roles_in_use.uses_of", ended_before)
    assert "script_manager" not in counted(reader)


def test_the_most_powerful_comes_first_and_numbers_end_at_the_cap(people, reader, monkeypatch):
    monkeypatch.setattr(role_use, "CAP", 2)
    for user in UserFactory.create_batch(4, tenant=people.fabrikam):
        give(user, "auditor", scope="own_tenant")
    found = roles_in_use(access_for(reader), only_great=False)
    assert found[0].role.key == "msp_administrator"
    assert [each.power for each in found] == sorted((each.power for each in found), reverse=True)
    assert {each.role.key: str(each.people) for each in found}["auditor"] == "more than 2"
