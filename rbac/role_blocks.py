"""The permissions of a role as blocks, subject | view | core | advanced, and several roles beside each other.

Nothing here asks the database (guide, "Permission block").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from immyrbac.words import listed
from rbac.models import Role
from rbac.permissions import Category, Permission, Scoping

NO_SUSPENSION: Mapping[Permission, str] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """One permission in a block. `taken`: the role is for denying only, so that what it lists goes.

    `suspended`: what a switch stops of it now, in words; empty where nothing is.
    """

    permission: Permission
    granted: bool
    taken: bool = False
    suspended: str = ""
    is_open: bool = False

    @property
    def label(self) -> str:
        return str(self.permission.label)

    @property
    def help_text(self) -> str:
        return self.permission.spec.help_text

    @property
    def great_power(self) -> bool:
        return self.permission.spec.great_power

    @property
    def msp_only(self) -> bool:
        return self.permission.spec.msp_only

    @property
    def scoping(self) -> Scoping:
        return self.permission.spec.scoping

    @property
    def depends_on(self) -> tuple[Permission, ...]:
        return self.permission.spec.depends_on

    @property
    def needs(self) -> str:
        """What it depends on, by name."""
        return listed([each.label for each in self.depends_on], limit=len(self.depends_on))


class Block(NamedTuple):
    """One subject: how many of its permissions the role holds, of how many, and those that are shown."""

    subject: str
    held: int
    all: int
    view: list[Entry]
    core: list[Entry]
    advanced: list[Entry]


def blocks_of(
    role: Role,
    *,
    words: str = "",
    granted_only: bool = False,
    suspended: Mapping[Permission, str] = NO_SUSPENSION,
) -> list[Block]:
    """The subjects of the catalogue in its order; `words` leaves what says them in its name, its help or its codename.

    A subject of which nothing is shown drops out; held and of how many are always of all its permissions.
    """
    held = frozenset(role.permissions)
    blocks = []
    for subject, permissions in SUBJECTS.items():
        shown = [
            Entry(
                each,
                granted=each in held,
                taken=each in held and role.deny_only,
                suspended=suspended.get(each, ""),
                is_open=bool(words) and not _named(each, words),
            )
            for each in permissions
            if (each in held or not granted_only) and _says(each, subject, words)
        ]
        if shown:
            columns = ([entry for entry in shown if entry.permission.spec.category == each] for each in Category)
            count = sum(each in held for each in permissions)
            blocks.append(Block(subject, count, len(permissions), *columns))
    return blocks


def _by_subject() -> dict[str, list[Permission]]:
    subjects: dict[str, list[Permission]] = {}
    for permission in Permission:
        subjects.setdefault(permission.spec.subject, []).append(permission)
    return subjects


SUBJECTS = _by_subject()
"""The catalogue by subject, in its own order."""


def _named(permission: Permission, words: str) -> bool:
    return words.casefold() in f"{permission.spec.subject} {permission.label}".casefold()


def _says(permission: Permission, subject: str, words: str) -> bool:
    said = f"{subject} {permission.label} {permission.spec.help_text} {permission.value}"
    return words.casefold() in said.casefold()


# Several roles


class Row(NamedTuple):
    """One permission, and for each role whether it holds it."""

    entry: Entry
    holds: list[tuple[Role, bool]]


class Group(NamedTuple):
    subject: str
    rows: list[Row]


class Sides(NamedTuple):
    """What of one subject only the first of two roles holds, and what only the second does."""

    subject: str
    first: list[Entry]
    second: list[Entry]


@dataclass(frozen=True)
class Comparison:
    """Roles beside each other; every one of the catalogue's permissions differs, is held by all, or by none."""

    roles: Sequence[Role]

    @property
    def differing(self) -> list[Permission]:
        return [permission for permission in Permission if len(set(self._holds(permission))) > 1]

    @property
    def shared(self) -> list[Permission]:
        return [permission for permission in Permission if all(self._holds(permission))]

    def groups(self, permissions: Iterable[Permission]) -> list[Group]:
        wanted = frozenset(permissions)
        groups = [
            Group(subject, [self._row(each) for each in listed_there if each in wanted])
            for subject, listed_there in SUBJECTS.items()
        ]
        return [group for group in groups if group.rows]

    def sides(self) -> list[Sides]:
        """For two roles: what differs, in two columns."""
        return [
            Sides(
                group.subject,
                [row.entry for row in group.rows if row.holds[0][1]],
                [row.entry for row in group.rows if row.holds[1][1]],
            )
            for group in self.groups(self.differing)
        ]

    def only(self) -> Iterator[tuple[Role, int]]:
        """Each role with how many permissions it alone holds."""
        for index, role in enumerate(self.roles):
            alone = [False] * len(self.roles)
            alone[index] = True
            yield role, sum(self._holds(permission) == alone for permission in Permission)

    def _holds(self, permission: Permission) -> list[bool]:
        return [permission in role.permissions for role in self.roles]

    def _row(self, permission: Permission) -> Row:
        return Row(Entry(permission, granted=True), list(zip(self.roles, self._holds(permission), strict=True)))
