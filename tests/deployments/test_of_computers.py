"""Which deployments are for a computer: the same as the computers that each of them reaches, read from its side."""

from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from computers.deployments.models import Deployment
from computers.deployments.targets import author_of, deployments_on, is_for, reached
from computers.models import Computer
from rbac.access import access_for
from rbac.grants import load_holding, load_holdings
from rbac.permissions import Permission
from tests import factories
from tests.deployments.factories import CrossTenantDeploymentFactory, TenantDeploymentFactory
from tests.deployments.worlds import RandomWorld
from tests.effort import effort
from tests.grants import deny, grant
from tests.maintenance.acting import keeper
from tests.maintenance.test_outcomes import tried
from tests.people import People, give

pytestmark = pytest.mark.django_db

SEEDS = range(effort(6, 60, 2_000))
SEE = (Permission.DEPLOYMENTS_VIEW, Permission.DEPLOYMENTS_PREVIEW_TARGETS)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_sides_agree_in_any_world(seed):
    """`reached` asks one deployment for its computers as rows, `deployments_on` one computer in memory."""
    world = RandomWorld(seed)
    from_deployments = {
        (computer.pk, deployment.pk)
        for deployment in Deployment.objects.filter(is_enabled=True)
        for computer in reached(author_of(deployment), deployment)
    }
    computers = list(Computer.objects.all())
    from_computers = {(each.pk, found.pk) for each in computers for found in deployments_on(each)}
    assert from_computers == from_deployments
    assert from_deployments, "a world in which nothing reaches anything"
    for computer, deployment in world.draw.sample(list(product(computers, world.deployments)), 20):
        found = Deployment.objects.get(pk=deployment.pk)
        assert is_for(found, computer) == ((computer.pk, deployment.pk) in from_deployments)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_many_hold_is_what_each_of_them_holds(seed):
    world = RandomWorld(seed, deployments=0)
    ids = [each.pk for each in world.authors]
    many = load_holdings(ids)
    assert list(many) == ids
    for pk in ids:
        alone = load_holding(pk)
        assert sorted(many[pk].grants, key=repr) == sorted(alone.grants, key=repr)
        assert sorted(many[pk].switches) == sorted(alone.switches)
    assert load_holdings([]) == {}


# Through the page


@pytest.fixture
def people() -> People:
    """Dana is an MSP user at Contoso."""
    found = People()
    give(found.dana, "msp_user", scope="msp", tenant=found.contoso)
    return found


@pytest.fixture
def computer(people) -> Computer:
    return factories.ComputerFactory(name="LIT-01", tenant=people.litware)


def tab(client, reader, computer, **query):
    client.force_login(reader)
    return client.get(reverse("deployments:computer-deployments", args=[computer.pk]), query)


def shown(client, reader, computer, **query) -> list[tuple[str, str | None]]:
    """Names and outcomes."""
    rows = tab(client, reader, computer, **query).context["rows"]
    return [(here.line.deployment.name, here.outcome and here.outcome.words) for here in rows]


def made(name: str, author, tenant, **said) -> Deployment:
    factory = CrossTenantDeploymentFactory if said.get("target", "tenant") != "tenant" else TenantDeploymentFactory
    item = factories.SoftwareFactory(tenant=None)
    return factory(name=name, tenant=tenant, saved_by=author, software=item, **said)


def test_it_shows_what_is_for_it_by_the_rights_of_each_author(client, people, computer):
    made("Backup", people.marcus, people.litware)
    made("Everywhere", people.marcus, people.contoso, target="msp")
    made("Of servers", people.marcus, people.litware, computer_scope="type", computer_type="servers")
    made("Elsewhere", people.marcus, people.fabrikam)
    made("Paused", people.marcus, people.litware, is_enabled=False)
    made("Of who may not", people.sam, people.litware)
    assert shown(client, people.dana, computer) == [("Backup", "Never tried"), ("Everywhere", "Never tried")]
    assert shown(client, people.dana, computer, q="every") == [("Everywhere", "Never tried")]
    assert shown(client, people.dana, computer, state="run") == []


@pytest.mark.parametrize(
    ("taken", "there"),
    [
        ((Permission.COMPUTERS_VIEW, {"computer_scope": "type", "computer_type": "servers"}), ["Backup"]),
        ((Permission.COMPUTERS_VIEW, {}), []),
        ((Permission.DEPLOYMENTS_MANAGE_SINGLE_TENANT, {}), []),
    ],
)
def test_what_was_taken_from_its_author_counts_on_this_side_as_well(client, people, computer, taken, there):
    """There: what is for the other computer, which is no server."""
    server = factories.ComputerFactory(name="LIT-SRV", tenant=people.litware, type="server")
    made("Backup", people.marcus, people.litware)
    assert shown(client, people.dana, server) == [("Backup", "Never tried")]
    permission, narrowed = taken
    deny(people.marcus, permission, scope="tenant", tenant=people.litware, **narrowed)
    assert shown(client, people.dana, server) == []
    assert [name for name, _ in shown(client, people.dana, computer)] == there


