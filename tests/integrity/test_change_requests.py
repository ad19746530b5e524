"""What the database itself holds of change requests, also against raw SQL (design 8)."""

import pytest

from tests import factories
from tests.deployments.factories import ChangeRequestFactory, ChangeRequestNoteFactory
from tests.integrity.sql import refused_by, run

pytestmark = pytest.mark.django_db

SET = "UPDATE deployments_changerequest SET"


def test_it_is_decided_by_somebody_else_once():
    asked, other = ChangeRequestFactory(), factories.UserFactory()
    with refused_by("change_request_decided_once"):
        run(f"{SET} state = 'approved'")
    with refused_by("change_request_decided_once"):
        run(f"{SET} decided_by_id = %s, decided_at = now()", other.pk)
    for state in ("approved", "denied"):
        with refused_by("change_request_not_of_its_author"):
            run(f"{SET} state = %s, decided_by_id = %s, decided_at = now()", state, asked.asked_by_id)
    run(f"{SET} state = 'denied', decided_by_id = %s, decided_at = now()", other.pk)
    for wrong in ("state = 'approved'", "proposed = '{}'", "decided_at = now() + interval '1 day'"):
        with refused_by("change_request_is_decided_for_good"):
            run(f"{SET} {wrong}")


def test_a_change_says_what_it_changes_and_how_that_stood():
    ChangeRequestFactory()
    for wrong in ("changes = 1", "stood = 'x'"):
        with refused_by("change_request_changes_fit"):
            run(f"{SET} {wrong}")
    run(f"{SET} changes = 1, stood = 'x'")


def test_a_request_keeps_its_number():
    ChangeRequestNoteFactory()
    with refused_by("deployments_changerequest_id_is_for_ever"):
        run(f"{SET} id = id + 1000")
