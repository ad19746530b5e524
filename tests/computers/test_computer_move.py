"""A computer moves where its mover holds both ends; tags that stay behind are announced first."""

import pytest
from django.urls import reverse

from computers.models import Computer
from rbac.permissions import Permission
from tests.computers.conftest import last_entry
from tests.factories import ComputerFactory, TagFactory, UserFactory
from tests.grants import end, grant
from tests.outcomes import once_seen


@pytest.fixture
def mover(story):
    """Somebody who may move Contoso's own computers, and sees those of its customers."""
    user = UserFactory(name="Aiko Tanabe", tenant=story.contoso)
    grant(user, Permission.COMPUTERS_VIEW, scope="msp", tenant=story.contoso)
    grant(user, Permission.COMPUTERS_CHANGE_TENANT, scope="tenant", tenant=story.contoso)
    return user


@pytest.fixture
def spare(story) -> Computer:
    """A computer of Contoso itself: nobody loses it who is not of Contoso."""
    return ComputerFactory(name="SPARE-1", tenant=story.contoso)


def home(computer: Computer) -> str:
    return Computer.objects.get(pk=computer.pk).tenant.name


def test_both_ends_take_the_permission(send, story, mover, spare):
    answer = send(mover, "computer-move", spare, tenant=story.northwind.pk)
    assert answer.status_code == 422
    assert "tenant" in answer.context["form"].errors
    there = grant(mover, Permission.COMPUTERS_CHANGE_TENANT, scope="tenant", tenant=story.northwind)
    assert send(mover, "computer-move", spare, tenant=story.northwind.pk).status_code == 302
    assert home(spare) == "Northwind"
    entry = last_entry()
    assert (entry.action, entry.tenant) == ("computer.moved", story.contoso)
    assert (entry.before["tenant"], entry.after["tenant"]) == ("Contoso MSP", "Northwind")
    end(there)
    assert send(mover, "computer-move", spare, tenant=story.contoso.pk).status_code == 403


def test_a_tenant_that_is_not_seen_is_no_choice(send, client, story, mover, spare):
    for tenant in (story.adventure, story.litware):
        answer = send(mover, "computer-move", spare, tenant=tenant.pk)
        assert answer.status_code == 422
        assert tenant.name not in answer.content.decode()
    picked = client.get(reverse("computers:destination-pick")).content.decode()
    assert "Contoso" in picked
    assert "Adventure" not in picked


def test_tags_that_stay_behind_are_named_before_they_are_removed(send, story):
    answer = send(story.marcus, "computer-move", story.dc01, tenant=story.northwind.pk)
    assert answer.status_code == 422
    assert "1 tag cannot be used there and will be removed: Branch." in answer.content.decode()
    assert home(story.dc01) == "Fabrikam"
    announced = {"tenant": story.northwind.pk, "dropping": [story.branch.pk]}
    assert once_seen(send, story.marcus, "computer-move", story.dc01, **announced).status_code == 302
    assert home(story.dc01) == "Northwind"
    assert list(story.dc01.tags.values_list("name", flat=True)) == ["Tier 0"]
    assert [tag["name"] for tag in last_entry().after["tags"]] == ["Tier 0"]


def test_what_was_announced_must_still_be_true(send, story):
    announced = {"tenant": story.logistics.pk, "dropping": [story.branch.pk]}
    assert send(story.marcus, "computer-move", story.dc01, **announced).status_code == 422
    assert home(story.dc01) == "Fabrikam"


def test_only_tags_of_the_computer_can_be_announced(send, story):
    announced = {"tenant": story.northwind.pk, "dropping": [story.branch.pk, TagFactory(tenant=story.adventure).pk]}
    answer = send(story.marcus, "computer-move", story.dc01, **announced)
    assert answer.status_code == 422
    assert "dropping" in answer.context["form"].errors
    assert home(story.dc01) == "Fabrikam"


def test_a_name_that_is_taken_there_is_said_beside_the_tenant(send, story):
    ComputerFactory(name="FAB-LT-0147", tenant=story.northwind)
    answer = send(story.marcus, "computer-move", story.laptop, tenant=story.northwind.pk)
    assert answer.status_code == 422
    assert answer.context["form"].errors["tenant"] == ["A computer with this name is already there."]


def test_a_move_is_judged_by_whom_it_gives(send, story, mover, spare):
    """Olaf may delete computers of Northwind: whoever may not give him that cannot move one there."""
    grant(mover, Permission.COMPUTERS_CHANGE_TENANT, scope="tenant", tenant=story.northwind)
    olaf = UserFactory(name="Olaf Berg", tenant=story.northwind)
    given = grant(olaf, Permission.COMPUTERS_DELETE, scope="own_tenant")
    answer = send(mover, "computer-move", spare, tenant=story.northwind.pk)
    assert answer.status_code == 403
    assert home(spare) == "Contoso MSP"
    assert last_entry().after["act"] == "computer.moved"
    end(given)
    assert send(mover, "computer-move", spare, tenant=story.northwind.pk).status_code == 302


def test_nobody_but_a_user_of_an_msp_moves(send, story):
    grant(story.rosa, Permission.COMPUTERS_CHANGE_TENANT)
    assert send(story.rosa, "computer-move", story.laptop, tenant=story.logistics.pk).status_code == 403
