"""The audit log shows whole entries of what the reader covers, by day, and nothing of anybody else."""

import re

import pytest
from django.urls import reverse

from rbac.audit import SYSTEM, Actor, named, record
from rbac.permissions import Permission
from tests.factories import ScriptFactory, TenantFactory, UserFactory
from tests.grants import end, grant
from tests.story import tell

pytestmark = pytest.mark.django_db
LIST = reverse("rbac:audit-list")


@pytest.fixture
def story():
    return tell()


def shown(client, **filters) -> str:
    answer = client.get(LIST, filters)
    assert answer.status_code == 200
    return re.sub(r"<[^>]+>", "", answer.content.decode())


def test_an_entry_is_seen_from_the_grant_to_its_end(client, story):
    ours = record(Actor(story.dana), "computer.edited", target=story.dc01, tenant=story.fabrikam)
    theirs = record(Actor(story.olivia), "computer.edited", target=story.bikes, tenant=story.adventure)
    client.force_login(story.grace)
    assert client.get(LIST).status_code == 403
    given = grant(story.grace, Permission.AUDIT_VIEW, scope="own_tenant")
    page = shown(client)
    assert "Edited computer DC01" in page
    assert "Dana Whitfield" in page
    assert "AW-BIKES" not in page
    assert client.get(reverse("rbac:audit-detail", args=[ours.pk])).status_code == 200
    assert client.get(reverse("rbac:audit-detail", args=[theirs.pk])).status_code == 404
    end(given)
    assert client.get(LIST).status_code == 403


def test_what_belongs_to_no_tenant_takes_the_permission_on_the_system(client, story):
    entry = record(Actor(story.marcus), "switch.set", label="Enable Access Requests")
    for person, status in ((story.rosa, 404), (story.hugo, 200)):
        client.force_login(person)
        assert client.get(reverse("rbac:audit-detail", args=[entry.pk])).status_code == status
        assert ("Enable Access Requests" in shown(client)) is (status == 200)


def test_people_of_another_provider_are_the_operator_of_this_system(client, story):
    record(Actor(story.olivia, address="203.0.113.9"), "computer.edited", target=story.dc01, tenant=story.fabrikam)
    entry = record(
        Actor(story.dana, impersonator=story.olivia), "computer.noted", target=story.dc01, tenant=story.fabrikam
    )
    client.force_login(story.rosa)
    page = shown(client)
    assert "Olivia" not in page
    assert "The operator of this system as Dana Whitfield" in re.sub(r"\s+", " ", page)
    detail = client.get(reverse("rbac:audit-detail", args=[entry.pk])).content.decode()
    assert "Olivia" not in detail
    assert "203.0.113.9" not in detail


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"q": "dc01"}, {"DC01"}),
        ({"action": "computer.edited"}, {"DC01", "AW-BIKES"}),
        ({"action": "refused"}, {"FAB-LT-0147"}),
        ({"kind": "script"}, {"Clear print queue"}),
        ({"since": "2020-01-01", "until": "2020-01-02"}, set()),
        ({"system": "on"}, {"Clear print queue"}),
    ],
)
def test_filters_narrow_the_list(client, story, filters, expected):
    record(SYSTEM, "computer.edited", target=story.dc01, tenant=story.fabrikam)
    record(SYSTEM, "computer.edited", target=story.bikes, tenant=story.adventure)
    record(SYSTEM, "computer.refused", target=story.laptop, tenant=story.fabrikam, after={"act": "computer.moved"})
    record(SYSTEM, "script.created", target=ScriptFactory(name="Clear print queue"))
    client.force_login(story.hugo)
    page = shown(client, **filters)
    assert {name for name in ("DC01", "AW-BIKES", "FAB-LT-0147", "Clear print queue") if name in page} == expected


def test_a_target_narrows_it_to_what_happened_to_one_thing(client, story):
    record(Actor(story.dana), "computer.edited", target=story.dc01, tenant=story.fabrikam)
    record(Actor(story.dana), "computer.edited", target=story.laptop, tenant=story.fabrikam)
    both = {"computers": named([story.dc01, story.laptop])}
    record(Actor(story.dana), "computer.tagged", label="2 computers", tenant=story.fabrikam, after=both)
    theirs = record(Actor(story.dana), "computer.noted", target=story.press, tenant=story.northwind)
    client.force_login(story.rosa)
    page = shown(client, target=f"computer:{story.dc01.pk}")
    assert "1–2 of 2" in page
    assert ("FAB-LT-0147" in page, "2 computers" in page, "AboutDC01" in page) == (False, True, True)
    page = shown(client, target=f"computer:{story.press.pk}")
    assert (theirs.target_label in page, "Nothing matches" in page) == (False, True)


