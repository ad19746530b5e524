"""Which computers a deployment reaches: those of its target, by what its author may now."""

import pytest
from django.db.models.functions import Now

from accounts.models import User
from computers.deployments.models import Deployment
from computers.deployments.targets import author_of, barrier, deployments_on, reached
from computers.models import Computer
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tenancy.models import Tag, TenantTag
from tests import factories
from tests.deployments.factories import CrossTenantDeploymentFactory, DeploymentComputerFactory, TenantDeploymentFactory
from tests.grants import deny, end, grant
from tests.people import People, give

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    found = People()
    for tenant in (found.contoso, found.fabrikam, found.litware, found.northwind):
        for kind in ("workstation", "server"):
            factories.ComputerFactory(name=f"{tenant.name[:3]}-{kind}", tenant=tenant, type=kind)
    return found


def made(author: User, target: str, tenant=None, **said) -> Deployment:
    of_one = target in ("individual", "tenant")
    factory = TenantDeploymentFactory if of_one else CrossTenantDeploymentFactory
    software = None if said.get("script_version") else factories.SoftwareFactory()
    return factory(target=target, tenant=tenant, saved_by=author, software=software, **said)


def names(deployment: Deployment) -> set[str]:
    """What it reaches; asked of each computer, the answer is the same."""
    found = set(reached(author_of(deployment), deployment).values_list("name", flat=True))
    each = {computer.name for computer in Computer.objects.all() if deployment in deployments_on(computer)}
    assert each == (found if deployment.is_enabled else set())
    return found


def both(*tenants: str) -> set[str]:
    return {f"{tenant}-{kind}" for tenant in tenants for kind in ("workstation", "server")}


def test_every_tenant(people):
    assert names(made(people.marcus, "owner")) == both("Con", "Fab", "Lit", "Nor")


def test_an_msp_and_its_customers(people):
    assert names(made(people.marcus, "msp", people.contoso)) == both("Con", "Fab", "Lit")


def test_a_tenant_and_its_child_tenants(people):
    assert names(made(people.marcus, "children", people.tailspin)) == both("Nor")


def test_one_tenant(people):
    assert names(made(people.marcus, "tenant", people.contoso)) == both("Con")


def test_tenants_that_bear_a_tag(people):
    tag = factories.TagFactory(tenant=None)
    deployment = made(people.marcus, "tag", tag=tag)
    assert names(deployment) == set()
    factories.TenantTagFactory(tag=tag, tenant=people.litware)
    assert names(deployment) == both("Lit")
    TenantTag.objects.all().delete()
    Tag.objects.filter(pk=tag.pk).update(removed_at=Now())
    removed = Deployment.objects.get(pk=deployment.pk)
    assert names(removed) == set()
    assert "has to be in use" in barrier(author_of(removed), removed)


def test_a_type_of_computers(people):
    deployment = made(people.marcus, "tenant", people.fabrikam, computer_scope="type", computer_type="servers")
    assert names(deployment) == {"Fab-server"}


def test_computers_that_bear_a_tag(people):
    tag = factories.TagFactory(tenant=None)
    factories.ComputerTagFactory(tag=tag, computer=Computer.objects.get(name="Nor-server"))
    assert names(made(people.marcus, "owner", computer_scope="tag", computer_tag=tag)) == {"Nor-server"}


def test_single_computers_while_they_are_of_its_tenant(people):
    deployment = made(people.marcus, "individual", people.fabrikam)
    computer = Computer.objects.get(name="Fab-server")
    DeploymentComputerFactory(deployment=deployment, computer=computer)
    assert names(deployment) == {"Fab-server"}
    Computer.objects.filter(pk=computer.pk).update(tenant=people.litware)
    assert names(deployment) == set()


def test_people_on_whatever_computer_reports_them(people):
    deployment = made(people.marcus, "individual", people.fabrikam, people=["mara"])
    assert names(deployment) == set()
    for name in ("Fab-workstation", "Lit-workstation"):
        factories.AgentFactory(computer=Computer.objects.get(name=name), people=["mara", "sam"])
    assert names(deployment) == {"Fab-workstation"}


