"""Resetting somebody's second factor: power over that person, with a reason, and never a way round one's own proof."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.urls import reverse

from accounts.factors import has_factor
from accounts.services import remove_user, reset_factors
from rbac.audit import Actor
from rbac.delegation import Refused
from rbac.models import AuditEntry
from rbac.permissions import Permission
from tests.accounts.signing_in import is_in, signed_in, signed_in_with_app
from tests.factors import AppFactory
from tests.grants import end, grant
from tests.people import give

pytestmark = pytest.mark.django_db
WHY = {"reason": "Lost the phone; known by voice"}


@pytest.fixture(autouse=True)
def count_anew():
    cache.clear()


@pytest.fixture
def sam(people):
    """Sam of Litware, with an app; Olivia administers Litware."""
    AppFactory(user=people.sam)
    return people.sam


def page_of(user):
    return reverse("accounts:user-factor-reset", args=[user.pk])


def test_whoever_lost_it_signs_in_by_password_again(client, people, sam):
    theirs = signed_in_with_app(sam)
    assert is_in(theirs)
    client.force_login(people.olivia)
    assert "Reset the second factor of Sam Okafor?" in client.get(page_of(sam)).content.decode()
    assert client.post(page_of(sam), WHY)["Location"] == reverse("accounts:user-detail", args=[sam.pk])
    assert not has_factor(sam.pk)
    assert not is_in(theirs)
    assert is_in(signed_in(sam))


def test_it_is_told_with_its_reason(client, people, sam):
    signed_in_with_app(sam)
    client.force_login(people.olivia)
    client.post(page_of(sam), WHY)
    entry = AuditEntry.objects.get(action="user.factors_reset")
    assert (entry.actor, entry.target_id, entry.tenant_id) == (people.olivia, sam.pk, sam.tenant_id)
    assert (entry.before, entry.after) == ({"factors": ["Authenticator app"]}, {"sessions_ended": 1})
    assert entry.reason == WHY["reason"]


def test_without_a_reason_nothing_happens(client, people, sam):
    client.force_login(people.olivia)
    answer = client.post(page_of(sam), {})
    assert answer.status_code == 422
    assert "Say why" in answer.content.decode()
    assert has_factor(sam.pk)


def test_it_takes_covering_the_person(people, sam):
    stronger = grant(sam, Permission.COMPUTERS_DELETE, scope="owner")
    with pytest.raises(Refused, match="that you do not hold"):
        reset_factors(actor=Actor(people.olivia), user=sam, **WHY)
    assert has_factor(sam.pk)
    end(stronger)
    reset_factors(actor=Actor(people.olivia), user=sam, **WHY)
    assert not has_factor(sam.pk)


def test_it_is_offered_where_it_is_possible_and_there_is_one(client, people, sam):
    client.force_login(people.olivia)
    offered = "Reset second factor"
    assert offered in client.get(reverse("accounts:user-detail", args=[sam.pk])).content.decode()
    grant(sam, Permission.COMPUTERS_DELETE, scope="owner")
    assert offered not in client.get(reverse("accounts:user-detail", args=[sam.pk])).content.decode()
    AppFactory(user=people.olivia)
    assert offered not in client.get(reverse("accounts:user-detail", args=[people.olivia.pk])).content.decode()
    client.force_login(people.marcus)
    assert offered not in client.get(reverse("accounts:user-detail", args=[people.dana.pk])).content.decode()


def test_ones_own_goes_by_the_profile(client, people):
    AppFactory(user=people.marcus)
    client.force_login(people.marcus)
    answer = client.post(page_of(people.marcus), WHY)
    assert answer.status_code == 403
    assert "prove who you are" in answer.content.decode()
    assert has_factor(people.marcus.pk)


def test_where_there_is_none_nothing_happens(client, people):
    client.force_login(people.marcus)
    answer = client.post(page_of(people.dana), WHY)
    assert answer.status_code == 422
    assert "has no second factor" in answer.content.decode()


def test_whoever_is_removed_leaves_none(people, sam):
    give(people.sam, "tenant_user", scope="own_tenant")
    remove_user(actor=Actor(people.marcus), user=sam, reason="Left")
    assert not Authenticator.objects.filter(user=sam).exists()
