"""The page of the switches and the page before a flip: who may, what it says, and that it holds at the next request."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from rbac.access import access_for
from rbac.models import AuditEntry, Switch
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests.factories import ComputerFactory, GroupMembershipFactory, ScriptFactory, SwitchFactory
from tests.grants import deny, end, grant
from tests.outcomes import mark_of
from tests.people import People, give, give_group, person

SUSPENDED = (Permission.COMPUTERS_USE_TERMINAL, Permission.SCRIPTS_RUN, Permission.SCRIPTS_MANAGE)
KEY, SCRIPTS = SwitchKey.TERMINAL_AND_SCRIPTS, Permission.SCRIPTS_MANAGE
LIST = reverse("rbac:preference-list")
OFF, ON = (reverse("rbac:switch-change", kwargs={"key": KEY, "enabled": enabled}) for enabled in (False, True))


START = People


@pytest.fixture
def people(start) -> People:
    return start


@pytest.fixture
def owner(client, people) -> Client:
    client.force_login(people.marcus)
    return client


def stands() -> bool:
    return Switch.objects.filter(key=KEY, tenant=None).values_list("enabled", flat=True).first() is not False


def text(answer) -> str:
    """Return what the page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", answer.content.decode()))


def post(client: Client, to: str = OFF, **said):
    """As who has read what it does, and typed how many it touches where that gives great power."""
    seen = {} if "shown" in said else {"shown": mark_of(client.get(to))}
    known = {"expected": "1", "confirmation": "1 person", "reason": "Insurer's condition 4.2"}
    return client.post(to, {**known, **seen, **said})


# Who may


def test_the_page_is_for_who_may_view_system_preferences(client, people):
    client.force_login(people.dana)
    assert client.get(LIST).status_code == 403
    given = grant(people.dana, Permission.PREFERENCES_VIEW_SYSTEM, scope="owner")
    answer = client.get(LIST)
    assert answer.status_code == 200
    assert "setting one takes Manage System Preferences" in text(answer)
    assert b'role="switch"' not in answer.content
    assert OFF not in answer.content.decode()
    end(given)
    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_flip_takes_the_permission_to_manage_them(client, people, method):
    client.force_login(people.dana)
    grant(people.dana, Permission.PREFERENCES_VIEW_SYSTEM, scope="owner")
    assert getattr(client, method)(OFF).status_code == 403
    given = grant(people.dana, Permission.PREFERENCES_MANAGE_SYSTEM, scope="owner")
    assert getattr(client, method)(OFF).status_code in (200, 409)
    end(given)
    assert getattr(client, method)(OFF).status_code == 403
    assert stands()


@pytest.mark.parametrize("path", ["preferences/make_me_owner/on/", f"preferences/{KEY}/sideways/"])
def test_what_is_no_switch_and_no_position_is_not_there(owner, path):
    assert owner.get(f"/{path}").status_code == 404


# The list


def test_each_switch_says_how_it_stands_what_it_suspends_and_whom_a_flip_would_touch(owner, people):
    give(people.dana, "msp_user", scope="msp", tenant=people.contoso)
    SwitchFactory(key=KEY, tenant=people.litware)
    said = text(owner.get(LIST))
    assert "Suspends while off:" in said
    assert all(permission.label in said for permission in SUSPENDED)
    assert "Kept by MSP Administrator, Script Manager and Computer Terminal User." in said
    assert "Off would touch 1 person" in said
    assert "2 people have it now" in said
    assert "Tightened by Litware" in said
    assert "Nothing hangs on it yet" not in said


def test_its_switches_lead_to_the_page_before_the_flip(owner):
    page = owner.get(LIST).content.decode()
    forms = re.findall(r'<form method="get" action="([^"]+)"><button type="submit" class="switch" role="switch"', page)
    assert len(forms) == len(SwitchKey)
    assert OFF in forms
    assert all(owner.get(address).status_code == 200 for address in forms)
    assert not Switch.objects.exists()


# The page before the flip


def test_it_names_who_loses_what_and_who_keeps_it(owner, people):
    give(people.dana, "msp_user", scope="msp", tenant=people.contoso)
    give(people.sam, "script_manager", scope="own_tenant")
    ComputerFactory.create_batch(2, tenant=people.fabrikam)
    answer = owner.get(OFF)
    assert "Turn off terminal and script editing for non-administrators?" in text(answer)
    assert "Nothing has changed yet." in text(answer)
    figures = {words: value for words, value, _, _ in answer.context["figures"]}
    assert figures == {
        "People who lose something": "1",
        "Lose all of it": "1",
        "Keep part": "0",
        "Tenants touched": "3",
        "Computers touched": "2",
        "Gain anything": "0",
    }
    assert names(answer) == ["Dana Whitfield"]
    assert "before: 3 tenants , after: 0" in text(answer)
    assert "Turn off for 1 person" in text(answer)
    assert names(owner.get(OFF, {"view": "same"})) == ["Marcus Oyelaran", "Sam Okafor"]


def names(answer) -> list[str]:
    return [each.person.name for each in answer.context["selection"].shown]


