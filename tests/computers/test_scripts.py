"""Scripts: read by who may view them, written in their container, taken by a switch, told without their text."""

import pytest
from django.urls import reverse

from computers.models import Script
from rbac.models import AuditEntry
from rbac.permissions import Permission
from rbac.switches import SwitchKey
from tests.computers.conftest import last_entry
from tests.factories import ScriptFactory, SwitchFactory, UserFactory
from tests.grants import end, grant

LIST, START = reverse("computers:script-list"), reverse("computers:script-start")
SHARED = reverse("computers:script-create-shared")
NEW = {"name": "Clear print queue", "language": "bash", "body": "Stop-Service Spooler\n"}


def create(tenant) -> str:
    return reverse("computers:script-create", args=[tenant.pk])


@pytest.fixture
def scripts(story) -> dict[str, Script]:
    return {
        "shared": ScriptFactory(name="Shared one"),
        "ours": ScriptFactory(name="Fabrikam one", tenant=story.fabrikam),
        "theirs": ScriptFactory(name="Adventure one", tenant=story.adventure),
    }


def test_whoever_views_scripts_anywhere_reads_the_shared_ones(client, story, scripts):
    client.force_login(story.grace)
    shown = client.get(LIST).content.decode()
    assert ("Shared one" in shown, "Fabrikam one" in shown, "Adventure one" in shown) == (True, True, False)
    statuses = [client.get(reverse("computers:script-detail", args=[each.pk])).status_code for each in scripts.values()]
    assert statuses == [200, 200, 404]
    assert b"New script" not in client.get(LIST).content


def test_a_script_is_written_where_the_permission_is(client, story):
    user = UserFactory(tenant=story.contoso)
    grant(user, Permission.TENANTS_VIEW)
    client.force_login(user)
    assert client.post(create(story.fabrikam), NEW).status_code == 403
    given = grant(user, Permission.SCRIPTS_MANAGE, scope="tenant", tenant=story.fabrikam)
    assert client.post(create(story.northwind), NEW).status_code == 403
    assert client.post(SHARED, NEW).status_code == 403
    assert client.post(create(story.fabrikam), NEW).status_code == 302
    script = Script.objects.get(name="Clear print queue")
    assert (script.tenant, script.body) == (story.fabrikam, "Stop-Service Spooler\n")
    entry = last_entry()
    assert (entry.action, entry.target_id, entry.tenant) == ("script.created", script.pk, story.fabrikam)
    assert "Spooler" not in str(entry.after)
    end(given)
    assert client.post(create(story.fabrikam), NEW | {"name": "Another"}).status_code == 403


def test_the_owner_is_chosen_among_those_of_the_actor(client, story):
    client.force_login(story.dana)
    assert client.get(START).status_code == 200
    assert SHARED not in client.get(START).content.decode()
    assert client.get(START, {"tenant": story.fabrikam.pk})["Location"] == create(story.fabrikam)
    assert client.get(START, {"tenant": story.adventure.pk}).status_code == 422
    assert b"Adventure" not in client.get(reverse("computers:script-owner-pick")).content
    client.force_login(story.marcus)
    assert SHARED in client.get(START).content.decode()


def test_editing_and_deleting_from_the_grant_to_its_end(send, story, scripts):
    user = UserFactory(tenant=story.contoso)
    grant(user, Permission.SCRIPTS_VIEW)
    assert send(user, "script-edit", scripts["ours"], **NEW).status_code == 403
    given = grant(user, Permission.SCRIPTS_MANAGE, scope="tenant", tenant=story.fabrikam)
    assert send(user, "script-edit", scripts["theirs"], **NEW).status_code == 403
    assert send(user, "script-edit", scripts["shared"], **NEW).status_code == 403
    assert send(user, "script-edit", scripts["ours"], **NEW).status_code == 302
    assert last_entry().before["name"] == "Fabrikam one"
    end(given)
    assert send(user, "script-delete", scripts["ours"], reason="Old").status_code == 403
    assert send(story.dana, "script-delete", scripts["ours"], reason="Old").status_code == 302
    assert not Script.objects.filter(name="Clear print queue").exists()
    assert (last_entry().action, last_entry().reason) == ("script.deleted", "Old")


@pytest.mark.parametrize(
    ("said", "field"), [({"name": ""}, "name"), ({"name": "Twin"}, "name"), ({"name": "x", "version": "1"}, "version")]
)
def test_invalid_input_comes_back_and_changes_nothing(send, story, scripts, said, field):
    ScriptFactory(name="Twin", tenant=story.fabrikam)
    before = Script.objects.values().get(pk=scripts["ours"].pk)
    answer = send(story.dana, "script-edit", scripts["ours"], language="bash", body="kept as typed", **said)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert b"kept as typed" in answer.content
    assert Script.objects.values().get(pk=scripts["ours"].pk) == before
    assert not AuditEntry.objects.exists()


def test_somebody_quicker_is_not_overwritten(send, story, scripts):
    stale = scripts["ours"].updated_at.isoformat()
    assert send(story.dana, "script-edit", scripts["ours"], name="Hers", language="bash", body="one").status_code == 302
    answer = send(story.marcus, "script-edit", scripts["ours"], version=stale, name="His", language="bash", body="two")
    assert answer.status_code == 409
    assert "Now stands: Hers" in answer.content.decode()
    assert Script.objects.get(pk=scripts["ours"].pk).body == "one"


def test_a_switch_takes_the_button_and_says_so(client, send, story, scripts):
    detail = reverse("computers:script-detail", args=[scripts["ours"].pk])
    client.force_login(story.dana)
    assert b"Edit script" in client.get(detail).content
    SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    for address in (detail, LIST):
        shown = client.get(address).content.decode()
        assert SwitchKey.TERMINAL_AND_SCRIPTS.label in shown
        assert "Edit script" not in shown
        assert "New script" not in shown
    assert send(story.dana, "script-edit", scripts["ours"], **NEW).status_code == 403
    client.force_login(story.rosa)
    assert SwitchKey.TERMINAL_AND_SCRIPTS.label not in client.get(detail).content.decode()
    assert send(story.marcus, "script-edit", scripts["ours"], **NEW).status_code == 302


def test_a_list_of_many_costs_as_much_as_of_few(client, story, django_assert_max_num_queries):
    ScriptFactory.create_batch(12, tenant=story.fabrikam)
    client.force_login(story.marcus)
    client.get(LIST)
    with django_assert_max_num_queries(5):  # session, user, access; rows with their owners, the count
        client.get(LIST)
