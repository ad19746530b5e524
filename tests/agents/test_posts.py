"""The doors of agents: who is let in, what is given out and to whom, and what of their words is believed."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from computers.agents.endings import checksum
from computers.agents.models import Agent, Enrolment, Run
from computers.agents.secrets import hashed, new_secret
from computers.agents.services import create_enrolment, remove_agent, revoke_enrolment, stop_run
from computers.agents.traffic import MOST_OUTPUT
from computers.maintenance import traffic
from computers.models import Computer
from rbac.audit import SYSTEM, Actor
from rbac.models import AuditEntry, Role
from rbac.permissions import Permission
from rbac.services import end_assignments
from rbac.switches import SwitchKey
from tests import factories
from tests.agents.acting import FACTS, TERMINAL, TOKEN, agent_on, asked, part, picked_up, polled, post, technician
from tests.grants import deny, grant
from tests.people import People

pytestmark = pytest.mark.django_db

START = People
KEY = factories.AGENT_KEY


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
def tech(people, computer):
    return technician(computer, people.contoso)


def last_action() -> str:
    return AuditEntry.objects.latest("pk").action


# Coming in


def test_a_secret_is_no_option_to_a_command_line():
    assert all(new_secret().isalnum() for _ in range(200))


def test_an_enrolment_lets_one_agent_in_once(people):
    _, secret = create_enrolment(actor=Actor(people.marcus), tenant=people.litware)
    answer = post("agent-enrol", secret, FACTS)
    assert answer.status_code == 200
    agent = Agent.objects.get()
    assert (agent.computer.name, agent.computer.tenant, agent.computer.type) == (
        "LIT-01",
        people.litware,
        "workstation",
    )
    assert (agent.reported_type, agent.token_hash) == ("server", hashed(answer.json()["token"]))
    assert secret not in str(list(AuditEntry.objects.values()))
    assert last_action() == "agent.enrolled"
    assert post("agent-enrol", secret, {**FACTS, "name": "LIT-02"}).status_code == 401
    assert Computer.objects.filter(name="LIT-02").count() == 0
    assert polled(answer.json()["token"]) == {"wait": 5}


def test_a_revoked_and_an_expired_enrolment_let_nobody_in(people):
    revoked, first = create_enrolment(actor=Actor(people.marcus), tenant=people.litware)
    revoke_enrolment(actor=Actor(people.marcus), enrolment=revoked)
    expired, second = create_enrolment(actor=Actor(people.marcus), tenant=people.litware)
    Enrolment.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    for secret in (first, second, "no such", ""):
        assert post("agent-enrol", secret, FACTS).status_code == 401
    assert not Agent.objects.exists()


def test_an_enrolment_counts_by_the_right_of_who_made_it(people):
    maker = factories.UserFactory(tenant=people.contoso)
    row = grant(maker, Permission.AGENTS_INSTALL, scope="tenant", tenant=people.litware)
    _, secret = create_enrolment(actor=Actor(maker), tenant=people.litware)
    end_assignments(actor=Actor(people.marcus), assignments=[row.pk], reason="Over")
    answer = post("agent-enrol", secret, FACTS)
    assert answer.status_code == 409
    assert (Agent.objects.count(), last_action()) == (0, "agent.refused")


def test_no_agent_takes_the_place_of_a_computer_that_is_there(people, computer):
    _, secret = create_enrolment(actor=SYSTEM, tenant=people.litware)
    answer = post("agent-enrol", secret, FACTS)
    assert answer.status_code == 409
    assert "has a computer named LIT-01" in answer.json()["error"]
    _, own = create_enrolment(actor=SYSTEM, tenant=people.litware, computer=computer)
    assert post("agent-enrol", own, {**FACTS, "name": "another"}).status_code == 200
    assert Agent.objects.get().computer == computer
    with pytest.raises(ValidationError, match="has an agent"):
        create_enrolment(actor=SYSTEM, tenant=people.litware, computer=computer)


def test_a_removed_agent_is_nobody(people, computer, agent):
    assert polled() == {"wait": 5}
    remove_agent(actor=Actor(people.marcus), computer=computer, reason="Sold")
    assert post("agent-poll", TOKEN, {"nonce": "0" * 16}).status_code == 401


def test_what_an_agent_reports_changes_nobodys_reach(computer, agent):
    answer = post("agent-report", TOKEN, {**FACTS, "type": "domain_controller", "name": "DC01"})
    assert answer.status_code == 200
    computer.refresh_from_db()
    agent.refresh_from_db()
    assert (computer.name, computer.type, computer.os) == ("LIT-01", "server", "Linux 6")
    assert (agent.reported_type, agent.people, last_action()) == ("domain_controller", ["sam"], "agent.reported")
    before = AuditEntry.objects.count()
    post("agent-report", TOKEN, {**FACTS, "type": "domain_controller", "name": "DC01"})
    assert AuditEntry.objects.count() == before


DEEP = "[" * 100_000
WRONG = [
    "",
    "[]",
    "null",
    "x",
    DEEP,
    '{"nonce": 1}',
    '{"nonce": "short"}',
    '{"nonce": "' + "é" * 20 + '"}',
    b"\xff\xfe",
]


@pytest.mark.parametrize("body", WRONG, ids=lambda body: repr(body[:12]))
def test_what_is_malformed_is_told_so(agent, body):
    assert post("agent-poll", TOKEN, body).status_code == 400


@pytest.mark.parametrize(
    "said",
    [{"type": "printer"}, {"name": ""}, {"name": "x" * 121}, {"name": {"a": []}}, {"type": None}],
    ids=str,
)
def test_facts_have_bounds(agent, said):
    assert post("agent-report", TOKEN, {**FACTS, **said}).status_code == 400


def test_words_that_the_database_cannot_hold_become_others(agent):
    odd = {**FACTS, "os": "a\0b\ud800" * 200, "people": ["x\0", 7, None, "y" * 500] + ["z"] * 1000}
    assert post("agent-report", TOKEN, odd).status_code == 200
    agent.refresh_from_db()
    assert agent.people == ["x\N{REPLACEMENT CHARACTER}", "y" * 120, "z"]


# Picking up and bringing back


def test_a_run_goes_out_once_and_comes_back(computer, agent, tech):
    run = asked(tech, computer)
    job = picked_up(KEY)
    assert (job["body"], job["language"], polled()) == ("uptime", "", {"wait": 2})
    assert part(job, output="up 3 days").json() == {"stop": False}
    assert part(job, 1, output=", 2 users\n", done=True, exit_code=0).status_code == 200
    run.refresh_from_db()
    assert (run.state, run.output, run.exit_code, run.token_hash) == ("finished", "up 3 days, 2 users\n", 0, "")
    told = {entry.action: entry for entry in AuditEntry.objects.filter(target_type="run", target_id=run.pk)}
    assert set(told) == {"run.asked", "run.sent", "run.finished"}
    assert told["run.asked"].after["command"] == "uptime"
    assert told["run.finished"].after["output"] == f"SHA-256 {checksum(run)}"


@pytest.mark.parametrize(("attention", "wait"), [(traffic.ATTENTION, 2), (timedelta(0), 5)])
@pytest.mark.usefixtures("agent")
def test_it_asks_sooner_while_somebody_may_type(attention, wait, computer, tech, monkeypatch):
    monkeypatch.setattr(traffic, "ATTENTION", attention)
    stop_run(actor=Actor(tech), run=asked(tech, computer))
    assert polled() == {"wait": wait}


def test_nothing_is_taken_twice_or_from_another(people, computer, agent, tech):
    other = agent_on(factories.ComputerFactory(tenant=people.northwind), "another token")
    asked(tech, computer)
    assert polled("another token") == {"wait": 5}
    job = picked_up(KEY)
    assert part(job, token="another token", output="forged").status_code == 409
    assert part({**job, "token": "guessed"}, output="forged").status_code == 409
    assert part(job, 1, output="too early").status_code == 409
    assert part(job, output="right", done=True).status_code == 200
    for number in (0, 1):
        assert part(job, number, output="again").status_code == 409
    assert (Run.objects.get().output, other.computer.tenant) == ("right", people.northwind)


def lose_by_switch(people, tech):
    factories.SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)


def lose_by_end(people, tech):
    rows = [row.pk for row in tech.role_assignments.all()]
    end_assignments(actor=Actor(people.marcus), assignments=rows, reason="Over")


def lose_by_deny_of_scripts(people, tech):
    deny(tech, Permission.SCRIPTS_RUN, scope="tenant", tenant=people.litware)


def lose_by_account(people, tech):
    tech.access_expires_at = timezone.now()
    tech.save()


@pytest.mark.parametrize("lose", [lose_by_switch, lose_by_end, lose_by_deny_of_scripts, lose_by_account])
def test_who_lost_the_right_meanwhile_runs_nothing(lose, people, computer, agent, tech):
    run = asked(tech, computer)
    lose(people, tech)
    assert polled() == {"wait": 2}
    run.refresh_from_db()
    assert (run.state, last_action()) == ("refused", "run.refused")
    assert run.why.startswith("Whoever asked for it may no longer run it here.")


def test_who_keeps_the_right_beyond_the_switch_is_not_touched(people, computer, agent):
    user = factories.UserFactory(tenant=people.litware)
    role = Role.objects.get(key="computer_terminal_user")
    factories.RoleAssignmentFactory(user=user, role=role, scope="own_tenant")
    factories.SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    asked(user, computer)
    assert picked_up(KEY)["body"] == "uptime"


def test_a_run_stops_when_the_right_ends_while_it_goes_on(people, computer, agent, tech):
    run = asked(tech, computer)
    job = picked_up(KEY)
    lose_by_end(people, tech)
    assert part(job, output="one line").json() == {"stop": True}
    run.refresh_from_db()
    assert (run.state, run.output, last_action()) == ("stopped", "one line", "run.stopped")
    assert part(job, 1, output="more", done=True).status_code == 409


@pytest.mark.parametrize("what", ["waits too long", "moved", "deleted"])
def test_what_waits_is_not_picked_up_later_elsewhere_or_never(what, people, computer, agent, tech):
    run = asked(tech, computer)
    if what == "waits too long":
        copy = Run(computer=computer, tenant=computer.tenant, asked_by=tech, body="uptime")
        Run.objects.all().delete()
        copy.asked_at = timezone.now() - timedelta(minutes=11)
        copy.save()
    elif what == "moved":
        Computer.objects.filter(pk=computer.pk).update(tenant=people.fabrikam)
        grant(tech, *TERMINAL, scope="tenant", tenant=people.fabrikam)
    else:
        Computer.objects.filter(pk=computer.pk).update(deleted_at=timezone.now())
    answer = post("agent-poll", TOKEN, {"nonce": "0" * 16})
    assert answer.status_code == (403 if what == "deleted" else 200)
    assert b"job" not in answer.content
    assert run.state == "queued"


def test_an_agent_goes_on_when_its_computer_is_restored(computer, agent):
    """A 401 ends it for good: it says that somebody removed it."""
    answered = []
    for deleted_at in (None, timezone.now(), None):
        Computer.objects.filter(pk=computer.pk).update(deleted_at=deleted_at)
        answered.append(post("agent-poll", TOKEN, {"nonce": "0" * 16}).status_code)
    assert answered == [200, 403, 200]


def test_an_agent_that_falls_silent_is_not_believed_later(computer, agent, tech):
    run = asked(tech, computer)
    job = picked_up(KEY)
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now())
    assert part(job, output="late", done=True).status_code == 409
    assert polled() == {"wait": 2}


def test_output_has_an_end(computer, agent, tech):
    run = asked(tech, computer)
    job = picked_up(KEY)
    for number in range(3):
        assert part(job, number, output="x" * (MOST_OUTPUT // 2 + 1)).status_code == 200
    assert part(job, 3, output="x" * 600_000).status_code == 400
    run.refresh_from_db()
    assert (len(run.output), run.is_cut) == (MOST_OUTPUT, True)


def test_no_token_opens_a_page_and_no_session_opens_a_door(client, people, agent):
    client.force_login(people.marcus)
    assert client.post("/agent/poll/", "{}", content_type="application/json").status_code == 401
    assert client.get("/agent/poll/").status_code == 405
    answer = client.get("/agents/", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    client.logout()
    assert client.get("/agents/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 302