@pytest.mark.parametrize("target", ["computer", "computer:x", "comet:1", "computer:-1", "computer:1:2", ":1"])
def test_a_target_that_is_none_is_refused(client, story, target):
    client.force_login(story.hugo)
    assert client.get(LIST, {"target": target}).status_code == 400


def test_an_entry_leads_to_all_about_its_target_and_all_by_its_actor(client, story):
    entry = record(Actor(story.dana), "computer.edited", target=story.dc01, tenant=story.fabrikam)
    for person, knows in ((story.hugo, True), (story.rosa, False)):
        client.force_login(person)
        page = client.get(reverse("rbac:audit-detail", args=[entry.pk])).content.decode()
        assert f'href="{LIST}?target=computer:{story.dc01.pk}"' in page
        assert (f'href="{LIST}?actor={story.dana.pk}"' in page) is knows


def test_an_entry_that_reached_very_many_names_the_first(client, story):
    many = [{"id": number, "name": f"PC-{number:04}"} for number in range(250)]
    entry = record(Actor(story.dana), "computer.tagged", tenant=story.fabrikam, after={"computers": many})
    client.force_login(story.hugo)
    page = client.get(reverse("rbac:audit-detail", args=[entry.pk])).content.decode()
    assert ("PC-0099" in page, "PC-0100" in page, "and 150 more" in page) == (True, False, True)


def test_actor_and_tenant_narrow_it_to_what_the_reader_may_see(client, story):
    record(Actor(story.dana), "computer.edited", target=story.dc01, tenant=story.fabrikam)
    record(Actor(story.marcus), "computer.noted", target=story.press, tenant=story.northwind)
    client.force_login(story.hugo)
    assert "NW-PRESS" not in shown(client, actor=story.dana.pk)
    assert "DC01" not in shown(client, tenant=story.northwind.pk)
    client.force_login(story.rosa)
    assert client.get(LIST, {"actor": story.olivia.pk}).status_code == 400
    assert client.get(LIST, {"tenant": story.northwind.pk}).status_code == 400
    assert client.get(LIST, {"system": "on"}).status_code == 400


@pytest.mark.parametrize("filters", [{"sort": "who"}, {"since": "soon"}, {"action": "x.y"}, {"after": "1"}, {"x": "1"}])
def test_what_is_unknown_or_malformed_is_refused(client, story, filters):
    client.force_login(story.hugo)
    assert client.get(LIST, filters).status_code == 400


def test_the_number_of_queries_does_not_depend_on_the_rows(client, django_assert_max_num_queries):
    tenants = TenantFactory.create_batch(12)
    people = [UserFactory(tenant=tenant) for tenant in tenants]
    reader = UserFactory()
    grant(reader, Permission.AUDIT_VIEW)
    client.force_login(reader)
    for person in people:
        record(Actor(person), "user.edited", target=person, tenant=person.tenant)
    client.get(LIST)
    with django_assert_max_num_queries(6):  # session, user, access, rows, count; facts where scopes need them
        assert "12 of 12" in shown(client)


def test_every_entry_page_says_what_was_before_and_after(client, story):
    said = {"before": {"tags": ["HQ", "Tier 0"], "os": ""}, "after": {"tags": ["Tier 0", "Branch"], "os": "Linux"}}
    entry = record(
        Actor(story.dana, request_id="5c1e"), "computer.tagged", target=story.dc01, tenant=story.fabrikam, **said
    )
    client.force_login(story.hugo)
    page = client.get(reverse("rbac:audit-detail", args=[entry.pk])).content.decode()
    assert '<del class="was">HQ</del>' in page
    assert '<ins class="is">+ Branch</ins>' in page
    assert "Operating system" in page
    assert "1 kept" in page
    assert entry.hash in page
    assert "Matches its contents" in page


def test_an_entry_says_whether_it_reached_people_or_things(client, story):
    client.force_login(story.hugo)
    for said, heading in (
        ({"users": ["Dana Whitfield"]}, "Whom it reached"),
        ({"computers": ["DC01"]}, "What it reached"),
    ):
        entry = record(Actor(story.marcus), "computer.tagged", tenant=story.fabrikam, before=said)
        assert heading in client.get(reverse("rbac:audit-detail", args=[entry.pk])).content.decode()