def test_of_a_crowd_it_says_at_most_and_names_the_roles_of_those_it_shows(owner, people, monkeypatch):
    give_group(people.desk, "msp_user", scope="tenant", tenant=people.fabrikam)
    monkeypatch.setattr("rbac.ripples.EXACT", 0)
    answer = owner.get(OFF)
    figures = {words: value for words, value, _, _ in answer.context["figures"]}
    assert figures["People who lose something"] == figures["Tenants touched"] == "at most 1"
    assert "Turn off for at most 1 person" in text(answer)
    assert "Counted as the log will count it" in text(answer)
    assert "MSP User through Service Desk" in text(answer)
    assert "before: held , after: 0" in text(answer)
    assert post(owner).status_code == 302
    assert not stands()


def test_its_views_are_counted_searched_and_capped(owner, people):
    for number in range(60):
        give(person(f"Person{number:02} X", people.fabrikam), "msp_user", scope="own_tenant")
    answer = owner.get(OFF)
    assert (len(names(answer)), len(answer.context["selection"].matching)) == (50, 60)
    assert len(names(owner.get(OFF, {"every": "on"}))) == 60
    assert names(owner.get(OFF, {"q": "PERSON07"})) == ["Person07 X"]
    assert names(owner.get(OFF, {"q": "person07", "view": "same"})) == []
    assert ("Lose all 60", True) in [(label, current) for label, _, current in answer.context["views"]]


@pytest.mark.parametrize("query", ["view=asleep", "what=1", "q=a&q=b"])
def test_what_is_not_declared_is_refused(owner, query):
    assert owner.get(f"{OFF}?{query}").status_code == 400


def test_htmx_gets_the_table_with_its_views(owner):
    fragment = owner.get(OFF, {"view": "same"}, headers={"HX-Request": "true"}).content.decode()
    assert "<h1>" not in fragment
    assert 'id="ripple-views"' in fragment


def test_a_switch_by_which_nobody_gains_or_loses_says_so_and_can_be_set(owner):
    address = reverse("rbac:switch-change", kwargs={"key": SwitchKey.ACCESS_REQUESTS, "enabled": False})
    assert "Nobody’s access changes" in text(owner.get(address))
    assert post(owner, address, expected="0").status_code == 302
    assert not Switch.objects.get().enabled


# The flip


def test_a_flip_binds_at_the_next_request_and_leaves_it_to_who_keeps_it(owner, people):
    script = ScriptFactory()
    give(people.dana, "msp_user", scope="owner")
    give(people.theo, "script_manager", scope="owner")
    assert [access_for(user).can(SCRIPTS, script) for user in (people.dana, people.theo)] == [True, True]
    assert post(owner)["Location"] == LIST
    assert [access_for(user).can(SCRIPTS, script) for user in (people.dana, people.theo)] == [False, True]
    assert post(owner, ON).status_code == 302
    assert access_for(people.dana).can(SCRIPTS, script)


def test_it_is_audited_with_its_reason_and_told_with_the_number(owner, people):
    give(people.dana, "msp_user", scope="owner")
    post(owner)
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.actor, entry.reason) == ("switch.set", people.marcus, "Insurer's condition 4.2")
    said = text(owner.get(LIST))
    assert "Terminal and script editing for non-administrators turned off" in said
    assert "It holds for 1 person from their next request." in said
    assert "See the audit entry" in said
    assert "Turned off Allow Non-Admins" in text(owner.get(reverse("rbac:audit-detail", args=[entry.pk])))
    assert "Off since" in said
    assert "Marcus Oyelaran" in said


def test_numbers_that_moved_change_nothing_and_are_said(owner, people):
    give(people.dana, "msp_user", scope="owner")
    give_group(people.desk, "msp_user", scope="owner")
    give(people.theo, "msp_user", scope="own_tenant")
    answer = post(owner)
    assert answer.status_code == 409
    assert "The numbers have moved" in text(answer)
    assert "Insurer&#x27;s condition 4.2" in answer.content.decode()
    assert b'name="expected" value="2"' in answer.content
    assert stands()
    assert post(owner, expected="2").status_code == 302


def test_the_entry_keeps_the_words_that_were_shown(owner, people):
    """Theo cannot act now: the page counts him in the words that the log keeps, not among those who lose it today."""
    give(people.dana, "msp_user", scope="owner")
    give(people.theo, "msp_user", scope="owner")
    User.objects.filter(pk=people.theo.pk).update(is_active=False)
    shown = owner.get(OFF)
    assert "Turn off for 1 person" in text(shown)
    assert "The log will say: 2 people lost and 0 people gained something on 5 tenants" in text(shown)
    assert post(owner).status_code == 302
    told = AuditEntry.objects.latest("id").after
    assert told["ripple"]["label"] == "2 people lost and 0 people gained something on 5 tenants"
    assert told["ripple"]["lost"] == dict.fromkeys(SUSPENDED, 2)
    assert [each["name"] for each in told["reached"]] == ["Dana Whitfield", "Theo Brandt"]


