"""What the database itself holds of agents, enrolments and runs, also against raw SQL (design 8)."""

import pytest
from django.db import IntegrityError, transaction

from tests import factories
from tests.integrity.sql import refused_by, run

SENT = "state = 'sent', sent_at = now(), lease_until = now(), token_hash = 'x'"


@pytest.fixture
def waiting(db):
    return factories.RunFactory()


def test_a_run_goes_forward_and_never_twice(waiting):
    run(f"UPDATE agents_run SET {SENT}")
    with refused_by("run_goes_forward"):
        run("UPDATE agents_run SET state = 'queued', token_hash = ''")
    run("UPDATE agents_run SET state = 'finished', token_hash = ''")
    for state in ("queued", "refused", "stopped"):
        with refused_by("run_goes_forward"):
            run("UPDATE agents_run SET state = %s", state)
    with refused_by("run_goes_forward"):
        run(f"UPDATE agents_run SET {SENT}")


def test_a_run_that_waits_is_stopped_and_says_by_whom(waiting):
    with refused_by("run_is_stopped_by_somebody_when_stopped"):
        run("UPDATE agents_run SET stopped_by_id = asked_by_id")
    run("UPDATE agents_run SET state = 'stopped', stopped_by_id = asked_by_id")
    with refused_by("run_goes_forward"):
        run(f"UPDATE agents_run SET {SENT}")


def test_a_run_has_a_secret_while_it_is_sent_and_no_longer(waiting):
    with refused_by("run_is_sent_with_its_secret"):
        run("UPDATE agents_run SET state = 'sent', sent_at = now(), lease_until = now()")
    with refused_by("run_keeps_no_secret_when_over"):
        run("UPDATE agents_run SET state = 'refused', token_hash = 'x'")
    with refused_by("run_state_known"):
        factories.RunFactory(state="lost")


@pytest.mark.parametrize("column", ["body = 'rm'", "script = 'x'", "asked_by_id = asked_by_id + 1", "asked_at = now()"])
def test_what_was_asked_to_run_stays(waiting, column):
    with refused_by("run_is_what_was_asked"):
        run(f"UPDATE agents_run SET {column}")


@pytest.mark.parametrize("column", ["waits = '7 days'", "title = 'x'"])
def test_nothing_makes_a_run_wait_longer(waiting, column):
    with refused_by("run_waits_as_asked"):
        run(f"UPDATE agents_run SET {column}")


def test_a_computer_has_one_agent(db):
    agent = factories.AgentFactory()
    with refused_by("agent_one_of_a_computer"):
        factories.AgentFactory(computer=agent.computer)
    run("UPDATE agents_agent SET removed_at = now()")
    factories.AgentFactory(computer=agent.computer)


def test_an_agent_reports_a_type_that_there_is(db):
    with refused_by("agent_type_known"):
        factories.AgentFactory(reported_type="printer")


def test_an_enrolment_ends_once(db):
    factories.EnrolmentFactory()
    with refused_by("enrolment_ends_once"):
        run("UPDATE agents_enrolment SET used_at = now(), revoked_at = now()")
    run("UPDATE agents_enrolment SET used_at = now()")
    with refused_by("enrolment_ends_for_good"):
        run("UPDATE agents_enrolment SET used_at = NULL")


@pytest.mark.parametrize("make", [factories.AgentFactory, factories.EnrolmentFactory])
def test_no_two_have_one_secret(db, make):
    first = make()
    with pytest.raises(IntegrityError, match="token_hash"), transaction.atomic():
        make(token_hash=first.token_hash)


@pytest.mark.parametrize("table", ["agents_agent", "agents_enrolment", "agents_run"])
def test_they_keep_their_numbers(waiting, table):
    factories.AgentFactory()
    factories.EnrolmentFactory()
    with refused_by(f"{table}_id_is_for_ever"):
        run(f"UPDATE {table} SET id = id + 1000")
