"""Shares: one item of the library for one user, given through the gate, bound by deny and switch, ended for good."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.services import remove_user
from computers.models import Script
from rbac.access import access_for, who_can
from rbac.audit import Actor
from rbac.delegation import Refused
from rbac.models import ScriptShare
from rbac.permissions import Permission
from rbac.share_services import end_share, share_item
from rbac.switches import SwitchKey
from tests.computers.conftest import last_entry
from tests.factories import ScriptFactory, SwitchFactory, UserFactory
from tests.grants import deny, grant
from tests.outcomes import once_seen
from tests.sharing import share as given

READ, WRITE, SHARE = Permission.SCRIPTS_VIEW, Permission.SCRIPTS_MANAGE, Permission.SOFTWARE_SHARE


@pytest.fixture
def script(story) -> Script:
    return ScriptFactory(name="Nightly", tenant=story.fabrikam)


@pytest.fixture
def neighbour(story) -> Script:
    return ScriptFactory(name="Hourly", tenant=story.fabrikam)


@pytest.fixture
def guest(story):
    """Of another customer; holds nothing."""
    return UserFactory(name="Guest", tenant=story.adventure)


@pytest.fixture
def giver(story):
    user = UserFactory(name="Giver", tenant=story.contoso)
    grant(user, SHARE, READ, WRITE, Permission.USERS_VIEW)
    return user


def give(giver, script, guest, *permissions, **more):
    said = {"expires_at": None, "reason": "For the audit"} | more
    share_item(actor=Actor(giver), item=script, user=guest, permissions=permissions or [READ], **said)


def page(script, act="share-list", *more):
    return reverse(f"computers:script-{act}", args=[script.pk, *more])


def test_it_opens_this_item_and_its_neighbour_stays_shut(client, script, neighbour, guest, giver):
    client.force_login(guest)
    assert client.get(page(script, "detail")).status_code == 404
    give(giver, script, guest)
    answers = [client.get(page(each, "detail")).status_code for each in (script, neighbour)]
    assert answers == [200, 404]
    listed = client.get(reverse("computers:script-list")).content.decode()
    assert ("Nightly" in listed, "Hourly" in listed) == (True, False)
    end_share(actor=Actor(giver), item=script, share=ScriptShare.objects.get().pk, reason="over")
    assert client.get(page(script, "detail")).status_code == 404


def test_it_opens_nothing_that_the_instance_owns(script, guest, giver):
    ours, other = ScriptFactory(name="Ours"), ScriptFactory(name="Other")
    give(giver, ours, guest)
    access = access_for(guest)
    assert (access.can(READ, ours), access.can(READ, other)) == (True, False)
    assert list(access.seen(Script)) == [ours]
    assert [guest in who_can(READ, each) for each in (ours, other)] == [True, False]


@pytest.mark.parametrize("ends", [None, timedelta(hours=1)])
def test_it_ends_by_itself(script, guest, giver, ends):
    give(giver, script, guest, expires_at=ends and timezone.now() + ends)
    later = timezone.now() + timedelta(hours=2)
    assert access_for(guest).can(READ, script)
    assert access_for(guest, later).can(READ, script) is (ends is None)
    assert (guest in who_can(READ, script, later)) is (ends is None)


def test_deny_and_switch_bind_it(script, guest, giver):
    give(giver, script, guest, READ, WRITE)
    assert access_for(guest).can(WRITE, script)
    SwitchFactory(key=SwitchKey.TERMINAL_AND_SCRIPTS, enabled=False)
    assert not access_for(guest).can(WRITE, script)
    assert "suspends" in str(access_for(guest).explain(WRITE, script).shares[0].breaks.label)
    taken = deny(guest, READ, scope="tenant", tenant=script.tenant)
    decision = access_for(guest).explain(READ, script)
    assert not decision.allowed
    assert (decision.deciding[0].assignment, len(decision.shared)) == (taken, 1)


@pytest.mark.parametrize("lacks", [SHARE, READ])
def test_whoever_gives_it_may_share_and_do_it_themselves(story, script, guest, lacks):
    user = UserFactory(tenant=story.contoso)
    grant(user, SHARE, READ, Permission.USERS_VIEW)
    deny(user, lacks, scope="tenant", tenant=script.tenant)
    with pytest.raises(Refused):
        give(user, script, guest)
    assert last_entry().action == "share.refused"


def test_nobody_gives_it_for_longer_than_they_hold_it(story, script, guest):
    user, soon = UserFactory(tenant=story.contoso), timezone.now() + timedelta(hours=1)
    grant(user, SHARE, Permission.USERS_VIEW)
    grant(user, READ, expires_at=soon)
    with pytest.raises(Refused, match="it can end no later"):
        give(user, script, guest)
    give(user, script, guest, expires_at=soon)


def test_what_one_has_by_a_share_alone_is_no_power_to_share(story, script, guest, giver):
    """Sharing on takes the right to share, which nobody has by a share."""
    give(giver, script, guest)
    with pytest.raises(Refused):
        give(guest, script, UserFactory(tenant=story.adventure))


def test_it_is_shown_before_it_is_given_and_told(client, script, guest, giver):
    client.force_login(giver)
    said = {"user": guest.pk, "permissions": [READ], "reason": "For the audit"}
    answer = once_seen(lambda **seen: client.post(page(script, "share-create"), said | seen))
    assert answer.status_code == 302
    row, entry = ScriptShare.objects.get(), last_entry()
    assert (row.user, row.shared_by, row.reason, row.shared) == (guest, giver, "For the audit", READ)
    assert (entry.action, entry.target_id) == ("share.given", script.pk)
    assert entry.after["script_shares"][0]["id"] == row.pk
    assert entry.after["reached"] == [{"id": guest.pk, "name": "Guest"}]
    shown = client.get(page(script)).content.decode()
    assert "Guest" in shown
    assert "For the audit" in shown


def test_great_power_takes_a_typed_name(client, script, guest, giver):
    client.force_login(giver)
    said = {"user": guest.pk, "permissions": [READ, WRITE], "reason": "For the audit"}
    answer = once_seen(lambda **seen: client.post(page(script, "share-create"), said | seen))
    assert answer.status_code == 422
    assert not ScriptShare.objects.exists()


def test_what_rests_on_it_goes_with_it(client, script, guest, giver):
    give(giver, script, guest, READ, WRITE)
    read = ScriptShare.objects.of(script.pk, READ).get()
    client.force_login(giver)
    answer = once_seen(lambda **seen: client.post(page(script, "share-end", read.pk), {"reason": "over"} | seen))
    assert answer.status_code == 302
    assert not ScriptShare.objects.unended().exists()
    assert client.get(page(script, "share-end", read.pk)).status_code == 404


def test_one_cannot_change_what_one_may_not_read(client, script, guest, giver):
    client.force_login(giver)
    said = {"user": guest.pk, "permissions": [WRITE], "reason": "For the audit"}
    answer = client.post(page(script, "share-create"), said)
    assert "rests on View Scripts" in answer.content.decode()
    give(giver, script, guest)
    answer = client.post(page(script, "share-create"), said | {"permissions": [READ]})
    assert "is shared with Guest already" in answer.content.decode()


def test_a_customer_shares_nothing(story, script, guest):
    """The permission is for users of an MSP."""
    own = UserFactory(tenant=story.fabrikam)
    grant(own, SHARE, READ, Permission.USERS_VIEW)
    assert not access_for(own).can(SHARE, script)


def test_whoever_is_removed_has_none_left(script, guest, giver, story):
    give(giver, script, guest)
    remove_user(actor=Actor(story.marcus), user=guest, reason="gone")
    row = ScriptShare.objects.get()
    assert (row.ended_by, row.end_reason) == (story.marcus, "gone")
    assert last_entry().before["script_shares"][0]["id"] == row.pk


def test_it_goes_with_its_item_and_the_log_keeps_it(send, story, script, guest, giver):
    give(giver, script, guest)
    number = ScriptShare.objects.get().pk
    assert send(story.marcus, "script-delete", script, reason="Old").status_code == 302
    assert not ScriptShare.objects.exists()
    assert last_entry().before["script_shares"][0]["id"] == number


def test_who_may_see_what_somebody_holds_sees_their_shares(client, story, script, guest, giver):
    given(script, guest, READ, by=giver)
    for reader, url in ((guest, reverse("accounts:profile-access")), (story.marcus, None)):
        client.force_login(reader)
        shown = client.get(url or reverse("rbac:user-access", args=[guest.pk])).content.decode()
        assert "Nightly" in shown
    explained = client.get(
        reverse("rbac:explain"), {"user": guest.pk, "permission": READ, "on": f"script:{script.pk}"}
    ).content.decode()
    assert "alone is shared with" in explained
