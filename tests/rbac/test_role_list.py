"""The list of roles: which are seen, what their numbers count, what narrows it, and the same rows as CSV."""

import csv
from io import StringIO

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rbac import role_use
from rbac.access import access_for
from rbac.models import Role
from rbac.permissions import Permission
from tests.factories import GroupFactory, GroupMembershipFactory, RoleAssignmentFactory, RoleFactory, UserFactory
from tests.grants import end, grant
from tests.people import give
from tests.story import Story, tell

pytestmark = pytest.mark.django_db
LIST, EXPORT = reverse("rbac:role-list"), reverse("rbac:role-export")


def story_with_roles() -> tuple[Story, dict[str, Role]]:
    """The story, and a role for everybody and one of each owner."""
    story = tell()
    return story, {
        "shared": RoleFactory(name="Reader", description="Reads tenants"),
        "contoso": RoleFactory(
            name="Technician", tenant=story.contoso, permissions=["tenants:view", "computers:view", "scripts:manage"]
        ),
        "fabrikam": RoleFactory(name="No scripts", tenant=story.fabrikam, deny_only=True),
        "adventure": RoleFactory(name="Bicycles", tenant=story.adventure),
    }


START = story_with_roles


@pytest.fixture
def story(start) -> Story:
    return start[0]


@pytest.fixture
def roles(start) -> dict[str, Role]:
    return start[1]


def shown(client, **query):
    answer = client.get(LIST, query)
    assert answer.status_code == 200, answer.content
    return {row.role.name: row for row in answer.context["rows"]}


def test_a_role_of_a_tenant_is_seen_there_and_below(client, story, roles):
    own = set(Role.objects.filter(key=None).values_list("name", flat=True))
    for person, hidden in (
        (story.hugo, set()),
        (story.dana, {"Bicycles"}),
        (story.rosa, {"Bicycles"}),
        (story.olivia, {"Technician", "No scripts"}),
    ):
        client.force_login(person)
        assert shown(client).keys() & own == own - hidden


def test_it_is_seen_from_the_grant_to_its_end(client, story, roles):
    user = UserFactory(tenant=story.northwind)
    client.force_login(user)
    assert client.get(LIST).status_code == 403
    given = grant(user, Permission.ROLES_VIEW, scope="own_tenant")
    assert "Technician" in shown(client)
    assert "No scripts" not in shown(client)
    assert client.get(reverse("rbac:role-detail", args=[roles["fabrikam"].pk])).status_code == 404
    end(given)
    assert client.get(LIST).status_code == 403


def test_an_owner_beyond_view_is_not_named(client, story, roles):
    client.force_login(story.rosa)
    assert shown(client)["Technician"].owner == "Outside your view"
    assert shown(client)["No scripts"].owner == "Fabrikam"
    assert shown(client)["Reader"].owner == "The instance"
    for address in (LIST, reverse("rbac:role-detail", args=[roles["contoso"].pk]), EXPORT):
        assert b"Contoso" not in b"".join(client.get(address))


def test_every_number_leads_to_the_rows_that_it_counts(client, story, roles):
    desk = GroupFactory(name="Service Desk", tenant=story.contoso)
    for member in (story.dana, UserFactory(tenant=story.contoso), story.grace):
        GroupMembershipFactory(group=desk, user=member)
    RoleAssignmentFactory(group=desk, role=roles["shared"], scope="tenant", tenant=story.fabrikam)
    RoleAssignmentFactory(user=story.dana, role=roles["shared"], scope="own_tenant")
    RoleAssignmentFactory(user=story.olivia, role=roles["shared"], scope="own_tenant")
    given = {*Role.objects.exclude(assignments=None), roles["adventure"]}  # and one that nobody has
    for person, counts in ((story.hugo, (3, 4)), (story.dana, (2, 3)), (story.rosa, (0, 0)), (story.olivia, (1, 1))):
        client.force_login(person)
        for row in (each for each in shown(client).values() if each.role in given):
            people = client.get(row.people_url).context["listing"].total
            holders = client.get(reverse("rbac:role-holder-list", args=[row.role.pk])).context["listing"].total
            assert row.use == (holders, people), (person, row.role)
            listed = client.get(reverse("rbac:assignment-index"), {"role": row.role.pk})
            assert listed.status_code != 200 or listed.context["listing"].total == holders, (person, row.role)
        use = shown(client)["Reader"].use
        assert (use.assignments.count, use.people.count) == counts


def test_only_what_counts_now_is_counted(client, story, roles):
    client.force_login(story.hugo)
    denied = RoleFactory(name="Denied")
    RoleAssignmentFactory(user=story.grace, role=denied, effect="deny")
    end(RoleAssignmentFactory(user=story.rosa, role=denied))
    use = shown(client)["Denied"].use
    assert (use.assignments.count, use.people.count) == (1, 0)


