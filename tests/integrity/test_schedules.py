"""What the database itself holds of schedules, also against raw SQL (design 8)."""

import pytest

from tests import factories
from tests.integrity.sql import refused_by, run
from tests.schedules.factories import ScheduleFactory, ScheduleRunFactory

pytestmark = pytest.mark.django_db

SET = "UPDATE schedules_schedule SET"


def test_a_target_has_what_its_kind_asks_for_and_is_never_individual():
    ScheduleFactory()
    tag = factories.TagFactory()
    for wrong in ("target = 'tag'", f"tag_id = {tag.pk}", "target = 'owner'", "target = 'individual'", "target = 'x'"):
        with refused_by("schedule_target_fits"):
            run(f"{SET} {wrong}")
    with refused_by("schedule_computer_scope_fits"):
        run(f"{SET} computer_scope = 'tag'")
    run(f"{SET} target = 'tag', tag_id = {tag.pk}")


def test_it_runs_maintenance_or_a_version_of_a_script():
    ScheduleFactory()
    version = factories.ScriptVersionFactory()
    for wrong in ("does = 'script'", "does = 'nothing'", f"script_version_id = {version.pk}"):
        with refused_by("schedule_script_fits"):
            run(f"{SET} {wrong}")
    run(f"{SET} does = 'script', script_version_id = {version.pk}")


def test_it_has_a_next_time_while_it_is_enabled():
    ScheduleFactory()
    for wrong in ("is_enabled = false", "next_run_at = NULL"):
        with refused_by("schedule_next_run_fits"):
            run(f"{SET} {wrong}")
    run(f"{SET} is_enabled = false, next_run_at = NULL")


def test_it_keeps_its_owner_and_its_id():
    ScheduleFactory()
    with refused_by("schedule_keeps_its_owner"):
        run(f"{SET} tenant_id = {factories.TenantFactory().pk}")
    with refused_by("schedules_schedule_id_is_for_ever"):
        run(f"{SET} id = id + 1")


def test_a_time_is_used_once_and_what_came_of_it_stays():
    made = ScheduleRunFactory()
    columns = "schedule_id, due_at, asked_by_id, outcome, why, asked, busy, bare"
    with refused_by("schedule_run_once"):
        run(f"INSERT INTO schedules_schedulerun ({columns}) SELECT {columns} FROM schedules_schedulerun")
    with refused_by("schedule_run_stays"):
        run("UPDATE schedules_schedulerun SET asked = 2")
    for wrong in ("'asked', '', 0, 0, 0", "'nothing', '', 1, 0, 0", "'refused', '', 0, 0, 0", "'gone', '', 0, 0, 0"):
        with refused_by("schedule_run_outcome_fits"):
            run(
                f"INSERT INTO schedules_schedulerun ({columns}) "
                f"VALUES ({made.schedule_id}, now(), {made.asked_by_id}, {wrong})"
            )


def test_a_run_that_goes_on_moves_until_it_is_over():
    ScheduleRunFactory(rest_after=7)
    run("UPDATE schedules_schedulerun SET asked = 2, rest_after = 9")
    for wrong in ("outcome = 'stopped', why = 'x'", "outcome = 'stopped', rest_after = NULL", "why = 'x'"):
        with refused_by("schedule_run_outcome_fits"):
            run(f"UPDATE schedules_schedulerun SET {wrong}")
    run("UPDATE schedules_schedulerun SET outcome = 'stopped', why = 'x', rest_after = NULL")
    with refused_by("schedule_run_stays"):
        run("UPDATE schedules_schedulerun SET rest_after = 9")
