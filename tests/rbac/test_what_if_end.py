"""What it would do if assignments ended, asked by whoever may not end them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rbac.permissions import Permission
from tests.factories import GroupMembershipFactory
from tests.grants import end, grant
from tests.people import give, give_group, person
from tests.rbac.editor import HTMX
from tests.restore import every_row

SIMULATE = Permission.GOVERNANCE_SIMULATE_CHANGES


def page(principal, kind: str = "user") -> str:
    return reverse(f"rbac:{kind}-what-if-end", args=[principal.pk])


def ask(client, principal, *rows, kind: str = "user"):
    answer = client.get(page(principal, kind), {"assignments": [row.pk for row in rows]}, headers=HTMX)
    assert answer.status_code == 200
    return answer


def dialog(client, principal, *rows, route: str = "assignment-end"):
    return client.get(reverse(f"rbac:{route}", args=[principal.pk]), {"ids": [row.pk for row in rows]})


@pytest.fixture
def two(people):
    give(people.sam, "tenant_administrator", scope="own_tenant")
    return [give(people.sam, key, scope="own_tenant") for key in ("tenant_user", "script_manager")]


def test_it_shows_what_the_dialog_shows(client, people, auditor, two):
    denied = give(people.sam, "script_manager", scope="own_tenant", effect="deny")
    for chosen in ([two[0]], two, [denied], [*two, denied]):
        client.force_login(people.marcus)
        shown = dialog(client, people.sam, *chosen).context["outcome"]["lines"]
        assert ask(client, people.sam, *chosen).context["effects"] == shown
        client.force_login(auditor)
        assert ask(client, people.sam, *chosen).context["effects"] == shown


def test_of_a_group_it_names_the_members(client, people, auditor):
    held = give_group(people.desk, "msp_user", scope="owner")
    client.force_login(people.marcus)
    shown = dialog(client, people.desk, held, route="group-assignment-end").context["outcome"]["lines"]
    client.force_login(auditor)
    answer = ask(client, people.desk, held, kind="group")
    assert answer.context["effects"] == shown
    assert "Dana Whitfield loses" in shown[0].text


def test_nothing_is_written(client, people, auditor, two):
    client.force_login(auditor)
    client.get(page(people.sam))  # who was last seen is kept then
    before = every_row()
    ask(client, people.sam, *two)
    client.get(page(people.sam), {"assignments": two[0].pk})
    assert client.post(page(people.sam), {"assignments": two[0].pk}).status_code == 405
    assert every_row() == before


def test_whoever_may_end_it_opens_the_dialog_with_it(client, people, auditor, two):
    client.force_login(people.marcus)
    link = ask(client, people.sam, *two).context["opens"]
    assert client.get(link).content.decode().count(" checked") == len(two)
    client.force_login(auditor)
    answer = ask(client, people.sam, *two)
    assert answer.context["opens"] == ""
    assert "You may not end this yourself" in answer.content.decode()


def test_only_what_is_seen_is_there_and_only_so_far(client, people, two):
    """What somebody holds elsewhere would show in it."""
    elsewhere = give(people.sam, "tenant_user", scope="tenant", tenant=people.fabrikam)
    hidden = give(people.sam, "tenant_user", scope="tenant", tenant=people.northwind)
    given = grant(people.olivia, SIMULATE, scope="tenant", tenant=people.litware)
    grant(people.olivia, Permission.TENANTS_VIEW, scope="tenant", tenant=people.fabrikam)
    client.force_login(people.olivia)
    rows = set(client.get(page(people.sam)).context["form"].fields["assignments"].queryset)
    assert {*two, elsewhere} <= rows
    assert hidden not in rows
    assert "preview" in ask(client, people.sam, *two).context
    beyond = ask(client, people.sam, two[0], elsewhere)
    assert "It reaches beyond where you may simulate changes" in beyond.content.decode()
    assert "preview" not in beyond.context
    for pk in (hidden.pk, 999_999):
        answer = client.get(page(people.sam), {"assignments": pk})
        assert "preview" not in answer.context
    end(given)
    assert client.get(page(people.sam)).status_code == 403


def test_whom_the_reader_does_not_see_is_not_named(client, people):
    held = give_group(people.desk, "tenant_user", scope="tenant", tenant=people.fabrikam)
    people.desk.tenant_id = None
    people.desk.save()
    GroupMembershipFactory(group=people.desk, user=people.theo)
    grant(people.olivia, SIMULATE, scope="owner")
    client.force_login(people.olivia)
    assert "Theo Brandt" in ask(client, people.desk, held, kind="group").content.decode()
    denying = {"effect": "deny", "scope": "tenant", "tenant": people.northwind}
    give(people.olivia, "tenant_user", **denying)
    answer = ask(client, people.desk, held, kind="group")
    assert "Theo Brandt" not in answer.content.decode()
    assert "outside your view" in answer.content.decode()


def test_more_of_it_asks_no_more_of_the_database(client, people, auditor):
    rows = [
        give_group(people.desk, key, scope="tenant", tenant=tenant)
        for key in ("tenant_user", "script_manager", "computer_terminal_user")
        for tenant in (people.fabrikam, people.litware)
    ]
    for number in range(5):
        GroupMembershipFactory(group=people.desk, user=person(f"Member{number} Reid", people.contoso))
    client.force_login(auditor)
    ask(client, people.desk, *rows, kind="group")
    counts = []
    for chosen in (rows[:2], rows):
        with CaptureQueriesContext(connection) as queries:
            ask(client, people.desk, *chosen, kind="group")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_who_holds_nothing_has_nothing_to_end(client, people, auditor):
    client.force_login(auditor)
    assert "Nothing that you may see is given to Dana Whitfield alone" in client.get(page(people.dana)).content.decode()
