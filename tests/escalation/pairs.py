"""A chief and a deputy, who hold the same but for one thing that the gate must not overlook.

At random such near misses are rare; each world gets one pair. The deputy can then do nearly all that takes the chief's
account over, or that gives what the chief has.
"""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.oracle.catalogue import CATALOGUE, closed
from tests.oracle.naive import TERMINAL
from tests.oracle.strategies import COARSE, TYPE_SCOPES
from tests.oracle.world import below, user_of

CHIEF, DEPUTY = "gus@example.test", "hal@example.test"
ENDS = [end for end in COARSE if end > timedelta(0)]
GIVING = [p for p in CATALOGUE if p.startswith("users:assign_")]
ROLES = {
    "Staff": {"users:manage", "scripts:view", "tags:view", *GIVING},
    "Extra": {"computers:export", "groups:manage", "tags:manage"},
    "Hands": {"computers:delete", "computers:manage_tags"},
    "Writers": {"scripts:manage"},
    "Movers": {"computers:change_tenant"},
    "Flaggers": {"tenants:manage"},
    "Switchers": {"preferences:manage_system"},
}


class Pair:
    """Adds the two to a world in which `home` is an MSP."""

    def __init__(self, dice: Random, world: Any, at: datetime, home: str) -> None:
        self.dice = dice
        self.world = world
        self.at = at
        self.home = home
        self.scope = {"scope": "tenant", "tenant": home, "include_children": True}

    def add(self) -> None:
        self.world["roles"] += [{"name": name, "permissions": sorted(closed(held))} for name, held in ROLES.items()]
        for email in (CHIEF, DEPUTY):
            self.world["users"].append({"email": email, "name": email[:3].title(), "tenant": self.home})
            self._give(email, "Staff")
        alike_but = (self._shorter, self._narrower, self._denied, self._fragile, self._nested)
        self.dice.choice((*alike_but, self._asleep, self._flipping, self._unusable))()

    def _give(self, email: str, role: str, **columns: Any) -> None:
        self.world["assignments"].append({"user": email, "role": role, **self.scope, **columns})

    def _add_tenant(self, slug: str, parent: str, **columns: Any) -> None:
        self.world["tenants"].append({"slug": slug, "name": slug.title(), "parent": parent, **columns})

    def _shorter(self) -> None:
        self._give(CHIEF, "Extra")
        self._give(DEPUTY, "Extra", expires_at=(self.at + self.dice.choice(ENDS)).isoformat())

    def _narrower(self) -> None:
        self._give(CHIEF, "Hands")
        self._give(DEPUTY, "Hands", computer_scope="type", computer_type=self.dice.choice(TYPE_SCOPES))

    def _denied(self) -> None:
        """Somewhere at home or below it."""
        self._give(CHIEF, "Extra")
        self._give(DEPUTY, "Extra")
        denied = {"tenant": self.dice.choice(below(self.world, self.home)), "include_children": False}
        self._give(DEPUTY, "Extra", effect="deny", **denied)

    def _fragile(self) -> None:
        """By a role from which a switch may take it."""
        self._give(CHIEF, "Script Manager")
        self._give(DEPUTY, "Writers")

    def _nested(self) -> None:
        """On all of an MSP, below a customer of which stands another MSP: the customer's subtree is not within it."""
        self._add_tenant("ivy", self.home)
        self._add_tenant("jute", "ivy", is_msp=True)
        self._give(CHIEF, "Extra", tenant="ivy")
        self.world["assignments"].append({"user": DEPUTY, "role": "Extra", "scope": "msp", "tenant": self.home})

    def _asleep(self) -> None:
        """What counts for people of an MSP alone, held by somebody of a customer."""
        self._add_tenant("ivy", self.home)
        user_of(self.world, CHIEF)["tenant"] = "ivy"
        self._give(CHIEF, "Movers")
        self._give(DEPUTY, "Flaggers")

    def _unusable(self) -> None:
        """An owner in all but a way to sign in, so that nothing but the last usable owner is out of reach."""
        self.world["assignments"].append({"user": DEPUTY, "role": "MSP Administrator", "scope": "owner"})

    def _flipping(self) -> None:
        """One may flip what suspends the other."""
        self.world["switches"] = {**self.world["switches"], TERMINAL: False}
        self._give(CHIEF, "Writers")
        self.world["assignments"].append({"user": DEPUTY, "role": "Switchers", "scope": "owner"})
