"""Saved views: kept by whom, seen by whom, and that they carry nothing but an address."""

import re
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import escape

from accounts import saved_views
from accounts.models import GroupMembership, SavedView
from accounts.services import remove_user
from immyrbac.bookmarks import Bookmark
from rbac.audit import Actor
from rbac.models import AuditEntry
from tests.factories import GroupFactory, GroupMembershipFactory

pytestmark = pytest.mark.django_db
USERS, VIEWS = reverse("accounts:user-list"), reverse("accounts:saved-view-list")
ACTIVE = Bookmark("accounts:user-list", "?status=active&sort=-name")


def address(act: str, bookmark: str) -> str:
    return f"{reverse(f'accounts:saved-view-{act}')}?{urlencode({'list': bookmark})}"


def save(client, user, bookmark: Bookmark | str = ACTIVE, **said):
    client.force_login(user)
    signed = bookmark if isinstance(bookmark, str) else bookmark.signed
    return client.post(address("create", signed), {"name": "Mine"} | said)


def menu(client, user) -> str:
    client.force_login(user)
    return client.get(address("menu", Bookmark("accounts:user-list", "").signed)).content.decode()


def test_a_list_signs_what_it_shows_and_a_view_keeps_it(client, people):
    client.force_login(people.marcus)
    page = client.get(f"{USERS}?sort=-name&status=active&rows=10&q=").content.decode()
    signed = re.search(r"saved-view|views/menu/\?list=([^\"]+)", page).group(1)
    answer = client.post(f"{reverse('accounts:saved-view-create')}?list={signed}", {"name": " Active ones "})
    assert answer["Location"] == f"{USERS}?sort=-name&status=active"
    view = SavedView.objects.get()
    assert (view.owner, view.name, view.group) == (people.marcus, "Active ones", None)
    assert client.get(view.address).status_code == 200


@pytest.mark.parametrize("signed", ["", "x", "[1]", ACTIVE.signed[:-1], f"{ACTIVE.signed}x"])
def test_what_no_list_has_signed_is_400(client, people, signed):
    assert save(client, people.marcus, signed).status_code == 400
    assert client.get(address("menu", signed)).status_code == 400
    assert not SavedView.objects.exists()


def test_a_malformed_filter_is_never_signed(client, people):
    client.force_login(people.marcus)
    assert client.get(f"{USERS}?status=asleep").status_code == 400


