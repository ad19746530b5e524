"""Invitations as CSV: what each line asks, and what speaks against it. Nothing is written here."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.dateparse import parse_date, parse_datetime

from accounts.forms.invitations import groups_for
from accounts.models import Group, User, normal_email
from immyrbac.words import listed
from rbac.access import Access
from rbac.invitations import Offer, check_offer, draft_at_home, passage_of_invitation, roles_to_give
from tenancy.models import Tenant

MOST = 100
COLUMNS = ("email", "name", "roles", "groups", "children", "access_ends")
EXAMPLE = "email,name,roles,groups,children,access_ends\nada@fabrikam.example,Ada Berg,Tenant User,,no,2027-06-30"


class UnreadableError(Exception):
    """The file as a whole; the message is for whoever sent it."""


@dataclass
class Line:
    """One person. `errors` are sentences; without any, `offer` is what would be sent."""

    number: int
    email: str
    offer: Offer | None = None
    errors: list[str] = field(default_factory=list)
    great_power: bool = False


class Reading:
    """How one actor's file for one tenant is read."""

    def __init__(self, access: Access, tenant: Tenant, reason: str, message: str) -> None:
        self.access, self.tenant, self.reason, self.message = access, tenant, reason, message
        self.roles = {role.name.casefold(): role for role in roles_to_give(access)}
        self.groups: dict[str, Group] = {group.name.casefold(): group for group in groups_for(access, tenant)}
        self._judged: dict[Any, tuple[list[str], bool]] = {}

    def lines(self, text: str) -> list[Line]:
        """Each line judged by itself. Raises UnreadableError."""
        found = [self._line(number, row) for number, row in _rows(text)]
        seen: dict[str, int] = {}
        for line in found:
            if line.email and (first := seen.setdefault(line.email, line.number)) != line.number:
                line.errors.append(f"Line {first} has this address already.")
        return found

    def _line(self, number: int, row: dict[str, str]) -> Line:
        line = Line(number, normal_email(row["email"]))
        try:
            validate_email(line.email)
            line.offer = self._offer(line.email, row)
            check_offer(line.offer)
        except ValidationError as error:
            line.errors.extend(error.messages)
            return line
        objections, line.great_power = self._judge(line.offer)
        line.errors.extend(objections)
        return line

    def _offer(self, email: str, row: dict[str, str]) -> Offer:
        newcomer = User(email=email, name=row["name"], tenant=self.tenant, access_expires_at=_end(row["access_ends"]))
        children = row["children"].casefold() in ("yes", "true", "1")
        roles = [_named(self.roles, name, "role") for name in _several(row["roles"])]
        drafts = tuple(draft_at_home(role, children=children) for role in roles)
        groups = tuple(_named(self.groups, name, "group") for name in _several(row["groups"]))
        return Offer(newcomer, drafts, groups, self.reason, self.message)

    def _judge(self, offer: Offer) -> tuple[list[str], bool]:
        """The same for everybody who gets the same, so that it is worked out once."""
        key = (frozenset((draft.role_id, draft.include_children) for draft in offer.drafts), offer.groups)
        if key not in self._judged:
            passage = passage_of_invitation(self.access, offer)
            self._judged[key] = passage.objections, bool(passage.great_power)
        return self._judged[key]


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(StringIO(text.strip()), strict=True)
    try:
        head = [name.strip().casefold() for name in reader.fieldnames or ()]
        unknown = [f"“{name[:40]}”" for name in head if name not in COLUMNS]
        if "email" not in head or unknown:
            told = f" There is no column {listed(unknown)}." if unknown else ""
            columns = f"The first line names the columns, of {', '.join(COLUMNS)}; email is one of them."
            raise UnreadableError(columns + told)
        reader.fieldnames = head
        for count, row in enumerate(reader, 1):
            if count > MOST:
                raise UnreadableError(f"At most {MOST} people at once.")
            if None in row:
                raise UnreadableError(f"Line {reader.line_num} has more values than there are columns.")
            yield reader.line_num, {name: (row.get(name) or "").strip() for name in COLUMNS}
    except csv.Error as error:
        raise UnreadableError(f"This is no CSV: line {reader.line_num}.") from error


def _several(text: str) -> Sequence[str]:
    return [name.strip() for name in text.split(";") if name.strip()]


def _named(known: dict[str, Any], name: str, noun: str) -> Any:
    if (found := known.get(name.casefold())) is None:
        raise ValidationError(f"There is no {noun} “{name}” that you may give here.")
    return found


def _end(text: str) -> datetime | None:
    """A day, to its end, or a moment; UTC."""
    if not text:
        return None
    try:
        day, moment = parse_date(text), parse_datetime(text)
        if moment is not None and moment.tzinfo:
            moment = moment.astimezone(UTC)  # what this calendar has no day for in UTC cannot be read back
    except (ValueError, OverflowError):
        day = moment = None
    if day is not None:
        return datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC)
    if moment is None:
        raise ValidationError(f"“{text}” is no day such as 2027-06-30.")
    return moment.replace(tzinfo=UTC)
