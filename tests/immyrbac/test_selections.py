"""A batch acts on exactly what its reader saw, or on nothing."""

import pytest
from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.test import RequestFactory

from accounts.models import User
from immyrbac.selections import StaleSelectionError, selection
from tests.factories import UserFactory
from tests.immyrbac.test_lists import UserFilters, UserList

pytestmark = pytest.mark.django_db


def chosen(**post):
    data = QueryDict(mutable=True)
    for name, value in post.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    request = RequestFactory().get("/users/batch/")

    def matching(params):
        return UserList(request, User.objects.all(), UserFilters(params), paged=False, params=params).matching

    return selection(data, User.objects.exclude(name="Hidden"), matching)


def test_a_selection_is_all_that_was_ticked_or_nothing():
    users = UserFactory.create_batch(3)
    hidden = UserFactory(name="Hidden")
    ids = [str(user.pk) for user in users]
    assert {user.pk for user in chosen(ids=[*ids, ids[0]])} == {user.pk for user in users}
    with pytest.raises(StaleSelectionError):
        chosen(ids=[*ids, str(hidden.pk)])
    for wrong in ([], ["x"], ["-1"], ["9" * 30], ["²"]):
        with pytest.raises(BadRequest):
            chosen(ids=wrong)


def test_a_selection_of_all_that_match_counts_again():
    UserFactory.create_batch(3, is_active=False)
    UserFactory()
    assert len(chosen(all="1", filter="?status=off", expected="3")) == 3
    for stale in ("2", "4", "", "three"):
        with pytest.raises(StaleSelectionError):
            chosen(all="1", filter="?status=off", expected=stale)
    with pytest.raises(BadRequest):
        chosen(all="1", filter="?colour=red", expected="3")
