"""What a user holds, on their page: sentences, groups apart, ended ones folded, and a line for what is out of view."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests.factories import SwitchFactory
from tests.grants import end, grant
from tests.people import give, give_group, person

BEYOND = "Further access outside your view"


def page(client, user, **query) -> str:
    answer = client.get(reverse("rbac:assignment-list", args=[user.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_comes_and_goes_with_the_permission_on_that_user(client, people):
    client.force_login(people.sam)
    address = reverse("rbac:assignment-list", args=[people.dana.pk])
    assert client.get(address).status_code == 404
    given = grant(people.sam, Permission.USERS_VIEW, scope="tenant", tenant=people.contoso)
    assert client.get(address).status_code == 200
    assert client.get(reverse("rbac:assignment-list", args=[people.theo.pk])).status_code == 404
    end(given)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("name", ["accounts:user-detail", "accounts:user-group-list", "rbac:assignment-list"])
def test_hidden_is_missing(client, people, name):
    client.force_login(people.olivia)
    hidden, missing = (client.get(reverse(name, args=[pk])) for pk in (people.theo.pk, 999_999))
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content) == (404, missing.content)


def test_an_assignment_reads_as_a_sentence_with_who_gave_it_and_why(client, people):
    client.force_login(people.marcus)
    until = timezone.now() + timedelta(days=3, hours=1)
    give(
        people.dana,
        "msp_user",
        scope="tenant",
        tenant=people.fabrikam,
        include_children=True,
        expires_at=until,
        granted_by=people.marcus,
        reason="INC-7",
    )
    shown = page(client, people.dana)
    for words in ("May act as ", "<b>MSP User</b>", "<b>all computers</b>", "<b>Fabrikam</b>", "Ends in 3 days"):
        assert words in shown
    assert " and its child tenants" in shown
    assert "Marcus Oyelaran, " in shown
    assert ": INC-7" in shown


def test_groups_stand_apart_and_ended_ones_are_folded(client, people):
    client.force_login(people.marcus)
    give_group(people.desk, "msp_user", scope="tenant", tenant=people.fabrikam)
    end(give(people.dana, "auditor", scope="own_tenant"))
    shown = page(client, people.dana)
    assert "Member of Service Desk since" in shown
    assert "Show 1 ended" in shown
    assert "Auditor" not in shown
    assert "Auditor" in page(client, people.dana, ended=1)


def test_what_the_reader_may_not_see_is_one_line_without_a_count(client, people):
    client.force_login(people.olivia)
    assert BEYOND not in page(client, people.sam)
    first = give(people.sam, "script_manager", scope="tenant", tenant=people.fabrikam)
    second = give(people.sam, "msp_user", scope="owner")
    shown = page(client, people.sam)
    assert shown.count(BEYOND) == 1
    assert "Fabrikam" not in shown
    assert "MSP User" not in shown
    end(first)
    end(second)
    assert BEYOND not in page(client, people.sam)


def test_who_gave_it_is_named_to_those_who_may_read_it_only(client, people):
    give(people.sam, "tenant_user", scope="own_tenant", granted_by=people.theo)
    give(people.sam, "auditor", scope="own_tenant", granted_by=people.marcus)
    client.force_login(people.olivia)
    shown = page(client, people.sam)
    assert "Theo" not in shown
    assert "The operator of this system" in shown
    assert "Marcus Oyelaran" in shown  # of the provider that Litware belongs to


def test_denies_come_first_and_what_a_switch_stops_says_so(client, people):
    client.force_login(people.marcus)
    give(people.dana, "msp_user", scope="own_tenant")
    denied = give(people.dana, "script_manager", scope="own_tenant", effect="deny")
    answer = client.get(reverse("rbac:assignment-list", args=[people.dana.pk]))
    assert [held.row.effect for held in answer.context["roster"].direct] == ["deny", "allow"]
    assert answer.context["roster"].direct[0].row == denied


def test_a_tenant_that_switched_something_off_is_named_where_it_is_seen(client, people):
    give(people.dana, "msp_user", scope="msp", tenant=people.contoso)
    SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, tenant=people.litware, enabled=False)
    client.force_login(people.marcus)
    shown = page(client, people.dana)
    assert "Partly suspended" in shown
    assert "Switched off in Litware." in shown
    reader = person("Ray Reader", people.contoso)
    grant(reader, Permission.USERS_VIEW, scope="tenant", tenant=people.contoso)
    client.force_login(reader)
    shown = page(client, people.dana)
    assert "Litware" not in shown
    assert "Switched off in a tenant outside your view." in shown


def test_whoever_holds_nothing_is_told_what_an_assignment_is(client, people):
    client.force_login(people.olivia)
    shown = page(client, people.sam)
    assert "No access yet" in shown
    assert shown.count(reverse("rbac:assignment-create", args=[people.sam.pk])) == 1
    give(people.sam, "tenant_user", scope="own_tenant")
    assert "No access yet" not in page(client, people.sam)
