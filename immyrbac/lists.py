"""Lists: declared filters and sorts, keyset pages, a capped count, and the same rows as CSV.

Filters, sorts and cursors are declared; whatever is unknown or malformed answers 400, never nothing (safety 17).
A page costs at most two queries, rows and count, and a deep page costs what the first does (performance.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.core.signing import BadSignature, Signer
from django.db.models import F, Field, Model, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, QueryDict

from immyrbac.bookmarks import Bookmark, bookmark_of
from immyrbac.counting import counted
from immyrbac.cursors import KEY, Cursor, beyond, gathered, is_nullable, merged
from immyrbac.filters import Filters, LostFilterError

CAP = 10_000
SIZES = (10, 25, 50)
DEFAULT_SIZE = 50
_PAGING = frozenset({"sort", "rows", "after", "before"})

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Sort:
    """`by` is a field path or an annotation of the rows, the name where empty; `down` sorts the other way first.

    `apart`: paths of which each row has exactly one, in the place of `by`; each has an index.
    """

    name: str
    label: str
    by: str = ""
    down: bool = False
    apart: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chip:
    label: str
    value: str
    remove_url: str


@dataclass(frozen=True)
class Choice:
    """One of several: a size of page, a column to sort by."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Total:
    count: int
    capped: bool

    def __str__(self) -> str:
        return f"more than {self.count:,}" if self.capped else f"{self.count:,}"

    def of(self, one: str, many: str = "") -> str:
        """With its unit, as "more than 10,000 computers"; `many` only where an s does not make it."""
        return f"{self} {one if self == Total(1, capped=False) else many or one + 's'}"


def capped(rows: QuerySet[Any]) -> Total:
    """How many there are, without counting further than the cap."""
    count = counted(rows, CAP + 1)
    return Total(min(count, CAP), capped=count > CAP)