def test_whoever_sees_all_asks_for_numbers_in_the_same_words(story, roles):
    """So that what one of them asked is kept for the others; nobody else is given it."""
    other = UserFactory(tenant=story.contoso)
    GroupMembershipFactory(group=GroupFactory(name="All of us", tenant=None), user=other)
    give(other, "auditor", scope="owner")
    accesses = [access_for(user) for user in (story.hugo, other, story.dana)]
    hugo, auditor, dana = (str(role_use._walk(each, Q(pk=1)).query) for each in accesses)
    assert hugo == auditor != dana
    ids = [*Role.objects.values_list("pk", flat=True)]
    role_use._WALKS.clear()
    counted = [role_use._walked(each, ids) for each in (*accesses, *accesses)]
    assert counted[0] == counted[1] == counted[3] == counted[4] != counted[2] == counted[5]
    assert list(role_use._WALKS) == [role_use.CAP]


def test_numbers_end_at_the_cap(client, story, roles, monkeypatch):
    monkeypatch.setattr(role_use, "CAP", 2)
    for user in UserFactory.create_batch(4, tenant=story.fabrikam):
        give(user, "auditor", scope="own_tenant")
        give(user, "script_manager", scope="own_tenant")
        RoleAssignmentFactory(user=user, role=Role.objects.get(key="script_manager"), scope="owner")
    client.force_login(story.hugo)
    rows = shown(client)
    assert str(rows["Auditor"].use.assignments) == "more than 2"
    assert str(rows["Auditor"].use.people) == "more than 2"
    assert str(rows["Script Manager"].use.people) in ("more than 1", "more than 2")


def test_without_view_users_there_is_no_number_of_people(client, story, roles):
    user = UserFactory(tenant=story.contoso)
    grant(user, Permission.ROLES_VIEW, scope="own_tenant")
    client.force_login(user)
    answer = client.get(LIST)
    assert b'data-l="Assignments"' not in answer.content
    assert b'data-l="Permissions"' in answer.content
    assert b"Assignments" not in b"".join(client.get(EXPORT))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "reads tenants"}, {"Reader"}),
        ({"type": "deny_only"}, {"No scripts"}),
        ({"type": "custom"}, {"Reader", "Technician", "Bicycles"}),
        ({"shared": "on", "type": "custom"}, {"Reader"}),
        ({"permission": "scripts:manage", "type": "custom"}, {"Technician"}),
        ({"q": "no role of this name"}, set()),
    ],
)
def test_filters_narrow_it(client, story, roles, query, expected):
    client.force_login(story.hugo)
    assert set(shown(client, **query)) == expected


def test_it_is_narrowed_to_an_owner_that_the_reader_sees(client, story, roles):
    client.force_login(story.hugo)
    assert set(shown(client, tenant=story.contoso.pk)) == {"Technician", "No scripts"}
    client.force_login(story.rosa)
    hidden, missing = (client.get(LIST, {"tenant": pk}) for pk in (story.adventure.pk, 999_999))
    assert hidden.status_code == missing.status_code == 400
    assert vars(hidden.context["lost"]) == vars(missing.context["lost"])  # whole answers: tests/walk/test_hostile.py


def test_pages_follow_each_other_in_every_order(client, story, roles):
    client.force_login(story.hugo)
    for sort in ("name", "-name", "type", "owner", "-owner", "-permissions", "permissions"):
        first = client.get(LIST, {"sort": sort, "rows": 10})
        second = client.get(first.context["listing"].next_url)
        found = [row.role.name for answer in (first, second) for row in answer.context["rows"]]
        assert found == list(shown(client, sort=sort)), sort
        assert len(found) == 14


def test_what_is_not_declared_is_refused(client, story):
    client.force_login(story.hugo)
    for query in ("type=x", "permission=x:y", "sort=use", "after=1", "x=1", "tenant=a", "q=a&q=b"):
        assert client.get(f"{LIST}?{query}").status_code == 400, query


def test_the_export_is_the_list(client, story, roles):
    for person, query in ((story.hugo, {}), (story.rosa, {"sort": "-permissions"}), (story.dana, {"type": "custom"})):
        client.force_login(person)
        head, *lines = csv.reader(StringIO(b"".join(client.get(EXPORT, query)).decode()))
        rows = shown(client, **query).values()
        assert head[:7] == ["Name", "Type", "Owner", "Description", "Assignments", "Users", "Permissions"]
        assert [line[:3] for line in lines] == [[row.role.name, row.type, row.owner] for row in rows]
        assert [line[4:6] for line in lines] == [[str(n) for n in row.use] for row in rows]
        assert [line[6] for line in lines] == [str(len(line[7].split())) for line in lines]


def test_its_queries_do_not_grow_with_its_rows(client, story, roles):
    client.force_login(story.dana)
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            shown(client)
        counts.append(len(captured))
        for role in RoleFactory.create_batch(5, tenant=story.fabrikam):
            RoleAssignmentFactory(role=role, user__tenant=story.contoso, scope="own_tenant")
    assert counts[1] == counts[2]


def test_the_first_sentence_counts_by_type_with_links(client, story, roles):
    client.force_login(story.hugo)
    kinds = client.get(LIST).context["kinds"]
    assert [(kind.number, kind.words) for kind in kinds] == [(10, "built-in"), (3, "custom"), (1, "for denying only")]
    assert all(len(client.get(kind.address).context["rows"]) == kind.number for kind in kinds)
