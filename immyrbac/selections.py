"""What a batch acts on: what was ticked or all that match, computed anew and compared in number (safety 16)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import BadRequest
from django.db.models import Model, QuerySet
from django.http import QueryDict

from immyrbac.lists import CAP

M = TypeVar("M", bound=Model)


class StaleSelectionError(Exception):
    """What a batch was to act on is no longer what the reader saw: answer 409 and show the list again."""


def selection(post: QueryDict, rows: QuerySet[M], matching: Callable[[QueryDict], QuerySet[M]]) -> list[M]:
    """What a batch bar posts, all of it or nothing.

    Either `ids`, which must all be among the scoped `rows`, or `all` with `filter` and `expected`: then `matching`
    makes the same list anew from those parameters. Raises BadRequest and StaleSelectionError.
    """
    if post.get("all"):
        found = list(matching(QueryDict(post.get("filter", "").removeprefix("?")))[: CAP + 1])
        if str(len(found)) != post.get("expected") or len(found) > CAP:
            raise StaleSelectionError
        return found
    ids = set(post.getlist("ids"))
    if not ids or not all(pk.isdecimal() and len(pk) < 19 for pk in ids):
        raise BadRequest("malformed selection")
    found = list(rows.filter(pk__in=ids))
    if len(found) != len(ids):
        raise StaleSelectionError
    return found
