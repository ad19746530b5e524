"""Addresses by number are those that Django would give."""

import pytest
from django.urls import NoReverseMatch, reverse

from immyrbac.addresses import url_of


@pytest.mark.parametrize("route", ["accounts:user-detail", "computers:computer-detail", "rbac:group-assignment-end"])
def test_they_are_those_that_django_would_give(route):
    assert [url_of(route, pk) for pk in (1, 9_876_543_210)] == [reverse(route, args=[pk]) for pk in (1, 9_876_543_210)]


def test_a_route_that_is_none_has_none():
    with pytest.raises(NoReverseMatch):
        url_of("accounts:user-nothing", 1)
