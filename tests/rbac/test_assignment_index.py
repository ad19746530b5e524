"""All assignments in one list: what is seen, what narrows it, its marks, its CSV, and several that end at once."""

import csv
import re
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.models import GroupMembership
from rbac.models import AuditEntry, RoleAssignment
from rbac.permissions import Permission
from tests.factories import GroupMembershipFactory
from tests.grants import deny, end, grant
from tests.outcomes import mark_of
from tests.people import People, give, give_group, person

INDEX, PEOPLE = reverse("rbac:assignment-index"), reverse("rbac:assignment-people")
END = reverse("rbac:assignment-end-several")


START = People


@pytest.fixture
def people(start) -> People:
    return start


def rows(client, **asked) -> list[RoleAssignment]:
    answer = client.get(INDEX, asked)
    assert answer.status_code == 200
    return [line.held.row for line in answer.context["lines"]]


def marks(client, **asked) -> dict[int, str]:
    lines = client.get(INDEX, asked).context["lines"]
    return {line.held.row.pk: str(line.mark) for line in lines if line.mark}


def read(client, name: str, **asked) -> list[dict[str, str]]:
    answer = client.get(reverse(name), asked)
    return list(csv.DictReader(line.decode() for line in answer.streaming_content))


@pytest.fixture
def marcus(client, people):
    client.force_login(people.marcus)
    return people.marcus


# What is seen


def test_it_comes_and_goes_with_the_permission(client, people):
    client.force_login(people.sam)
    assert client.get(INDEX).status_code == client.get(PEOPLE).status_code == 403
    given = grant(people.sam, Permission.USERS_VIEW, scope="own_tenant")
    assert given in rows(client)
    end(given)
    assert client.get(INDEX).status_code == 403


def test_an_assignment_is_seen_with_its_principal_and_its_scope(client, people):
    near = give(people.sam, "tenant_user", scope="own_tenant")
    elsewhere = give(people.sam, "tenant_user", scope="tenant", tenant=people.fabrikam)
    strangers = give(people.dana, "tenant_user", scope="tenant", tenant=people.litware)
    client.force_login(people.olivia)
    seen = rows(client)
    assert near in seen
    assert elsewhere not in seen
    assert strangers not in seen
    shown = client.get(INDEX).content.decode() + client.get(PEOPLE).content.decode()
    assert "Fabrikam" not in shown
    assert "Dana" not in shown


def test_it_reads_as_sentences_newest_first(client, people, marcus):
    give(people.dana, "msp_user", scope="msp", tenant=people.contoso, granted_by=marcus, reason="INC-7")
    give_group(people.desk, "auditor", scope="tenant", tenant=people.fabrikam)
    assert [row.role.name for row in rows(client)][:2] == ["Auditor", "MSP User"]
    shown = client.get(INDEX).content.decode()
    for words in ("<b>MSP User</b>", " and its customers", ": INC-7", "Group of Contoso MSP", "Service Desk"):
        assert words in shown


def test_whoever_does_not_see_everybody_reads_on_and_back_and_is_told_how_many(client, people):
    given = [grant(people.sam, Permission.SCRIPTS_VIEW, scope="own_tenant") for _ in range(11)]
    client.force_login(people.olivia)
    shown = {sort: rows(client, sort=sort) for sort in ("given", "-given", "ends", "-ends", "who", "-who")}
    assert {len(each) for each in shown.values()} == {len(given) + 1}
    for sort, every in shown.items():
        first = client.get(INDEX, {"sort": sort, "rows": 10}).context["listing"]
        then = client.get(first.next_url).context["listing"]
        assert [*first.rows, *then.rows] == every
        assert (first.summary, then.summary) == ("1–10 of 12", "11–12 of 12")
        assert client.get(then.previous_url).context["listing"].rows == first.rows


# What narrows it


@pytest.fixture
def given(people) -> dict[str, RoleAssignment]:
    soon = timezone.now() + timedelta(days=3)
    later = timezone.now() + timedelta(days=20)
    return {
        "soon": give(people.sam, "auditor", scope="tenant", tenant=people.litware, expires_at=soon),
        "later": give(people.sam, "msp_user", scope="own_tenant", starts_at=later),
        "group": give_group(people.desk, "tenant_user", scope="own_tenant", granted_by=people.olivia),
        "deny": deny(people.theo, Permission.SCRIPTS_VIEW, scope="tenant", tenant=people.northwind),
    }


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"soon": "on"}, ["soon"]),
        ({"status": "starting"}, ["later"]),
        ({"effect": "deny"}, ["deny"]),
        ({"to": "groups"}, ["group"]),
        ({"q": "theo"}, ["deny"]),
        ({"q": "service d"}, ["group"]),
        ({"scope": "tenant"}, ["soon", "deny"]),
    ],
    ids=str,
)
def test_filters(client, marcus, given, asked, expected):
    assert set(rows(client, **asked)) == {given[name] for name in expected}


