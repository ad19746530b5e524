"""Acts that move access, through their pages: shown first, done with a reason, felt at the next request."""

import pytest
from django.urls import reverse

from computers.models import Computer
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tenancy.models import Tenant
from tests.factories import ComputerTagFactory, TagFactory, TenantFactory, TenantTagFactory, UserFactory
from tests.grants import grant
from tests.outcomes import mark_of
from tests.story import tell

pytestmark = pytest.mark.django_db(transaction=True)
COMPUTERS = reverse("computers:computer-list")


@pytest.fixture
def story():
    return tell()


@pytest.fixture
def do(client):
    """Look at an act as this user, then do it as the page says; what the page shows is returned with the answer."""

    def act(user, verb: str, tenant, reason="For once", **said):
        client.force_login(user)
        address = reverse(f"tenancy:tenant-{verb}", args=[tenant.pk])
        page = client.get(address, {"chosen": "1", **said})
        assert page.status_code == 200
        proposal, seen = page.context["proposal"], {"shown": mark_of(page), "confirmation": tenant.name}
        sent = {"expected": proposal.expected, "reason": reason, **seen, **said}
        answer = client.post(address, sent)
        if proposal.outcome is None:  # only the act itself shows what it does
            assert answer.status_code == 409
            answer = client.post(address, {**sent, "shown": mark_of(answer)})
        return proposal, answer

    return act


def seen(client, user) -> set[str]:
    client.force_login(user)
    answer = client.get(COMPUTERS)
    return {row.computer.name for row in answer.context["rows"]} if answer.status_code == 200 else set()


def test_a_tag_technician_sees_the_computers_of_a_tenant_while_it_bears_the_tag(client, story, do):
    gold, tess = TagFactory(name="Gold"), UserFactory(name="Tess", tenant=story.contoso)
    grant(tess, Permission.COMPUTERS_VIEW, scope="tag", tag=gold)
    assert seen(client, tess) == set()
    told, answer = do(story.marcus, "tags", story.fabrikam, tags=[gold.pk])
    assert answer.status_code == 302
    assert [(each.person.name, each.tenants) for each in told.shift.people] == [("Tess", (0, 1))]
    assert told.button == "Save tags for 1 person"
    assert seen(client, tess) == {"DC01", "FAB-LT-0147"}
    told, answer = do(story.marcus, "tags", story.fabrikam)
    assert told.is_danger
    assert answer.status_code == 302
    assert seen(client, tess) == set()
    assert AuditEntry.objects.filter(action="tenant.tagged", target_id=story.fabrikam.pk).count() == 2
    told = AuditEntry.objects.latest("pk").after
    assert (told["ripple"]["gained"], told["ripple"]["lost"]) == ({}, dict.fromkeys(told["ripple"]["lost"], 1))
    assert [each["name"] for each in told["reached"]] == ["Tess"]


@pytest.mark.parametrize("verb", ["tags", "move", "msp"])
def test_the_entry_keeps_the_words_that_were_shown(client, story, do, verb):
    """Whoever cannot act now is told of as well, and nobody of whom its readers may not hear."""
    gold, tess = TagFactory(name="Gold"), UserFactory(name="Tess", tenant=story.contoso, is_active=False)
    theo = UserFactory(name="Theo", tenant=TenantFactory(name="Stranger"))
    said, scope = {
        "tags": ({"tags": [gold.pk]}, {"scope": "tag", "tag": gold}),
        "move": ({"parent": story.litware.pk}, {"scope": "tenant", "tenant": story.litware, "include_children": True}),
        "msp": ({}, {"scope": "msp", "tenant": story.contoso}),
    }[verb]
    for user in (tess, theo):
        grant(user, Permission.COMPUTERS_VIEW, **scope)
    proposal, answer = do(story.marcus, verb, story.fabrikam, **said)
    assert answer.status_code == 302
    (shown,) = [line[2] for line in proposal.effects() if line[1] == "audit"]
    told = AuditEntry.objects.latest("pk").after
    assert shown == f"The log will say: {told['ripple']['label']}"
    assert "Tess" in [each["name"] for each in told["reached"]]
    heard = verb == "move"  # between two providers, which the instance alone reads
    assert ("Theo" in str(told), told["ripple"]["further_people"]) == (heard, not heard)


