"""The old system's users and preferences as files: what they say, and every place where they say it wrongly.

Nothing is asked of the database here.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from hashlib import sha256
from io import StringIO
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_datetime

from accounts.models import User, normal_email
from rbac.legacy.abilities import CARRIED, Flags, Preferences
from rbac.switches import SwitchKey
from rbac.world.files import once
from rbac.world.values import is_storable

COLUMNS = (
    *("email", "name", "tenant", "is_msp", "is_admin"),
    *("can_manage_cross_tenant_deployments", "expires_at"),
)
MOST = 50_000
"""Lines of one file; whoever has more splits it."""

_LARGEST = 32 << 20  # bytes
_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


class Problem(NamedTuple):
    """What is wrong in one place of a file; `column` is empty where it is the whole line."""

    line: int
    column: str
    text: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{where}: {self.text}"


@dataclass(frozen=True, slots=True)
class OldUser:
    """One line. `tenant` is a slug or a name; `expires_at` None is no end."""

    line: int
    email: str
    name: str
    tenant: str
    flags: Flags
    expires_at: datetime | None


@dataclass(frozen=True)
class OldFile:
    """A file of users as it was read; without problems, `users` are all of its lines."""

    name: str
    checksum: str
    users: list[OldUser]
    problems: list[Problem] = field(default_factory=list)


def read_users(name: str, content: bytes) -> OldFile:
    """The users in a CSV of UTF-8, with or without a byte order mark."""
    lines = list(_lines(content))
    users = [each for each in lines if isinstance(each, OldUser)]
    problems = [each for each in lines if isinstance(each, Problem)]
    return OldFile(name, sha256(content).hexdigest(), users, sorted([*problems, *_twice(users)]))


def _lines(content: bytes) -> Iterator[OldUser | Problem]:
    if len(content) > _LARGEST:
        yield Problem(1, "", f"The file is larger than {_LARGEST >> 20} MB. Split it.")
        return
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        yield Problem(line, "", "This is not UTF-8. Save the file as CSV UTF-8, and try again.")
        return
    yield from _rows(csv.reader(StringIO(text, newline=""), strict=True))


def _rows(reader: Any) -> Iterator[OldUser | Problem]:
    try:
        head = [name.strip().casefold() for name in next(reader, [])]
        if problem := _wrong_head(head):
            yield problem
            return
        line = reader.line_num + 1
        for count, row in enumerate(reader, 1):
            if count > MOST:
                yield Problem(line, "", f"More than {MOST:,} people. Split the file.")
                return
            if row:
                yield from _user(line, head, row)
            line = reader.line_num + 1
    except csv.Error as error:
        yield Problem(max(reader.line_num, 1), "", f"This is no CSV: {error}.")


def _wrong_head(head: list[str]) -> Problem | None:
    if sorted(head) == sorted(COLUMNS):
        return None
    lacking = [name for name in COLUMNS if name not in head]
    other = [name for name in head if name not in COLUMNS]
    if lacking:
        return Problem(1, lacking[0], f"The first line names the columns: {','.join(COLUMNS)}.")
    return Problem(1, other[0] if other else "", "The first line names this column twice, or one that means nothing.")


def _user(line: int, head: list[str], row: list[str]) -> Iterator[OldUser | Problem]:
    if len(row) != len(head):
        yield Problem(line, "", f"It has {len(row)} values, and there are {len(head)} columns.")
        return
    values = dict(zip(head, (value.strip() for value in row), strict=True))
    problems: list[Problem] = []

    def read(column: str, how: Callable[[str], Any]) -> Any:
        try:
            return how(values[column])
        except ValidationError as error:
            problems.append(Problem(line, column, " ".join(error.messages)))

    flags = Flags(*(bool(read(column, _boolean)) for column in COLUMNS[3:6]))
    expires_at = read("expires_at", _instant)
    email, name, tenant = normal_email(values["email"]), values["name"], values["tenant"]
    problems.extend(Problem(line, *each) for each in _wrong_account(email, name, tenant))
    if problems:
        yield from problems
    else:
        yield OldUser(line, email, name, tenant, flags, expires_at)


def _wrong_account(email: str, name: str, tenant: str) -> Iterator[tuple[str, str]]:
    try:
        User(email=email, name=name).clean_fields(exclude=("password", "tenant"))
    except ValidationError as error:
        for column, messages in error.message_dict.items():
            yield column, " ".join(messages)
    if not tenant or not is_storable(tenant):
        yield "tenant", "Name the tenant in which this person is at home."


def _twice(users: list[OldUser]) -> Iterator[Problem]:
    """Addresses are one where they differ in the case of letters alone."""
    first: dict[str, int] = {}
    for user in users:
        if (line := first.setdefault(user.email, user.line)) != user.line:
            yield Problem(user.line, "email", f"Line {line} has this address already.")


def _boolean(text: str) -> bool:
    if text.casefold() not in _BOOLEANS:
        raise ValidationError(f"“{text}” is neither true nor false.")
    return _BOOLEANS[text.casefold()]


def _instant(text: str) -> datetime | None:
    """A day, to its end, or a moment, in UTC where it has no zone."""
    if not text:
        return None
    try:
        day, moment = parse_date(text), parse_datetime(text)
        if day is not None:
            return datetime.combine(day, time(23, 59), UTC)
        if moment is not None:
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    raise ValidationError(f"“{text}” is no day such as 2027-06-30, and no moment such as 2027-06-30T18:00:00Z.")


# Preferences


def read_preferences(content: bytes) -> tuple[Preferences, list[Problem]]:
    """Where each old preference stood: a JSON object of all five. What is left out would be a guess about power."""
    try:
        said = json.loads(content.decode("utf-8-sig"), object_pairs_hook=once)
    except json.JSONDecodeError as error:
        return {}, [Problem(error.lineno, "", f"This is no JSON: {error.msg}.")]
    except (ValueError, RecursionError) as error:
        return {}, [Problem(1, "", f"This is no JSON: {error}.")]
    if not isinstance(said, dict):
        return {}, [Problem(1, "", "This is no object of preferences.")]
    problems = list(_wrong_preferences(said))
    return ({} if problems else {key: said[key] for key in CARRIED}), problems


def _wrong_preferences(said: Mapping[str, object]) -> Iterator[Problem]:
    for key in CARRIED:
        if key not in said:
            yield Problem(1, key, "Say how it stood, true or false.")
        elif not isinstance(said[key], bool):
            yield Problem(1, key, f"It is {json.dumps(said[key])}, and has to be true or false.")
    for name in said.keys() - set(CARRIED):
        of_today = " It is new here: nothing of the old system says how it stood." if name in SwitchKey else ""
        yield Problem(1, name, f"No such preference.{of_today}")
