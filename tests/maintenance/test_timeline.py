"""The Timeline tab: what happened to a computer, as far as its reader may know it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from computers import people_services, services
from computers.agents.models import Agent
from computers.agents.services import create_enrolment
from computers.agents.traffic import Facts, enrol_agent, report_facts
from computers.maintenance.models import MaintenanceSession
from computers.models import Computer
from rbac.audit import SYSTEM, Actor, named, record
from rbac.permissions import Permission
from tests import factories
from tests.agents.acting import TERMINAL, asked
from tests.deployments.factories import TenantDeploymentFactory
from tests.grants import deny, grant
from tests.maintenance.acting import begun
from tests.maintenance.factories import StageFactory
from tests.people import People, give

pytestmark = pytest.mark.django_db

START = People
FACTS = Facts("LIT-01", "server", "Debian 12", "S-1", ["rosa", "admin"])
PAGE = "maintenance:computer-timeline"


@pytest.fixture
def people(start: People) -> People:
    return start


@pytest.fixture
def computer(people) -> Computer:
    enrolment, _ = create_enrolment(actor=Actor(people.marcus), tenant=people.litware)
    return enrol_agent(enrolment, FACTS)[0].computer


def told(client, user, computer, **query) -> list[str]:
    """The words of each event with its details, the newest first."""
    client.force_login(user)
    answer = client.get(reverse(PAGE, args=[computer.pk]), query)
    assert answer.status_code == 200
    lines = [line for day in answer.context["days"] for line in day.lines]
    return [" | ".join([f"{line.who}: {line.words}", *line.details]) for line in lines]


def reader(people, *permissions):
    user = factories.UserFactory(name="Rea", tenant=people.litware)
    grant(user, Permission.COMPUTERS_VIEW_TIMELINE, *permissions, scope="own_tenant")
    return user


def fresh(computer) -> Computer:
    return Computer.objects.get(pk=computer.pk)


def test_what_people_and_the_agent_do_is_told_newest_first(client, people, computer):
    marcus, tag = Actor(people.marcus), factories.TagFactory(name="Backup", tenant=people.litware)
    services.set_computer_type(actor=marcus, computer=computer, version=fresh(computer).updated_at, type="server")
    services.set_computer_tags(actor=marcus, computer=computer, version=fresh(computer).updated_at, tags=[tag])
    services.tag_computers(actor=marcus, computers=[fresh(computer)], take=[tag])
    people_services.adopt_reported_person(actor=marcus, computer=computer, name="rosa")
    entry = "Operating system: Debian 12 | Serial number: S-1 | Name as reported: LIT-01 | Type as reported: Server"
    assert told(client, reader(people, Permission.USERS_VIEW), computer) == [
        "Marcus Oyelaran: Named rosa, as the agent reports",
        "Marcus Oyelaran: Changed its tags | Taken: Backup",
        "Marcus Oyelaran: Changed its tags | Put: Backup",
        "Marcus Oyelaran: Changed its type | Type: Server, before Workstation",
        f"The agent: An agent was enrolled | {entry} | Signed in: rosa, admin",
    ]


def test_people_are_named_to_who_sees_people(client, people, computer):
    person = factories.PersonFactory(name="Rosa Feldmann", tenant=people.litware)
    people_services.add_computer_person(actor=Actor(people.marcus), computer=computer, person=person)
    assert told(client, reader(people), computer)[0] == "Marcus Oyelaran: Named somebody"
    assert told(client, reader(people, Permission.USERS_VIEW), computer)[0] == "Marcus Oyelaran: Named Rosa Feldmann"


def test_commands_are_read_by_who_may_run_them(client, people, computer):
    run = asked(people.marcus, computer, "net user")
    assert told(client, reader(people), computer)[0] == "Marcus Oyelaran: Asked to run something"
    assert "net user" not in client.get(reverse(PAGE, args=[computer.pk])).content.decode()
    assert told(client, reader(people, *TERMINAL), computer)[0] == "Marcus Oyelaran: Asked to run net user"
    page = client.get(reverse(PAGE, args=[computer.pk])).content.decode()
    assert reverse("agents:run-detail", args=[computer.pk, run.pk]) in page


def test_maintenance_is_told_to_who_sees_sessions_with_what_came_of_each_stage(client, people, computer):
    session, other = begun(people.marcus, computer), factories.ComputerFactory(tenant=people.fabrikam)
    seen = TenantDeploymentFactory(name="Backup agent", tenant=people.litware)
    StageFactory(session=session, position=1, kind="deployment", title=seen.name, deployment=seen)
    MaintenanceSession.objects.filter(pk=session.pk).end("failed", "It went wrong.")
    record_end(session)
    ended = told(client, reader(people, Permission.SESSIONS_VIEW), computer)
    assert ended[:2] == [
        "The agent: Maintenance failed | Inventory: not begun | A deployment that you do not see: not begun",
        "Marcus Oyelaran: Asked for maintenance",
    ]
    both = reader(people, Permission.SESSIONS_VIEW, Permission.DEPLOYMENTS_VIEW)
    assert "Backup agent: not begun" in told(client, both, computer)[0]
    assert len(told(client, reader(people), computer)) == 1
    assert told(client, people.marcus, other) == []


def record_end(session) -> None:
    after = {"computers": named([session.computer])}
    record(SYSTEM, "maintenance.failed", target=session, tenant=session.tenant_id, after=after)


def test_what_was_in_another_tenants_time_is_not_told(client, people, computer):
    tag = factories.TagFactory(name="Litware only", tenant=people.litware)
    marcus = Actor(people.marcus)
    services.set_computer_tags(actor=marcus, computer=computer, version=fresh(computer).updated_at, tags=[tag])
    moving = {"computer": computer, "version": fresh(computer).updated_at, "tenant": people.fabrikam}
    services.move_computer(actor=marcus, dropping=[tag], **moving)
    fred = factories.UserFactory(tenant=people.fabrikam)
    give(fred, "tenant_user", scope="own_tenant")
    assert told(client, fred, computer) == ["Marcus Oyelaran: Moved it here from another tenant"]
    page = client.get(reverse(PAGE, args=[computer.pk])).content.decode()
    assert all(word not in page for word in ("Litware", "rosa", "admin"))


def test_who_acts_from_elsewhere_is_the_operator(client, people, computer):
    owner = factories.UserFactory(name="Olga", tenant=people.northwind)
    give(owner, "msp_administrator", scope="owner")
    services.write_notes(actor=Actor(owner), computer=computer, version=fresh(computer).updated_at, notes="Odd")
    assert told(client, reader(people), computer)[0] == "The operator of this system: Wrote notes"


def test_the_tab_is_for_who_holds_the_permission(client, people, computer):
    sam, address = people.sam, reverse(PAGE, args=[computer.pk])
    client.force_login(sam)
    assert client.get(address).status_code == 404
    give(sam, "tenant_user", scope="own_tenant")
    assert address in client.get(reverse("computers:computer-detail", args=[computer.pk])).content.decode()
    assert client.get(address).status_code == 200
    deny(sam, Permission.COMPUTERS_VIEW_TIMELINE, scope="own_tenant")
    assert client.get(address).status_code == 403
    assert address not in client.get(reverse("computers:computer-detail", args=[computer.pk])).content.decode()


def test_filters_and_pages(client, people, computer):
    for number in range(30):
        services.write_notes(
            actor=Actor(people.marcus), computer=computer, version=fresh(computer).updated_at, notes=f"{number}"
        )
    sam = reader(people)
    assert len(told(client, sam, computer, kind="agent")) == 1
    assert len(told(client, sam, computer, kind="computer", rows="25")) == 25
    tomorrow = (timezone.now() + timedelta(days=1)).date().isoformat()
    assert told(client, sam, computer, since=tomorrow) == []
    address = reverse(PAGE, args=[computer.pk])
    first = client.get(address, {"rows": "25"})
    rest = client.get(first.context["listing"].next_url)
    assert len(rest.context["listing"].rows) == 6
    for wrong in ({"kind": "odd"}, {"kind": "maintenance"}, {"since": "soon"}, {"after": "x"}, {"q": "x"}):
        assert client.get(address, wrong).status_code == 400, wrong


def signs(client, user, computer) -> list[tuple[str, str, str, bool]]:
    client.force_login(user)
    lines = client.get(reverse(PAGE, args=[computer.pk])).context["affinity"]
    return [(line.login, str(line.person or ""), line.uses, line.is_there) for line in lines]


def test_affinity_says_who_signs_in_and_who_did(client, people, computer):
    rosa = factories.PersonFactory(name="Rosa Feldmann", login="rosa", tenant=people.litware)
    paul = factories.PersonFactory(name="Paul Berg", login="", tenant=people.litware)
    for person in (rosa, paul):
        people_services.add_computer_person(actor=Actor(people.marcus), computer=computer, person=person)
    report_facts(Agent.objects.get(), Facts("LIT-01", "server", "Debian 12", "S-1", ["rosa"]))
    assert signs(client, reader(people, Permission.USERS_VIEW), computer) == [
        ("rosa", "Rosa Feldmann", "Also uses it", True),
        ("admin", "", "", False),
        ("", "Paul Berg", "Also uses it", False),
    ]
    assert signs(client, reader(people), computer) == [("rosa", "", "", True), ("admin", "", "", False)]