def test_it_shows_what_the_reader_sees_and_may_preview(client, people, computer):
    made("Backup", people.marcus, people.litware)
    made("Everywhere", people.marcus, people.contoso, target="msp")
    assert shown(client, people.olivia, computer) == [("Backup", "Never tried")]
    reader = factories.UserFactory(tenant=people.contoso)
    grant(reader, Permission.DEPLOYMENTS_VIEW_CROSS_TENANT, scope="msp", tenant=people.contoso)
    grant(reader, Permission.COMPUTERS_VIEW, scope="msp", tenant=people.contoso)
    assert shown(client, reader, computer) == []
    grant(reader, *SEE, scope="tenant", tenant=people.contoso)
    assert shown(client, reader, computer) == [("Everywhere", None)]


def test_it_says_what_came_of_them_to_who_sees_sessions(client, people, computer):
    hidden = made("Hidden", people.marcus, people.contoso, target="msp")
    failed = made("Tools", people.marcus, people.litware)
    tried(computer, failed, "failed")
    tried(computer, hidden, "done")
    reader = keeper(computer, people.contoso, Permission.SESSIONS_VIEW)
    assert tab(client, reader, computer).status_code == 403
    grant(reader, Permission.DEPLOYMENTS_VIEW, scope="tenant", tenant=people.litware)
    assert shown(client, reader, computer) == [("Tools", "Failed")]
    grant(reader, Permission.DEPLOYMENTS_VIEW_CROSS_TENANT, scope="msp", tenant=people.contoso)
    assert shown(client, reader, computer) == [("Hidden", "Done"), ("Tools", "Failed")]
    without = factories.UserFactory(tenant=people.contoso)
    grant(without, *SEE, scope="tenant", tenant=people.litware)
    assert shown(client, without, computer) == [("Tools", None)]
    assert "Not shown to you" in tab(client, without, computer).content.decode()


def test_what_was_tried_and_is_no_longer_for_it_says_so_to_who_may_know(client, people, computer):
    found = made("Tools", people.marcus, people.litware)
    tried(computer, found, "done")
    Deployment.objects.filter(pk=found.pk).update(is_enabled=False)
    assert "No longer this computer" in tab(client, people.dana, computer).content.decode()
    reader = keeper(computer, people.contoso, Permission.SESSIONS_VIEW)
    grant(reader, Permission.DEPLOYMENTS_VIEW, scope="tenant", tenant=people.litware)
    assert shown(client, reader, computer) == [("Tools", "Done")]
    assert "No longer this computer" not in tab(client, reader, computer).content.decode()


def test_the_tab_is_for_who_sees_deployments_there(client, people, computer):
    address = reverse("deployments:computer-deployments", args=[computer.pk])
    reader = factories.UserFactory(tenant=people.contoso)
    grant(reader, Permission.COMPUTERS_VIEW, scope="tenant", tenant=people.litware)
    for who, there in ((people.olivia, True), (reader, False)):
        client.force_login(who)
        page = client.get(reverse("computers:computer-detail", args=[computer.pk]))
        assert (address in page.content.decode()) == there
    assert tab(client, people.theo, computer).status_code == 404


def add_authors(people: People, number: int) -> None:
    """Each with roles directly and through a group, and three deployments that reach computers of Litware."""
    for each in range(number):
        author, group = factories.UserFactory(tenant=people.contoso), factories.GroupFactory(tenant=people.contoso)
        factories.GroupMembershipFactory(group=group, user=author)
        tag = factories.TagFactory(tenant=people.contoso)
        factories.TenantTagFactory(tag=tag, tenant=people.litware)
        give(author, "msp_administrator", **({"scope": "owner"}, {"scope": "msp", "tenant": people.contoso})[each % 2])
        role = factories.RoleFactory(permissions=[Permission.TENANTS_VIEW, Permission.COMPUTERS_VIEW])
        factories.RoleAssignmentFactory(group=group, role=role, scope="tag", tag=tag)
        made(f"Own {each}", author, people.litware)
        made(f"Tag {each}", author, factories.TenantFactory(parent=people.contoso), target="tag", tag=tag)
        owner = (people.contoso, people.litware)[each % 2]
        runs = {
            "state": "run",
            "software": None,
            "script_version": factories.ScriptFactory(tenant=owner).versions.get(),
        }
        CrossTenantDeploymentFactory(tenant=owner, target="children", saved_by=author, **runs)


@pytest.mark.parametrize("scope", ["owner", "tenant"])
def test_many_of_many_authors_cost_no_more_queries(client, people, computer, scope):
    below = {} if scope == "owner" else {"tenant": people.contoso, "include_children": True}
    reader = give(factories.UserFactory(tenant=people.contoso), "msp_administrator", scope=scope, **below).user

    def asked(question) -> int:
        with CaptureQueriesContext(connection) as queries:
            question()
        return len(queries)

    def both() -> tuple[int, int, int]:
        return (
            len(deployments_on(computer)),
            asked(lambda: deployments_on(computer)),
            asked(lambda: client.get(address)),
        )

    address = reverse("deployments:computer-deployments", args=[computer.pk])
    tab(client, reader, computer)
    add_authors(people, 2)
    few = both()
    add_authors(people, 12)
    many = both()
    assert (few[0], many[0]) == (6, 42)
    assert few[1] == many[1] <= 18, many
    assert few[2] == many[2]


def test_a_stranger_reads_no_name(client, people, computer):
    made("Secret plan", people.marcus, people.contoso, target="msp")
    give(people.sam, "tenant_user", scope="own_tenant")
    assert not access_for(people.sam).holds(Permission.DEPLOYMENTS_VIEW_CROSS_TENANT)
    assert "Secret plan" not in tab(client, people.sam, computer).content.decode()
