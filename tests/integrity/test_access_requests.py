"""What the database itself holds of requests for access (design 8)."""

import pytest

from accounts.models import AccessRequest
from tests import factories
from tests.integrity.sql import copy, refused_by, run

pytestmark = pytest.mark.django_db

WROTE = "UPDATE accounts_accessrequest SET {}"


@pytest.mark.parametrize(
    "change",
    ["message = 'another'", "name = 'Eve'", "permission = 'users:manage'", "about = 'computer:1'", "user_id = NULL"],
)
def test_what_was_asked_never_changes(change):
    factories.AccessRequestFactory()
    with refused_by("access_request_is_what_was_asked"):
        run(WROTE.format(change))


def test_an_answer_never_changes_and_a_request_stays():
    asked = factories.AccessRequestFactory()
    run(WROTE.format("decided_at = now(), decided_by_id = %s, refusal = 'No'"), asked.user_id)
    with refused_by("access_request_is_what_was_asked"):
        run(WROTE.format("refusal = 'Never'"))
    with refused_by("access_request_stays"):
        run("DELETE FROM accounts_accessrequest")


HALF = {
    "an answer by nobody": "decided_at = now(), refusal = 'No'",
    "an answer that says nothing": "decided_at = now(), decided_by_id = {user}",
    "a reason without an answer": "refusal = 'No'",
    "given and refused": "decided_at = now(), decided_by_id = {user}, assignment_id = {assignment}, refusal = 'No'",
    "given before it was answered": "assignment_id = {assignment}",
    "a user who is invited": "decided_at = now(), decided_by_id = {user}, invitation_id = {invitation}",
}


@pytest.mark.parametrize("change", HALF.values(), ids=HALF)
def test_an_answer_is_whole(change):
    asked = factories.AccessRequestFactory()
    made = {
        "user": asked.user_id,
        "assignment": factories.RoleAssignmentFactory(user=asked.user).pk,
        "invitation": factories.InvitationFactory().pk,
    }
    with refused_by("access_request_decided_once"):
        run(WROTE.format(change.format(**made)))


def test_a_stranger_is_given_no_assignment():
    asked, row = factories.AccessRequestFactory(user=None), factories.RoleAssignmentFactory()
    with refused_by("access_request_decided_once"):
        run(WROTE.format(f"decided_at = now(), decided_by_id = {row.user_id}, assignment_id = {row.pk}"))
    assert AccessRequest.objects.get(pk=asked.pk).decided_at is None


def test_the_same_waits_once():
    first = factories.AccessRequestFactory()
    twin = {"user": first.user, "message": first.message}
    with refused_by("access_request_waits_once"):
        copy(factories.AccessRequestFactory.build(**twin))
    run(WROTE.format("decided_at = now(), decided_by_id = %s, refusal = 'No'"), first.user_id)
    copy(factories.AccessRequestFactory.build(**twin))


def test_an_address_has_its_normal_form():
    with refused_by("access_request_email_normal"):
        factories.AccessRequestFactory(user=None, email="Ada@example.com")