def test_what_was_not_shown_is_shown_and_not_done(client, story):
    gold, tess = TagFactory(name="Gold"), UserFactory(name="Tess", tenant=story.contoso, is_active=False)
    client.force_login(story.marcus)
    address = reverse("tenancy:tenant-tags", args=[story.fabrikam.pk])
    page = client.get(address, {"chosen": "1", "tags": [gold.pk]})
    sent = {"expected": page.context["proposal"].expected, "reason": "For once", "tags": [gold.pk]}
    grant(tess, Permission.SCRIPTS_MANAGE, scope="tag", tag=gold)  # who cannot act is in no number of the page
    again = client.post(address, {**sent, "shown": mark_of(page)})
    assert again.status_code == 409
    for words in ("Tess gains great power: 1", "Type <b>Fabrikam</b> to confirm", "For once"):
        assert words in again.content.decode()
    sent["shown"] = mark_of(again)
    wrong = client.post(address, {**sent, "confirmation": "Tess"})
    assert "This is not Fabrikam." in wrong.content.decode()
    assert not story.fabrikam.tags.exists()
    assert client.post(address, {**sent, "confirmation": "fabrikam"}).status_code == 302


def test_a_move_names_what_falls_off_and_moves_access(client, story, do):
    inner = TagFactory(name="Inner", tenant=story.contoso)
    TenantTagFactory(tenant=story.fabrikam, tag=inner)
    ComputerTagFactory(computer=story.dc01, tag=inner)
    assert "DC01" in seen(client, story.dana)
    told, answer = do(story.marcus, "move", story.fabrikam, parent=story.litware.pk)
    assert answer.status_code == 302
    assert (told.tags, told.computers.count) == ([inner], 1)
    assert {each.person.name: bool(each.lost) for each in told.shift.people} == {
        "Dana Whitfield": True,
        "Olivia Novak": False,
    }
    assert "DC01" not in seen(client, story.dana)
    assert "DC01" in seen(client, story.olivia)
    assert not Computer.objects.get(pk=story.dc01.pk).tags.filter(pk=inner.pk).exists()


def test_the_msp_flag_moves_whoever_belongs(client, story, do):
    told, answer = do(story.marcus, "msp", story.fabrikam)
    assert answer.status_code == 302
    assert "Dana Whitfield" in {each.person.name for each in told.shift.people if each.lost}
    assert seen(client, story.dana) == {"NW-PRESS"}
    do(story.marcus, "msp", story.fabrikam)
    assert seen(client, story.dana) == {"DC01", "FAB-LT-0147", "NW-PRESS"}


def test_people_of_an_inactive_tenant_are_out_and_back(client, story, do):
    told, answer = do(story.marcus, "deactivate", story.fabrikam)
    assert answer.status_code == 302
    assert {each.person.name for each in told.shift.people} == {"Grace Kim", "Rosa Delgado"}
    after = AuditEntry.objects.latest("pk").after
    assert {each["name"] for each in after["reached"]} == {"Grace Kim", "Rosa Delgado"}
    assert after["ripple"]["label"] == "2 people may act no more"
    assert all(each.permissions[1] == 0 for each in told.shift.people)
    client.force_login(story.grace)
    assert client.get(COMPUTERS).status_code == 302  # to the sign-in page
    told, answer = do(story.marcus, "activate", story.fabrikam)
    assert told.shift.gainers == 2
    assert seen(client, story.grace) == {"DC01", "FAB-LT-0147"}


def test_nothing_is_done_without_a_reason_or_on_other_numbers(client, story):
    client.force_login(story.marcus)
    address = reverse("tenancy:tenant-msp", args=[story.fabrikam.pk])
    expected = client.get(address).context["proposal"].expected
    assert client.post(address, {"expected": expected, "reason": ""}).status_code == 422
    again = client.post(address, {"expected": "9-9-9-9", "reason": "For once"})
    assert again.status_code == 409
    assert "Nothing was done" in again.content.decode()
    assert "For once" in again.content.decode()
    assert not Tenant.objects.get(pk=story.fabrikam.pk).is_msp


def test_what_is_so_already_is_no_act(client, story):
    client.force_login(story.marcus)
    for verb, said in (
        ("activate", {}),
        ("move", {"chosen": "1", "parent": story.contoso.pk}),
        ("tags", {"chosen": "1"}),
    ):
        address = reverse(f"tenancy:tenant-{verb}", args=[story.fabrikam.pk])
        assert client.get(address, said).context["proposal"] is None
        assert client.post(address, {"expected": "0-0-0-0", "reason": "x", **said}).status_code == 409