def test_a_deleted_computer_is_reached_by_nothing(people):
    Computer.objects.filter(name="Fab-server").update(deleted_at=Now())
    assert names(made(people.marcus, "tenant", people.fabrikam)) == {"Fab-workstation"}


# By its author's rights


def test_never_beyond_what_its_author_sees(people):
    grant(people.dana, Permission.DEPLOYMENTS_MANAGE_CROSS_TENANT)
    deployment = made(people.dana, "owner")
    assert names(deployment) == set()
    seen = grant(people.dana, Permission.COMPUTERS_VIEW, scope="tenant", tenant=people.litware)
    assert names(deployment) == both("Lit")
    end(seen)
    assert names(deployment) == set()


def test_nothing_once_its_author_may_no_longer_save_it(people):
    held = give(people.dana, "msp_user", scope="msp", tenant=people.contoso)
    deployment = made(people.dana, "tenant", people.fabrikam)
    assert names(deployment) == both("Fab")
    taken = deny(people.dana, Permission.DEPLOYMENTS_MANAGE_SINGLE_TENANT, scope="tenant", tenant=people.fabrikam)
    assert names(deployment) == set()
    end(taken)
    assert names(deployment) == both("Fab")
    end(held)
    assert names(deployment) == set()
    assert "Manage Single-Tenant Deployments" in barrier(author_of(deployment), deployment)


def test_nothing_once_its_author_is_gone(people):
    give(people.dana, "msp_user", scope="msp", tenant=people.contoso)
    deployment = made(people.dana, "tenant", people.fabrikam)
    User.objects.filter(pk=people.dana.pk).update(is_active=False)
    deployment.refresh_from_db()
    assert names(Deployment.objects.get(pk=deployment.pk)) == set()


def test_the_switch_takes_it_from_all_but_who_keeps_it(people):
    give(people.dana, "msp_user", scope="msp", tenant=people.contoso)
    deployments = [
        made(people.dana, "tenant", people.fabrikam),
        made(people.olivia, "tenant", people.litware),
        made(people.marcus, "tenant", people.litware),
    ]
    assert all(map(names, deployments))
    factories.SwitchFactory(key=SwitchKey.DEPLOYMENTS, enabled=False)
    assert [bool(names(each)) for each in deployments] == [False, True, True]
    give(people.dana, "deployment_manager", scope="tenant", tenant=people.fabrikam)
    assert names(deployments[0]) == both("Fab")


def test_a_tag_that_its_author_does_not_cover(people):
    """An MSP's tag is one MSP's; of the instance's tag nobody below owner knows where it will be."""
    give(people.dana, "cross_tenant_deployment_manager", scope="msp", tenant=people.contoso)
    own, shared = factories.TagFactory(tenant=people.contoso), factories.TagFactory(tenant=None)
    for tag in (own, shared):
        factories.TenantTagFactory(tag=tag, tenant=people.litware)
    assert names(made(people.dana, "tag", people.contoso, tag=own)) == both("Lit")
    assert names(made(people.dana, "tag", people.contoso, tag=shared)) == set()


# Scripts


def test_a_script_runs_where_its_author_may_run_scripts(people):
    version = factories.ScriptFactory().versions.get()
    grant(people.dana, Permission.DEPLOYMENTS_MANAGE_SINGLE_TENANT, Permission.SCRIPTS_VIEW)
    deployment = made(people.dana, "tenant", people.fabrikam, state="run", script_version=version)
    assert names(deployment) == set()
    servers = {"computer_scope": "type", "computer_type": "servers"}
    grant(people.dana, Permission.SCRIPTS_RUN, scope="tenant", tenant=people.fabrikam, **servers)
    assert names(deployment) == {"Fab-server"}
    factories.SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    assert names(deployment) == set()


def test_a_paused_one_is_on_no_computer(people):
    deployment = made(people.marcus, "tenant", people.fabrikam, is_enabled=False)
    assert names(deployment) == both("Fab")  # what it would reach; names() finds it on none
