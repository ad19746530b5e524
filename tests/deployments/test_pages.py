"""Deployments through their pages: who may save which, with which computers, and who sees what."""

import pytest
from django.urls import reverse

from computers.deployments.models import CrossTenantDeployment, Deployment, TenantDeployment
from computers.models import Computer, Software
from rbac.models import AuditEntry
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests import factories
from tests.deployments.factories import CrossTenantDeploymentFactory, TenantDeploymentFactory
from tests.grants import grant
from tests.people import People, give

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    """Dana is an MSP user at Contoso, Olivia administers Litware, and Sam uses it."""
    found = People()
    give(found.dana, "msp_user", scope="msp", tenant=found.contoso)
    give(found.sam, "tenant_user", scope="own_tenant")
    for tenant in (found.contoso, found.fabrikam, found.litware):
        factories.ComputerFactory(name=f"{tenant.name[:3].upper()}-01", tenant=tenant)
    factories.SoftwareFactory(name="Backup Agent")
    factories.ScriptFactory(name="Clean up")
    return found


def said(target: str = "individual", **more) -> dict:
    software = Software.objects.get(name="Backup Agent").pk
    what = {"name": "Backup", "state": "installed", "software": software, "is_enabled": "on", "computer_scope": "all"}
    return {**what, "target": target, **({"computers": "LIT-01"} if target == "individual" else {}), **more}


def send(client, who, tenant, data, kind="deployment"):
    client.force_login(who)
    name = f"deployments:{kind}-create" + ("" if tenant else "-shared")
    return client.post(reverse(name, args=[tenant.pk] if tenant else []), data)


def page(client, who, found, act="detail", kind="deployment"):
    client.force_login(who)
    return client.get(reverse(f"deployments:{kind}-{act}", args=[found.pk]))


# Who may save which


def test_a_technician_saves_for_one_computer_and_for_a_whole_tenant(client, people):
    for target in ("individual", "tenant"):
        assert send(client, people.dana, people.litware, said(target)).status_code == 302
    assert [each.saved_by for each in TenantDeployment.objects.all()] == [people.dana] * 2


def test_a_technician_saves_none_for_many_tenants(client, people):
    for tenant, target in ((people.contoso, "msp"), (None, "owner")):
        assert send(client, people.dana, tenant, said(target), "cross-deployment").status_code == 403
    assert not Deployment.objects.exists()


def test_a_tenant_administrator_saves_for_the_tenant_and_nowhere_else(client, people):
    assert send(client, people.olivia, people.litware, said("tenant")).status_code == 302
    assert send(client, people.olivia, people.fabrikam, said("tenant")).status_code == 404
    assert send(client, people.olivia, people.litware, said("children"), "cross-deployment").status_code == 403


def test_a_tenant_user_saves_for_a_computer_or_a_person_alone(client, people):
    factories.AgentFactory(computer=Computer.objects.get(name="LIT-01"), people=["mara"])
    assert send(client, people.sam, people.litware, said(people="mara", computers="")).status_code == 302
    assert send(client, people.sam, people.litware, said()).status_code == 302
    assert send(client, people.sam, people.litware, said("tenant")).status_code == 422
    assert set(TenantDeployment.objects.values_list("target", flat=True)) == {"individual"}


def test_the_switch_takes_it_from_non_administrators_at_once(client, people):
    assert send(client, people.dana, people.litware, said()).status_code == 302
    factories.SwitchFactory(key=SwitchKey.DEPLOYMENTS, enabled=False)
    for who, status in ((people.dana, 403), (people.sam, 403), (people.olivia, 302), (people.marcus, 302)):
        assert send(client, who, people.litware, said()).status_code == status
    give(people.dana, "deployment_manager", scope="msp", tenant=people.contoso)
    assert send(client, people.dana, people.litware, said()).status_code == 302


def test_while_change_requests_are_required_managers_alone_save_for_many(client, people):
    """Custom roles lose it; the built-in role of the old preference keeps it."""
    oskar = factories.UserFactory(tenant=people.contoso)
    grant(oskar, Permission.DEPLOYMENTS_MANAGE_CROSS_TENANT, scope="msp", tenant=people.contoso)
    data = said("msp")
    assert send(client, oskar, people.contoso, data, "cross-deployment").status_code == 302
    factories.SwitchFactory(key=SwitchKey.CHANGE_REQUESTS, enabled=True)
    assert send(client, oskar, people.contoso, data, "cross-deployment").status_code == 403
    give(oskar, "cross_tenant_deployment_manager", scope="msp", tenant=people.contoso)
    assert send(client, oskar, people.contoso, data, "cross-deployment").status_code == 302


# With what


def test_only_computers_of_the_tenant_that_the_author_sees(client, people):
    for computers in ("FAB-01", "LIT-01\nNONE-01"):
        answer = send(client, people.dana, people.litware, said(computers=computers))
        assert answer.status_code == 422
        assert "You see no computer of Litware named" in answer.content.decode()
    assert not Deployment.objects.exists()


def test_only_people_whom_its_computers_report(client, people):
    factories.AgentFactory(computer=Computer.objects.get(name="FAB-01"), people=["mara"])
    answer = send(client, people.dana, people.litware, said(computers="", people="mara"))
    assert (answer.status_code, "reports mara" in answer.content.decode()) == (422, True)


def test_software_of_another_tenant_is_none(client, people):
    other = factories.SoftwareFactory(tenant=people.fabrikam)
    assert send(client, people.dana, people.litware, said(software=other.pk)).status_code == 422


