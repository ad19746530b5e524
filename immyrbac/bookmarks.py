"""What a saved view keeps of a list: its route with its filters and order, signed by the list that accepted them."""

from __future__ import annotations

from typing import NamedTuple

from django.core.exceptions import BadRequest
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest

_signer = Signer(salt="immyrbac.bookmarks")


class Bookmark(NamedTuple):
    """`query` is empty, or begins with a question mark."""

    route: str
    query: str

    @property
    def signed(self) -> str:
        """Only a list signs, once it has found every parameter declared and well formed."""
        return _signer.sign_object([self.route, self.query])


def bookmark_of(request: HttpRequest, query: str) -> Bookmark | None:
    """None for a list that belongs to one object: its address says more than its route."""
    match = request.resolver_match
    return Bookmark(match.view_name, query) if match is not None and not match.kwargs else None


def read_bookmark(signed: str) -> Bookmark:
    """What a list has signed. Raises BadRequest."""
    try:
        route, query = _signer.unsign_object(signed)
    except (BadSignature, ValueError) as error:
        raise BadRequest("malformed bookmark") from error
    return Bookmark(route, query)
