"""A list as CSV, streamed: its access is asked again while it runs, and no cell can be a spreadsheet's formula."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from time import monotonic
from typing import Any, Generic, NamedTuple, TypeVar

from django.db.models import Model, QuerySet
from django.http import StreamingHttpResponse

from immyrbac.lists import Listing

CHUNK = 500
MAX_AGE = 5.0
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
STOPPED = "Stopped: your access ended while this was written."

M = TypeVar("M", bound=Model)
T = TypeVar("T")


class Column(NamedTuple, Generic[T]):
    title: str
    value: Callable[[T], object]


class _Echo:
    """A file that hands back what is written, for csv.writer."""

    def write(self, line: str) -> str:
        return line


def cell(value: object) -> object:
    """Text that a spreadsheet would read as a formula gets a leading apostrophe (safety 24)."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def itself(chunk: Sequence[M]) -> Iterable[Iterable[Any]]:
    """One line for each row."""
    return ([row] for row in chunk)


def lines(
    listing: Listing[M],
    columns: Iterable[Column[Any]],
    scoped: Callable[[], QuerySet[M] | None],
    prepare: Callable[[Sequence[M]], None] | None = None,
    *,
    told: Callable[[Sequence[M]], Iterable[Iterable[Any]]] = itself,
) -> Iterator[list[object]]:
    """Head and rows. `scoped` is asked for the rows at least every 500 items or 5 seconds (design 3).

    Each time it must load the reader's access anew; None says that the right to export is gone. `prepare` gets the
    rows of each turn before their columns are asked, to look up at once what these tell beside the row.
    `told` gives for each of these rows the things that the columns are asked of, as many as it has lines.
    """
    columns = tuple(columns)
    yield [column.title for column in columns]
    last: M | None = None
    while True:
        rows, asked = scoped(), monotonic()
        if rows is None:
            yield [STOPPED]
            return
        chunk = listing.after(rows, last, CHUNK)
        if prepare is not None:
            prepare(chunk)
        for row, things in zip(chunk, told(chunk), strict=True):
            yield from ([cell(column.value(thing)) for column in columns] for thing in things)
            last = row
            if monotonic() - asked > MAX_AGE:
                break
        else:
            if len(chunk) < CHUNK:
                return


def csv_response(
    name: str,
    listing: Listing[M],
    columns: Iterable[Column[Any]],
    scoped: Callable[[], QuerySet[M] | None],
    prepare: Callable[[Sequence[M]], None] | None = None,
    *,
    told: Callable[[Sequence[M]], Iterable[Iterable[Any]]] = itself,
) -> StreamingHttpResponse:
    """`listing` comes with `paged=False`; `name` without its ending; the others as in `lines`."""
    writer: Any = csv.writer(_Echo())
    content = (writer.writerow(line) for line in lines(listing, columns, scoped, prepare, told=told))
    return StreamingHttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"},
    )
