"""Seats in use: the computers on which the software of a license is installed or deployed, as far as they are seen."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from computers.deployments.models import CrossTenantDeployment, Deployment, TenantDeployment
from computers.deployments.targets import author_of, reached
from computers.models import Computer, License
from computers.seats import Taken
from rbac.access import access_for
from rbac.permissions import Permission
from tests import factories
from tests.deployments.factories import CrossTenantDeploymentFactory, TenantDeploymentFactory
from tests.deployments.worlds import RandomWorld
from tests.effort import effort
from tests.grants import deny, grant
from tests.maintenance.test_outcomes import tried
from tests.people import People, give

pytestmark = pytest.mark.django_db

SEE = (
    *(Permission.LICENSES_VIEW, Permission.COMPUTERS_VIEW, Permission.DEPLOYMENTS_VIEW),
    *(Permission.DEPLOYMENTS_PREVIEW_TARGETS, Permission.SESSIONS_VIEW),
)
LIST = reverse("computers:license-list")


@pytest.fixture
def people() -> People:
    """Dana is an MSP user at Contoso."""
    found = People()
    give(found.dana, "msp_user", scope="msp", tenant=found.contoso)
    return found


@pytest.fixture
def software(people):
    return factories.SoftwareFactory(name="Suite", tenant=None)


@pytest.fixture
def computers(people) -> dict[str, Computer]:
    names = ("LIT-01", "LIT-02", "FAB-01")
    return {
        name: factories.ComputerFactory(name=name, tenant=people.litware if name[0] == "L" else people.fabrikam)
        for name in names
    }


@pytest.fixture
def found(people, software) -> License:
    return factories.LicenseFactory(name="Suite", tenant=people.litware, software=software, seats=1)


def deployed(people, software, tenant, **said) -> Deployment:
    factory = CrossTenantDeploymentFactory if said.get("target") == "msp" else TenantDeploymentFactory
    return factory(tenant=tenant, software=software, saved_by=people.marcus, **said)


def taken(reader, found: License) -> dict[str, bool]:
    """The computers that take a seat, and whether it is installed there; page, list and export say the same number."""
    every = Taken(access_for(reader), [found])
    rows = {each.name: each.is_installed for each in every.rows(found)}
    if every.is_told(found):
        assert every.uses()[found.pk].used == len(rows)
    return rows


def page(client, reader, found, name="detail"):
    client.force_login(reader)
    return client.get(reverse(f"computers:license-{name}", args=[found.pk]))


def test_what_is_deployed_and_what_is_installed_takes_a_seat(people, software, computers, found):
    assert taken(people.marcus, found) == {}
    deployment = deployed(people, software, people.litware)
    assert taken(people.marcus, found) == {"LIT-01": False, "LIT-02": False}
    tried(computers["LIT-01"], deployment, "done")
    tried(computers["LIT-02"], deployment, "failed")
    assert taken(people.marcus, found) == {"LIT-01": True, "LIT-02": False}
    Deployment.objects.update(is_enabled=False)
    assert taken(people.marcus, found) == {"LIT-01": True}


def test_what_was_removed_since_takes_none(people, software, computers, found):
    tried(computers["LIT-01"], deployed(people, software, people.litware, is_enabled=False), "done")
    gone = deployed(people, software, people.litware, state="absent")
    tried(computers["LIT-01"], gone, "failed")
    assert taken(people.marcus, found) == {"LIT-01": True}
    tried(computers["LIT-01"], gone, "done")
    assert taken(people.marcus, found) == {}


def test_it_counts_below_its_owner_and_of_the_instance_everywhere(people, software, computers, found):
    deployed(people, software, people.contoso, target="msp")
    assert set(taken(people.marcus, found)) == {"LIT-01", "LIT-02"}
    provider = factories.LicenseFactory(tenant=people.contoso, software=software)
    shared = factories.LicenseFactory(tenant=None, software=software)
    assert set(taken(people.marcus, provider)) == set(taken(people.marcus, shared)) == set(computers)


def test_other_software_and_deleted_computers_take_none(people, software, computers, found):
    deployed(people, factories.SoftwareFactory(tenant=None), people.litware)
    computers["LIT-01"].deleted_at = "2026-01-01T00:00Z"
    computers["LIT-01"].save()
    deployed(people, software, people.litware)
    assert set(taken(people.marcus, found)) == {"LIT-02"}


# As far as its reader sees


def test_the_number_tells_nothing_of_what_the_reader_may_not_see(people, software, computers, found):
    crossing = deployed(people, software, people.contoso, target="msp")
    reader = factories.UserFactory(tenant=people.contoso)
    grant(reader, *SEE, scope="tenant", tenant=people.litware)
    assert taken(reader, found) == {}  # it sees no deployment across tenants
    tried(computers["LIT-01"], crossing, "done")
    assert taken(reader, found) == {}
    grant(reader, Permission.DEPLOYMENTS_VIEW_CROSS_TENANT, scope="tenant", tenant=people.contoso)
    assert taken(reader, found) == {"LIT-01": True}  # but may not preview its targets
    grant(reader, Permission.DEPLOYMENTS_PREVIEW_TARGETS, scope="tenant", tenant=people.contoso)
    assert taken(reader, found) == {"LIT-01": True, "LIT-02": False}
    deny(reader, Permission.COMPUTERS_VIEW, scope="tenant", tenant=people.litware, **one(computers["LIT-02"]))
    assert taken(reader, found) == {"LIT-01": True}
    deny(reader, Permission.SESSIONS_VIEW, scope="tenant", tenant=people.litware)
    assert taken(reader, found) == {"LIT-01": False}


def one(computer: Computer) -> dict[str, object]:
    return {"computer_scope": "computer", "computer": computer}


def test_who_sees_no_deployments_or_not_the_software_is_told_no_number(client, people, software, computers, found):
    deployed(people, software, people.litware)
    reader = factories.UserFactory(tenant=people.contoso)
    grant(reader, Permission.LICENSES_VIEW, Permission.COMPUTERS_VIEW, scope="tenant", tenant=people.litware)
    answer = page(client, reader, found)
    assert answer.context["use"] is None
    assert "Not counted" in answer.content.decode()
    assert client.get(LIST).context["rows"][0][2] is None
    grant(reader, *SEE, scope="tenant", tenant=people.litware)
    assert page(client, reader, found).context["use"].used == 2
    deny(reader, Permission.SOFTWARE_VIEW)
    assert page(client, reader, found).context["use"] is None


@pytest.mark.parametrize("seed", range(effort(3, 30, 500)))
def test_numbers_are_those_of_the_rows_and_no_reader_learns_more(seed):
    """In any world: what is deployed is what the deployments that one sees reach, asked one by one."""
    world = RandomWorld(seed)
    licenses = [
        factories.LicenseFactory(tenant=owner, software=each)
        for each in world.software
        for owner in {None, each.tenant, world.draw.choice(world.tenants)}
        if each.tenant is None or each.tenant == owner
    ]
    assert any(use.used for use in Taken(access_for(world.authors[0]), licenses).uses().values())
    for reader in [world.authors[0], *world.draw.sample(world.authors, 3)]:
        access = access_for(reader)
        many = Taken(access, licenses)
        uses = many.uses()
        for each in licenses:
            rows = set(many.rows(each).values_list("pk", flat=True))
            assert len(rows) == (uses[each.pk].used if each.pk in uses else 0)
            assert rows == (reached_by_hand(access, each) if each.pk in uses else set())


def reached_by_hand(access, found: License) -> set[int]:
    """One deployment after the other."""
    computers: set[int] = set()
    for kind in (TenantDeployment, CrossTenantDeployment):
        seen = access.seen(kind).filter(software=found.software, state="installed", is_enabled=True)
        for each in seen:
            whole = Deployment.objects.get(pk=each.pk)
            if access.can(Permission.DEPLOYMENTS_PREVIEW_TARGETS, each):
                computers |= set(access.seen(reached(author_of(whole), whole)).values_list("pk", flat=True))
    below = Computer.objects.live()
    if found.tenant_id:
        below = below.filter(tenant__path__contains=[found.tenant_id])
    return computers & set(below.values_list("pk", flat=True))


# Through the pages


def test_page_list_and_export_say_how_many_of_how_many_and_mark_what_is_over(
    client, people, software, computers, found
):
    deployed(people, software, people.litware)
    answer = page(client, people.marcus, found)
    text = answer.content.decode()
    assert (answer.context["use"].words, "1 too many" in text) == ("2 of 1", True)
    assert [line.computer.name for line in answer.context["computers"]] == ["LIT-01", "LIT-02"]
    listed = client.get(LIST)
    assert [(row[0].name, row[2].used, row[2].over) for row in listed.context["rows"]] == [("Suite", 2, 1)]
    assert "1 too many" in listed.content.decode()
    export = b"".join(client.get(reverse("computers:license-export"))).decode()
    assert export.splitlines()[1].split(",")[2:4] == ["1", "2"]
    License.objects.update(seats=2)
    assert "too many" not in page(client, people.marcus, found).content.decode()
    License.objects.update(seats=None)
    assert page(client, people.marcus, found).context["use"].words == "2 of any number"


def test_the_computers_behind_the_number_are_listed_with_why(client, people, software, computers, found):
    deployment = deployed(people, software, people.litware)
    tried(computers["LIT-02"], deployment, "done")
    answer = page(client, people.marcus, found, "computers")
    assert [(line.computer.name, line.status.words) for line in answer.context["rows"]] == [
        ("LIT-01", "Deployed"),
        ("LIT-02", "Installed"),
    ]
    assert page(client, people.theo, found, "computers").status_code == 404


def test_many_licenses_cost_no_more_queries(client, people, computers):
    def add(number: int) -> None:
        for _ in range(number):
            software = factories.SoftwareFactory(tenant=None)
            author = factories.UserFactory(tenant=people.contoso)
            give(author, "msp_administrator", scope="owner")
            owner = factories.TenantFactory(parent=people.contoso)
            TenantDeploymentFactory(tenant=owner, software=software, saved_by=author)
            CrossTenantDeploymentFactory(tenant=people.contoso, target="msp", software=software, saved_by=author)
            factories.LicenseFactory(tenant=owner, software=software, seats=3)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        return len(queries)

    client.force_login(people.dana)
    client.get(LIST)
    add(2)
    few = asked()
    add(20)
    assert asked() == few
