"""Assignments are ended one by one or several at once, with a reason, by whoever may."""

import pytest
from django.urls import reverse

from rbac.models import AuditEntry, RoleAssignment
from rbac.permissions import Permission
from tests.grants import end, grant
from tests.outcomes import mark_of
from tests.people import give, give_group


def address(user) -> str:
    return reverse("rbac:assignment-end", args=[user.pk])


def finish(client, user, *rows, reason: str = "left the project"):
    """As who has read what it does."""
    ids = [row.pk for row in rows]
    seen = mark_of(client.get(address(user), {"ids": ids}))
    return client.post(address(user), {"assignments": ids, "reason": reason, "shown": seen})


def ended(*rows) -> list[bool]:
    return [RoleAssignment.objects.get(pk=row.pk).ended_at is not None for row in rows]


@pytest.fixture
def two(people) -> list[RoleAssignment]:
    return [give(people.sam, key, scope="own_tenant") for key in ("tenant_user", "deployment_manager")]


def test_several_end_at_once_with_one_reason_and_one_entry(client, people, two):
    client.force_login(people.olivia)
    assert "End several…" in client.get(reverse("rbac:assignment-list", args=[people.sam.pk])).content.decode()
    before = AuditEntry.objects.count()
    answer = finish(client, people.sam, two[0])
    assert answer["Location"] == reverse("rbac:assignment-list", args=[people.sam.pk])
    assert ended(*two) == [True, False]
    assert AuditEntry.objects.count() == before + 1
    told = AuditEntry.objects.latest("pk").after
    assert [each["name"] for each in told["reached"]] == ["Sam Okafor"]
    row = RoleAssignment.objects.get(pk=two[0].pk)
    assert (row.ended_by, row.end_reason) == (people.olivia, "left the project")


def told() -> dict[str, object]:
    ripple = AuditEntry.objects.latest("pk").after["ripple"]
    return {side: set(ripple[side]) for side in ("gained", "lost")}


def test_it_is_done_as_it_was_shown_and_told_so(client, people, two):
    """What Sam holds twice he does not lose, and the entry says what the dialog said."""
    client.force_login(people.marcus)
    asked = client.get(address(people.sam), {"ids": two[0].pk})
    assert asked.context["outcome"]["lines"][0].text.startswith("Sam Okafor loses ")
    again = give(people.sam, "tenant_user", scope="owner")
    stale = client.post(address(people.sam), {"assignments": two[0].pk, "reason": "Over", "shown": mark_of(asked)})
    assert (stale.status_code, ended(two[0])) == (422, [False])
    for words in ("has changed since", "Nobody loses or gains anything"):
        assert words in stale.content.decode()
    assert finish(client, people.sam, two[0]).status_code == 302
    assert "ripple" not in (AuditEntry.objects.latest("pk").after or {})
    shown = client.get(address(people.sam), {"ids": again.pk}).context["outcome"]["lines"][0]
    assert finish(client, people.sam, again).status_code == 302
    assert shown.text == f"Sam Okafor loses {len(told()['lost'])} permissions"
    assert told()["gained"] == set()


def test_what_is_ticked_is_shown_before_it_ends(client, people, two):
    """Nothing is ticked at first; then the dialog shows what the ticked ones do, and what is sent of that is done."""
    client.force_login(people.marcus)
    opened = client.get(address(people.sam))
    assert (opened.context["outcome"], mark_of(opened)) == (None, "")
    assert "Choose what ends" in opened.content.decode()
    ids = [row.pk for row in two]
    ticked = client.get(address(people.sam), {"assignments": ids, "reason": "Left"}, headers={"hx-request": "true"})
    assert ticked.context["outcome"]["lines"][0].text.startswith("Sam Okafor loses ")
    page = ticked.content.decode()
    assert page.count(" checked") == 2
    assert 'value="Left"' in page
    one = client.get(address(people.sam), {"assignments": ids[:1]}).content.decode()
    assert one.count('type="checkbox"') == 2
    said = {"assignments": ids, "reason": "Left", "shown": mark_of(ticked)}
    assert client.post(address(people.sam), said).status_code == 302
    assert ended(*two) == [True, True]


