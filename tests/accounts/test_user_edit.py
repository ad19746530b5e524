"""Accounts made, edited, removed and let in by a link: each where the actor may, and nowhere else."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import PasswordLink, User
from accounts.services import values_of
from immyrbac.versions import version_of
from immyrbac.words import instant
from rbac.models import AuditEntry, RoleAssignment
from rbac.permissions import Permission
from tests.grants import end, grant
from tests.outcomes import once_seen
from tests.people import give

WANTED = {"name": "Samuel Okafor", "email": "Samuel@Litware.example", "access_expires_at": ""}


def create(client, tenant, **changes):
    return client.post(reverse("accounts:user-create", args=[tenant.pk]), WANTED | changes)


def of(client, user) -> None:
    client.force_login(user)


def test_who_may_make_users_is_asked_at_the_tenant(client, people):
    of(client, people.sam)
    assert create(client, people.litware).status_code == 404
    given = grant(people.sam, Permission.USERS_MANAGE, scope="tenant", tenant=people.litware)
    assert create(client, people.litware).status_code == 200
    assert create(client, people.fabrikam).status_code == 404
    end(given)
    assert create(client, people.litware, email="other@litware.example").status_code == 404
    assert User.objects.filter(name="Samuel Okafor").count() == 1


def test_a_new_user_signs_in_through_the_link_that_was_shown_once(client, people):
    of(client, people.olivia)
    answer = create(client, people.litware)
    user = User.objects.get(email="samuel@litware.example")
    link = re.search(r'value="(http://testserver/set-password/[^"]+)"', answer.content.decode()).group(1)
    assert answer.context["form"].principal == user  # the editor is open
    again = client.get(reverse("rbac:assignment-list", args=[user.pk])).content.decode()
    assert "set-password/" not in again
    browser = Client()
    page = browser.get(link, follow=True)
    assert page.status_code == 200
    assert not user.has_usable_password()
    assert PasswordLink.objects.get(user=user).created_by == people.olivia


def test_a_double_submit_makes_one_user(client, people):
    of(client, people.olivia)
    assert create(client, people.litware).status_code == 200
    answer = create(client, people.litware)
    assert answer.status_code == 422
    assert "already signs in with this address" in answer.content.decode()
    assert User.objects.filter(email="samuel@litware.example").count() == 1


def test_an_address_in_use_elsewhere_is_refused_without_a_name(client, people):
    of(client, people.olivia)
    answer = create(client, people.litware, email=people.theo.email)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Theo" not in page
    assert "This address cannot be used." in page
    assert 'value="Samuel Okafor"' in page  # nothing typed is lost


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "nobody"}, "email"),
        ({"access_expires_at": "2020-01-01T00:00"}, "access_expires_at"),
        ({"access_expires_at": "yesterday"}, "access_expires_at"),
    ],
)
def test_bad_input_comes_back_marked(client, people, changes, field):
    of(client, people.olivia)
    answer = create(client, people.litware, **changes)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert f'href="#id_{field}"' in answer.content.decode()
    assert not User.objects.filter(name="Samuel Okafor").exists()


def test_who_manages_one_tenant_is_not_asked_where(client, people):
    of(client, people.olivia)
    answer = client.get(reverse("accounts:user-place"))
    assert answer["Location"] == reverse("accounts:user-create", args=[people.litware.pk])
    of(client, people.marcus)
    assert client.get(reverse("accounts:user-place")).status_code == 200
    chosen = client.get(reverse("accounts:user-place"), {"tenant": people.fabrikam.pk})
    assert chosen["Location"] == reverse("accounts:user-create", args=[people.fabrikam.pk])


def test_a_place_beyond_reach_is_no_choice(client, people):
    of(client, people.olivia)
    answer = client.get(reverse("accounts:user-place"), {"tenant": people.northwind.pk})
    assert answer.status_code == 422
    assert "Northwind" not in client.get(reverse("accounts:user-place-pick")).content.decode()


def edit(client, user, **changes):
    said = {"name": user.name, "email": user.email, "tenant": user.tenant_id, "access_expires_at": ""}
    said["version"] = version_of(values_of(user))
    return client.post(reverse("accounts:user-edit", args=[user.pk]), said | changes)


def test_an_account_is_edited(client, people):
    of(client, people.olivia)
    until = timezone.now() + timedelta(days=9)
    answer = edit(client, people.sam, name="Sam O.", access_expires_at=until.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    assert answer["Location"] == reverse("accounts:user-detail", args=[people.sam.pk])
    people.sam.refresh_from_db()
    assert (people.sam.name, people.sam.access_expires_at) == ("Sam O.", until.replace(microsecond=0))
    assert AuditEntry.objects.latest("pk").action == "user.edited"


def test_a_moment_that_was_not_touched_stays_to_the_second(client, people):
    people.sam.access_expires_at = timezone.now() + timedelta(days=2)
    people.sam.save(update_fields=["access_expires_at"])
    of(client, people.olivia)
    shown = f"{people.sam.access_expires_at:%Y-%m-%dT%H:%M}"
    assert edit(client, people.sam, access_expires_at=shown).status_code == 302
    before = people.sam.access_expires_at
    people.sam.refresh_from_db()
    assert people.sam.access_expires_at == before


def test_a_user_moves_only_to_where_the_actor_manages_users(client, people):
    of(client, people.olivia)
    answer = edit(client, people.sam, tenant=people.northwind.pk)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["tenant"])
    assert "Northwind" not in answer.content.decode()
    of(client, people.marcus)
    assert once_seen(edit, client, people.sam, tenant=people.fabrikam.pk).status_code == 302
    people.sam.refresh_from_db()
    assert people.sam.tenant == people.fabrikam


def test_somebody_stronger_is_not_edited_and_no_button_says_so(client, people):
    give(people.sam, "script_manager", scope="tenant", tenant=people.fabrikam)
    of(client, people.olivia)
    page = client.get(reverse("accounts:user-detail", args=[people.sam.pk])).content.decode()
    assert reverse("accounts:user-edit", args=[people.sam.pk]) not in page
    answer = edit(client, people.sam, name="Renamed")
    assert answer.status_code == 403
    assert "This person holds access that you do not hold yourself." in answer.content.decode()
    people.sam.refresh_from_db()
    assert people.sam.name == "Sam Okafor"
    assert AuditEntry.objects.latest("pk").action == "user.refused"


def test_a_link_is_for_people_whom_the_actor_covers(client, people):
    of(client, people.olivia)
    address = reverse("accounts:user-link", args=[people.sam.pk])
    answer = client.post(address)
    assert "/set-password/" in answer.content.decode()
    strong = give(people.sam, "script_manager", scope="tenant", tenant=people.fabrikam)
    assert client.post(address).status_code == 403
    assert address not in client.get(reverse("accounts:user-detail", args=[people.sam.pk])).content.decode()
    end(strong)
    assert client.post(address).status_code == 200


def remove(client, user, **changes):
    said = {"reason": "left", "confirmation": user.name.lower()}
    return client.post(reverse("accounts:user-remove", args=[user.pk]), said | changes)


def test_removing_takes_the_name_and_a_reason(client, people):
    given = give(people.sam, "tenant_user", scope="own_tenant")
    of(client, people.olivia)
    shown = client.get(reverse("accounts:user-remove", args=[people.sam.pk])).content.decode()
    assert "Tenant User" in shown
    assert remove(client, people.sam, confirmation="Somebody").status_code == 422
    assert remove(client, people.sam, reason=" ").status_code == 422
    assert User.objects.get(pk=people.sam.pk).removed_at is None
    assert remove(client, people.sam)["Location"] == reverse("accounts:user-list")
    assert User.objects.get(pk=people.sam.pk).removed_at is not None
    assert RoleAssignment.objects.get(pk=given.pk).ended_at is not None


def test_whoever_was_removed_is_read_about_and_nothing_more(client, people):
    of(client, people.olivia)
    remove(client, people.sam)
    page = client.get(reverse("accounts:user-detail", args=[people.sam.pk])).content.decode()
    assert "Removed" in page
    assert reverse("accounts:user-edit", args=[people.sam.pk]) not in page
    for name in ("accounts:user-edit", "accounts:user-remove"):
        assert client.get(reverse(name, args=[people.sam.pk])).status_code == 404


def test_a_removed_owner_would_leave_nobody(client, people):
    of(client, people.marcus)
    answer = remove(client, people.marcus)
    assert answer.status_code == 403
    assert "Name another owner first" in answer.content.decode()
    assert User.objects.get(pk=people.marcus.pk).removed_at is None


def test_who_comes_second_overwrites_nothing(client, people):
    """An end that somebody set meanwhile is not taken back by a form that was drawn before it."""
    of(client, people.olivia)
    drawn = version_of(values_of(people.sam))
    until = timezone.now().replace(second=0, microsecond=0) + timedelta(days=2)
    User.objects.filter(pk=people.sam.pk).update(access_expires_at=until)
    answer = edit(client, people.sam, name="Samuel", version=drawn)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Somebody else changed this meanwhile" in page
    assert "Samuel" in page
    assert f"Now stands: {instant(until)}" in page
    sam = User.objects.get(pk=people.sam.pk)
    assert (sam.name, sam.access_expires_at) == (people.sam.name, until)
    now = answer.context["form"].data["version"]
    assert edit(client, people.sam, name="Samuel", version=now).status_code == 302
    assert User.objects.get(pk=people.sam.pk).access_expires_at is None
    assert edit(client, people.sam, version="").status_code == 422
