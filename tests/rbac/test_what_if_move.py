"""What it would do if somebody came into a group, or left it."""

import pytest
from django.urls import reverse

from accounts.models import GroupMembership
from rbac.permissions import Permission
from tests.factories import GroupFactory, GroupMembershipFactory
from tests.grants import end, grant
from tests.people import give_group
from tests.rbac.editor import HTMX
from tests.restore import every_row

SIMULATE = Permission.GOVERNANCE_SIMULATE_CHANGES


def page(principal, kind: str, act: str = "move") -> str:
    return reverse(f"rbac:{kind}-what-if-{act}", args=[principal.pk])


def ask(client, principal, other, kind: str = "group", **said):
    answer = client.get(page(principal, kind), {"other": other.pk, **said}, headers=HTMX)
    assert answer.status_code == 200
    return answer


def told(answer) -> list[tuple[str, str, str, str]]:
    return [tuple(line) for line in answer.context["effects"]]


@pytest.fixture
def held(people):
    return give_group(people.desk, "msp_user", scope="tenant", tenant=people.contoso)


def test_coming_in_reads_as_in_the_form(client, people, auditor, held):
    client.force_login(people.marcus)
    for said in ({}, {"expires_at": "2031-02-03T10:00"}):
        form = client.get(reverse("accounts:membership-create", args=[people.desk.pk]), {"user": people.sam.pk, **said})
        lines = [
            (*line[:3], line[3].replace(" You will be asked to confirm.", ""))
            for line in form.context["effects"]
            if line.text != "You may add them"
        ]
        for reader in (people.marcus, auditor):
            client.force_login(reader)
            assert told(ask(client, people.desk, people.sam, **said)) == lines
            assert told(ask(client, people.sam, people.desk, "user", **said)) == lines
        client.force_login(people.marcus)


def test_leaving_reads_as_in_the_dialog(client, people, auditor, held):
    client.force_login(people.marcus)
    inside = GroupMembership.objects.get(group=people.desk, user=people.dana)
    dialog = client.post(reverse("accounts:membership-end", args=[people.desk.pk]), {"ids": [inside.pk]})
    lines = [tuple(line) for line in [*dialog.context["effects"], *dialog.context["spread"]]]
    client.force_login(auditor)
    for answer in (ask(client, people.desk, people.dana), ask(client, people.dana, people.desk, "user")):
        assert told(answer) == lines
        assert "Take <b>Dana Whitfield</b> out of <b>Service Desk</b>" in answer.content.decode()


def test_nothing_is_written(client, people, auditor, held):
    client.force_login(auditor)
    client.get(page(people.desk, "group"))  # who was last seen is kept then
    before = every_row()
    for other in (people.sam, people.dana):
        ask(client, people.desk, other)
        client.get(page(other, "user"), {"other": people.desk.pk})
        assert client.post(page(other, "user"), {"other": people.desk.pk}).status_code == 405
    assert every_row() == before


def test_whoever_may_do_it_is_led_on(client, people, auditor, held):
    client.force_login(people.marcus)
    link = ask(client, people.desk, people.sam, expires_at="2031-02-03T10:00").context["opens"]
    form = client.get(link).context["form"]
    assert (form["user"].value(), form["expires_at"].value()) == (str(people.sam.pk), "2031-02-03T10:00")
    members = client.get(ask(client, people.desk, people.dana).context["opens"])
    assert "Dana Whitfield" in members.content.decode()
    client.force_login(auditor)
    for other in (people.sam, people.dana):
        answer = ask(client, people.desk, other)
        assert answer.context["opens"] == ""
        assert "You may not change this yourself" in answer.content.decode()


def test_only_who_may_be_in_it_is_offered(client, people, auditor):
    client.force_login(auditor)
    everybody = GroupFactory(name="Everybody", tenant=None)
    people_found = client.get(page(people.desk, "group", "pick")).content.decode()
    assert "Sam Okafor" in people_found
    assert "Theo Brandt" not in people_found  # of another provider
    groups_found = client.get(page(people.theo, "user", "pick")).content.decode()
    assert everybody.name in groups_found
    assert "Service Desk" not in groups_found
    assert "preview" not in ask(client, people.desk, people.theo).context


def test_nobody_looks_further_than_they_may(client, people, held):
    """What the group holds, and what somebody holds elsewhere, would show in it."""
    own = GroupFactory(name="Litware staff", tenant=people.litware)
    here = give_group(own, "tenant_user", scope="tenant", tenant=people.litware)
    given = grant(people.olivia, SIMULATE, scope="tenant", tenant=people.litware)
    client.force_login(people.olivia)
    assert "preview" in ask(client, own, people.sam).context
    give_group(own, "script_manager", scope="tenant", tenant=people.fabrikam)
    answer = ask(client, own, people.sam)
    assert "It reaches beyond where you may simulate changes" in answer.content.decode()
    assert "Fabrikam" not in answer.content.decode()
    for hidden in (people.dana.pk, 999_999):
        answer = client.get(page(own, "group"), {"other": hidden})
        assert "preview" not in answer.context
        assert "Dana" not in answer.content.decode()
    GroupMembershipFactory(group=own, user=people.sam)
    assert here.pk
    end(given)
    for kind, thing in (("group", own), ("user", people.sam)):
        assert client.get(page(thing, kind)).status_code == 403
        assert client.get(page(thing, kind, "pick")).status_code == 403
