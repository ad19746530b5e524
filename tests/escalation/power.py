"""What people can do, as sets: the points of the rule from the naive oracle, with nothing of `rbac.power`.

An object here is a place or a person: `None` (the instance), `t3`, `c5`, `u4`, or a library item, `script/6`. What else
a tenant owns stands where the tenant stands, so that groups, tags and roles add nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import product
from typing import Any, NamedTuple

from tests.oracle import naive
from tests.oracle.catalogue import CATALOGUE
from tests.oracle.world import Assignment, Computer, User, World

ABOUT_ANYTHING = {"audit:view", "governance:explain_access", "governance:simulate_changes"}
ABOUT_PEOPLE = ABOUT_ANYTHING | {p for p in CATALOGUE if p.startswith("users:")}
"""The permissions that are asked of a person, by their home."""

ABOUT_COMPUTERS = ABOUT_ANYTHING | {p for p in CATALOGUE if p.startswith("computers:")}
"""The permissions that are asked of a computer."""

OF_ITEMS = {"script": "scripts:", "software": "software:", "license": "licenses:"}
"""How the permissions begin that are asked of a library item, by its kind."""

GOVERNED = [(key, permissions & CATALOGUE.keys()) for key, _, _, permissions, _ in naive.SWITCHES]


def _states(permission: str) -> list[dict[str, bool]]:
    keys = sorted(key for key, governed in GOVERNED if permission in governed)
    return [dict(zip(keys, states, strict=True)) for states in product((False, True), repeat=len(keys))]


STATES = {permission: _states(permission) for permission in CATALOGUE}
"""Every way in which those switches of the instance may stand that govern the permission; without any, there is one."""

OWNER = "MSP Administrator"


class When(NamedTuple):
    """Of what somebody can do: the permission, at the moment of this number, its switches as this of its `STATES`."""

    permission: str
    moment: int
    state: int


Place = str | None
Power = dict[When, frozenset[Place]]
"""All that somebody can do, and where; without what they can do nowhere."""

NOWHERE: frozenset[Place] = frozenset()


def power(world: World, moments: Sequence[datetime]) -> dict[str, Power]:
    """All that each user can do, however the switches stand."""
    ground = _Ground(world)
    return {user["email"]: _power_of(ground, user, moments) for user in world["users"]}


def together(powers: Iterable[Power]) -> Power:
    joint: defaultdict[When, frozenset[Place]] = defaultdict(frozenset)
    for each in powers:
        for when, places in each.items():
            joint[when] |= places
    return joint


def beyond(power: Power, *others: Power) -> Power:
    """What of it none of the others has."""
    left = {when: places.difference(*(each.get(when, NOWHERE) for each in others)) for when, places in power.items()}
    return {when: places for when, places in left.items() if places}


def as_it_stands(world: World, power: Power) -> Power:
    """What of it is so while the switches stand as they do; the number of that state is left out."""
    stand = {**{key: on for key, on, *_ in naive.SWITCHES}, **world["switches"]}
    now = {permission: states.index({key: stand[key] for key in states[0]}) for permission, states in STATES.items()}
    return {when._replace(state=0): places for when, places in power.items() if when.state == now[when.permission]}


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


class _Ground:
    """What the power of all hangs on in one world, each looked up once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.computers = {each["name"] for each in world["computers"]}
        self.places: list[tuple[Place, str | None, Computer | None]] = [(None, None, None)]
        self.places += [(tenant["slug"], tenant["slug"], None) for tenant in world["tenants"]]
        self.places += [(each["name"], each["tenant"], each) for each in world["computers"]]
        self.items = {each["name"]: each["tenant"] for each in world.get("items", [])}
        self.places += [(name, tenant, None) for name, tenant in self.items.items()]
        self.people: defaultdict[Place, set[str]] = defaultdict(set)
        for user in world["users"]:
            self.people[user["tenant"]].add(user["email"])
        self.switched: dict[str, list[Any]] = {
            permission: [{**world, "switches": {**world["switches"], **state}} for state in states]
            for permission, states in STATES.items()
            if len(states) > 1
        }
        self._covered: dict[tuple[int, str], dict[Place, str | None]] = {}
        self._counting: dict[int, set[str]] = {}

    def covered(self, row: Assignment, user: User) -> dict[Place, str | None]:
        """The places that it covers, each with its tenant."""
        key = (id(row), user["tenant"] if row["scope"] == "own_tenant" else "")
        if key not in self._covered:
            every = [None, *(tenant["slug"] for tenant in self.world["tenants"])]
            tenants = {each for each in every if naive.covers_tenant(self.world, row, user, each)}
            self._covered[key] = {
                place: tenant
                for place, tenant, computer in self.places
                if tenant in tenants and naive.covers_computer(row, computer)
            }
        return self._covered[key]

    def counting(self, row: Assignment) -> set[str]:
        """The permissions that are not inert in it."""
        if id(row) not in self._counting:
            held = naive.permissions_in(self.world, row["role"]) & CATALOGUE.keys()
            self._counting[id(row)] = {each for each in held if not naive.inert(row, each)}
        return self._counting[id(row)]

    def asked(self, permission: str, places: set[Place]) -> frozenset[Place]:
        """Of these places and of the people there, those of which one asks this."""
        found = frozenset(places if permission in ABOUT_COMPUTERS else places - self.computers)
        found = frozenset(place for place in found if place not in self.items or _is_of(permission, str(place)))
        if permission not in ABOUT_PEOPLE:
            return found
        return found.union(*(self.people[place] for place in places if place in self.people))