def test_great_power_that_the_end_of_a_deny_gives_back_is_typed(client, people):
    give(people.sam, "script_manager", scope="own_tenant")
    denied = give(people.sam, "script_manager", scope="own_tenant", effect="deny")
    client.force_login(people.marcus)
    said = {
        "assignments": denied.pk,
        "reason": "Trusted",
        "shown": mark_of(client.get(address(people.sam), {"ids": denied.pk})),
    }
    for typed in ("", "Dana"):
        wrong = client.post(address(people.sam), {**said, "confirmation": typed})
        assert (wrong.status_code, ended(denied)) == (422, [False])
        assert "This is not Sam Okafor." in wrong.content.decode()
    assert client.post(address(people.sam), {**said, "confirmation": "sam okafor"}).status_code == 302
    assert "scripts:manage" in told()["gained"]


def test_a_reason_and_a_choice_are_asked(client, people, two):
    client.force_login(people.olivia)
    for answer, field in (
        (finish(client, people.sam, two[0], reason=" "), "reason"),
        (finish(client, people.sam), "assignments"),
    ):
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert ended(*two) == [False, False]


def test_one_that_is_chosen_reads_as_a_sentence(client, people, two):
    client.force_login(people.olivia)
    shown = client.get(address(people.sam), {"ids": two[0].pk}).content.decode()
    assert "May act as <b>Tenant User</b>" in shown
    assert "Deployment Manager" not in shown
    assert f'name="assignments" value="{two[0].pk}"' in shown
    assert "Deployment Manager" in client.get(address(people.sam)).content.decode()


def test_ending_comes_and_goes_with_the_permission(client, people, two):
    client.force_login(people.dana)
    grant(people.dana, Permission.USERS_VIEW, scope="tenant", tenant=people.litware)
    assert client.get(address(people.sam)).status_code == 403
    given = give(people.dana, "msp_administrator", scope="tenant", tenant=people.litware)
    assert client.get(address(people.sam)).status_code == 200
    end(given)
    assert finish(client, people.sam, two[0]).status_code == 403
    assert ended(*two) == [False, False]


@pytest.mark.parametrize("whose", ["theirs", "of a group", "hidden", "ended", "missing"])
def test_what_is_not_there_to_end_stops_all(client, people, two, whose):
    other = {
        "theirs": lambda: give(people.olivia, "tenant_user", scope="own_tenant"),
        "of a group": lambda: give_group(people.desk, "tenant_user", scope="tenant", tenant=people.litware),
        "hidden": lambda: give(people.sam, "tenant_user", scope="tenant", tenant=people.fabrikam),
        "ended": lambda: give(people.sam, "script_manager", scope="own_tenant"),
        "missing": lambda: RoleAssignment(pk=999_999),
    }[whose]()
    if whose == "ended":
        end(other)
    client.force_login(people.olivia)
    answer = finish(client, people.sam, two[0], other)
    assert answer.status_code == 422
    assert "Fabrikam" not in answer.content.decode()
    assert ended(*two) == [False, False]


def test_no_button_ends_what_somebody_stronger_holds(client, people, two):
    client.force_login(people.olivia)
    page = reverse("rbac:assignment-list", args=[people.sam.pk])
    assert f"{address(people.sam)}?ids={two[0].pk}" in client.get(page).content.decode()
    give(people.sam, "script_manager", scope="tenant", tenant=people.fabrikam)
    assert address(people.sam) not in client.get(page).content.decode()
    assert finish(client, people.sam, two[0]).status_code == 422
    assert ended(*two) == [False, False]


def test_the_last_usable_owner_stays(client, people):
    row = RoleAssignment.objects.get(user=people.marcus)
    client.force_login(people.marcus)
    answer = finish(client, people.marcus, row)
    assert answer.status_code == 403
    assert "Name another owner first" in answer.content.decode()
    assert ended(row) == [False]
