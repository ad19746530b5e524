"""Values of a document: each reader takes what stands at a place, and returns it in normal form, or WorldError."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

from accounts.models import User, normal_email
from tenancy.models import NOT_IN_NAMES, Tenant

Read = Callable[[Any, str], Any]


class WorldError(Exception):
    """The document cannot be loaded, and nothing was changed: `place: reason`."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")


def expect(value: object, kind: type, place: str) -> None:
    if not isinstance(value, kind):
        raise WorldError(place, f"must be {_KINDS[kind]}, not {_KINDS.get(type(value), type(value).__name__)}")


_KINDS: dict[type, str] = {
    str: "a text",
    bool: "true or false",
    list: "a list",
    dict: "an object",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def is_storable(value: str) -> bool:
    """Whether PostgreSQL can hold the text: no NUL, no half of a surrogate pair."""
    return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


def text(value: Any, place: str) -> str:
    expect(value, str, place)
    if not is_storable(value):
        raise WorldError(place, "holds a character that cannot be stored")
    return str(value)


def secret(value: Any, place: str) -> str:
    if not text(value, place):
        raise WorldError(place, "is empty: leave it out, and nobody signs in with it")
    return str(value)


def line(field: Any) -> Read:
    """A text that fits the column."""

    def read(value: Any, place: str) -> str:
        if len(text(value, place)) > field.field.max_length:
            raise WorldError(place, f"is longer than {field.field.max_length} characters")
        return str(value)

    return read


def name(field: Any) -> Read:
    """A line that references can be made of, so without a slash."""
    fits = line(field)

    def read(value: Any, place: str) -> str:
        if not fits(value, place) or value != value.strip() or re.search(NOT_IN_NAMES, value):
            raise WorldError(place, f"{value!r} is no name: empty, or with a slash, a line break or outer spaces")
        return str(value)

    return read


def slug(value: Any, place: str) -> str:
    if not re.fullmatch(r"[-a-zA-Z0-9_]+", line(Tenant.slug)(value, place)):
        raise WorldError(place, f"{value!r} is no slug: letters, digits, - and _ only")
    return str(value)


def email(value: Any, place: str) -> str:
    address = normal_email(line(User.email)(value, place))
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise WorldError(place, f"{value!r} is no e-mail address")
    return address


def flag(value: Any, place: str) -> bool:
    expect(value, bool, place)
    return bool(value)


def instant(value: Any, place: str) -> datetime:
    """ISO 8601 with a zone; YAML brings such a thing as a datetime already."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(text(value, place))
        if moment.tzinfo is None:
            raise WorldError(place, f"{value} has no time zone")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise WorldError(place, f"{value!r} is no date and time of ISO 8601") from error


def day(value: Any, place: str) -> date:
    """A day of ISO 8601, which YAML brings as one already."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(text(value, place))
    except ValueError as error:
        raise WorldError(place, f"{value!r} is no day of ISO 8601") from error


def positive(value: Any, place: str) -> int:
    """A number that the column holds, from one on."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 2**31:
        raise WorldError(place, f"{value!r} is no number of one or more")
    return value


def one_of(kinds: Iterable[str], what: str) -> Read:
    known = [str(kind) for kind in kinds]

    def read(value: Any, place: str) -> str:
        if text(value, place) not in known:
            raise WorldError(place, f'no {what} "{value}"')
        return str(value)

    return read


def set_of(read: Read) -> Read:
    """A list without an order, in which what is listed twice counts once."""

    def read_all(value: Any, place: str) -> list[Any]:
        expect(value, list, place)
        return sorted({read(each, f"{place}[{number}]") for number, each in enumerate(value)})

    return read_all