def test_other_tenants_are_no_choice(client, story, do):
    """Neither as a tag to put on, nor as a place to stand: what is not offered is invalid, whatever is posted."""
    foreign, own = TagFactory(name="Foreign", tenant=story.litware), TagFactory(name="Own", tenant=story.fabrikam)
    keeper = UserFactory(name="Keeper", tenant=story.contoso)
    grant(keeper, Permission.TAGS_MANAGE, Permission.TENANTS_MANAGE, scope="msp", tenant=story.contoso)
    client.force_login(keeper)
    for verb, field, wrong, right in (
        ("tags", "tags", foreign, own),
        ("move", "parent", story.litware, story.northwind),
        ("move", "parent", story.logistics, story.northwind),  # below itself
    ):
        address = reverse(f"tenancy:tenant-{verb}", args=[story.fabrikam.pk])
        refused = client.post(address, {field: wrong.pk, "expected": "0-0-0-0", "reason": "x"})
        assert refused.status_code == 422
        assert field in refused.context["form"].errors
        assert client.get(address, {"chosen": "1", field: wrong.pk}).status_code == 422
        assert client.get(address, {"chosen": "1", field: right.pk}).status_code == 200
    assert client.get(reverse("tenancy:tenant-move", args=[story.fabrikam.pk]), {"chosen": "1"}).status_code == 422
    do(story.marcus, "move", story.fabrikam)  # to the top, for who may put tenants there
    assert Tenant.objects.get(pk=story.fabrikam.pk).parent is None


def test_who_may_not_is_told_before_and_refused_if_they_try(client, story):
    gold, keeper = TagFactory(name="Gold"), UserFactory(name="Keeper", tenant=story.contoso)
    grant(UserFactory(name="Tess", tenant=story.contoso), Permission.COMPUTERS_VIEW, scope="tag", tag=gold)
    grant(keeper, Permission.TAGS_MANAGE, scope="tenant", tenant=story.fabrikam)
    grant(keeper, Permission.TENANTS_VIEW, scope="tenant", tenant=story.fabrikam)
    client.force_login(keeper)
    address = reverse("tenancy:tenant-tags", args=[story.fabrikam.pk])
    page = client.get(address, {"chosen": "1", "tags": gold.pk})
    assert "You may not do this." in page.content.decode()
    assert "Further people outside your view" in page.content.decode()
    assert "Tess" not in page.content.decode()
    expected = page.context["proposal"].expected
    assert client.post(address, {"tags": gold.pk, "expected": expected, "reason": "x"}).status_code == 403
    assert not story.fabrikam.tags.exists()


def test_a_tag_that_the_reader_does_not_see_stays(client, story, do):
    inner, own = TagFactory(name="Inner", tenant=story.contoso), TagFactory(name="Own", tenant=story.fabrikam)
    TenantTagFactory(tenant=story.fabrikam, tag=inner)
    keeper = UserFactory(name="Keeper", tenant=story.fabrikam)
    grant(keeper, Permission.TAGS_MANAGE, Permission.TENANTS_VIEW, scope="tenant", tenant=story.fabrikam)
    _, answer = do(keeper, "tags", story.fabrikam, tags=[inner.pk, own.pk])
    assert answer.status_code == 302
    assert set(story.fabrikam.tags.all()) == {inner, own}


def test_a_tag_that_somebody_put_on_meanwhile_is_not_taken_off(client, story):
    """The list that is sent was drawn without it; the page is shown again, with what it would do now."""
    gold, silver = TagFactory(name="Gold"), TagFactory(name="Silver")
    client.force_login(story.marcus)
    address = reverse("tenancy:tenant-tags", args=[story.fabrikam.pk])
    drawn = client.get(address, {"chosen": "1", "tags": [gold.pk]}).context["proposal"].expected
    TenantTagFactory(tenant=story.fabrikam, tag=silver)
    said = {"expected": drawn, "reason": "For once", "tags": [gold.pk]}
    answer = client.post(address, said)
    assert answer.status_code == 409
    assert "take" in answer.context["proposal"].sentence
    assert list(story.fabrikam.tags.all()) == [silver]
    said["expected"] = answer.context["proposal"].expected
    assert client.post(address, said).status_code == 302
    assert list(story.fabrikam.tags.all()) == [gold]