def test_a_script_takes_the_right_to_run_scripts(client, people):
    version = factories.ScriptFactory(name="Tidy").versions.get()
    data = said("tenant", state="run", script_version=version.pk)
    assert send(client, people.olivia, people.litware, data).status_code == 422
    assert send(client, people.dana, people.litware, data).status_code == 302


def test_moving_the_pin_takes_what_creating_took_and_makes_the_mover_its_author(client, people):
    script = factories.ScriptFactory(name="Tidy")
    first = script.versions.get()
    script.body = "exit 1"
    script.save()
    second = script.versions.get(number=2)
    data = said("tenant", state="run", script_version=first.pk)
    send(client, people.dana, people.litware, data)
    found = TenantDeployment.objects.get()
    assert found.script_version == first
    address = reverse("deployments:deployment-edit", args=[found.pk])
    version = page(client, people.marcus, found, "edit").context["form"].initial["version"]
    moved = {**data, "script_version": second.pk, "version": version}
    client.force_login(people.olivia)
    assert client.post(address, moved).status_code == 403
    client.force_login(people.marcus)
    assert client.post(address, moved).status_code == 302
    found.refresh_from_db()
    assert (found.script_version, found.saved_by) == (second, people.marcus)


def test_whoever_comes_second_overwrites_nothing(client, people):
    send(client, people.dana, people.litware, said())
    found = TenantDeployment.objects.get()
    version = page(client, people.olivia, found, "edit").context["form"].initial["version"]
    address = reverse("deployments:deployment-edit", args=[found.pk])
    assert client.post(address, said(name="Mine", version=version)).status_code == 302
    answer = client.post(address, said(name="Late", version=version))
    assert (answer.status_code, "Now stands: Mine" in answer.content.decode()) == (422, True)
    assert TenantDeployment.objects.get().name == "Mine"


def test_deleting_says_why(client, people):
    send(client, people.dana, people.litware, said())
    found = TenantDeployment.objects.get()
    version = page(client, people.dana, found, "delete").context["form"].initial["version"]
    address = reverse("deployments:deployment-delete", args=[found.pk])
    assert client.post(address, {"version": version}).status_code == 422
    assert client.post(address, {"version": version, "reason": "Sold"}).status_code == 302
    assert not Deployment.objects.exists()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.reason, entry.before["aim"]) == ("deployment.deleted", "Sold", "LIT-01 of Litware")


def test_what_a_deployment_names_is_not_deleted(client, people):
    send(client, people.marcus, people.litware, said())
    client.force_login(people.marcus)
    software = Software.objects.get(name="Backup Agent")
    address = reverse("computers:software-delete", args=[software.pk])
    answer = client.post(address, {"version": software.updated_at.isoformat(), "reason": "Old"})
    assert (answer.status_code, "A deployment is for this software" in answer.content.decode()) == (422, True)


# Before it is saved


def test_the_preview_shows_what_it_would_reach_and_saves_nothing(client, people):
    client.force_login(people.olivia)
    address = reverse("deployments:deployment-create", args=[people.litware.pk])
    shown = client.get(address, said("tenant"), headers={"HX-Request": "true"}).content.decode()
    assert "LIT-01" in shown
    assert "Computers now" in shown
    assert not Deployment.objects.exists()


def test_the_page_shows_its_computers_as_far_as_the_reader_sees_them(client, people):
    found = CrossTenantDeploymentFactory(
        target="msp", tenant=people.contoso, software=Software.objects.get(), saved_by=people.marcus
    )
    assert "FAB-01" in page(client, people.dana, found, kind="cross-deployment").content.decode()
    bo = factories.UserFactory(tenant=people.contoso)
    give(bo, "msp_user", scope="tenant", tenant=people.contoso)
    shown = page(client, bo, found, kind="cross-deployment").content.decode()
    assert ("CON-01" in shown, "FAB-01" in shown) == (True, False)


def test_it_says_that_its_author_may_no_longer_have_it_happen(client, people):
    found = TenantDeploymentFactory(tenant=people.litware, saved_by=factories.UserFactory())
    shown = page(client, people.olivia, found).content.decode()
    assert "its author may no longer have it happen" in shown


# Who sees what


def test_nobody_sees_those_of_another_tenant(client, people):
    found = TenantDeploymentFactory(tenant=people.litware, name="Secret plan")
    assert page(client, people.theo, found).status_code == 404
    give(people.theo, "tenant_administrator", scope="own_tenant")
    assert page(client, people.theo, found).status_code == 404
    assert "Secret plan" not in client.get(reverse("deployments:deployment-list")).content.decode()
    export = b"".join(client.get(reverse("deployments:deployment-export"))).decode()
    assert "Secret plan" not in export


def test_those_for_many_tenants_are_the_providers_to_see(client, people):
    found = CrossTenantDeploymentFactory(tenant=people.litware)
    assert page(client, people.dana, found, kind="cross-deployment").status_code == 200
    assert page(client, people.olivia, found, kind="cross-deployment").status_code == 404
    assert client.get(reverse("deployments:cross-deployment-list")).status_code == 403
    assert page(client, people.marcus, found).status_code == 404  # it is no deployment of one tenant
    assert CrossTenantDeployment.objects.count() == 1


def test_a_script_is_named_to_its_readers_alone(client, people):
    version = factories.ScriptFactory(name="Tidy").versions.get()
    found = TenantDeploymentFactory(
        tenant=people.litware, state="run", software=None, script_version=version, saved_by=people.marcus
    )
    bo = factories.UserFactory(tenant=people.contoso)
    give(bo, "deployment_manager", scope="tenant", tenant=people.litware)
    shown = page(client, bo, found).content.decode()
    assert ("Tidy" in shown, "Run a script" in shown) == (False, True)
    assert "Tidy, version 1" in page(client, people.olivia, found).content.decode()
