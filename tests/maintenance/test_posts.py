"""What agents take of maintenance and report on it: once, by the right of who asked, and never lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from computers.agents.models import Agent
from computers.agents.traffic import MOST_OUTPUT
from computers.maintenance.models import NOT_PICKED_UP, SILENT, Inventory, MaintenanceSession, Stage
from computers.maintenance.services import cancel_sessions, refresh_inventory, rerun_sessions
from computers.maintenance.traffic import LOST, NO_MORE
from computers.models import Computer
from rbac.audit import Actor
from rbac.models import AuditEntry
from rbac.permissions import Permission
from rbac.services import end_assignments
from tests import factories
from tests.agents.acting import TOKEN, agent_on, asked, picked_up, polled, post, technician
from tests.grants import deny
from tests.maintenance import factories as made
from tests.maintenance.acting import ALL, LINES, begun, keeper, reported, standing
from tests.people import People

pytestmark = pytest.mark.django_db

START = People
KEY = factories.AGENT_KEY
WAIT, SOON = {"wait": 5}, {"wait": 2}


@pytest.fixture
def people(start: People) -> People:
    return start


@pytest.fixture
def computer(people) -> Computer:
    return factories.ComputerFactory(name="LIT-01", tenant=people.litware, type="server")


@pytest.fixture
def agent(computer) -> Agent:
    return agent_on(computer)


@pytest.fixture
def kim(people, computer):
    return keeper(computer, people.contoso)


def actions(session: MaintenanceSession) -> list[str]:
    rows = AuditEntry.objects.filter(target_type="maintenancesession", target_id=session.pk)
    return [entry.action.removeprefix("maintenance.") for entry in rows.order_by("pk")]


def test_a_stage_goes_out_once_and_comes_back(computer, agent, kim):
    session = begun(kim, computer)
    job = picked_up(KEY)
    assert (job["kind"], standing(session)) == ("inventory", ("running", "sent"))
    assert reported(job, output="System: 1\n", progress=40).json() == {"stop": False}
    done = reported(job, 1, output="Software: 1\n", done=True, progress=100, lines=LINES)
    assert (done.json(), standing(session)) == ({"stop": False}, ("done", "done"))
    assert (session.stages.get().output, Inventory.objects.get().lines) == ("System: 1\nSoftware: 1\n", LINES)
    assert actions(session) == ["asked", "sent", "finished"]
    assert polled() == WAIT


def test_a_report_that_comes_again_is_taken_once(computer, agent, kim):
    """The server took it and died before it had answered."""
    session = begun(kim, computer)
    job = picked_up(KEY)
    for _ in range(2):
        assert reported(job, output="one\n").json() == {"stop": False}
    assert session.stages.get().output == "one\n"
    assert reported(job, 3, output="too early").status_code == 409
    assert reported(job, 1, done=True).status_code == 200
    assert reported(job, 1, done=True).status_code == 409
    assert standing(session) == ("done", "done")


def test_nothing_is_taken_from_another(people, computer, agent, kim):
    agent_on(factories.ComputerFactory(tenant=people.northwind), "another token")
    begun(kim, computer)
    assert polled("another token") == WAIT
    job = picked_up(KEY)
    assert reported(job, token="another token").status_code == 409
    assert reported({**job, "token": "guessed"}).status_code == 409
    assert Stage.objects.get().output == ""


def lose_by_end(people, user):
    rows = [row.pk for row in user.role_assignments.all()]
    end_assignments(actor=Actor(people.marcus), assignments=rows, reason="Over")


def lose_by_deny(people, user):
    deny(user, Permission.SESSIONS_RUN, scope="tenant", tenant=people.litware)


def lose_by_account(people, user):
    user.access_expires_at = timezone.now()
    user.save()


LOSSES = pytest.mark.parametrize("lose", [lose_by_end, lose_by_deny, lose_by_account])


@LOSSES
def test_who_lost_the_right_meanwhile_does_nothing(lose, people, computer, agent, kim):
    session = begun(kim, computer)
    lose(people, kim)
    assert polled() == SOON
    assert standing(session) == ("failed", "skipped")
    session.refresh_from_db()
    assert session.why.startswith(NO_MORE)
    assert AuditEntry.objects.latest("pk").action == "maintenance.refused"


@LOSSES
@pytest.mark.parametrize("done", [False, True])
def test_it_stops_when_the_right_ends_while_it_goes_on(lose, done, people, agent, kim):
    session = begun(kim, agent.computer)
    job = picked_up(KEY)
    lose(people, kim)
    assert reported(job, output="one line", done=done, lines=LINES).json() == {"stop": True}
    assert standing(session) == ("failed", "failed")
    assert (actions(session)[-1], Inventory.objects.count()) == ("stopped", 0)
    assert reported(job, 1, done=True).status_code == 409


def test_a_repeated_one_takes_both_rights(people, computer, agent, kim):
    first = made.MaintenanceSessionFactory(computer=computer, state="done", finished_at=timezone.now())
    (again,) = rerun_sessions(actor=Actor(kim), sessions=[first]).sessions
    deny(kim, Permission.SESSIONS_RERUN, scope="tenant", tenant=people.litware)
    assert polled() == SOON
    assert standing(again) == ("failed", "skipped")


def test_a_refresh_goes_by_its_own_right(people, computer, agent):
    user = keeper(computer, people.contoso, Permission.COMPUTERS_REINVENTORY)
    (session,) = refresh_inventory(actor=Actor(user), computer=computer).sessions
    deny(user, *ALL, scope="owner")
    reported(picked_up(KEY), done=True, lines=LINES)
    assert standing(session) == ("done", "done")


def test_an_agent_that_begins_anew_has_lost_what_it_was_at(computer, agent, kim):
    session = begun(kim, computer)
    job = picked_up(KEY)
    assert polled() == SOON
    session.refresh_from_db()
    assert (standing(session), session.why) == (("failed", "failed"), LOST)
    assert actions(session)[-1] == "lost"
    assert reported(job, done=True).status_code == 409
    assert polled() == WAIT


def test_an_agent_that_falls_silent_has_failed_by_the_clock_alone(computer, agent, kim):
    session = begun(kim, computer)
    job = picked_up(KEY)
    MaintenanceSession.objects.update(lease_until=timezone.now())
    assert standing(session) == ("failed", "sent")
    assert reported(job, done=True).status_code == 409
    begun(kim, computer)
    session.refresh_from_db()
    assert (session.state, session.why) == ("failed", SILENT)


def test_what_nobody_picked_up_is_over_after_a_week(computer, agent, kim):
    session = begun(kim, computer)
    MaintenanceSession.objects.update(due_at=timezone.now() - timedelta(days=8))
    assert standing(session) == ("failed", "waiting")
    assert polled() == SOON
    session.refresh_from_db()
    assert (session.state, session.why) == ("failed", NOT_PICKED_UP)


@pytest.mark.parametrize("what", ["moved", "postponed", "cancelled"])
def test_what_may_not_begin_is_not_picked_up(what, people, computer, agent, kim):
    session = begun(kim, computer)
    if what == "moved":
        Computer.objects.filter(pk=computer.pk).update(tenant=people.fabrikam)
    elif what == "postponed":
        MaintenanceSession.objects.update(due_at=timezone.now() + timedelta(hours=1))
    else:
        cancel_sessions(actor=Actor(kim), sessions=[session])
    assert polled() == WAIT
    assert session.stages.get().state in ("waiting", "skipped")


def test_one_that_is_cancelled_while_it_runs_is_told_to_stop(computer, agent, kim):
    session = begun(kim, computer)
    job = picked_up(KEY)
    cancel_sessions(actor=Actor(kim), sessions=[session])
    assert reported(job, output="late").status_code == 409
    assert standing(session) == ("cancelled", "failed")


def test_the_stages_follow_each_other_and_one_that_fails_fails_all(computer, agent, kim):
    session = made.MaintenanceSessionFactory(computer=computer, asked_by=kim, stages=["inventory"] * 2)
    assert reported(picked_up(KEY), failed="No disk", done=True).status_code == 200
    assert standing(session) == ("running", "failed")
    assert reported(picked_up(KEY), done=True).status_code == 200
    session.refresh_from_db()
    assert (standing(session), session.why) == (("failed", "failed"), "No disk")
    assert actions(session) == ["sent", "went_on", "sent", "failed"]


def test_maintenance_goes_before_the_terminal(people, computer, agent, kim):
    asked(technician(computer, people.contoso), computer)
    begun(kim, computer)
    job = picked_up(KEY)
    assert reported(job, done=True).status_code == 200
    assert picked_up(KEY)["body"] == "uptime"


ODD = [7, ["a"], ["a", "b", "c", "d"], ["", "b", "c"], [None, "b", "c"], {"a": 1}, ["s\0", "n" * 999, "v\ud800"]]


def test_what_an_agent_says_is_bounded(computer, agent, kim):
    session = begun(kim, computer)
    job = picked_up(KEY)
    assert reported(job, progress=101).status_code == 400
    assert reported(job, output="x" * 600_000).status_code == 400
    for number in range(3):
        assert reported(job, number, output="x" * (MOST_OUTPUT // 2 + 1)).status_code == 200
    assert reported(job, 3, done=True, lines=ODD).status_code == 200
    mark = "\N{REPLACEMENT CHARACTER}"
    assert Inventory.objects.get().lines == [[f"s{mark}", "n" * 200, f"v{'?'}"]]
    stage = session.stages.get()
    assert (len(stage.output), stage.is_cut) == (MOST_OUTPUT, True)
    assert post("maintenance:agent-stage", TOKEN, "[]", number=stage.pk).status_code == 400
