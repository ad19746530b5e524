"""Pages of maintenance as people meet them: asking, watching, cancelling, postponing; one computer and many."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from computers.maintenance.models import Inventory, MaintenanceSession
from computers.models import Computer
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests import factories
from tests.agents.acting import agent_on
from tests.grants import deny, grant
from tests.maintenance import factories as made
from tests.maintenance.acting import LINES, begun, keeper, standing
from tests.people import People, give

pytestmark = pytest.mark.django_db

START = People


@pytest.fixture
def people(start: People) -> People:
    return start


@pytest.fixture
def computer(people) -> Computer:
    made = factories.ComputerFactory(name="LIT-01", tenant=people.litware, type="server")
    agent_on(made)
    return made


@pytest.fixture
def kim(people, computer, client):
    user = keeper(computer, people.contoso)
    client.force_login(user)
    return user


def address(name: str, *args: object) -> str:
    return reverse(f"maintenance:{name}", args=args)


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_running_leads_to_the_session_which_asks_again_while_it_goes_on(client, kim, computer):
    tab = address("computer-maintenance", computer.pk)
    assert "No maintenance was done here yet." in text(client.get(tab))
    answer = client.post(address("session-run", computer.pk))
    session = MaintenanceSession.objects.get()
    assert answer.url == address("session-detail", computer.pk, session.pk)
    assert 'hx-trigger="every 1s"' in text(client.get(answer.url))
    again = client.post(address("session-run", computer.pk))
    assert (again.status_code, MaintenanceSession.objects.count()) == (422, 1)
    assert "A session of this computer is not over yet." in again.content.decode()
    client.post(address("session-cancel", computer.pk, session.pk))
    assert standing(session) == ("cancelled", "skipped")
    assert "hx-trigger" not in text(client.get(answer.url)).partition('id="session"')[2].partition(">")[0]
    assert "Cancelled" in text(client.get(tab))


def test_without_an_agent_nothing_begins(client, kim, people):
    bare = factories.ComputerFactory(tenant=people.litware)
    assert "Run maintenance…" not in text(client.get(address("computer-maintenance", bare.pk)))
    answer = client.post(address("session-run", bare.pk))
    assert "There is no agent on this computer" in answer.content.decode()
    assert not MaintenanceSession.objects.exists()


def test_postponing_moves_when_it_may_begin(client, kim, computer):
    session = begun(kim, computer)
    to, until = address("session-postpone", computer.pk, session.pk), timezone.now() + timedelta(days=2)
    for odd in (
        "",
        "soon",
        (timezone.now() - timedelta(hours=1)).isoformat(),
        (until + timedelta(days=60)).isoformat(),
    ):
        assert client.post(to, {"until": odd}).status_code == 422
    assert client.post(to, {"until": until.isoformat()}).status_code == 302
    session.refresh_from_db()
    assert (session.due_at, standing(session)[0]) == (until, "postponed")
    assert "Postponed" in text(client.get(address("session-list"), {"state": "postponed"}))
    assert AuditEntry.objects.latest("pk").action == "maintenance.postponed"


def test_running_again_is_another_session(client, kim, computer):
    over = {"state": "failed", "finished_at": timezone.now()}
    first = made.MaintenanceSessionFactory(computer=computer, asked_by=kim, **over)
    answer = client.post(address("session-rerun", computer.pk, first.pk))
    again = MaintenanceSession.objects.get(repeats=first)
    assert answer.url == address("session-detail", computer.pk, again.pk)
    assert "the one before" in text(client.get(answer.url))


def test_logs_are_for_who_may_read_them(client, people, computer):
    session = made.MaintenanceSessionFactory(computer=computer, stages=[])
    made.StageFactory(session=session, output="all that it did")
    page = address("session-detail", computer.pk, session.pk)
    for permission, reads in ((Permission.SESSIONS_VIEW, False), (Permission.SESSIONS_VIEW_LOGS, True)):
        client.force_login(keeper(computer, people.contoso, permission))
        assert ("all that it did" in text(client.get(page))) == reads


def test_a_tenant_user_does_it_at_home_where_permitted_and_nowhere_else(client, people, computer):
    give(people.sam, "tenant_user", scope="own_tenant")
    neighbour = factories.ComputerFactory(tenant=people.fabrikam)
    agent_on(neighbour, "next door")
    client.force_login(people.sam)
    assert client.post(address("session-run", neighbour.pk)).status_code == 404
    deny(people.sam, Permission.SESSIONS_RUN, scope="own_tenant")
    assert client.post(address("session-run", computer.pk)).status_code == 403
    assert "Run maintenance…" not in text(client.get(address("computer-maintenance", computer.pk)))
    people.sam.role_assignments.filter(effect="deny").update(ended_at=timezone.now())
    assert client.post(address("session-run", computer.pk)).status_code == 302


def test_who_may_cancel_and_not_see_has_nothing_to_do_there(client, kim, computer):
    session = begun(kim, computer)
    deny(kim, Permission.SESSIONS_VIEW, scope="owner")
    for number in (session.pk, 99_999):
        assert client.get(address("session-cancel", computer.pk, number)).status_code == 403
    assert client.post(address("session-batch-cancel"), {"ids": session.pk}).status_code == 409


def test_what_was_done_in_another_tenants_time_is_not_shown(client, kim, people, computer):
    session = made.MaintenanceSessionFactory(computer=computer, state="done", finished_at=timezone.now())
    grant(kim, Permission.SESSIONS_VIEW, Permission.COMPUTERS_VIEW_INVENTORY, scope="owner")
    made.InventoryFactory(stage=session.stages.get(), lines=LINES)
    Computer.objects.filter(pk=computer.pk).update(tenant=people.fabrikam)
    assert client.get(address("session-detail", computer.pk, session.pk)).status_code == 404
    assert list(client.get(address("session-list")).context["listing"].rows) == []
    assert "nginx" not in text(client.get(address("inventory-detail", computer.pk)))


def test_the_list_is_narrowed_by_state_tenant_and_computer(client, kim, people, computer):
    grant(kim, Permission.SESSIONS_VIEW, scope="owner")
    other = made.MaintenanceSessionFactory(computer__tenant=people.fabrikam)
    lost = made.MaintenanceSessionFactory(
        computer=computer, state="running", started_at=timezone.now(), lease_until=timezone.now()
    )

    def rows(**query) -> list[MaintenanceSession]:
        return list(client.get(address("session-list"), query).context["listing"].rows)

    assert set(rows()) == {other, lost}
    assert rows(state="failed") == rows(computer=computer.pk) == rows(tenant=people.litware.pk) == [lost]
    assert rows(state="queued") == rows(q=other.computer.name) == [other]
    assert rows(state="running") == []


def test_many_computers_at_once_leave_out_what_cannot_begin(client, kim, people, computer):
    busy, bare, fresh = (factories.ComputerFactory(tenant=people.litware) for _ in range(3))
    for number, each in enumerate((busy, fresh)):
        agent_on(each, f"token {number}")
    begun(kim, busy)
    chosen = {"ids": [computer.pk, busy.pk, bare.pk, fresh.pk]}
    to = address("session-batch-run")
    assert "Run maintenance on 4 computers?" in text(client.post(to, chosen))
    assert client.post(to, {**chosen, "save": 1}).status_code == 302
    assert set(MaintenanceSession.objects.values_list("computer", flat=True)) == {busy.pk, computer.pk, fresh.pk}
    said = text(client.get(address("session-list")))
    assert "2 sessions queued" in said
    assert "1 has a session that is not over. 1 has no agent." in said
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.target_label, len(entry.after["maintenance"])) == (
        "maintenance.asked",
        "2 computers",
        2,
    )


def test_a_batch_with_what_is_not_the_readers_does_nothing(client, kim, people, computer):
    foreign = factories.ComputerFactory(tenant=people.northwind)
    agent_on(foreign, "foreign")
    answer = client.post(address("session-batch-run"), {"ids": [computer.pk, foreign.pk], "save": 1})
    assert (answer.status_code, MaintenanceSession.objects.count()) == (409, 0)


@pytest.mark.parametrize("act", ["cancel", "postpone", "rerun"])
def test_many_sessions_at_once(act, client, kim, people, computer):
    other = factories.ComputerFactory(tenant=people.litware)
    agent_on(other, "another")
    waiting = [begun(kim, each) for each in (computer, other)]
    over = {"state": "done", "finished_at": timezone.now()}
    done = made.MaintenanceSessionFactory(
        computer=factories.AgentFactory(computer__tenant=people.litware).computer, **over
    )
    chosen = {"ids": [session.pk for session in (*waiting, done)]}
    until = {"until": (timezone.now() + timedelta(days=1)).isoformat()} if act == "postpone" else {}
    to = address(f"session-batch-{act}")
    assert text(client.post(to, chosen))
    assert client.post(to, {**chosen, **until, "save": 1}).status_code == 302
    expected = {"cancel": "cancelled", "postpone": "postponed", "rerun": "queued"}[act]
    assert [standing(session)[0] for session in waiting] == [expected] * 2
    assert MaintenanceSession.objects.filter(repeats=done).count() == (act == "rerun")


def test_the_inventory_is_shown_and_taken_anew(client, people, computer):
    user = keeper(computer, people.contoso, Permission.COMPUTERS_REINVENTORY)
    client.force_login(user)
    tab = address("inventory-detail", computer.pk)
    assert "No inventory was taken yet." in text(client.get(tab))
    assert client.post(address("inventory-refresh", computer.pk)).status_code == 302
    session = MaintenanceSession.objects.get()
    assert session.kind == "inventory"
    Inventory.objects.create(computer=computer, tenant=people.litware, stage=session.stages.get(), lines=LINES)
    said = text(client.get(tab))
    assert "nginx" in said
    assert "A session is going on" not in said
    grant(user, Permission.SESSIONS_VIEW, scope="tenant", tenant=people.litware)
    assert "A session is going on" in text(client.get(tab))