def test_filters_that_name_a_thing(client, people, marcus, given):
    assert rows(client, role=given["soon"].role_id) == [given["soon"]]
    assert rows(client, group=people.desk.pk) == [given["group"]]
    assert rows(client, granted_by=people.olivia.pk) == [given["group"]]
    assert rows(client, id=given["deny"].pk) == [given["deny"]]
    assert set(rows(client, user=people.sam.pk)) == {given["soon"], given["later"]}


def test_what_concerns_a_tenant_is_what_covers_it(client, people, marcus, given):
    everywhere = RoleAssignment.objects.get(user=marcus)
    home = RoleAssignment.objects.get(user=people.olivia)
    assert set(rows(client, tenant=people.litware.pk)) == {given["soon"], given["later"], everywhere, home}
    assert set(rows(client, tenant=people.contoso.pk)) == {everywhere, given["group"]}
    assert set(rows(client, tenant=people.northwind.pk)) == {everywhere, given["deny"]}


def test_what_is_over_is_seen_where_it_is_asked_for(client, people, marcus):
    over = give(people.sam, "auditor", scope="own_tenant")
    end(over)
    assert over not in rows(client)
    assert rows(client, status="ended") == [over]


@pytest.mark.parametrize("query", ["?role=x", "?tenant=0", "?status=odd", "?id=-1", "?mark=odd", "?nothing=1"])
def test_what_is_unknown_or_malformed_is_refused(client, marcus, query):
    assert client.get(INDEX + query).status_code == 400


def test_a_filter_by_what_is_hidden_is_refused_like_one_by_what_is_missing(client, people):
    client.force_login(people.olivia)
    hidden, missing = (client.get(INDEX, {"user": pk}) for pk in (people.theo.pk, 999_999))
    assert hidden.status_code == missing.status_code == 400
    assert vars(hidden.context["lost"]) == vars(missing.context["lost"])  # whole answers: tests/walk/test_hostile.py


def test_people_and_groups_are_sorted_by_one_alphabet(client, people, marcus, given):
    found = [str(row.user or row.group) for row in rows(client, sort="who")]
    assert found == sorted(found)
    assert {"Service Desk", "Sam Okafor"} <= set(found)
    answer = client.get(INDEX, {"sort": "who", "rows": 10})
    assert answer.context["listing"].next_url == ""


# Per person


def test_per_person_it_shows_what_comes_through_groups(client, people, marcus, given):
    answer = client.get(PEOPLE)
    held = {person.user: [each.row for each in person.held] for person in answer.context["people"]}
    assert held[people.dana] == [given["group"]]
    assert held[people.sam] == [given["later"], given["soon"]]
    assert "Service Desk" in answer.content.decode()
    GroupMembership.objects.update(ended_at=Now())
    assert people.dana not in {person.user for person in client.get(PEOPLE).context["people"]}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"to": "groups"}, ["Dana"]),
        ({"q": "sam"}, ["Sam"]),
        ({"soon": "on"}, ["Sam"]),
        ({"effect": "deny"}, ["Theo"]),
        ({"q": "nobody of this name"}, []),
    ],
    ids=str,
)
def test_people_are_those_whom_such_an_assignment_reaches(client, marcus, given, asked, names):
    people = client.get(PEOPLE, asked).context["people"]
    assert [person.user.name.split()[0] for person in people] == names


def test_a_group_reaches_each_member_at_their_own_home(client, people, marcus, given):
    GroupMembershipFactory(group=people.desk, user=people.sam)
    found = client.get(PEOPLE, {"tenant": people.litware.pk, "to": "groups"}).context["people"]
    assert [person.user for person in found] == [people.sam]
    found = client.get(PEOPLE, {"tenant": people.contoso.pk, "to": "groups"}).context["people"]
    assert [person.user for person in found] == [people.dana]


# As CSV


def test_the_csv_is_the_list(client, marcus, given):
    for asked in ({}, {"effect": "deny"}, {"sort": "who"}, {"status": "starting"}):
        lines = read(client, "rbac:assignment-export", **asked)
        assert [int(line["Number"]) for line in lines] == [row.pk for row in rows(client, **asked)]
    line = read(client, "rbac:assignment-export", id=given["deny"].pk)[0]
    assert (line["Who"], line["Effect"], line["Where"]) == ("Theo Brandt", "Deny", "Northwind")


def test_the_csv_has_the_marks(client, people, marcus):
    for _ in range(2):
        grant(people.sam, Permission.SCRIPTS_VIEW, scope="own_tenant")
    lines = read(client, "rbac:assignment-export", user=people.sam.pk)
    assert [bool(line["Mark"]) for line in lines] == [True, False]


