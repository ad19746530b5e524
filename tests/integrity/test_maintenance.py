"""What the database itself holds of sessions, stages and inventories, also against raw SQL (design 8)."""

import pytest

from tests.deployments.factories import DeploymentFactory
from tests.integrity.sql import refused_by, run
from tests.maintenance import factories as made

SESSION, STAGE = "maintenance_maintenancesession", "maintenance_stage"
RUNNING = "state = 'running', started_at = now(), lease_until = now()"
SENT = "state = 'sent', sent_at = now(), token_hash = 'x'"


@pytest.fixture
def waiting(db):
    return made.MaintenanceSessionFactory()


def test_a_session_goes_forward_and_never_twice(waiting):
    with refused_by("session_goes_forward"):
        run(f"UPDATE {SESSION} SET state = 'done', finished_at = now()")
    run(f"UPDATE {SESSION} SET {RUNNING}")
    with refused_by("session_goes_forward"):
        run(f"UPDATE {SESSION} SET state = 'queued'")
    run(f"UPDATE {SESSION} SET state = 'failed', finished_at = now()")
    for state in ("done", "cancelled"):
        with refused_by("session_goes_forward"):
            run(f"UPDATE {SESSION} SET state = %s", state)
    with refused_by("session_goes_forward"):
        run(f"UPDATE {SESSION} SET {RUNNING}, finished_at = NULL")


def test_a_stage_goes_out_once(waiting):
    for state in ("done", "failed"):
        with refused_by("stage_goes_forward"):
            run(f"UPDATE {STAGE} SET state = %s", state)
    run(f"UPDATE {STAGE} SET {SENT}")
    for state in ("waiting", "skipped"):
        with refused_by("stage_goes_forward"):
            run(f"UPDATE {STAGE} SET state = %s, token_hash = ''", state)
    run(f"UPDATE {STAGE} SET state = 'done', token_hash = ''")
    with refused_by("stage_goes_forward"):
        run(f"UPDATE {STAGE} SET {SENT}")


@pytest.mark.parametrize("column", ["kind = 'inventory'", "asked_by_id = asked_by_id + 1", "asked_at = now()"])
def test_what_was_asked_for_stays(waiting, column):
    with refused_by("session_is_what_was_asked"):
        run(f"UPDATE {SESSION} SET {column}")
    with refused_by("stage_is_what_was_asked"):
        run(f"UPDATE {STAGE} SET position = 5")


def test_a_state_has_what_it_takes(waiting):
    with refused_by("session_runs_with_its_lease"):
        run(f"UPDATE {SESSION} SET state = 'running'")
    with refused_by("session_ends_when_over"):
        run(f"UPDATE {SESSION} SET state = 'cancelled'")
    with refused_by("session_ends_when_over"):
        run(f"UPDATE {SESSION} SET finished_at = now()")
    with refused_by("session_state_known"):
        made.MaintenanceSessionFactory(state="odd", finished_at="2026-01-01T00:00Z", stages=[])
    with refused_by("stage_state_known"):
        made.StageFactory(state="odd")


def test_a_stage_has_a_secret_while_it_is_sent_and_no_longer(waiting):
    with refused_by("stage_has_its_secret_while_sent"):
        run(f"UPDATE {STAGE} SET state = 'sent', sent_at = now()")
    with refused_by("stage_has_its_secret_while_sent"):
        run(f"UPDATE {STAGE} SET state = 'skipped', token_hash = 'x'")
    with refused_by("stage_progress_in_percent"):
        run(f"UPDATE {STAGE} SET progress = 101")


def test_kinds_are_known(db):
    with refused_by("session_kind_known"):
        made.MaintenanceSessionFactory(kind="odd", stages=[])
    with refused_by("stage_kind_known"):
        made.MaintenanceSessionFactory(stages=["odd"])


def test_a_computer_has_one_open_session(waiting):
    with refused_by("session_one_open_of_a_computer"):
        made.MaintenanceSessionFactory(computer=waiting.computer)
    run(f"UPDATE {SESSION} SET state = 'cancelled', finished_at = now()")
    made.MaintenanceSessionFactory(computer=waiting.computer)


def test_a_stage_of_a_deployment_has_its_words_and_no_other_has(waiting):
    for said in ({"kind": "deployment"}, {"title": "Tools"}, {"crosses": True}, {"deployment": DeploymentFactory()}):
        with refused_by("stage_of_a_deployment_has_its_words"):
            made.StageFactory(session=waiting, position=1, **said)


def test_a_stage_keeps_its_deployment_and_its_words(waiting):
    deployment, other = DeploymentFactory(), DeploymentFactory()
    made.StageFactory(session=waiting, position=1, kind="deployment", title="Tools", deployment=deployment)
    for change in ("title = 'Other'", "crosses = true", f"deployment_id = {other.pk}"):
        with refused_by("stage_keeps_its_words"):
            run(f"UPDATE {STAGE} SET {change} WHERE position = 1")
    deployment.delete()
    with refused_by("stage_keeps_its_words"):
        run(f"UPDATE {STAGE} SET deployment_id = {other.pk} WHERE position = 1")


def test_two_stages_have_two_places(waiting):
    with refused_by("stage_one_at_a_place"):
        made.StageFactory(session=waiting, position=0)


def test_an_inventory_stays_what_it_was(db):
    made.InventoryFactory()
    with refused_by("inventory_stays"):
        run("UPDATE maintenance_inventory SET lines = '[]'")


@pytest.mark.parametrize("table", [SESSION, STAGE, "maintenance_inventory"])
def test_they_keep_their_numbers(db, table):
    made.InventoryFactory()
    with refused_by(f"{table}_id_is_for_ever"):
        run(f"UPDATE {table} SET id = id + 1000")
