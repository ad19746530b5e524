"""A cross-tenant deployment is proposed by one person, and saved by another who may."""

import pytest
from django.urls import reverse

from accounts.models import User
from computers.deployments.models import ChangeRequest, CrossTenantDeployment
from computers.models import Computer, Software
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests import factories
from tests.deployments.factories import CrossTenantDeploymentFactory
from tests.deployments.proposing import answer, propose, said
from tests.grants import deny, end, grant
from tests.people import give

pytestmark = pytest.mark.django_db


def page(client, who: User):
    client.force_login(who)
    return client.get(reverse("deployments:change-request-detail", args=[ChangeRequest.objects.get().pk]))


def test_what_is_proposed_is_saved_by_whoever_approves_it(client, people):
    assert propose(client, people.dana, people).status_code == 302
    assert not CrossTenantDeployment.objects.exists()
    assert answer(client, people.marcus, "approve").status_code == 302
    found = CrossTenantDeployment.objects.get()
    assert (found.name, found.target, found.tenant, found.saved_by) == (
        "Backup for all",
        "msp",
        people.contoso,
        people.marcus,
    )
    asked = ChangeRequest.objects.get()
    assert (asked.state, asked.decided_by) == ("approved", people.marcus)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.after["deployments"]) == (
        "change_request.approved",
        [{"id": found.pk, "name": "Backup for all"}],
    )


def test_whoever_reviews_reads_what_it_would_reach(client, people):
    factories.ComputerFactory.create_batch(2, tenant=people.fabrikam)
    factories.ComputerFactory(tenant=people.northwind)
    propose(client, people.dana, people)
    dialog = reverse("deployments:change-request-approve", args=[ChangeRequest.objects.get().pk])
    reach = (
        f"Approved by you it reaches {Computer.objects.filter(msp=people.contoso).count()} computers as they are now."
    )
    assert reach in page(client, people.marcus).content.decode()
    assert reach in client.get(dialog).content.decode()
    assert "Approved by you" not in page(client, people.dana).content.decode()


def test_what_is_paused_reaches_them_once_it_is_enabled(client, people):
    propose(client, people.dana, people, is_enabled="")
    said = page(client, people.marcus).content.decode()
    assert "Approved by you it reaches" in said
    assert "once it is enabled." in said


def test_what_it_reaches_is_for_whoever_may_be_told(client, people):
    """Previewing targets is a permission of its own."""
    propose(client, people.dana, people)
    deny(people.marcus, Permission.DEPLOYMENTS_PREVIEW_TARGETS, scope="msp", tenant=people.contoso)
    assert "Approved by you" not in page(client, people.marcus).content.decode()


def test_nobody_reviews_their_own(client, people):
    assert propose(client, people.marcus, people).status_code == 302
    for act in ("approve", "deny", "return"):
        assert answer(client, people.marcus, act).status_code == 403
    assert "somebody else reviews it" in page(client, people.marcus).content.decode()
    assert ChangeRequest.objects.get().state == "open"


def test_whoever_approves_has_to_be_able_to_save_it(client, people):
    """To review is not to save: what is approved counts by the right of whoever does."""
    bo = factories.UserFactory(tenant=people.contoso)
    grant(bo, Permission.DEPLOYMENTS_REVIEW_CHANGE_REQUESTS, scope="msp", tenant=people.contoso)
    propose(client, people.dana, people)
    assert "You cannot approve it" in page(client, bo).content.decode()
    assert answer(client, bo, "approve").status_code == 403
    held = give(bo, "cross_tenant_deployment_manager", scope="tenant", tenant=people.contoso)
    assert answer(client, bo, "approve").status_code == 403  # not on all that belongs to Contoso
    end(held)
    give(bo, "cross_tenant_deployment_manager", scope="msp", tenant=people.contoso)
    assert answer(client, bo, "approve").status_code == 302


def test_it_is_sent_back_changed_and_approved(client, people):
    propose(client, people.dana, people)
    assert answer(client, people.marcus, "return", "Only servers").status_code == 302
    asked = ChangeRequest.objects.get()
    assert asked.state == "attention"
    assert "Only servers" in page(client, people.dana).content.decode()
    address = reverse("deployments:change-request-edit", args=[asked.pk])
    servers = said(computer_scope="type", computer_type="servers", version="of a proposal")
    assert client.post(address, servers).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.after["aim"]) == ("open", "servers of Contoso MSP and its customers")
    answer(client, people.marcus, "approve")
    assert CrossTenantDeployment.objects.get().computer_type == "servers"


def test_what_was_decided_stays_so(client, people):
    propose(client, people.dana, people)
    assert answer(client, people.marcus, "deny").status_code == 302
    for who, act in ((people.marcus, "approve"), (people.dana, "withdraw"), (people.dana, "comment")):
        assert answer(client, who, act).status_code == 422
    assert not CrossTenantDeployment.objects.exists()


def test_a_change_shows_what_becomes_different_and_is_done_to_what_it_was_about(client, people):
    found = CrossTenantDeploymentFactory(
        target="msp", tenant=people.contoso, name="Old", software=Software.objects.get(), saved_by=people.marcus
    )
    client.force_login(people.dana)
    address = reverse("deployments:change-request-change", args=[found.pk])
    version = client.get(address).context["form"].initial["version"]
    assert client.post(address, said(name="New", version=version)).status_code == 302
    shown = page(client, people.marcus)
    assert [(each.before, each.after) for each in shown.context["changes"]] == [("Old", "New")]
    CrossTenantDeployment.objects.filter(pk=found.pk).update(is_enabled=False)
    refused = answer(client, people.marcus, "approve")
    assert (refused.status_code, "has changed since" in refused.content.decode()) == (422, True)
    CrossTenantDeployment.objects.filter(pk=found.pk).update(is_enabled=True)
    assert answer(client, people.marcus, "approve").status_code == 302
    assert CrossTenantDeployment.objects.get().name == "New"


def test_a_change_of_what_is_gone_makes_nothing(client, people):
    found = CrossTenantDeploymentFactory(target="msp", tenant=people.contoso, software=Software.objects.get())
    client.force_login(people.dana)
    address = reverse("deployments:change-request-change", args=[found.pk])
    version = client.get(address).context["form"].initial["version"]
    client.post(address, said(version=version))
    found.delete()
    assert answer(client, people.marcus, "approve").status_code == 422
    assert not CrossTenantDeployment.objects.exists()


def test_what_it_names_may_be_gone(client, people):
    propose(client, people.dana, people)
    Software.objects.all().delete()
    refused = answer(client, people.marcus, "approve")
    assert (refused.status_code, "no longer there" in refused.content.decode()) == (422, True)


def test_the_switch_opens_and_closes_proposing(client, people):
    """While it is off non-administrators save what they may, and propose nothing; a requester keeps it."""
    factories.Switch.objects.update(enabled=False)
    assert propose(client, people.dana, people).status_code == 403
    give(people.dana, "cross_tenant_deployment_change_requester", scope="msp", tenant=people.contoso)
    assert propose(client, people.dana, people).status_code == 302


def test_customers_see_none(client, people):
    propose(client, people.dana, people)
    assert page(client, people.olivia).status_code == 404
    assert client.get(reverse("deployments:change-request-list")).status_code == 403
    assert page(client, people.theo).status_code == 404


def test_the_list_is_narrowed_by_status(client, people):
    propose(client, people.dana, people)
    client.force_login(people.dana)
    address = reverse("deployments:change-request-list")
    assert "Backup for all" in client.get(f"{address}?state=open").content.decode()
    assert "Backup for all" not in client.get(f"{address}?state=denied").content.decode()
