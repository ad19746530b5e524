"""A form that is sent twice makes one thing, and one entry, also where several of one name may be."""

import pytest

from accounts.models import Person
from accounts.person_services import create_person
from computers.agents.models import Run
from computers.agents.services import ask_run
from computers.deployments.models import ChangeRequest, CrossTenantDeployment, Deployment, TenantDeployment
from computers.deployments.request_services import submit_change_request
from computers.deployments.services import create_deployment
from computers.schedules.models import Schedule
from computers.schedules.services import create_schedule
from rbac.audit import Actor
from rbac.models import AuditEntry
from tenancy.models import Tenant
from tenancy.services import create_tenant
from tests import factories
from tests.people import People, give

pytestmark = pytest.mark.django_db

START = People


@pytest.fixture
def people(start: People) -> People:
    return start


def _deployment(people: People):
    software = factories.SoftwareFactory(tenant=None, name="Office")

    def make(name: str = "Office"):
        draft = TenantDeployment(
            tenant=people.fabrikam, name=name, state="installed", software=software, target="tenant"
        )
        return create_deployment(actor=Actor(people.marcus), draft=draft)

    return make


def _schedule(people: People):
    def make(name: str = "At night"):
        said = {"does": "maintenance", "cron": "0 2 * * *", "zone": "Europe/Berlin", "target": "tenant"}
        draft = Schedule(tenant=people.fabrikam, name=name, **said)
        return create_schedule(actor=Actor(people.marcus), draft=draft)

    return make


def _person(people: People):
    return lambda name="Mona": create_person(actor=Actor(people.marcus), tenant=people.fabrikam, name=name)


def _tenant(people: People):
    return lambda name="Branch": create_tenant(actor=Actor(people.marcus), parent=people.fabrikam, name=name, slug="")


def _run(people: People):
    computer = factories.ComputerFactory(tenant=people.fabrikam)
    factories.AgentFactory(computer=computer)
    return lambda command="uptime": ask_run(actor=Actor(people.marcus), computer=computer, command=command)


def _change_request(people: People):
    software = factories.SoftwareFactory(tenant=None, name="Office")

    def make(name: str = "Office"):
        draft = CrossTenantDeployment(
            tenant=people.contoso, name=name, state="installed", software=software, target="msp"
        )
        return submit_change_request(actor=Actor(people.marcus), draft=draft, note="For all")

    return make


@pytest.mark.parametrize(
    ("making", "model"),
    [
        *((_deployment, Deployment), (_schedule, Schedule), (_person, Person), (_tenant, Tenant), (_run, Run)),
        (_change_request, ChangeRequest),
    ],
)
def test_what_is_sent_twice_is_made_once(people, making, model):
    make, before, told = making(people), model.objects.count(), AuditEntry.objects.count()
    assert make().pk == make().pk
    assert (model.objects.count(), AuditEntry.objects.count()) == (before + 1, told + 1)
    assert make("Another").pk != make().pk


def test_somebody_else_makes_another(people):
    first = _person(people)()
    people.marcus = people.olivia
    give(people.olivia, "msp_administrator", scope="owner")
    assert _person(people)().pk != first.pk