def test_a_shared_filter_out_of_view_says_so_and_leads_on_without_it(client, people):
    """Hidden or gone is told alike, and the rest of the view is kept."""
    client.force_login(people.olivia)
    answers = [
        client.get(f"{USERS}?status=active&tenant={pk}&sort=-name") for pk in (people.northwind.pk, 2_000_000_000)
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    page, other = (
        re.sub(r"[A-Za-z0-9]{64}|tenant=\d+|tenant%3D\d+", "x", answer.content.decode()) for answer in answers
    )
    assert page == other
    assert "Tenant" in page
    assert "Northwind" not in page
    rest = f"{USERS}?status=active&sort=-name"
    assert escape(rest) in page
    assert client.get(rest).status_code == 200


def test_its_name_is_its_owners(client, people):
    assert save(client, people.marcus).status_code == 302
    again = save(client, people.marcus)
    assert again.status_code == 422
    assert "You have a view of this name." in again.content.decode()
    assert save(client, people.dana).status_code == 302


def test_it_is_shared_with_a_group_of_ones_own_or_that_one_manages(client, people):
    for person, group, may in (
        (people.dana, people.desk, True),
        (people.marcus, people.desk, True),
        (people.sam, people.desk, False),
        (people.dana, GroupFactory(tenant=people.contoso), False),
        (people.marcus, GroupFactory(tenant=people.contoso, removed_at="2026-01-01T00:00Z"), False),
    ):
        answer = save(client, person, group=group.pk, name=f"For {group.pk}")
        shared = SavedView.objects.filter(owner=person, group=group).exists()
        assert (shared, answer.status_code == 302) == (may, may or person == people.sam), (person, group)


def test_only_such_groups_are_offered(client, people):
    GroupFactory(name="Service Elsewhere", tenant=people.tailspin)
    for person, offered in ((people.dana, ["Service Desk"]), (people.sam, [])):
        client.force_login(person)
        options = client.get(reverse("accounts:saved-view-group-pick"), {"q": "service"}).content.decode()
        assert re.findall(">([^<>]+)</option>", options) == offered


def test_the_service_asks_as_well(people):
    actor = Actor(people.sam)
    with pytest.raises(ValidationError, match="neither in this group"):
        saved_views.save_view(actor=actor, bookmark=ACTIVE, name="x", group=people.desk)
    view = saved_views.save_view(actor=actor, bookmark=ACTIVE, name="x")
    with pytest.raises(ValidationError, match="neither in this group"):
        saved_views.edit_view(actor=actor, view=view, name="x", group=people.desk)
    with pytest.raises(SavedView.DoesNotExist):
        saved_views.delete_view(actor=Actor(people.dana), view=view)


def test_the_group_finds_it_while_one_is_in_it(client, people):
    membership = GroupMembershipFactory(group=people.desk, user=people.sam)
    save(client, people.dana, name="Ours", group=people.desk.pk)
    save(client, people.dana, name="Hers alone")
    for _ in range(2):
        assert "Ours" in menu(client, people.sam)
        assert "Hers alone" not in menu(client, people.sam)
    assert "Ours" not in menu(client, people.olivia)
    GroupMembership.objects.filter(pk=membership.pk).update(ended_at="2026-01-01T00:00Z")
    assert "Ours" not in menu(client, people.sam)


def test_it_carries_no_access(client, people):
    save(client, people.dana, name="Ours", group=people.desk.pk)
    GroupMembershipFactory(group=people.desk, user=people.sam)
    client.force_login(people.sam)
    assert client.get(SavedView.objects.get().address).status_code == 403


def test_its_owner_alone_renames_shares_and_deletes_it(client, people):
    GroupMembershipFactory(group=people.desk, user=people.sam)
    save(client, people.dana, group=people.desk.pk)
    view = SavedView.objects.get()
    edit, delete = (reverse(f"accounts:saved-view-{act}", args=[view.pk]) for act in ("edit", "delete"))
    client.force_login(people.sam)
    assert [client.post(url, {"name": "x"}).status_code for url in (edit, delete)] == [404, 404]
    assert "Edit…" not in client.get(VIEWS).content.decode()
    client.force_login(people.dana)
    assert client.post(edit, {"name": "Renamed", "group": ""})["Location"] == VIEWS
    view.refresh_from_db()
    assert (view.name, view.group, view.query) == ("Renamed", None, ACTIVE.query)
    assert client.post(delete)["Location"] == VIEWS
    assert not SavedView.objects.exists()


def test_nobody_keeps_more_than_enough(people, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST", 1)
    saved_views.save_view(actor=Actor(people.dana), bookmark=ACTIVE, name="One")
    with pytest.raises(ValidationError, match="Delete one first"):
        saved_views.save_view(actor=Actor(people.dana), bookmark=ACTIVE, name="Two")


def test_it_goes_with_its_owner_and_leaves_no_noise(client, people):
    save(client, people.dana, group=people.desk.pk)
    assert not AuditEntry.objects.exists()
    remove_user(actor=Actor(people.marcus), user=people.dana, reason="Left")
    assert not SavedView.objects.exists()


def test_a_view_of_a_list_that_is_no_more_is_not_shown(client, people):
    SavedView.objects.create(owner=people.dana, name="Gone", route="accounts:no-list", query="?a=1")
    client.force_login(people.dana)
    assert "Gone" not in client.get(VIEWS).content.decode()
    assert "No saved views yet" in client.get(VIEWS).content.decode()
