"""What people can do, as sets: the points of the rule from the naive oracle, with nothing of `rbac.power`.

An object here is a place or a person: `None` (the instance), `t3`, `c5`, `u4`. What a tenant owns stands where the
tenant stands, so that groups, tags, roles and scripts add nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import product
from typing import Any, NamedTuple

from tests.oracle import naive
from tests.oracle.catalogue import CATALOGUE
from tests.oracle.world import Assignment, Computer, User, World

ABOUT_ANYTHING = {"audit:view", "governance:explain_access"}
ABOUT_PEOPLE = ABOUT_ANYTHING | {p for p in CATALOGUE if p.startswith("users:")}
"""The permissions that are asked of a person, by their home."""

ABOUT_COMPUTERS = ABOUT_ANYTHING | {p for p in CATALOGUE if p.startswith("computers:")}
"""The permissions that are asked of a computer."""

GOVERNED = [(key, permissions & CATALOGUE.keys()) for key, _, _, permissions, _ in naive.SWITCHES]
KEYS = sorted({key for key, permissions in GOVERNED if permissions})
SWITCHED = frozenset().union(*(permissions for _, permissions in GOVERNED))
STATES = [dict(zip(KEYS, states, strict=True)) for states in product((False, True), repeat=len(KEYS))]
"""Every way in which the switches of the instance may stand."""

OWNER = "MSP Administrator"


class Can(NamedTuple):
    """One thing that somebody can do: at the moment of this number, with the switches as this number of `STATES`."""

    permission: str
    place: str | None
    moment: int
    state: int


def power(world: World, moments: Sequence[datetime]) -> dict[str, set[Can]]:
    """All that each user can do, however the switches stand."""
    covered = _Cover(world)
    return {user["email"]: set(_power_of(covered, user, moments)) for user in world["users"]}


def as_it_stands(world: World, cans: set[Can]) -> set[Can]:
    """What of it is so while the switches stand as they do; the number of that state is left out."""
    default = {key: on for key, on, *_ in naive.SWITCHES}
    now = STATES.index({key: world["switches"].get(key, default[key]) for key in KEYS})
    return {can._replace(state=0) for can in cans if can.state == now}


def is_asked(permission: str, place: str | None) -> bool:
    """Whether somebody asks this permission of such a thing: of a tenant all, for what it holds."""
    kind = (place or "")[:1]
    return permission in {"c": ABOUT_COMPUTERS, "u": ABOUT_PEOPLE}.get(kind, CATALOGUE)


def usable_owners(world: World, t: datetime) -> set[str]:
    """Rule 6 of design 6, word for word but for identity providers, of which there are none yet."""
    return {user["email"] for user in world["users"] if _owns(world, user, t)}


def _owns(world: World, user: Any, t: datetime) -> bool:
    home = naive.tenant_of(world, user["tenant"])
    able = user["is_active"] and not user["access_expires_at"] and user["can_sign_in"]
    reached = [row for row in world["assignments"] if _reaches(world, row, user)]
    owning = any(
        (row["user"], row["role"], row["effect"]) == (user["email"], OWNER, "allow")
        and (row["scope"], row["computer_scope"], row["expires_at"]) == ("owner", "all", None)
        and naive.live(row, t)
        for row in reached
    )
    denied = any(row["effect"] == "deny" and naive.permissions_in(world, row["role"]) for row in reached)
    return bool(able and home["is_active"] and home["is_msp"] and owning and not denied)


def _reaches(world: World, row: Assignment, user: User) -> bool:
    """Now or ever, by an unended membership."""
    groups = [g["name"] for g in world["groups"] if any(m["user"] == user["email"] for m in g["members"])]
    return row["user"] == user["email"] or row["group"] in groups


class _Cover:
    """The places that assignments cover in one world, each looked up once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.places: list[tuple[str | None, str | None, Computer | None]] = [(None, None, None)]
        self.places += [(tenant["slug"], tenant["slug"], None) for tenant in world["tenants"]]
        self.places += [(each["name"], each["tenant"], each) for each in world["computers"]]
        self.homes = defaultdict(list)
        for user in world["users"]:
            self.homes[user["tenant"]].append(user["email"])
        self._tenants: dict[tuple[int, str], set[str | None]] = {}

    def by(self, row: Assignment, user: User) -> set[tuple[str | None, str | None]]:
        """The places with their tenants."""
        tenants = self._tenants_of(row, user)
        return {
            (place, tenant)
            for place, tenant, computer in self.places
            if tenant in tenants and naive.covers_computer(row, computer)
        }

    def _tenants_of(self, row: Assignment, user: User) -> set[str | None]:
        key = (id(row), user["tenant"] if row["scope"] == "own_tenant" else "")
        if key not in self._tenants:
            every = [None, *(tenant["slug"] for tenant in self.world["tenants"])]
            self._tenants[key] = {each for each in every if naive.covers_tenant(self.world, row, user, each)}
        return self._tenants[key]


def _power_of(covered: _Cover, user: User, moments: Sequence[datetime]) -> Iterator[Can]:
    for number, moment in enumerate(moments):
        if naive.may_act(covered.world, user, moment):
            yield from _power_at(covered, user, moment, number)


def _power_at(covered: _Cover, user: User, t: datetime, moment: int) -> Iterator[Can]:
    allowed, denied = _grants(covered, user, t)
    for (permission, state), places in allowed.items():
        found = partial(Can, permission, moment=moment, state=state)
        for place in places - denied[permission]:
            if is_asked(permission, place):
                yield found(place)
            if permission in ABOUT_PEOPLE:
                yield from map(found, covered.homes.get(place, ()))


def _grants(
    covered: _Cover, user: User, t: datetime
) -> tuple[defaultdict[tuple[str, int], set[str | None]], defaultdict[str, set[str | None]]]:
    """Where each permission is allowed, for each state of the switches, and where it is denied."""
    world = covered.world
    allowed, denied = defaultdict(set), defaultdict(set)
    for row in world["assignments"]:
        if not naive.live(row, t) or not naive.reaches(world, row, user, t):
            continue
        places = covered.by(row, user)
        for permission in naive.permissions_in(world, row["role"]) & CATALOGUE.keys():
            if naive.inert(row, permission):
                continue
            if row["effect"] == "deny":
                denied[permission] |= {place for place, _ in places}
            elif naive.counts_for(world, user, permission):
                for state in range(len(STATES)):
                    allowed[permission, state] |= set(_flowing(world, row, permission, places, state))
    return allowed, denied


def _flowing(
    world: World, row: Assignment, permission: str, places: set[tuple[str | None, str | None]], state: int
) -> Iterator[str | None]:
    """The places where no switch suspends it, with the instance's as in this state."""
    if permission not in SWITCHED:
        yield from (place for place, _ in places)
        return
    switched: Any = {**world, "switches": {**world["switches"], **STATES[state]}}
    yield from (place for place, tenant in places if not naive.suspended(switched, row, permission, tenant))
