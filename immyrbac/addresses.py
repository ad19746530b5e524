"""Addresses of things by number: Django tries its patterns anew for each, which is felt where a page has hundreds."""

from __future__ import annotations

from functools import cache

from django.urls import reverse

NUMBER = 9_876_543_210
"""Stands in no route."""


def url_of(route: str, pk: int) -> str:
    """`reverse(route, args=[pk])`, of a route that takes one number."""
    before, behind = _around(route)
    return f"{before}{pk}{behind}"


@cache
def address_of(route: str) -> str:
    """`reverse(route)`, of a route that takes nothing."""
    return reverse(route)


@cache
def _around(route: str) -> tuple[str, str]:
    before, behind = reverse(route, args=[NUMBER]).split(str(NUMBER))
    return before, behind
