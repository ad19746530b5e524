"""Edit, type, notes, delete, restore: no, after the grant yes, the neighbour no, revoked no; audited and told."""

import pytest
from django.urls import reverse

from computers.models import Computer, ComputerType
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests.computers.conftest import last_entry
from tests.factories import ComputerFactory, UserFactory
from tests.grants import end, grant
from tests.outcomes import once_seen

ACTS = [
    ("computer-edit", Permission.COMPUTERS_MANAGE, {"name": "DC02"}, "computer.edited"),
    ("computer-type", Permission.COMPUTERS_MANAGE, {"type": "server"}, "computer.type_changed"),
    ("computer-notes", Permission.COMPUTERS_MANAGE_NOTES, {"notes": "Mind the fan"}, "computer.noted"),
    ("computer-tags", Permission.COMPUTERS_MANAGE_TAGS, {"tags": []}, "computer.tagged"),
    ("computer-delete", Permission.COMPUTERS_DELETE, {"reason": "Sold"}, "computer.deleted"),
]


@pytest.mark.parametrize("case", ACTS, ids=lambda case: case[0])
def test_an_act_is_possible_from_the_grant_to_its_end(send, story, case):
    act, permission, said, action = case
    user = UserFactory(tenant=story.contoso)
    view = grant(user, Permission.COMPUTERS_VIEW, scope="msp", tenant=story.contoso)
    assert send(user, act, story.dc01, **said).status_code == 403
    given = grant(user, permission, scope="tenant", tenant=story.fabrikam)
    assert send(user, act, story.press, **said).status_code == 403
    assert send(user, act, story.bikes, **said).status_code == 404
    assert send(user, act, story.dc01, **said).status_code == 302
    entry = last_entry()
    assert (entry.action, entry.actor, entry.target_id, entry.tenant) == (action, user, story.dc01.pk, story.fabrikam)
    end(given)
    assert send(user, act, story.laptop, **said).status_code == 403
    end(view)
    assert send(user, act, story.laptop, **said).status_code == 404


@pytest.mark.parametrize("case", ACTS, ids=lambda case: case[0])
def test_somebody_quicker_is_told_of_and_not_overwritten(send, story, case):
    act, _, said, _ = case
    stale = story.dc01.updated_at.isoformat()
    assert send(story.marcus, "computer-edit", story.dc01, name="DC01", serial_number="X1").status_code == 302
    before, entries = Computer.objects.values().get(pk=story.dc01.pk), AuditEntry.objects.count()
    answer = send(story.marcus, act, story.dc01, version=stale, **said)
    assert answer.status_code == 409
    assert b"Somebody else changed this meanwhile" in answer.content
    assert Computer.objects.values().get(pk=story.dc01.pk) == before
    assert AuditEntry.objects.count() == entries
    assert before["updated_at"].isoformat() in answer.content.decode()


@pytest.mark.parametrize(
    ("act", "said", "field"),
    [
        ("computer-edit", {"name": ""}, "name"),
        ("computer-edit", {"name": "FAB-LT-0147", "os": "Kept"}, "name"),
        ("computer-edit", {"name": "x" * 121}, "name"),
        ("computer-type", {"type": "toaster"}, "type"),
        ("computer-delete", {"reason": " "}, "reason"),
        ("computer-edit", {"name": "DC01", "version": "yesterday"}, "version"),
        ("computer-edit", {"name": "DC01\0"}, "name"),
    ],
)
def test_invalid_input_comes_back_and_changes_nothing(send, story, act, said, field):
    before, entries = Computer.objects.values().get(pk=story.dc01.pk), AuditEntry.objects.count()
    answer = send(story.marcus, act, story.dc01, **said)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Computer.objects.values().get(pk=story.dc01.pk) == before
    assert AuditEntry.objects.count() == entries
    assert not said.get("os") or 'value="Kept"' in answer.content.decode()


def test_a_name_is_free_in_another_tenant_and_after_deleting(send, story):
    assert send(story.marcus, "computer-edit", story.laptop, name="NW-PRESS").status_code == 302
    assert send(story.marcus, "computer-delete", story.dc01, reason="Sold").status_code == 302
    assert send(story.marcus, "computer-edit", story.laptop, name="DC01").status_code == 302
    answer = send(story.marcus, "computer-restore", story.dc01)
    assert answer.status_code == 422
    assert b"Rename that one first" in answer.content


def test_deleted_is_gone_for_all_but_those_who_may_restore(send, client, story):
    page = reverse("computers:computer-detail", args=[story.dc01.pk])
    assert send(story.marcus, "computer-delete", story.dc01, reason="Sold").status_code == 302
    assert send(story.dana, "computer-notes", story.dc01, notes="x").status_code == 404
    assert client.get(page).status_code == 404
    assert send(story.marcus, "computer-notes", story.dc01, notes="x").status_code == 409
    assert send(story.dana, "computer-restore", story.dc01).status_code == 404
    assert send(story.marcus, "computer-restore", story.dc01).status_code == 302
    assert last_entry().action == "computer.restored"
    client.force_login(story.dana)
    assert client.get(page).status_code == 200


def test_what_changes_nothing_leaves_no_entry(send, story):
    for act, said in (
        ("computer-edit", {"name": "DC01", "os": "Windows Server 2025"}),
        ("computer-type", {"type": ComputerType.DOMAIN_CONTROLLER}),
        ("computer-tags", {"tags": [story.tier0.pk, story.branch.pk]}),
    ):
        assert send(story.marcus, act, story.dc01, **said).status_code == 302
    assert not AuditEntry.objects.exists()


def test_nobody_makes_a_computer_leave_their_own_sight(send, story):
    user, scope = UserFactory(tenant=story.contoso), {"computer_scope": "type", "computer_type": "servers"}
    grant(user, Permission.COMPUTERS_MANAGE, scope="msp", tenant=story.contoso, **scope)
    answer = send(user, "computer-type", story.press, type="portable")
    assert answer.status_code == 403
    assert Computer.objects.get(pk=story.press.pk).type == ComputerType.SERVER
    assert last_entry().action == "computer.refused"
    assert last_entry().after["act"] == "computer.type_changed"


def test_the_type_of_a_computer_is_judged_by_whom_it_gives(send, story):
    """Servers are Dana's to delete: whoever could not give her that cannot make a portable one a server."""
    scope = {"computer_scope": "type", "computer_type": "servers"}
    grant(story.dana, Permission.COMPUTERS_DELETE, scope="tenant", tenant=story.fabrikam, **scope)
    answer = send(story.rosa, "computer-type", story.laptop, type="server")
    assert answer.status_code == 403
    assert once_seen(send, story.marcus, "computer-type", story.laptop, type="server").status_code == 302


@pytest.mark.parametrize("person", ["grace", "rosa", "hugo", "marcus"])
def test_the_page_offers_exactly_the_acts_that_succeed(client, story, person):
    reader, computer = getattr(story, person), ComputerFactory(tenant=story.fabrikam)
    client.force_login(reader)
    page = client.get(reverse("computers:computer-detail", args=[computer.pk])).content.decode()
    for act in ("edit", "type", "notes", "tags", "move", "delete", "restore", "who", "history"):
        address = reverse(f"computers:computer-{act}", args=[computer.pk])
        offered = f'href="{address}"' in page
        assert offered == (client.get(address).status_code == 200) or act == "restore"
