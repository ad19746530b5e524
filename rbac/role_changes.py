"""A role that is about to change, put to whoever would change it: what happens to whom, in words (guide, "Ripple")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from immyrbac.words import counted, number
from rbac.access import Access
from rbac.flows import Affected, Weighed, of_computers
from rbac.models import Role, RoleAssignment, RoleVersion
from rbac.permissions import Permission
from rbac.role_forms import names
from rbac.role_ripples import EVERYBODY, RoleRipple, Weighing, gained, lost, ripple_of, weighed
from tenancy.models import Tenant

COLUMNS = ("name", "description", "permissions")
MOST = 100
"""How many people a page names."""

Line = tuple[str, str, str, str]
"""A row for `parts/effects.html`."""


class Row(NamedTuple):
    """One person of the page, with what of it they lose and gain."""

    each: Affected
    lost: list[Weighed]
    gained: list[Weighed]


@dataclass(frozen=True)
class RoleChange:
    """`role` as it stands, `draft` as it would. `because`: what comes with it since others depend on it."""

    access: Access
    role: Role
    draft: Role
    because: tuple[str, ...] = ()

    @cached_property
    def ripple(self) -> RoleRipple:
        return ripple_of(self.access, self.draft, self.role.permissions, lambda: self._weighed)

    @cached_property
    def _weighed(self) -> Weighing:
        return weighed(self.access, self.draft)

    @cached_property
    def objections(self) -> list[str]:
        return self._weighed.objections

    @property
    def differs(self) -> bool:
        return any(getattr(self.role, column) != getattr(self.draft, column) for column in COLUMNS)

    @property
    def moves(self) -> bool:
        """Whether anybody is touched, now or later: somebody has the role, and what it holds changes."""
        return set(self.role.permissions) != set(self.draft.permissions) and is_given(self.role)

    @property
    def phrase(self) -> str:
        """What is typed before somebody gains great power."""
        return self.role.name if self.ripple.power else ""

    @property
    def button(self) -> str:
        people = self.ripple.touched
        most = "" if self.ripple.at_most is None else "at most "
        return f"Change it for {most}{counted(people, *EVERYBODY)}" if people else "Change role"

    @property
    def rows(self) -> list[Row]:
        return [Row(each, lost(each), gained(each)) for each in self.ripple.people[:MOST]]

    @property
    def figures(self) -> list[tuple[str, str, str, str]]:
        ripple = self.ripple
        if ripple.at_most is not None:
            people = [("People who have it", f"at most {number(ripple.at_most)}")]
            people += [("Of them great power changes for", number(len(ripple.people)))]
        else:
            people = [
                ("People who lose something", number(ripple.losers)),
                ("People who gain something", number(ripple.gainers)),
            ]
        most = "" if ripple.at_most is None else "at most "
        places = [("Tenants", f"{most}{number(ripple.tenants)}")]
        if of_computers([*ripple.added, *ripple.removed]):
            places.append(("Computers", f"{most}{number(ripple.computers)}"))
        return [(words, value, "", "") for words, value in (*people, *places)]

    def effects(self) -> list[Line]:
        return [*self._power(), *self._permissions(), *self._people(), *self._more()]

    def _power(self) -> Iterator[Line]:
        if great := self.ripple.power:
            yield "gains", "crown", f"Great power for somebody: {len(great)}", f"{names(great)}."

    def _permissions(self) -> Iterator[Line]:
        added, removed = self.ripple.added, self.ripple.removed
        if removed:
            kind, verb = ("plain", "no longer takes") if self.role.deny_only else ("loses", "loses")
            yield kind, "deny", f"The role {verb} {counted(len(removed), 'permission')}", f"{names(removed)}."
        if added:
            kind, verb = ("loses", "takes") if self.role.deny_only else ("plain", "gains")
            yield kind, "plus", f"The role {verb} {counted(len(added), 'permission')}", f"{names(added)}."
        if self.because:
            yield "plain", "info", "Added, since others depend on it", f"{'. '.join(self.because)}."

    def _people(self) -> Iterator[Line]:
        ripple = self.ripple
        if ripple.at_most is not None:
            text = f"At most {counted(ripple.at_most, *EVERYBODY)} are touched"
            yield "plain", "users", text, "So many have the role. Great power is counted exactly."
        elif not ripple.people and not ripple.beyond:
            yield (
                "fine",
                "check",
                "Nobody loses or gains anything today",
                "Assignments that are given later may differ.",
            )

    def _more(self) -> Iterator[Line]:
        if later := self.ripple.later:
            yield (
                "plain",
                "clock",
                f"{counted(later, 'assignment')} of it start later",
                "What changes counts in them too.",
            )
        if self.ripple.beyond:
            yield "warns", "warn", "Further people outside your view", "They are touched as well, and not counted here."


def is_given(role: Role) -> bool:
    """Whether an assignment of it is not over, seen or not."""
    return RoleAssignment.objects.unexpired().filter(role=role).exists()


def drafted(role: Role, **said: object) -> Role:
    """The role as it would be; it is not saved."""
    draft = Role.objects.get(pk=role.pk)
    for name, value in said.items():
        setattr(draft, name, value)
    return draft


# Versions


class Version(NamedTuple):
    """What a role held at one time; `added` and `removed` are what it gained and lost over the version before."""

    number: int
    name: str
    description: str
    permissions: frozenset[str]
    row: Role | RoleVersion
    is_current: bool
    added: list[Permission]
    removed: list[Permission]
    renamed: str

    @property
    def held(self) -> int:
        return len(self.permissions)

    @property
    def owner(self) -> Tenant | None:
        return self.row.tenant if isinstance(self.row, Role) else self.row.role.tenant


def versions_of(role: Role) -> list[Version]:
    """Newest first; one query."""
    former = list(role.versions.select_related("edited_by__tenant").order_by("number"))
    states: list[Role | RoleVersion] = [*former, role]
    found = []
    for before, state in zip([None, *states], states, strict=False):
        held = frozenset(state.permissions)
        had = held if before is None else frozenset(before.permissions)
        numbered = state.version if isinstance(state, Role) else state.number
        renamed = before.name if before is not None and before.name != state.name else ""
        more, less = ([each for each in Permission if each in side] for side in (held - had, had - held))
        found.append(Version(numbered, state.name, state.description, held, state, state is role, more, less, renamed))
    return found[::-1]
