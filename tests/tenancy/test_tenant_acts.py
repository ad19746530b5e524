"""A tenant is made where its maker may, renamed, deleted when it is empty; its page says what the reader may see."""

import pytest
from django.urls import reverse

from immyrbac.versions import version_of
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tenancy.models import Tenant
from tests.factories import TenantFactory, UserFactory
from tests.grants import grant
from tests.story import tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def story():
    return tell()


@pytest.fixture
def keeper(story):
    """Somebody of Contoso who keeps its tenants."""
    user = UserFactory(name="Keeper", tenant=story.contoso)
    grant(user, Permission.TENANTS_MANAGE, scope="msp", tenant=story.contoso)
    return user


def address(verb: str, *args) -> str:
    return reverse(f"tenancy:tenant-{verb}", args=args)


def shown(tenant: Tenant) -> dict[str, str]:
    """As its form says what it showed."""
    return {"version": version_of({"name": tenant.name})}


def test_a_tenant_is_made_below_one_that_its_maker_keeps(client, story, keeper):
    client.force_login(keeper)
    assert client.get(address("place"), {"parent": story.litware.pk}).status_code == 422
    assert client.get(address("place"), {"parent": story.contoso.pk})["Location"] == address("create", story.contoso.pk)
    assert client.post(address("create", story.litware.pk), {"name": "X"}).status_code == 404
    assert client.get(address("create-root")).status_code == 403
    made = client.post(address("create", story.fabrikam.pk), {"name": "Fabrikam Labs", "parent": story.litware.pk})
    tenant = Tenant.objects.get(name="Fabrikam Labs")
    assert made["Location"] == address("detail", tenant.pk)
    assert (tenant.slug, tenant.parent, tenant.msp) == ("fabrikam-labs", story.fabrikam, story.contoso)


def test_a_short_name_is_made_anew_or_refused_without_a_word_of_whose_it_is(client, story, keeper):
    client.force_login(keeper)
    client.post(address("create", story.contoso.pk), {"name": "Adventure"})
    assert Tenant.objects.get(name="Adventure").slug == "adventure-2"
    refused = client.post(address("create", story.contoso.pk), {"name": "New", "slug": "adventure"})
    assert refused.status_code == 422
    assert "This short name cannot be used" in refused.content.decode()
    assert "Adventure Works" not in refused.content.decode()
    client.post(address("create", story.contoso.pk), {"name": "日本"})
    assert Tenant.objects.get(name="日本").slug == "tenant"


def test_only_the_name_changes(client, story, keeper):
    client.force_login(keeper)
    sent = {"name": "Fabrikam Group", "slug": "x", "parent": story.litware.pk, "is_msp": "on", **shown(story.fabrikam)}
    assert client.post(address("edit", story.fabrikam.pk), sent).status_code == 302
    late = client.post(address("edit", story.fabrikam.pk), {**sent, "name": "Late"})
    assert (late.status_code, "Now stands: Fabrikam Group" in late.content.decode()) == (422, True)
    story.fabrikam.refresh_from_db()
    assert (story.fabrikam.name, story.fabrikam.slug) == ("Fabrikam Group", "fabrikam")
    assert (story.fabrikam.parent, story.fabrikam.is_msp) == (story.contoso, False)
    assert client.post(address("edit", story.fabrikam.pk), {"name": "a/b", **shown(story.fabrikam)}).status_code == 422


def test_it_is_deleted_when_it_is_empty(client, story, keeper):
    client.force_login(story.marcus)
    page = client.get(address("delete", story.fabrikam.pk)).content.decode()
    assert all(words in page for words in ("1 tenant below", "2 people", "2 computers"))
    assert 'name="reason"' not in page
    said = {"reason": "Left", "confirmation": "Fabrikam"}
    assert "still has" in client.post(address("delete", story.fabrikam.pk), said).content.decode()
    client.force_login(keeper)
    empty = TenantFactory(name="Empty", parent=story.contoso)
    assert client.post(address("delete", empty.pk), said).status_code == 422
    assert client.post(address("delete", empty.pk), {**said, "confirmation": " empty "}).status_code == 302
    assert not Tenant.objects.filter(pk=empty.pk).exists()
    assert AuditEntry.objects.order_by("pk").last().action == "tenant.deleted"


def test_the_page_names_what_stands_above_only_to_who_sees_it(client, story):
    client.force_login(story.rosa)
    page = client.get(address("detail", story.fabrikam.pk))
    assert page.context["parent"] is None
    assert page.context["msp"] == ("Contoso MSP", "")
    assert page.context["acts"] == []
    page = client.get(address("detail", story.logistics.pk))
    assert page.context["parent"] == story.fabrikam
    client.force_login(story.dana)
    page = client.get(address("detail", story.fabrikam.pk))
    assert page.context["msp"] == ("Contoso MSP", address("detail", story.contoso.pk))
    assert client.get(address("detail", story.adventure.pk)).status_code == 404


def test_numbers_lead_to_what_they_count(client, story):
    client.force_login(story.dana)
    page = client.get(address("detail", story.contoso.pk))
    assert [(words, value) for words, value, *_ in page.context["figures"]] == [
        ("Tenants below", "3"),
        ("People, with all below", "5"),
        ("Computers, with all below", "3"),
    ]
    for _, value, listed, _ in page.context["figures"]:
        assert str(client.get(listed).context["listing"].total) == value


def test_its_history_is_for_who_reads_the_log(client, story, keeper):
    client.force_login(keeper)
    client.post(address("edit", story.fabrikam.pk), {"name": "Fabrikam Group", **shown(story.fabrikam)})
    assert client.get(address("history", story.fabrikam.pk)).status_code == 403
    client.force_login(story.hugo)
    assert "Renamed tenant" in client.get(address("history", story.fabrikam.pk)).content.decode()
    story.fabrikam.refresh_from_db()
    assert "Renamed tenant" not in client.get(address("history", story.northwind.pk)).content.decode()