def test_other_people_than_were_shown_change_nothing_and_are_said(owner, people):
    """As many as before, and not the same."""
    given = give(people.dana, "msp_user", scope="owner")
    seen = mark_of(owner.get(OFF))
    end(given)
    give(people.theo, "msp_user", scope="owner")
    answer = post(owner, shown=seen)
    assert answer.status_code == 409
    assert "The numbers have moved" in text(answer)
    assert stands()


def test_giving_great_power_back_is_typed(owner, people):
    SwitchFactory(key=KEY)
    give(people.dana, "msp_user", scope="owner")
    shown = owner.get(ON)
    assert "Type 1 person to confirm" in text(shown)
    for typed in ("", "2 people"):
        answer = post(owner, ON, confirmation=typed, shown=mark_of(shown))
        assert answer.status_code == 422
        assert "This is not 1 person." in text(answer)
        assert "The numbers have moved" not in text(answer)
    assert not stands()
    assert "to confirm" not in text(owner.get(OFF))
    assert post(owner, ON).status_code == 302


def test_what_somebody_else_has_flipped_already_is_said(owner, people):
    SwitchFactory(key=KEY)
    answer = post(owner)
    assert answer.status_code == 409
    assert "It is off already" in text(answer)
    assert "Somebody has set it since this page was drawn." in text(answer)
    assert owner.get(OFF).status_code == 200


def test_without_a_reason_nothing_changes_and_nothing_is_lost(owner, people):
    give(people.dana, "msp_user", scope="owner")
    seen = mark_of(owner.get(OFF))
    for reason in ("", "  ", "x" * 1001):
        answer = post(owner, reason=reason, shown=seen)
        assert answer.status_code == 422
        assert "Nothing was changed." in text(answer)
        assert reason in answer.content.decode()
        assert "Dana Whitfield" in text(answer)
    assert stands()


def test_the_gates_no_is_said_on_the_page(client, people):
    """Somebody who may set switches but holds no scripts takes them from nobody (rule 4): asked first, said after."""
    give(people.dana, "msp_user", scope="owner")
    clerk = person("Clerk", people.contoso)
    grant(clerk, Permission.PREFERENCES_MANAGE_SYSTEM, Permission.USERS_VIEW, scope="owner")
    client.force_login(clerk)
    page = client.get(OFF)
    assert "You may not turn this off." in text(page)
    assert "This person holds access that you do not hold yourself." in page.context["change"].objections
    assert b"Turn off for" not in page.content
    written = AuditEntry.objects.count()
    answer = post(client)
    assert answer.status_code == 403
    assert "You may not turn this off." in text(answer)
    assert "This person holds access that you do not hold yourself." in text(answer)
    assert "Insurer&#x27;s condition 4.2" in answer.content.decode()
    assert stands()
    assert AuditEntry.objects.latest("id").action == "switch.refused"
    assert AuditEntry.objects.count() == written + 1


def test_nobody_turns_on_what_a_deny_takes_from_them(client, people):
    SwitchFactory(key=KEY)
    give(people.dana, "msp_user", scope="owner")
    denied = deny(people.marcus, SCRIPTS, scope="tenant", tenant=people.litware)
    client.force_login(people.marcus)
    assert client.get(ON).context["change"].objections == ["You do not hold Manage Scripts on all of it."]
    assert post(client, ON).status_code == 403
    assert not stands()
    end(denied)
    assert post(client, ON).status_code == 302


# Cost


@pytest.mark.parametrize("address", [LIST, OFF])
def test_its_queries_do_not_grow_with_people(owner, people, address):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert owner.get(address).status_code == 200
        return len(captured)

    give_group(people.desk, "msp_user", scope="msp", tenant=people.contoso)
    owner.get(address)
    few = queries()
    for number in range(20):
        someone = person(f"Person{number:02} X", people.fabrikam)
        give(someone, "msp_user", scope="own_tenant")
        give(someone, "msp_user", scope="tenant", tenant=people.litware)
        GroupMembershipFactory(group=people.desk, user=someone)
    assert queries() == few
    assert User.objects.count() > 20


def test_of_a_crowd_nobody_is_counted_before_it_is_asked_for(owner, client, people, monkeypatch):
    """Each switch takes about a second then."""
    for module in ("ripples", "ripple_words"):
        monkeypatch.setattr(f"rbac.{module}.EXACT", 0)
    give(people.dana, "msp_user", scope="own_tenant")
    said = text(owner.get(LIST))
    assert "Given to more than 0 people. Count whom it would touch" in said
    assert "Great power is given to more than 0 people" in said
    assert "would touch 1 person" not in said
    assert f'<a href="{OFF}">Count whom it would touch</a>' in owner.get(LIST).content.decode()

    grant(people.dana, Permission.PREFERENCES_VIEW_SYSTEM, scope="owner")
    client.force_login(people.dana)
    assert f'<a href="{LIST}?counted=on">Count whom it would touch</a>' in client.get(LIST).content.decode()
    assert re.search(r"Off would touch at most \d+ (person|people)", text(client.get(f"{LIST}?counted=on")))
