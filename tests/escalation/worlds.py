"""Worlds in which people administrate: those of the oracle, with an owner and with power in many hands.

Most acts of a random person in a random world are refused at the first question. Here most people hold some power to
give, over something, and the things that carry access (groups, tags, narrow scopes, denies, ends) are in use.
"""

from datetime import datetime
from random import Random
from typing import Any

from tests.escalation.pairs import ENDS, GIVING, Pair
from tests.factories import PASSWORD
from tests.oracle.catalogue import closed
from tests.oracle.strategies import COARSE, build, row
from tests.oracle.world import below, reference, tenant_of, upwards

OWNER = "olga@example.test"
ADMINISTRATIVE = [
    *("groups:manage", "roles:manage", "tags:manage", "tenants:manage", "tenants:control_activation"),
    *("computers:manage_tags", "computers:manage", "computers:change_tenant", "computers:delete"),
]
SYSTEM = ["groups:manage_public", "preferences:manage_system", "roles:manage_public"]
PAYLOAD = ["scripts:manage", "computers:export", "audit:view", "governance:explain_access", "computers:manage_notes"]


LATER = [
    "licenses:download",
    "licenses:manage",
    "licenses:view",
    "software:manage",
    "software:view",
    "users:impersonate",
]
LATER += ["software:share"]
LATER += ["agents:install", "agents:manage", "agents:view", "computers:use_terminal", "scripts:run"]
LATER += ["branding:manage", "branding:view", "preferences:manage_tenant", "preferences:view_tenant"]
LATER += ["dashboard:view", "dashboard:view_system", "reports:export", "reports:view", "reports:view_system"]
LATER += [f"deployments:{act}" for act in ("view", "view_cross_tenant", "preview_targets", "review_change_requests")]
LATER += [f"deployments:manage_{kind}" for kind in ("individual", "single_tenant", "cross_tenant", "change_requests")]
LATER += ["computers:set_primary_person", "governance:simulate_changes"]
LATER += ["computers:reinventory", "computers:view_inventory", "sessions:cancel", "sessions:postpone"]
LATER += ["computers:onboard", "computers:view_timeline"]
LATER += ["schedules:manage", "schedules:view"]
LATER += ["sessions:rerun", "sessions:run", "sessions:view", "sessions:view_logs"]
"""What came once seeds had been chosen: only in worlds that are asked for it."""


def administrative(dice: Random, at: datetime, *, later: bool = False) -> Any:
    """One world around this instant, for `rbac.world.load`."""
    world: Any = build(dice, at, COARSE, () if later else LATER)
    _Powers(dice, world, at, LATER if later else []).give()
    return world


class _Powers:
    """Adds to the world what its people can raise themselves with, if the gate lets them."""

    def __init__(self, dice: Random, world: Any, at: datetime, later: list[str]) -> None:
        self.dice = dice
        self.later = later
        self.world = world
        self.at = at
        self.roles = [f"Chief {number}" for number in range(1, 5)]

    def give(self) -> None:
        people = list(self.world["users"])
        for number, name in enumerate(self.roles):
            self.world["roles"].append(self._chief(name, 2 + number))
        for user in people[:3]:
            self._put_in_office(user)
        Pair(self.dice, self.world, self.at, people[0]["tenant"]).add()
        for user in people:
            if self._one_in(2):
                self._assign(user=user["email"], home=user["tenant"])
        for group in self.world["groups"]:
            self._assign(group=reference(group), home=group.get("tenant") or self._any_tenant())
        self._owner()

    def _put_in_office(self, user: Any) -> None:
        """Somebody of an MSP who can act, with much power over something."""
        user.pop("is_active", None)
        if not self._one_in(4):
            user.pop("access_expires_at", None)
        home = tenant_of(self.world, user["tenant"])
        home["is_msp"] = True
        home.pop("is_active", None)
        above = self.dice.choice(upwards(self.world, user["tenant"]))
        scopes = [
            {"scope": "tenant", "tenant": above, "include_children": True},
            {"scope": "own_tenant", "include_children": True},
            {"scope": "msp", "tenant": user["tenant"]},
            {"scope": "owner"},
        ]
        given = {"user": user["email"], "role": self.dice.choice(self.roles), **self.dice.choice(scopes)}
        self._add(row(**given, expires_at=self._end()))

    def _owner(self) -> None:
        """Somebody who may do everything, in an MSP beside the others."""
        self.world["tenants"].append({"slug": "keep", "name": "Keep", "is_msp": True})
        self.world["users"].append({"email": OWNER, "name": "Olga", "tenant": "keep", "password": PASSWORD})
        self.world["assignments"].append({"user": OWNER, "role": "MSP Administrator", "scope": "owner"})

    def _chief(self, name: str, size: int) -> Any:
        """A role with which some give what they hold, and some of what they may do besides."""
        held = set(self.dice.sample(GIVING, min(size, len(GIVING))))
        held |= {"users:manage", *self.dice.sample(ADMINISTRATIVE, size + 2)}
        held |= set(self.dice.sample(PAYLOAD, self.dice.randint(1, 3)))
        if self._one_in(3):
            held.add(self.dice.choice(SYSTEM))
        held |= {permission for permission in self.later if self._one_in(2)}
        return {"name": name, "permissions": sorted(closed(held))}

    def _assign(self, home: str, **principal: str) -> None:
        """Something small, or its opposite."""
        roles = [role["name"] for role in self.world["roles"] if not role.get("tenant") and not role.get("deny_only")]
        role, effect = self.dice.choice(roles), "deny" if self._one_in(3) else None
        self._add(row(**principal, role=role, effect=effect, **self._scope(home), expires_at=self._end()))

    def _add(self, given: Any) -> None:
        others = [each for each in self.world["assignments"] if not _same(each, given)]
        self.world["assignments"] = [*others, given]

    def _scope(self, home: str) -> dict[str, Any]:
        """Somewhere near: at home, above it, by a tag, by the MSP, or now and then everywhere."""
        near = self.dice.choice([*upwards(self.world, home), *below(self.world, home), self._any_tenant()])
        children = {"include_children": True} if self._one_in(2) else {}
        msps = [tenant["slug"] for tenant in self.world["tenants"] if tenant.get("is_msp")]
        tags = [reference(tag) for tag in self.world["tags"]]
        return self.dice.choice(
            [
                {"scope": "tenant", "tenant": near, **children},
                {"scope": "tenant", "tenant": near, "include_children": True},
                {"scope": "own_tenant", **children},
                {"scope": "msp", "tenant": self.dice.choice(msps)},
                {"scope": "tag", "tag": self.dice.choice(tags)},
                {"scope": "owner"},
            ]
        )

    def _end(self) -> str | None:
        return (self.at + self.dice.choice(ENDS)).isoformat() if self._one_in(4) else None

    def _any_tenant(self) -> str:
        return str(self.dice.choice(self.world["tenants"])["slug"])

    def _one_in(self, sides: int) -> bool:
        return self.dice.randrange(sides) == 0


def _same(one: Any, other: Any) -> bool:
    """Whether two rows differ in their bounds or their reason alone: there may be one of them (design 8)."""
    keys = {"user", "group", "role", "scope", "tenant", "tag", "include_children", "computer_scope", "computer"}
    keys |= {"computer_tag", "computer_type"}
    effects = one.get("effect", "allow") == other.get("effect", "allow")
    return effects and all(one.get(key) == other.get(key) for key in keys)
