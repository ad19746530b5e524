"""What the list of all assignments shows: each as a sentence, with who holds it, its mark, and its end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from accounts.models import Group, GroupMembership, User
from immyrbac.addresses import url_of
from immyrbac.exports import Column
from immyrbac.lists import Choice, Listing
from immyrbac.words import Status, lifetime
from rbac.access import Access
from rbac.assignment_lists import ReachFilters
from rbac.grants import earliest
from rbac.marks import Mark
from rbac.models import Effect, RoleAssignment
from rbac.naming import name_for
from rbac.reaching import Arrival, arrivals
from rbac.rosters import Held, power_of, suspension
from rbac.sentences import place, plain, told


class Line(NamedTuple):
    """One assignment in the list; `second` says more of who holds it, `end_url` is where it may be ended alone."""

    held: Held
    name: str
    address: str
    second: str
    mark: Mark | None
    may_end: bool
    end_url: str


def lines_of(
    access: Access, rows: Sequence[RoleAssignment], marks: Mapping[int, Mark], endable: Collection[int]
) -> list[Line]:
    """These rows, which come from `told`, as the reader may read them; two queries."""
    reading = _Reading(access, rows)
    return [_line(reading.held(row, row.user), marks.get(row.pk), row.pk in endable) for row in rows]


def _line(held: Held, mark: Mark | None, may_end: bool) -> Line:  # noqa: FBT001  one of three facts of a row
    user, group = held.row.user, held.row.group
    kind, who = ("rbac:assignment", user) if user is not None else ("rbac:group-assignment", group)
    pk = who.pk if who is not None else 0
    end = f"{url_of(f'{kind}-end', pk)}?ids={held.row.pk}" if may_end else ""
    owner = who.tenant if who is not None else None
    second = f"{user.email}, {owner}" if user is not None else f"Group of {owner or 'the instance'}"
    return Line(held, str(who), url_of(f"{kind}-list", pk), second, mark, may_end, end)


class Person(NamedTuple):
    """Somebody with all that reaches them; `lines` has the address of the group that it comes through."""

    user: User
    address: str
    held: list[Held]


def people_of(access: Access, users: Sequence[User], filters: ReachFilters) -> list[Person]:
    """What reaches these people of what the filters ask about: denies first, then the newest. At most 11 queries."""
    found = arrivals(users, filters.matching(), filters.place)
    reading = _Reading(access, told([each.row for held in found.values() for each in held]))
    return [
        Person(user, reverse("rbac:assignment-list", args=[user.pk]), list(_in_order(reading, user, found[user.pk])))
        for user in users
    ]


def _in_order(reading: _Reading, user: User, arrived: Iterable[Arrival]) -> Iterator[Held]:
    held = [reading.held(each.row, user, each.membership) for each in arrived]
    yield from sorted(held, key=lambda each: (not each.denies, each.membership is not None, -each.row.pk))


class _Reading:
    """How one reader reads assignments of many people."""

    def __init__(self, access: Access, rows: Sequence[RoleAssignment]) -> None:
        self.access, self.now = access, timezone.now()
        access.know(person for row in rows for person in (row.granted_by, row.ended_by) if person is not None)
        computers = {row.computer for row in rows if row.computer is not None}
        access.know(computers)
        self.open = {each.pk for each in computers if access.sees(each)}
        self.suspended: dict[int, Status | None] = {}

    def held(self, row: RoleAssignment, holder: User | None, membership: GroupMembership | None = None) -> Held:
        return Held(
            row=row,
            membership=membership,
            status=self._status(row, membership),
            power=power_of(row, holder),
            given_by=self._name(row.granted_by, row),
            ended_by=self._name(row.ended_by, row),
            opens=row.computer_id in self.open,
            opens_group=True,  # an assignment is seen with its group
            note="",
        )

    def _name(self, person: User | None, row: RoleAssignment) -> str:
        principal = row.user or row.group
        place = principal.tenant if principal else None
        return "The system" if person is None else name_for(self.access, person, place)

    def _status(self, row: RoleAssignment, membership: GroupMembership | None) -> Status:
        if row.ended_at is not None:
            return Status("off", "Ended")
        ends = earliest(row.expires_at, membership.expires_at if membership else None)
        status = lifetime(self.now, row.starts_at, ends)
        if status.kind not in ("live", "soon") or row.effect == Effect.DENY:
            return status
        if row.role_id not in self.suspended:  # as the switches of the instance stand, alike in each of its assignments
            self.suspended[row.role_id] = suspension(self.access, row)
        return self.suspended[row.role_id] or status


# The page


def views_of(listing: Listing[Any]) -> list[Choice]:
    """The same question asked in another way: as they were given, by whom they reach, and what matches nothing."""
    asked = {name: value for name, value in listing.filters.data.items() if value and name in KEPT}
    index, people = reverse("rbac:assignment-index"), reverse("rbac:assignment-people")
    orphaned = listing.filters.cleaned_data.get("mark") == "orphaned"
    return [
        Choice("As given", _address(index, asked), listing.path == index and not orphaned),
        Choice("Per person", _address(people, asked), listing.path == people),
        Choice("Orphaned", _address(index, {**asked, "mark": "orphaned"}), orphaned),
    ]


KEPT = frozenset(ReachFilters.base_fields)
"""What every view can be narrowed by."""


def _address(path: str, asked: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path


# As CSV


class Record(NamedTuple):
    """One line: an assignment as it reaches `person`, or as it was given where there is none."""

    held: Held
    mark: Mark | None
    person: User | None

    @property
    def row(self) -> RoleAssignment:
        return self.held.row


def record_of(held: Held, mark: Mark | None, person: User | None = None) -> Record:
    return Record(held, mark, person)


def _who(line: Record) -> User | Group | None:
    return line.person or line.row.user or line.row.group


def _mail(line: Record) -> str:
    who = _who(line)
    return who.email if isinstance(who, User) else ""


def _home(line: Record) -> str:
    who = _who(line)
    return str(who.tenant) if who is not None and who.tenant is not None else ""


def _moment(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


COLUMNS = (
    Column[Record]("Number", lambda line: line.row.pk),
    Column[Record]("Who", _who),
    Column[Record]("E-mail", _mail),
    Column[Record]("Tenant", _home),
    Column[Record]("Effect", lambda line: line.row.get_effect_display()),
    Column[Record]("Role", lambda line: line.row.role),
    Column[Record]("Where", lambda line: plain(place(line.row))),
    Column[Record]("Starts", lambda line: _moment(line.row.starts_at)),
    Column[Record]("Ends", lambda line: _moment(line.row.expires_at)),
    Column[Record]("Status", lambda line: line.held.status.words),
    Column[Record]("Given by", lambda line: line.held.given_by),
    Column[Record]("Given", lambda line: _moment(line.row.granted_at)),
    Column[Record]("Reason", lambda line: line.row.reason),
    Column[Record]("Ended", lambda line: _moment(line.row.ended_at)),
    Column[Record]("Mark", lambda line: line.mark or ""),
)
THROUGH = Column[Record]("Through", lambda line: line.held.membership and line.row.group)