def _is_of(permission: str, item: str) -> bool:
    return permission.startswith(OF_ITEMS[item.partition("/")[0]])


def _power_of(ground: _Ground, user: User, moments: Sequence[datetime]) -> Power:
    found: Power = {}
    known: dict[tuple[int, ...], dict[tuple[str, int], frozenset[Place]]] = {}
    for number, t in enumerate(moments):
        if not naive.may_act(ground.world, user, t):
            continue
        rows = [
            row
            for row in ground.world["assignments"]
            if naive.live(row, t) and naive.reaches(ground.world, row, user, t)
        ]
        shares = [
            share
            for share in ground.world.get("shares", [])
            if share["user"] == user["email"] and naive.before(t, share["expires_at"])
        ]
        same = tuple(map(id, [*rows, *shares]))
        if same not in known:
            known[same] = dict(_power_by(ground, user, rows, shares))
        found |= {When(permission, number, state): places for (permission, state), places in known[same].items()}
    return found


def _power_by(
    ground: _Ground, user: User, rows: Iterable[Assignment], shares: Iterable[Any] = ()
) -> Iterator[tuple[tuple[str, int], frozenset[Place]]]:
    """Where these let the user do each permission, in each state of the switches."""
    allowed = _shared(ground, shares)
    denied: defaultdict[str, set[Place]] = defaultdict(set)
    for row in rows:
        for permission in ground.counting(row):
            if row["effect"] == "deny":
                denied[permission].update(ground.covered(row, user))
            elif naive.counts_for(ground.world, user, permission):
                for state in range(len(STATES[permission])):
                    allowed[permission, state].update(_flowing(ground, row, user, permission, state))
    for (permission, state), places in allowed.items():
        if found := ground.asked(permission, places - denied[permission]):
            yield (permission, state), found


def _shared(ground: _Ground, shares: Iterable[Any]) -> defaultdict[tuple[str, int], set[Place]]:
    """The items of these shares, by permission, in the states of the switches in which they count: without a role."""
    found: defaultdict[tuple[str, int], set[Place]] = defaultdict(set)
    for share in shares:
        permission, item = share["permission"], share["item"]
        for state, switched in enumerate(ground.switched.get(permission, [ground.world])):
            if not naive.suspended(switched, {"role": "none"}, permission, ground.items[item]):
                found[permission, state].add(item)
    return found


def _flowing(ground: _Ground, row: Assignment, user: User, permission: str, state: int) -> Iterable[Place]:
    """The places where no switch suspends it, with the instance's as in this state."""
    covered = ground.covered(row, user)
    if permission not in ground.switched:
        return covered
    switched = ground.switched[permission][state]
    return [place for place, tenant in covered.items() if not naive.suspended(switched, row, permission, tenant)]
