"""Tags: who sees which, where one is used, and how it is made, changed and taken away."""

import pytest
from django.urls import reverse

from immyrbac.versions import version_of
from rbac.models import AuditEntry, RoleAssignment
from rbac.permissions import Permission
from tenancy.models import Tag
from tenancy.services import values_of
from tests.factories import ComputerTagFactory, TagFactory, TenantTagFactory, UserFactory
from tests.grants import end, grant
from tests.story import tell

pytestmark = pytest.mark.django_db(transaction=True)
LIST = reverse("tenancy:tag-list")


@pytest.fixture
def story():
    return tell()


@pytest.fixture
def keeper(story):
    """Somebody of Fabrikam who keeps its tags."""
    user = UserFactory(name="Keeper", tenant=story.fabrikam)
    grant(user, Permission.TAGS_MANAGE, Permission.TENANTS_VIEW, scope="own_tenant", include_children=True)
    return user


def address(verb: str, *args) -> str:
    return reverse(f"tenancy:tag-{verb}", args=args)


def names(client, **filters) -> set[str]:
    return {row.tag.name for row in client.get(LIST, filters).context["rows"]}


def test_each_sees_their_own_and_those_of_the_instance(client, story, keeper):
    foreign = TagFactory(name="Foreign", tenant=story.litware)
    client.force_login(keeper)
    assert names(client) == {"Tier 0", "Branch"}
    assert names(client, shared="on") == {"Tier 0"}
    assert names(client, tenant=story.fabrikam.pk) == {"Branch"}
    assert names(client, q="bra") == {"Branch"}
    assert client.get(LIST, {"tenant": story.litware.pk}).status_code == 400
    for verb in ("detail", "edit", "delete"):
        assert client.get(address(verb, foreign.pk)).status_code == 404
    assert client.get(address("detail", story.tier0.pk)).status_code == 200
    assert client.get(address("edit", story.tier0.pk)).status_code == 403


def test_a_tag_that_assignments_use_is_marked_wherever_it_is_offered(client, story):
    client.force_login(story.marcus)
    pages = {
        "list": LIST,
        "tag": address("detail", story.tier0.pk),
        "tenant": reverse("tenancy:tenant-tags", args=[story.fabrikam.pk]),
        "computer": reverse("computers:computer-tags", args=[story.press.pk]),
        "picker": address("pick"),
    }

    def marked() -> set[str]:
        return {name for name, page in pages.items() if "Carries access" in client.get(page).content.decode()}

    assert marked() == set()
    on_tenants = grant(story.grace, Permission.TENANTS_VIEW, scope="tag", tag=story.tier0)
    assert marked() == {"list", "tag", "tenant", "picker"}
    end(on_tenants)
    scope = {"computer_scope": "tag", "computer_tag": story.tier0}
    grant(story.grace, Permission.COMPUTERS_VIEW, scope="own_tenant", **scope)
    assert marked() == {"list", "tag", "computer", "picker"}


def test_where_it_is_used_is_told_as_far_as_the_reader_sees(client, story, keeper):
    TenantTagFactory(tenant=story.northwind, tag=story.tier0)
    ComputerTagFactory(computer=story.press, tag=story.tier0)
    grant(story.hugo, Permission.TENANTS_VIEW, scope="tag", tag=story.tier0)
    client.force_login(story.marcus)
    shown = client.get(address("detail", story.tier0.pk))
    assert [(words, value) for words, value, *_ in shown.context["figures"]] == [("Tenants", "1"), ("Computers", "2")]
    for _, value, page, _ in shown.context["figures"]:
        assert str(client.get(page).context["listing"].total) == value
    assert [use.who for use in shown.context["uses"]] == ["Hugo Marchetti"]
    client.force_login(keeper)
    shown = client.get(address("detail", story.tier0.pk))
    assert [(words, value) for words, value, *_ in shown.context["figures"]] == [("Tenants", "0")]
    assert "Hugo" not in shown.content.decode()
    assert "Further access outside your view" in shown.content.decode()


def test_a_tag_is_made_for_an_owner_that_the_maker_keeps(client, story, keeper):
    client.force_login(keeper)
    assert client.get(address("place"), {"tenant": story.litware.pk}).status_code == 422
    assert client.get(address("place"), {"tenant": story.logistics.pk})["Location"] == address(
        "create", story.logistics.pk
    )
    assert client.get(address("create-shared")).status_code == 403
    assert client.post(address("create", story.litware.pk), {"name": "X", "color": "red"}).status_code == 404
    assert client.post(address("create", story.fabrikam.pk), {"name": "X", "color": "#fff"}).status_code == 422
    made = client.post(address("create", story.fabrikam.pk), {"name": "Kiosk", "color": "teal"})
    tag = Tag.objects.get(name="Kiosk")
    assert made["Location"] == address("detail", tag.pk)
    assert (tag.tenant, tag.color) == (story.fabrikam, "teal")
    twice = client.post(address("create", story.fabrikam.pk), {"name": "Kiosk", "color": "teal"})
    assert twice.context["form"].errors == {"name": ["A tag with this name is already there."]}
    client.force_login(story.marcus)
    client.post(address("create-shared"), {"name": "Everywhere", "color": "red"})
    assert Tag.objects.get(name="Everywhere").tenant is None


def test_it_is_edited_and_keeps_its_owner(client, story, keeper):
    client.force_login(keeper)
    assert client.get(address("edit", story.branch.pk)).context["form"].initial["name"] == "Branch"
    sent = {"name": "Branch office", "color": "pink", "tenant": story.litware.pk}
    sent["version"] = version_of(values_of(story.branch))
    assert client.post(address("edit", story.branch.pk), sent).status_code == 302
    late = client.post(address("edit", story.branch.pk), {**sent, "name": "Late"})
    assert (late.status_code, "Now stands: Branch office" in late.content.decode()) == (422, True)
    story.branch.refresh_from_db()
    assert (story.branch.name, story.branch.color, story.branch.tenant) == ("Branch office", "pink", story.fabrikam)


def test_it_is_deleted_when_nothing_uses_it(client, story, keeper):
    used = grant(story.grace, Permission.COMPUTERS_VIEW, computer_scope="tag", computer_tag=story.branch)
    client.force_login(keeper)
    page = client.get(address("delete", story.branch.pk)).content.decode()
    assert "End them first" in page
    assert 'name="reason"' not in page
    assert client.post(address("delete", story.branch.pk), {"reason": "Old"}).status_code == 422
    end(used)
    assert client.post(address("delete", story.branch.pk), {"reason": ""}).status_code == 422
    assert client.post(address("delete", story.branch.pk), {"reason": "Old"}).status_code == 302
    assert not story.dc01.tags.filter(pk=story.branch.pk).exists()
    assert client.get(address("detail", story.branch.pk)).status_code == 404
    assert AuditEntry.objects.order_by("pk").last().action == "tag.removed"
    assert RoleAssignment.objects.get(pk=used.pk).computer_tag_id == story.branch.pk
