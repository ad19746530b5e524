"""Deployments as stages: those for the computer, by the rights of their authors as the agent takes each."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.urls import reverse

from computers.agents.models import Agent
from computers.deployments.models import Deployment
from computers.maintenance.carrying import DELETED, ELSEWHERE, PAUSED
from computers.maintenance.models import MaintenanceSession, Stage
from computers.maintenance.services import refresh_inventory
from computers.maintenance.traffic import NO_MORE, NOT_ITS_AUTHOR
from computers.models import Computer
from rbac.audit import Actor
from rbac.models import AuditEntry
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests import factories
from tests.agents.acting import TOKEN, agent_on, picked_up, polled, post
from tests.deployments.factories import CrossTenantDeploymentFactory, TenantDeploymentFactory
from tests.grants import deny, grant
from tests.maintenance.acting import begun, keeper, reported, standing
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


@pytest.fixture(autouse=True)
def agent(computer) -> Agent:
    return agent_on(computer)


@pytest.fixture
def kim(people, computer):
    return keeper(computer, people.contoso)


@pytest.fixture
def script(people) -> Deployment:
    """Marcus has every computer of Litware say hello."""
    version = factories.ScriptFactory(name="Hello", language="bash", body="echo hello").versions.get()
    said = {"state": "run", "software": None, "script_version": version}
    return TenantDeploymentFactory(name="Say hello", tenant=people.litware, saved_by=people.marcus, **said)


@pytest.fixture
def software(people) -> Deployment:
    """Marcus installs something on all that is Contoso's or its customers'."""
    item = factories.SoftwareFactory(name="Tools", tenant=None)
    factories.SoftwareFileFactory(software=item, name="tools.deb")
    return CrossTenantDeploymentFactory(name="Tools", tenant=people.contoso, software=item, saved_by=people.marcus)


@pytest.fixture
def looked(kim, computer) -> Callable[[], MaintenanceSession]:
    """Begins a session and takes its inventory: what comes next is of deployments."""

    def begin() -> MaintenanceSession:
        session = begun(kim, computer)
        assert reported(picked_up(KEY), done=True).status_code == 200
        return session

    return begin


def states(session: MaintenanceSession) -> list[tuple[str, str, str]]:
    return list(session.stages.order_by("position").values_list("title", "state", "why"))


def piece(job, token: str = TOKEN, **said):
    body = {"token": job["token"], "file": job["files"][0]["token"], "start": 0, **said}
    return post("maintenance:agent-stage-file", token, body, number=job["stage"])


def test_each_deployment_for_the_computer_follows_the_inventory(looked, people, script, software):
    TenantDeploymentFactory(tenant=people.northwind, saved_by=people.marcus)
    TenantDeploymentFactory(tenant=people.litware, saved_by=people.marcus, is_enabled=False)
    session = looked()
    assert [title for title, _, _ in states(session)] == ["", "Say hello", "Tools"]
    first = picked_up(KEY)
    assert (first["kind"], first["language"], first["body"]) == ("script", "bash", "echo hello")
    assert reported(first, output="hello\n", done=True, exit_code=0).json() == {"stop": False}
    second = picked_up(KEY)
    file = software.software.files.get()
    assert (second["kind"], second["wanted"], second["software"]) == ("software", "installed", "Tools")
    assert second["files"] == [
        {"token": str(file.token), "name": "tools.deb", "size": file.size, "sha256": file.sha256}
    ]
    assert reported(second, done=True, exit_code=0).status_code == 200
    assert standing(session)[0] == "done"
    assert polled() == WAIT


def test_what_it_was_stays_when_the_deployment_goes(looked, script):
    session = looked()
    reported(picked_up(KEY), output="hello\n", done=True, exit_code=0)
    script.delete()
    stage = session.stages.latest("position")
    assert (stage.title, stage.deployment, stage.output) == ("Say hello", None, "hello\n")


def test_an_inventory_alone_carries_nothing_out(people, computer, script):
    user = keeper(computer, people.contoso, Permission.COMPUTERS_REINVENTORY)
    (session,) = refresh_inventory(actor=Actor(user), computer=computer).sessions
    reported(picked_up(KEY), done=True)
    assert (standing(session)[0], session.stages.count()) == ("done", 1)


@pytest.mark.parametrize(("code", "state", "why"), [(0, "done", ""), (3, "failed", "It ended with exit code 3.")])
def test_its_exit_code_says_what_came_of_it(looked, code, state, why, script):
    session = looked()
    reported(picked_up(KEY), output="hello\n", done=True, exit_code=code)
    session.refresh_from_db()
    assert (states(session)[1], session.state, session.why) == (("Say hello", state, why), state, why)


def lose_by_deny(people, script):
    deny(people.marcus, Permission.DEPLOYMENTS_MANAGE_SINGLE_TENANT, scope="tenant", tenant=people.litware)


def lose_the_script(people, script):
    deny(people.marcus, Permission.SCRIPTS_VIEW, scope="owner")


def lose_by_switch(people, script):
    factories.SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    deny(people.marcus, Permission.SCRIPTS_RUN, scope="owner")


def lose_the_computer(people, script):
    deny(people.marcus, Permission.COMPUTERS_VIEW, scope="tenant", tenant=people.litware)


LOSSES = [
    (lose_by_deny, "Its author may no longer have it happen. This takes Manage Single-Tenant Deployments"),
    (lose_the_script, "Its author may no longer have it happen. This takes View Scripts on its script."),
    (lose_by_switch, "Its author may no longer have it happen. This takes Run Scripts."),
    (lose_the_computer, ELSEWHERE),
    (lambda people, script: script.delete(), DELETED),
    (lambda people, script: Deployment.objects.update(is_enabled=False), PAUSED),
]


@pytest.mark.parametrize(("lose", "said"), LOSSES, ids=lambda each: getattr(each, "__name__", ""))
def test_what_is_no_longer_for_it_is_not_begun_and_says_why(looked, lose, said, people, script):
    session = looked()
    lose(people, script)
    assert polled() == SOON
    stage = session.stages.latest("position")
    assert (stage.state, standing(session)[0]) == ("skipped", "done")
    assert stage.why.startswith(said)
    assert stage.output == f"{stage.why}\n"
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.reason) == ("maintenance.finished", stage.why)
    assert polled() == WAIT


def test_the_next_one_goes_on_where_one_is_not_begun(looked, people, script, software):
    session = looked()
    lose_by_deny(people, script)
    assert polled() == SOON
    assert AuditEntry.objects.latest("pk").action == "maintenance.skipped"
    assert reported(picked_up(KEY), done=True).status_code == 200
    assert [state for _, state, _ in states(session)] == ["done", "skipped", "done"]


def test_it_stops_when_its_author_loses_the_right_while_it_goes_on(looked, people, script, software):
    session = looked()
    job = picked_up(KEY)
    lose_by_deny(people, script)
    assert reported(job, output="hel").json() == {"stop": True}
    assert states(session)[1] == ("Say hello", "failed", NOT_ITS_AUTHOR)
    assert reported(job, 1, done=True).status_code == 409
    assert picked_up(KEY)["kind"] == "software"


def test_it_takes_the_right_of_who_asked_for_the_session_as_well(looked, people, kim, script):
    session = looked()
    deny(kim, Permission.SESSIONS_RUN, scope="owner")
    assert polled() == SOON
    session.refresh_from_db()
    assert (standing(session)[0], session.why[: len(NO_MORE)]) == ("failed", NO_MORE)


def test_a_file_comes_in_pieces_to_who_does_the_stage(looked, people, software):
    agent_on(factories.ComputerFactory(tenant=people.northwind), "another token")
    other = factories.SoftwareFileFactory(software=factories.SoftwareFactory())
    looked()
    job = picked_up(KEY)
    assert piece(job).content == factories.CONTENT
    assert (piece(job, start=3).content, piece(job, start=10**6).content) == (factories.CONTENT[3:], b"")
    for refused in (
        piece(job, token="another token"),
        piece({**job, "token": "guessed"}),
        piece(job, file=str(other.token)),
        piece(job, file=str(uuid4())),
    ):
        assert refused.status_code == 409
    assert [piece(job, **odd).status_code for odd in ({"file": "x"}, {"start": -1}, {"start": None})] == [400] * 3
    reported(job, done=True)
    assert piece(job).status_code == 409


@pytest.mark.parametrize("who", ["author", "asker", "file"])
def test_no_piece_comes_once_the_right_is_gone(looked, who, kim, people, software):
    looked()
    job = picked_up(KEY)
    assert piece(job).status_code == 200
    if who == "author":
        deny(people.marcus, Permission.DEPLOYMENTS_MANAGE_CROSS_TENANT, scope="owner")
    elif who == "asker":
        deny(kim, Permission.SESSIONS_RUN, scope="owner")
    else:
        software.software.files.all().delete()
    assert piece(job).status_code == 409


def test_audit_names_one_that_crosses_tenants_where_no_tenant_reads_it(looked, people, script, software):
    looked()
    reported(picked_up(KEY), done=True)
    picked_up(KEY)
    own, crossing = AuditEntry.objects.filter(action="maintenance.sent", after__has_key="deployments").order_by("pk")
    assert (own.tenant, own.after["does"]) == (people.litware, "Run Hello, version 1")
    assert (crossing.tenant, crossing.after["deployments"][0]["name"]) == (people.contoso, "Tools")


def test_a_reader_meets_the_names_of_deployments_that_they_see(looked, people, client, script, software):
    session = looked()
    page = reverse("maintenance:session-detail", args=[session.computer_id, session.pk])
    views = (Permission.DEPLOYMENTS_VIEW, Permission.DEPLOYMENTS_VIEW_CROSS_TENANT)
    for seen, hidden in ((set(), 2), ({0}, 1), ({0, 1}, 0)):
        user = keeper(session.computer, people.contoso, Permission.SESSIONS_VIEW)
        for number in seen:
            grant(user, views[number], scope="owner")
        client.force_login(user)
        said = client.get(page).content.decode()
        assert said.count("A deployment that you do not see") == hidden
        assert [">Say hello<" in said, ">Tools<" in said] == [0 in seen, 1 in seen]


def test_what_was_deleted_is_read_by_who_saw_it(looked, people, client, script, software):
    session = looked()
    Deployment.objects.all().delete()
    page = reverse("maintenance:session-detail", args=[session.computer_id, session.pk])
    user = keeper(session.computer, people.contoso, Permission.SESSIONS_VIEW, Permission.DEPLOYMENTS_VIEW)
    grant(user, Permission.DEPLOYMENTS_VIEW_CROSS_TENANT, scope="msp", tenant=people.contoso)
    client.force_login(user)
    said = client.get(page).content.decode()
    assert ("Say hello" in said, "Tools" in said) == (True, False)
    assert Stage.objects.filter(title="Tools").exists()
