"""Three ways to answer the same questions: the product's rule, an ideal query, and django-guardian in two forms."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.test import RequestFactory

from bench import guarded
from bench.users import Asker
from computers.lists import ComputerFilters, ComputerListing
from computers.models import Computer
from immyrbac.cursors import KEY
from immyrbac.lists import Listing
from rbac.access import Access, access_for

OURS, GUARDIAN, GUARDIAN_OWN = "ours", "guardian", "guardian, own table"


@dataclass(frozen=True)
class Way:
    """`rows` are the computers that the asker sees, all of them, as a query that was not asked yet.

    `during` is entered round whatever the way does.
    """

    name: str
    rows: Callable[[], QuerySet[Computer]]
    during: Callable[[], AbstractContextManager[None]] = nullcontext


def ways_of(asker: Asker) -> list[Way]:
    """The product first, then the ideals; guardian last."""
    holding = access_for(asker.user).holding
    known = guarded.prepared(asker.user)

    def ideal(rows: Q) -> Way:
        return Way(f"ideal {asker.ideals.index(rows) + 1}", lambda: Computer.objects.filter(rows))

    def by_guardian() -> QuerySet[Computer]:
        return guarded.rows_for(known, Computer.objects.all())

    ways = [
        # What a request has: the grants are there, nothing is compiled yet.
        Way(OURS, lambda: Access(holding).seen(Computer)),
        *map(ideal, asker.ideals),
        Way(GUARDIAN, by_guardian),
    ]
    return [*ways, Way(GUARDIAN_OWN, by_guardian, guarded.by_own_table)] if guarded.own_table() else ways


class Lists:
    """The product's own list of computers over rows of any way; what costs all of them the same is made once."""

    def __init__(self, asker: Asker) -> None:
        self._request: Any = RequestFactory().get("/")
        self._filters = ComputerFilters(QueryDict(), access=access_for(asker.user))
        self._filters.full_clean()

    def of(self, way: Way, params: QueryDict) -> Listing[Computer]:
        return ComputerListing(self._request, way.rows().prefetch_related("tenant"), self._filters, params=params)

    def behind(self, row: Computer, position: int) -> QueryDict:
        """What asks for the page that begins behind this row, as a link on the page before would."""
        listing: Any = ComputerListing(self._request, Computer.objects.none(), self._filters, params=QueryDict())
        setattr(row, KEY, row.name)
        params = QueryDict(mutable=True)
        params["after"] = listing._sign(row, position)  # noqa: SLF001  only a page signs cursors
        return params
