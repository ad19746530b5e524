"""What is downloaded, streamed: a list as CSV, JSON lines or a sheet, a file. Access is asked again while it runs.

No cell can be a spreadsheet's formula.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from os import SEEK_END
from tempfile import TemporaryFile
from time import monotonic
from typing import IO, Any, Generic, NamedTuple, TypeVar

from django.core.files import File
from django.db.models import Model, QuerySet
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from xlsxwriter import Workbook

from immyrbac.lists import Listing

CHUNK = 500
BLOCK = 64 * 1024
MAX_AGE = 5.0
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
STOPPED = "Stopped: your access ended while this was written."
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SMALL = 2**20
"""Bytes of a sheet that stay in memory."""

LAST_ROW, LONGEST_CELL = 1_048_575, 32_767
TOO_LONG = "Stopped: a sheet holds no more lines. The CSV has all of them."

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


def things(
    listing: Listing[M],
    scoped: Callable[[], QuerySet[M] | None],
    prepare: Callable[[Sequence[M]], None] | None = None,
    told: Callable[[Sequence[M]], Iterable[Iterable[Any]]] = itself,
) -> Iterator[Any]:
    """What the list has to tell, row by row. `scoped` is asked for the rows at least every 500 items or 5 seconds.

    Each time it must load the reader's access anew (design 3); None says that the right to export is gone, and the
    last thing is then `STOPPED`. `prepare` gets the rows of each turn before they are told, to look up at once what
    these tell beside the row. `told` gives for each of these rows its things, as many as it has lines. Where that takes
    longer, fewer rows are told at a time: all that a turn leaves untold is told anew.
    """
    last: M | None = None
    turn = CHUNK
    while True:
        rows, asked = scoped(), monotonic()
        if rows is None:
            yield STOPPED
            return
        chunk = listing.after(rows, last, turn)
        if prepare is not None:
            prepare(chunk)
        for row, found in zip(chunk, told(chunk), strict=True):
            yield from found
            last = row
            if monotonic() - asked > MAX_AGE:
                turn = max(1, len(chunk) // 2)
                break
        else:
            if len(chunk) < turn:
                return
            if monotonic() - asked < MAX_AGE / 2:
                turn = min(CHUNK, 2 * turn)


def lines(
    listing: Listing[M],
    columns: Iterable[Column[Any]],
    scoped: Callable[[], QuerySet[M] | None],
    prepare: Callable[[Sequence[M]], None] | None = None,
    *,
    told: Callable[[Sequence[M]], Iterable[Iterable[Any]]] = itself,
) -> Iterator[list[object]]:
    """Head and rows of CSV, of the things that the list tells."""
    columns = tuple(columns)
    yield [column.title for column in columns]
    for thing in things(listing, scoped, prepare, told):
        yield [STOPPED] if thing is STOPPED else [cell(column.value(thing)) for column in columns]


def csv_response(
    name: str,
    listing: Listing[M],
    columns: Iterable[Column[Any]],
    scoped: Callable[[], QuerySet[M] | None],
    prepare: Callable[[Sequence[M]], None] | None = None,
    *,
    told: Callable[[Sequence[M]], Iterable[Iterable[Any]]] = itself,
) -> StreamingHttpResponse:
    """`listing` comes with `paged=False`; `name` without its ending; the others as in `things`."""
    return csv_of(name, lines(listing, columns, scoped, prepare, told=told))


def csv_of(name: str, written: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """Lines as CSV, whatever they come from."""
    writer: Any = csv.writer(_Echo())
    content = (writer.writerow([cell(value) for value in line]) for line in written)
    return _download(f"{name}.csv", "text/csv; charset=utf-8", content)


def sheet_of(name: str, written: Iterable[Sequence[object]], allowed: Callable[[], bool]) -> StreamingHttpResponse:
    """The same as a spreadsheet of one sheet, whose first line is its head. Written row by row, to a file of its own.

    `allowed` is asked while it is sent, as in `file_response`; lines beyond what a sheet holds are said to be missing.
    """
    file = TemporaryFile()  # noqa: SIM115  it is closed once it is sent
    book = Workbook(file, {"constant_memory": True})
    page, bold = book.add_worksheet(), book.add_format({"bold": True})
    page.freeze_panes(1, 0)
    for y, line in enumerate(written):
        if y == LAST_ROW:
            page.write_string(y, 0, TOO_LONG)
            break
        for x, value in enumerate(map(cell, line)):
            look = None if y else bold
            if isinstance(value, int | float):
                page.write_number(y, x, value, look)
            else:
                page.write_string(y, x, str(value)[:LONGEST_CELL], look)
    book.close()
    size = file.seek(0, SEEK_END)
    file.seek(0)
    held = _in_memory(file) if size <= SMALL else file
    return file_response(f"{name}.xlsx", size, File(held), allowed, SHEET)


def _in_memory(file: IO[bytes]) -> BytesIO:
    """Nothing is left open where nobody reads the answer."""
    with file:
        return BytesIO(file.read())


def json_lines_response(
    name: str,
    listing: Listing[M],
    tell: Callable[[Any], Mapping[str, object]],
    scoped: Callable[[], QuerySet[M] | None],
    prepare: Callable[[Sequence[M]], None] | None = None,
) -> StreamingHttpResponse:
    """One JSON object a line, in ASCII: some readers end a line at U+2028. `tell` makes it of a row."""
    told = ({"stopped": row} if row is STOPPED else tell(row) for row in things(listing, scoped, prepare))
    content = (json.dumps(each) + "\n" for each in told)
    return _download(f"{name}.jsonl", "application/x-ndjson; charset=utf-8", content)


def file_response(
    name: str, size: int, file: File[Any], allowed: Callable[[], bool], content_type: str = "application/octet-stream"
) -> StreamingHttpResponse:
    """An uploaded file of `size` bytes, never shown by the browser itself. `allowed` is asked at least every 5 seconds.

    Where the right has gone meanwhile the answer ends short of its length, which every client tells as broken off.
    """

    def content() -> Iterator[bytes]:
        asked = monotonic()
        with file:
            while chunk := file.read(BLOCK):
                if monotonic() - asked > MAX_AGE:
                    if not allowed():
                        return
                    asked = monotonic()
                yield chunk

    answer = _download(name, content_type, content())
    answer.headers["Content-Length"] = str(size)
    return answer


def _download(name: str, content_type: str, content: Iterator[str] | Iterator[bytes]) -> StreamingHttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "Cache-Control": "no-store",
    }
    return StreamingHttpResponse(content, content_type=content_type, headers=headers)
