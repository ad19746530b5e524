"""Several users at once: all or nothing, over a set that is worked out again (safety 16)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests.grants import grant
from tests.people import give, person

BATCHES = ["accounts:user-activate", "accounts:user-deactivate", "accounts:user-expire"]
NOW = {"confirmed": "1", "reason": "left"}


def deactivate(client, *users, **said):
    ids = [user.pk for user in users]
    return client.post(reverse("accounts:user-deactivate"), NOW | {"ids": ids} | said)


def active(*users) -> list[bool]:
    return [User.objects.get(pk=user.pk).is_active for user in users]


@pytest.fixture
def colleagues(people) -> list[User]:
    return [person(f"{name} Lee", people.litware) for name in ("Ann", "Bob", "Cid")]


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_is_for_who_manages_users(client, people, colleagues, name):
    client.force_login(people.sam)
    posted = {"ids": [colleagues[0].pk]}
    assert client.post(reverse(name), posted).status_code == 403
    given = grant(people.sam, Permission.USERS_MANAGE, scope="own_tenant")
    answer = client.post(reverse(name), posted)
    assert (answer.status_code, answer.context["users"]) == (200, [colleagues[0]])
    assert client.get(reverse(name)).status_code == 405
    given.role.assignments.update(ended_at=timezone.now())
    assert client.post(reverse(name), posted).status_code == 403


def test_the_first_visit_only_asks(client, people, colleagues):
    client.force_login(people.olivia)
    answer = deactivate(client, *colleagues, confirmed=[])
    page = answer.content.decode()
    assert "Deactivate 3 people?" in page
    assert "Ann Lee" in page
    assert active(*colleagues) == [True, True, True]


def test_all_are_deactivated_and_out_at_their_next_click(client, people, colleagues):
    give(colleagues[0], "tenant_user", scope="own_tenant")
    theirs = Client()
    theirs.force_login(colleagues[0])
    assert theirs.get(reverse("accounts:user-list")).status_code == 200
    client.force_login(people.olivia)
    answer = deactivate(client, *colleagues, filter="?q=lee")
    assert answer["Location"] == reverse("accounts:user-list") + "?q=lee"
    assert active(*colleagues) == [False, False, False]
    assert theirs.get(reverse("accounts:user-list")).status_code == 302
    assert AuditEntry.objects.latest("pk").action == "user.deactivated"
    client.post(reverse("accounts:user-activate"), {"confirmed": "1", "ids": [user.pk for user in colleagues]})
    assert active(*colleagues) == [True, True, True]


def test_an_end_is_set_for_all(client, people, colleagues):
    client.force_login(people.olivia)
    until = (timezone.now() + timedelta(days=4)).replace(microsecond=0)
    said = NOW | {"ids": [user.pk for user in colleagues], "access_expires_at": until.isoformat()}
    assert client.post(reverse("accounts:user-expire"), said).status_code == 302
    assert set(User.objects.filter(pk__in=said["ids"]).values_list("access_expires_at", flat=True)) == {until}
    passed = client.post(reverse("accounts:user-expire"), said | {"access_expires_at": "2020-01-01T00:00"})
    assert passed.status_code == 422


def test_a_reason_is_asked(client, people, colleagues):
    client.force_login(people.olivia)
    answer = deactivate(client, *colleagues, reason="")
    assert answer.status_code == 422
    assert active(*colleagues) == [True, True, True]


def test_one_id_beyond_reach_stops_all_and_names_nobody(client, people, colleagues):
    client.force_login(people.olivia)
    foreign, missing = deactivate(client, colleagues[0], people.theo), None
    missing = client.post(reverse("accounts:user-deactivate"), NOW | {"ids": [colleagues[0].pk, 999_999]})
    assert (foreign.status_code, missing.status_code) == (409, 409)
    assert "Theo" not in foreign.content.decode()
    assert active(colleagues[0], people.theo) == [True, True]


def test_somebody_seen_but_not_managed_stops_all(client, people, colleagues):
    grant(people.olivia, Permission.USERS_VIEW, scope="tenant", tenant=people.fabrikam)
    seen = person("Fay Fox", people.fabrikam)
    client.force_login(people.olivia)
    assert deactivate(client, colleagues[0], seen).status_code == 409
    assert active(colleagues[0], seen) == [True, True]


def test_one_whom_the_actor_does_not_cover_stops_all(client, people, colleagues):
    give(colleagues[1], "script_manager", scope="tenant", tenant=people.fabrikam)
    client.force_login(people.olivia)
    answer = deactivate(client, *colleagues)
    assert answer.status_code == 403
    assert active(*colleagues) == [True, True, True]


def matching(client, expected: int, **said):
    posted = {"all": "1", "filter": "?q=lee", "expected": expected}
    return client.post(reverse("accounts:user-deactivate"), NOW | posted | said)


def test_all_that_match_are_worked_out_again(client, people, colleagues):
    client.force_login(people.olivia)
    assert matching(client, 3).status_code == 302
    assert active(*colleagues) == [False, False, False]


def test_a_number_that_moved_is_a_conflict_and_nothing_happens(client, people, colleagues):
    client.force_login(people.olivia)
    person("Dee Lee", people.litware)
    answer = matching(client, 3)
    assert answer.status_code == 409
    assert "This has changed since you looked" in answer.content.decode()
    assert active(*colleagues) == [True, True, True]


@pytest.mark.parametrize("said", [{"filter": "?q=a&x=1"}, {"filter": "?tenant=999999"}, {"all": "", "ids": ["x"]}])
def test_what_is_malformed_is_refused(client, people, colleagues, said):
    client.force_login(people.olivia)
    assert matching(client, 3, **said).status_code == 400


def test_nobody_switches_themselves_off_in_a_batch(client, people):
    client.force_login(people.olivia)
    assert deactivate(client, people.olivia).status_code == 409
    rows = client.get(reverse("accounts:user-list")).context["rows"]
    assert [row.may_change for row in rows if row.user == people.olivia] == [False]


def test_the_bar_offers_the_number_that_it_will_act_on(client, people):
    for number in range(12):
        person(f"N{number:02} Lee", people.litware)
    grant(people.olivia, Permission.USERS_VIEW, scope="tenant", tenant=people.fabrikam)
    person("Fay Lee", people.fabrikam)
    client.force_login(people.olivia)
    answer = client.get(reverse("accounts:user-list"), {"q": "lee", "rows": 10})
    assert (answer.context["listing"].total.count, answer.context["choosable"].count) == (13, 12)
    assert matching(client, 12).status_code == 302
