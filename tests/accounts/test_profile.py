"""One's own account: everything about oneself without any permission, and nothing about others."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests.accounts.signing_in import is_in, sign_in, signed_in
from tests.factories import (
    PASSWORD,
    ComputerFactory,
    GroupMembershipFactory,
    RoleAssignmentFactory,
    RoleFactory,
    TenantFactory,
)
from tests.people import give, give_group

pytestmark = pytest.mark.django_db
NEW = "seven tall ships at anchor"
PAGES = ["/profile/", "/profile/access/", "/profile/security/", "/profile/password/"]


@pytest.fixture(autouse=True)
def count_anew():
    cache.clear()


def text(answer):
    return answer.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_for_whoever_is_signed_in(client, people, path):
    assert client.get(path)["Location"] == f"/sign-in/?next={path}"
    client.force_login(people.sam)
    answer = client.get(path)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_my_assignments_are_sentences_without_any_permission(client, people):
    computer = ComputerFactory(name="LIT-SQL01", tenant=people.litware)
    role = RoleFactory(name="Scripts only", permissions=[Permission.SCRIPTS_VIEW], tenant=people.contoso)
    RoleAssignmentFactory(user=people.sam, role=role, scope="owner", computer_scope="computer", computer=computer)
    client.force_login(people.sam)
    page = text(client.get("/profile/"))
    for words in ("May act as", "Scripts only", "LIT-SQL01", "every tenant"):
        assert words in page
    assert "Further access outside your view" not in page


def test_what_comes_through_groups_stands_apart_and_ends_with_the_membership(client, people):
    give_group(people.desk, "msp_user", scope="msp", tenant=people.contoso)
    client.force_login(people.dana)
    page = text(client.get("/profile/"))
    assert "Through groups" in page
    assert "MSP User" in page
    people.dana.memberships.update(ended_at="2026-01-01T00:00Z")
    page = text(client.get("/profile/"))
    assert "MSP User" not in page
    assert "You are in no group." in page


def test_groups_tell_who_added_me_as_far_as_i_may_read_it(client, people):
    GroupMembershipFactory(user=people.sam, group__name="Litware staff", group__tenant=None, added_by=people.theo)
    client.force_login(people.sam)
    page = text(client.get("/profile/"))
    assert "Litware staff" in page
    assert "the operator of this system" in page
    assert people.theo.name not in page


def test_what_i_may_do_says_where_and_through_what(client, people):
    give(people.sam, "tenant_user", scope="own_tenant")
    client.force_login(people.sam)
    page = text(client.get("/profile/access/"))
    for words in ("View Computers", "Litware", "Tenant User", "Counts"):
        assert words in page
    assert "Manage Users" not in page


def test_without_a_role_the_page_says_what_to_do(client, people):
    client.force_login(people.sam)
    assert "ask one of yours" in text(client.get("/profile/access/"))


def test_a_profile_names_nobody_else(client, people):
    client.force_login(people.sam)
    for path in PAGES:
        page = text(client.get(path))
        assert not [other.name for other in User.objects.exclude(pk=people.sam.pk) if other.name in page]


def queries(client, path):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", PAGES)
def test_more_rows_take_no_more_queries(client, people, path):
    give(people.dana, "tenant_user", scope="own_tenant")
    client = signed_in(people.dana)
    client.get(path)
    few = queries(client, path)
    for _ in range(4):
        give(people.dana, "tenant_user", scope="tenant", tenant=TenantFactory())
        GroupMembershipFactory(user=people.dana, group__tenant=people.contoso, added_by=people.marcus)
        signed_in(people.dana)
    assert queries(client, path) == few


def change(client, current=PASSWORD, password=NEW, again=NEW):
    return client.post("/profile/password/", {"current": current, "password": password, "again": again})


def test_a_new_password_keeps_me_in_here_and_nowhere_else(people):
    here, there = signed_in(people.dana), signed_in(people.dana)
    key = here.session.session_key
    assert change(here)["Location"] == "/profile/security/"
    assert is_in(here)
    assert here.session.session_key != key
    assert not is_in(there)
    assert "This browser" in text(here.get("/profile/security/"))
    assert sign_in(there, people.dana.email).status_code == 422
    sign_in(there, people.dana.email, NEW)
    assert is_in(there)
    entry = AuditEntry.objects.get(action="user.password_set")
    assert (entry.actor, entry.after) == (people.dana, {"how": "By the user", "sessions_ended": 1})


@pytest.mark.parametrize(
    "typed", [("not mine", NEW, NEW), (PASSWORD, NEW, "something else"), (PASSWORD, "short", "short"), ("", NEW, NEW)]
)
def test_what_will_not_do_changes_nothing(people, typed):
    client = signed_in(people.dana)
    answer = change(client, *typed)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in text(answer)
    assert User.objects.get(pk=people.dana.pk).check_password(PASSWORD)
    assert not AuditEntry.objects.filter(action="user.password_set").exists()


def test_a_stolen_session_may_not_guess_the_password(people):
    client = signed_in(people.dana)
    answers = [change(client, f"guess {n}").status_code for n in range(6)]
    assert answers == [422] * 5 + [429]
    assert change(client).status_code == 429
