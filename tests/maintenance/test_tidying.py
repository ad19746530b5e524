"""What agents said is removed after some time; what was done, and the audit log, stay."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from computers.agents.models import Run
from computers.maintenance import jobs, tidying
from computers.maintenance.models import Inventory, MaintenanceSession, Stage
from computers.maintenance.tidying import forget_output
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests import factories
from tests.grants import grant
from tests.maintenance.factories import InventoryFactory, MaintenanceSessionFactory, StageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept_for(settings):
    settings.OUTPUT_DAYS = 30


def ago(days: float):
    return timezone.now() - timedelta(days=days)


def ran(days: float, **said) -> Run:
    over = {"state": "finished", "finished_at": ago(days), "exit_code": 0, "output": "done\n"}
    return factories.RunFactory(asked_at=ago(days), sent_at=ago(days), **{**over, **said})


def staged(days: float, **said) -> Stage:
    at = {"asked_at": ago(days), "started_at": ago(days), "lease_until": ago(days)}
    session = MaintenanceSessionFactory(stages=[], state="done", finished_at=ago(days), **at)
    over = {"state": "done", "sent_at": ago(days), "finished_at": ago(days), "output": "System: 8 found\n"}
    return StageFactory(session=session, **{**over, **said})


def outputs(model) -> list[tuple[str, bool]]:
    return list(model.objects.order_by("pk").values_list("output", "keeps_output"))


@pytest.mark.parametrize(("make", "model"), [(ran, Run), (staged, Stage)])
def test_what_was_said_long_ago_goes_and_the_rest_stays(make, model):
    old, young = make(30.1), make(29.9)
    assert forget_output() == 1
    assert outputs(model) == [("", False), (young.output, True)]
    found = model.objects.get(pk=old.pk)
    assert (found.state, found.finished_at) == (old.state, old.finished_at)
    assert forget_output() == 0


def test_what_is_going_on_keeps_what_it_said():
    """And what was lost does not, whether or not anybody wrote down that it was."""
    lease = {"state": "sent", "finished_at": None, "exit_code": None, "token_hash": "x" * 64}
    ran(31, **lease, lease_until=timezone.now() + timedelta(minutes=1))
    ran(31, **lease, lease_until=ago(31))
    forget_output()
    assert [keeps for _, keeps in outputs(Run)] == [True, False]


def test_of_a_computer_the_newest_inventory_stays_however_old():
    stage = staged(50)
    computer, tenant = stage.session.computer, stage.session.tenant
    first, last = (
        InventoryFactory(stage=each, computer=computer, tenant=tenant, taken_at=ago(50)) for each in (stage, staged(40))
    )
    moved = InventoryFactory(stage=staged(60), computer=computer, taken_at=ago(60), tenant=factories.TenantFactory())
    alone = InventoryFactory(stage=staged(70), taken_at=ago(70))
    forget_output()
    assert set(Inventory.objects.values_list("pk", flat=True)) == {last.pk, moved.pk, alone.pk}
    assert first.pk not in {last.pk, moved.pk, alone.pk}


def test_an_inventory_that_was_followed_stays_while_it_is_young():
    stage = staged(1)
    for each in (stage, staged(0)):
        InventoryFactory(stage=each, computer=stage.session.computer, tenant=stage.session.tenant)
    assert forget_output() == 0
    assert Inventory.objects.count() == 2


def test_nothing_goes_where_all_is_kept_for_ever(settings):
    settings.OUTPUT_DAYS = 0
    ran(5000)
    assert forget_output() == 0


def test_one_job_does_so_many_and_the_next_one_goes_on(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(tidying, "BATCH", 2)
    monkeypatch.setattr(tidying, "MOST_BATCHES", 2)
    for _ in range(5):
        ran(31)
    with django_assert_num_queries(2 * 2 + 2):
        assert forget_output() == 4
    assert forget_output() == 1
    assert not Run.objects.filter(keeps_output=True).exists()


def test_the_audit_log_and_the_rows_are_not_touched():
    staged(31)
    ran(31)
    factories.AuditEntryFactory()
    before = list(AuditEntry.objects.values())
    assert forget_output() == 2
    assert list(AuditEntry.objects.values()) == before
    assert (MaintenanceSession.objects.count(), Stage.objects.count(), Run.objects.count()) == (1, 1, 1)


def test_the_pages_say_that_it_is_no_longer_kept(client):
    run, stage = ran(31), staged(31)
    reader = factories.UserFactory(tenant=factories.MspFactory())
    grant(
        reader, Permission.COMPUTERS_USE_TERMINAL, Permission.SCRIPTS_RUN, Permission.SESSIONS_VIEW_LOGS, scope="owner"
    )
    client.force_login(reader)
    session = stage.session
    pages = {
        reverse("agents:run-detail", args=[run.computer_id, run.pk]): ("done", "What it said is no longer kept"),
        reverse("maintenance:session-detail", args=[session.computer_id, session.pk]): (
            "8 found",
            "Its log is no longer",
        ),
    }
    for address, (said, _) in pages.items():
        assert said in client.get(address).text
    forget_output()
    for address, (said, words) in pages.items():
        shown = client.get(address).text
        assert (said in shown, words in shown, "after 30 days" in shown) == (False, True, True)


def test_it_is_done_each_hour():
    app = jobs.app
    assert [key for key in app.periodic_registry.periodic_tasks if key[0] == tidying.TIDY_JOB]
    assert app.tasks[tidying.TIDY_JOB].queueing_lock