class Listing(Generic[M]):
    """One list. Subclasses declare `sorts` (the first is the default) and `nouns`.

    `rows` must be scoped to the reader already and must not repeat an object. Raises BadRequest.

    `gathers`: the rows are looked up one by one and lie thinly along any order. Then their keys alone are sorted, and
    counted on the way; what the page shows comes from `whole`, which such a list has to have.
    """

    sorts: ClassVar[tuple[Sort, ...]]
    nouns: ClassVar[tuple[str, str]] = ("row", "rows")

    def __init__(
        self,
        request: HttpRequest,
        rows: QuerySet[M],
        filters: Filters,
        *,
        paged: bool = True,
        params: QueryDict | None = None,
        gathers: bool = False,
    ) -> None:
        self.request, self.path = request, request.path
        self.params = request.GET if params is None else params
        self.filters, self.gathers = filters, gathers
        self._check_names({"sort"} if not paged else _PAGING)
        if not filters.is_valid():
            raise self._refusal()
        self.sort, self.descending = self._chosen_sort()
        self.size = self._chosen_size()
        self._narrowed = filters.narrow(rows)

    # What was asked

    def _refusal(self) -> BadRequest:
        lost = self.filters.lost
        if len(lost) < len(self.filters.errors) or self.params is not self.request.GET:
            return BadRequest(f"malformed filter: {', '.join(self.filters.errors)}")
        labels = [str(self.filters[name].label) for name in lost]
        return LostFilterError(labels, self._url(**dict.fromkeys(lost, "")))

    def _check_names(self, paging: frozenset[str] | set[str]) -> None:
        for name, values in self.params.lists():
            field = self.filters.fields.get(name)
            if field is None and name not in paging:
                raise BadRequest(f"unknown parameter: {name}")
            if len(values) > 1 and not isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
                raise BadRequest(f"repeated parameter: {name}")

    def _chosen_sort(self) -> tuple[Sort, bool]:
        asked = self.params.get("sort", "")
        if not asked:
            return self.sorts[0], self.sorts[0].down
        for sort in self.sorts:
            if asked.removeprefix("-") == sort.name:
                return sort, asked.startswith("-")
        raise BadRequest("unknown sort")

    def _chosen_size(self) -> int:
        asked = self.params.get("rows", str(DEFAULT_SIZE))
        if asked not in map(str, SIZES):
            raise BadRequest("unknown number of rows")
        return int(asked)

    @cached_property
    def _cursor(self) -> tuple[Cursor | None, bool]:
        """The cursor, and whether the page lies before it."""
        after, before = self.params.get("after", ""), self.params.get("before", "")
        if after and before:
            raise BadRequest("two cursors")
        if not (after or before):
            return None, False
        try:
            value, pk, position = self._signer.unsign_object(after or before)
            key = self._key_field.to_python(value)
        except (BadSignature, ValidationError, ValueError) as error:
            raise BadRequest("malformed cursor") from error
        return Cursor(key, pk, position), bool(before)

    # Rows

    @property
    def _path(self) -> str:
        return self.sort.by or self.sort.name

    @cached_property
    def _keyed(self) -> QuerySet[M]:
        return self._with_key(self._narrowed)

    def _with_key(self, rows: QuerySet[M]) -> QuerySet[M]:
        wrapped = self.sort.apart or ((self._path, self._path) if self._is_gathered else ())
        keyed: QuerySet[M] = rows.annotate(**{KEY: Coalesce(*wrapped) if wrapped else F(self._path)})
        return keyed

    @cached_property
    def _is_gathered(self) -> bool:
        """Whether the rows are gathered and then put in order: where filters leave few.

        The planner would rather walk along the order, past a million that do not match, until the page is full. So the
        key is no column that an index has in order (docs/decisions/searching-names.md).
        """
        return self.gathers or (self._narrowed_total is not None and not self._narrowed_total.capped)

    @cached_property
    def _narrowed_total(self) -> Total | None:
        """How many the filters leave; None where there are none, or where that is found with the page."""
        return capped(self._narrowed) if self.is_narrowed and not self.gathers else None

    @cached_property
    def _key_field(self) -> Field[Any, Any]:
        return self._keyed.query.annotations[KEY].output_field

    @cached_property
    def _signer(self) -> Signer:
        """A cursor counts for one list in one order only. Signed: it also says which row it is."""
        return Signer(salt=f"{type(self).__module__}.{type(self).__qualname__}:{self._order_name}")

    def _behind(self, keyed: QuerySet[M], cursor: Cursor | None, *, descending: bool, limit: int) -> list[M]:
        if self.sort.apart and not self._is_gathered:
            return merged(keyed, self.sort.apart, cursor, descending=descending, limit=limit)
        if cursor is not None:
            nullable = is_nullable(keyed.model, self._path)
            keyed = keyed.filter(beyond(cursor, descending=descending, nullable=nullable))
        sign = "-" if descending else ""
        ordered = keyed.order_by(f"{sign}{KEY}", f"{sign}pk")
        return self._gathered(ordered, limit) if self.gathers else list(ordered[:limit])

    def _gathered(self, ordered: QuerySet[M], limit: int) -> list[M]:
        keys, self._count = gathered(ordered, limit)
        rows = {row.pk: row for row in self.whole(list(keys))}
        for pk, row in rows.items():
            setattr(row, KEY, keys[pk])
        return [rows[pk] for pk in keys]

    def whole(self, ids: list[int]) -> Iterable[M]:
        """The rows with these keys, in any order, with all that the page shows of them."""
        raise NotImplementedError

    @cached_property
    def _page(self) -> tuple[list[M], bool]:
        """The rows, and whether more follow in the direction of reading."""
        cursor, backwards = self._cursor
        descending = self.descending != backwards
        found = self._behind(self._keyed, cursor, descending=descending, limit=self.size + 1)
        page = found[: self.size]
        return (page[::-1] if backwards else page), len(found) > self.size

    @property
    def matching(self) -> QuerySet[M]:
        """Everything that the filters leave, in no order."""
        return self._narrowed

    @property
    def rows(self) -> list[M]:
        return self._page[0]

    @cached_property
    def total(self) -> Total:
        """Counted up to the cap; not asked for where the first page shows everything."""
        if self._narrowed_total is not None:
            return self._narrowed_total
        if self.gathers and self._cursor[0] is None and self._page:
            return Total(min(self._count, CAP), capped=self._count > CAP)
        if self._cursor[0] is None and not self._page[1]:
            return Total(len(self.rows), capped=False)
        return capped(self._narrowed)

    @cached_property
    def first(self) -> int:
        """Which row of the list the page starts with, counted from 1; 0 where it is empty."""
        cursor, backwards = self._cursor
        if not self.rows:
            return 0
        if cursor is None or (backwards and not self._page[1]):
            return 1
        return max(1, cursor.position - len(self.rows)) if backwards else cursor.position + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.rows else 0

    # What the page says

    @property
    def summary(self) -> str:
        """Which rows of how many: "1–50 of 2,314", "1 of 1"."""
        total = self.total if self.total.capped else f"{max(self.total.count, self.last):,}"
        rows = f"{self.first:,}" if self.first == self.last else f"{self.first:,}–{self.last:,}"
        return f"{rows} of {total}"

    @property
    def announcement(self) -> str:
        return self.total.of(*self.nouns)

    @cached_property
    def previous_url(self) -> str:
        cursor, backwards = self._cursor
        if cursor is None or (backwards and not self._page[1]):
            return ""
        return self._url(before=self._sign(self.rows[0], self.first)) if self.rows else self._url()

    @cached_property
    def next_url(self) -> str:
        _, backwards = self._cursor
        if not self.rows or not (backwards or self._page[1]):
            return ""
        return self._url(after=self._sign(self.rows[-1], self.last))

    @property
    def sizes(self) -> list[Choice]:
        return [Choice(str(size), self._url(rows=str(size)), size == self.size) for size in SIZES]

    @cached_property
    def columns(self) -> dict[str, Choice]:
        """Each sort by name; its address turns the order round where it is the current one."""
        return {
            sort.name: Choice(sort.label, self._url(sort=self._next_order(sort)), sort is self.sort)
            for sort in self.sorts
        }

    @cached_property
    def applied(self) -> dict[str, Any]:
        """The filters that are in force, without the search."""
        data = self.filters.cleaned_data
        return {name: value for name, value in data.items() if name != "q" and name in self._kept and value}

    @property
    def chips(self) -> list[Chip]:
        return [
            Chip(str(self.filters[name].label), self.filters.in_words(name, value), self._url(**{name: ""}))
            for name, value in self.applied.items()
        ]

    @property
    def open_fields(self) -> list[forms.BoundField]:
        """The filters that are not in force: those of the + Filter menu."""
        left = [field for field in self.filters if field.name != "q" and field.name not in self.applied]
        return [field for field in left if not field.is_hidden]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What a form that narrows further must repeat."""
        names = {*self.applied, "sort", "rows"}
        return [(name, value) for name in self._kept if name in names for value in self._kept.getlist(name)]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What a form that changes only the size of the page must repeat."""
        return [(name, value) for name, values in self._kept.lists() if name != "rows" for value in values]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.applied or self.filters.cleaned_data.get("q"))

    @property
    def filter_count(self) -> int:
        return len(self.applied) + bool(self.filters.cleaned_data.get("q"))

    @property
    def clear_url(self) -> str:
        return self._url(**dict.fromkeys(self.filters.fields, ""))

    @property
    def export_query(self) -> str:
        """`?…` for the address of the export: the same filters and order, no page."""
        return self._query(rows="")

    @property
    def bookmark(self) -> Bookmark | None:
        """What a saved view of this list keeps."""
        return bookmark_of(self.request, self.export_query)

    # Addresses

    @cached_property
    def _kept(self) -> QueryDict:
        """What was asked and is not empty, without cursors."""
        kept = QueryDict(mutable=True)
        for name, values in self.params.lists():
            if name not in {"after", "before"} and any(values):
                kept.setlist(name, [value for value in values if value])
        return kept

    @property
    def _order_name(self) -> str:
        return f"-{self.sort.name}" if self.descending else self.sort.name

    def _next_order(self, sort: Sort) -> str:
        descending = not self.descending if sort is self.sort else sort.down
        if sort is self.sorts[0] and descending == sort.down:
            return ""
        return f"-{sort.name}" if descending else sort.name

    def _query(self, **changes: str) -> str:
        query = dict(self._kept.lists()) | {name: [value] if value else [] for name, value in changes.items()}
        asked = urlencode(query, doseq=True)
        return f"?{asked}" if asked else ""

    def _url(self, **changes: str) -> str:
        return self.path + self._query(**changes)

    def _sign(self, row: M, position: int) -> str:
        value = getattr(row, KEY)
        plain = value if value is None or isinstance(value, str | int) else str(value)
        return self._signer.sign_object([plain, row.pk, position])

    # All of it, for exports

    def after(self, rows: QuerySet[M], last: M | None, limit: int) -> list[M]:
        """The next rows of this list behind `last`, out of freshly scoped ones."""
        keyed = self._with_key(self.filters.narrow(rows))
        cursor = None if last is None else Cursor(getattr(last, KEY), last.pk, 0)
        return self._behind(keyed, cursor, descending=self.descending, limit=limit)
