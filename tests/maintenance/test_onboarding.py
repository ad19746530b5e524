"""Onboarding: a computer that came with its agent waits until somebody confirms it or leaves that out."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from computers import services as computer_services
from computers.agents.services import create_enrolment
from computers.agents.traffic import Facts, enrol_agent
from computers.maintenance import onboarding_services as services
from computers.maintenance.models import MaintenanceSession
from computers.models import Computer, ComputerPerson
from rbac.audit import Actor
from rbac.delegation import ConflictError, Refused
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests import factories
from tests.grants import deny, grant
from tests.people import People, give

pytestmark = pytest.mark.django_db

START = People
FACTS = Facts("LIT-01", "server", "Debian 12", "S-1", ["rosa"])


@pytest.fixture
def people(start: People) -> People:
    return start


@pytest.fixture
def computer(people) -> Computer:
    enrolment, _ = create_enrolment(actor=Actor(people.marcus), tenant=people.litware)
    return fresh(enrol_agent(enrolment, FACTS)[0].computer)


def fresh(computer) -> Computer:
    return Computer.objects.get(pk=computer.pk)


def start(user, computer, **said):
    said = {"version": computer.updated_at, "name": computer.name, **said}
    return services.start_onboarding(actor=Actor(user), computer=computer, **said)


def address(name, computer) -> str:
    return reverse(f"maintenance:onboarding-{name}", args=[computer.pk])


def page(client, computer) -> str:
    return client.get(reverse("computers:computer-detail", args=[computer.pk])).content.decode()


def test_one_that_comes_with_its_agent_waits_and_an_old_one_does_not(people, computer):
    assert computer.onboarding == "waiting"
    known = factories.ComputerFactory(tenant=people.litware)
    enrolment, _ = create_enrolment(actor=Actor(people.marcus), tenant=people.litware, computer=known)
    enrol_agent(enrolment, FACTS)
    assert fresh(known).onboarding == ""


def test_onboarding_confirms_it_and_begins_its_first_maintenance(people, computer):
    person = factories.PersonFactory(name="Rosa Feldmann", tenant=people.litware)
    session = start(people.marcus, computer, name="LIT-LAPTOP", person=person)
    assert MaintenanceSession.objects.get() == session
    link = ComputerPerson.objects.get()
    assert (link.person, link.is_primary) == (person, True)
    assert (fresh(computer).name, fresh(computer).onboarding) == ("LIT-LAPTOP", "started")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.before["name"], entry.after["name"]) == ("onboarding.started", "LIT-01", "LIT-LAPTOP")
    assert entry.after["primary_person"] == "Rosa Feldmann"
    with pytest.raises(ValidationError, match="does not wait"):
        start(people.marcus, fresh(computer))


def test_what_is_confirmed_and_stands_already_takes_no_more_than_onboarding(people, computer):
    kim = factories.UserFactory(tenant=people.litware)
    grant(kim, Permission.COMPUTERS_ONBOARD, scope="own_tenant")
    with pytest.raises(Refused):
        start(kim, computer, name="OTHER")
    with pytest.raises(Refused):
        start(kim, computer, person=factories.PersonFactory(tenant=people.litware))
    assert fresh(computer).onboarding == "waiting"
    start(kim, computer)
    assert fresh(computer).onboarding == "started"


def test_without_the_right_to_run_maintenance_nothing_begins(people, computer):
    deny(people.olivia, Permission.SESSIONS_RUN, scope="own_tenant")
    with pytest.raises(Refused):
        start(people.olivia, computer)
    assert (fresh(computer).onboarding, MaintenanceSession.objects.count()) == ("waiting", 0)


def test_without_an_agent_it_goes_on_waiting(people):
    bare = factories.ComputerFactory(tenant=people.litware, onboarding="waiting")
    with pytest.raises(ValidationError, match="no agent"):
        start(people.marcus, fresh(bare), name="NEW")
    assert (fresh(bare).onboarding, fresh(bare).name) == ("waiting", bare.name)


def test_somebody_who_was_quicker_is_told(people, computer):
    version = computer.updated_at
    computer_services.write_notes(actor=Actor(people.marcus), computer=computer, version=version, notes="Hers")
    with pytest.raises(ConflictError):
        start(people.olivia, computer, version=version)


def test_skipped_and_again(people, computer):
    services.skip_onboarding(actor=Actor(people.olivia), computer=computer)
    assert fresh(computer).onboarding == "skipped"
    with pytest.raises(ValidationError, match="does not wait"):
        services.skip_onboarding(actor=Actor(people.olivia), computer=computer)
    services.repeat_onboarding(actor=Actor(people.olivia), computer=computer)
    assert fresh(computer).onboarding == "waiting"
    with pytest.raises(ValidationError, match="waits"):
        services.repeat_onboarding(actor=Actor(people.olivia), computer=computer)
    assert not MaintenanceSession.objects.exists()


def test_nobody_does_it_as_somebody_else(people, computer):
    acting = Actor(people.olivia, impersonator=people.marcus)
    with pytest.raises(Refused):
        services.skip_onboarding(actor=acting, computer=computer)


def test_the_pages(client, people, computer):
    person = factories.PersonFactory(name="Rosa Feldmann", tenant=people.litware)
    client.force_login(people.olivia)
    assert address("start", computer) in page(client, computer)
    form = client.get(address("start", computer)).content.decode()
    assert "Workstation" in form
    assert reverse("computers:computer-type", args=[computer.pk]) in form
    said = {"version": computer.updated_at.isoformat(), "name": "", "person": person.pk}
    assert client.post(address("start", computer), said).status_code == 422
    assert client.post(address("start", computer), {**said, "name": "LIT-01"}).status_code == 302
    assert "Onboarded" in page(client, computer)
    again = client.post(address("start", computer), {**said, "name": "LIT-01"})
    assert again.status_code == 422
    assert client.post(address("repeat", computer)).status_code == 302
    assert client.post(address("skip", computer)).status_code == 302
    assert client.post(address("skip", computer)).status_code == 422
    assert address("repeat", computer) in page(client, computer)


def test_a_stale_form_is_told_and_overwrites_nothing(client, people, computer):
    said = {"version": computer.updated_at.isoformat(), "name": "LIT-NEW"}
    computer_services.write_notes(actor=Actor(people.marcus), computer=computer, version=computer.updated_at, notes="x")
    client.force_login(people.olivia)
    answer = client.post(address("start", computer), said)
    assert (answer.status_code, fresh(computer).name) == (422, "LIT-01")
    assert "Somebody else changed this meanwhile" in answer.content.decode()


def test_who_may_not_sees_no_button_and_a_stranger_no_computer(client, people, computer):
    give(people.sam, "tenant_user", scope="own_tenant")
    client.force_login(people.sam)
    assert address("start", computer) not in page(client, computer)
    assert client.post(address("start", computer)).status_code == 403
    client.force_login(people.theo)
    assert client.post(address("skip", computer)).status_code == 404


def test_the_list_shows_and_finds_those_that_wait(client, people, computer):
    factories.ComputerFactory(name="LIT-OLD", tenant=people.litware)
    client.force_login(people.olivia)
    listed = reverse("computers:computer-list")
    assert "To be onboarded" in client.get(listed).content.decode()
    waiting = client.get(listed, {"onboarding": "waiting"}).context["listing"].rows
    assert [each.name for each in waiting] == ["LIT-01"]
    assert client.get(listed, {"onboarding": "odd"}).status_code == 400