def test_the_csv_per_person_has_a_line_for_each_way(client, people, marcus, given):
    lines = read(client, "rbac:assignment-people-export")
    page = client.get(PEOPLE).context["people"]
    assert [(line["Who"], line["Number"]) for line in lines] == [
        (person.user.name, str(held.row.pk)) for person in page for held in person.held
    ]
    assert next(line["Through"] for line in lines if line["Who"] == "Dana Whitfield") == "Service Desk"


# Several that end at once


def finish(client, *ended: RoleAssignment, **more):
    """As who has read what it does, once it is confirmed."""
    ids = [row.pk for row in ended]
    seen = {"shown": mark_of(client.post(END, {"ids": ids}))} if "confirmed" in more else {}
    return client.post(END, {"ids": ids, **seen, **more})


def over(*ended: RoleAssignment) -> list[bool]:
    return [RoleAssignment.objects.get(pk=row.pk).ended_at is not None for row in ended]


def test_several_of_different_people_end_with_one_reason_and_one_entry(client, people, marcus, given):
    chosen = given["soon"], given["group"], given["deny"]
    assert finish(client, *chosen).status_code == 200
    assert over(*chosen) == [False, False, False]
    assert finish(client, *chosen, confirmed=1, reason="").status_code == 422
    before = AuditEntry.objects.count()
    answer = finish(client, *chosen, confirmed=1, reason="Tidying", filter="?scope=tenant")
    assert answer["Location"] == f"{INDEX}?scope=tenant"
    assert over(*chosen) == [True, True, True]
    assert AuditEntry.objects.count() == before + 1
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.target_label, entry.reason) == ("role_assignment.ended", "3 holders", "Tidying")
    assert {user["name"] for user in entry.after["users"]} == {"Sam Okafor", "Theo Brandt"}


def test_all_that_match_end_as_long_as_they_are_what_was_seen(client, people, marcus, given):
    every = {"all": "1", "filter": "?to=users&scope=tenant"}
    seen = client.post(END, {**every, "expected": 2})
    first, *more = (line.text for line in seen.context["outcome"]["lines"])
    assert re.fullmatch(r"Sam Okafor loses \d+ permissions", first)
    assert more == ["On 1 tenant"]
    asked = {**every, "confirmed": 1, "reason": "Tidying", "shown": mark_of(seen)}
    assert client.post(END, {**asked, "expected": 3}).status_code == 409
    assert client.post(END, {**asked, "expected": 2}).status_code == 302
    assert over(given["soon"], given["deny"], given["group"]) == [True, True, False]


@pytest.mark.parametrize("whose", ["hidden", "stronger", "ended", "missing"])
def test_what_is_not_the_readers_to_end_stops_all(client, people, whose):
    mine = give(people.sam, "tenant_user", scope="own_tenant")
    other = {
        "hidden": lambda: give(people.theo, "tenant_user", scope="own_tenant"),
        "stronger": lambda: give(person("Max", people.litware), "script_manager", scope="own_tenant"),
        "ended": lambda: give(people.sam, "auditor", scope="own_tenant"),
        "missing": lambda: RoleAssignment(pk=999_999),
    }[whose]()
    if whose == "stronger":
        give(other.user, "msp_user", scope="tenant", tenant=people.fabrikam)
    if whose == "ended":
        end(other)
    client.force_login(people.olivia)
    answer = finish(client, mine, other, confirmed=1, reason="Tidying")
    assert answer.status_code == 409
    assert over(mine) == [False]
    assert "Fabrikam" not in answer.content.decode()
    assert finish(client, mine, confirmed=1, reason="Tidying").status_code == 302


def test_only_what_may_be_ended_can_be_chosen(client, people):
    mine = give(people.sam, "tenant_user", scope="own_tenant")
    strong = give(person("Max", people.litware), "tenant_user", scope="own_tenant")
    give(strong.user, "msp_user", scope="tenant", tenant=people.fabrikam)
    client.force_login(people.olivia)
    offered = {line.held.row for line in client.get(INDEX).context["lines"] if line.may_end}
    assert mine in offered
    assert strong not in offered
    reader = person("Ray Reader", people.litware)
    grant(reader, Permission.USERS_VIEW, scope="own_tenant")
    client.force_login(reader)
    assert not any(line.may_end for line in client.get(INDEX).context["lines"])


def test_no_list_offers_what_the_one_person_page_does_not(client, people, marcus, given):
    """Of the owner, who holds everything, and of a customer's administrator: the same on both pages."""
    give(people.sam, "tenant_user", scope="own_tenant")
    for reader in (marcus, people.olivia):
        client.force_login(reader)
        offered = {
            line.held.row.pk for line in client.get(INDEX, {"user": people.sam.pk}).context["lines"] if line.may_end
        }
        page = client.get(reverse("rbac:assignment-list", args=[people.sam.pk]))
        assert offered == set(page.context["endable"])
