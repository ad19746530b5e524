"""One sequence of administrative acts by a few people who conspire, and what may never come of it.

After each act that passed: nobody can do anything that neither they themselves nor anybody of the coalition could do
at the start, at any moment, however the switches stand (safety, promise 2); a usable owner remains (promise 8); the act
left one audit entry. After each that was refused: nothing has changed, and one entry tells of it (promise 6).
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from accounts import services
from accounts.models import Invitation, User
from immyrbac.arrays import any_of
from immyrbac.statements import Statement
from rbac.audit import Actor
from rbac.delegation import Refused
from rbac.drafts import described
from rbac.models import RoleAssignment
from rbac.services import set_switch
from tests.effort import effort
from tests.escalation.pairs import CHIEF, DEPUTY
from tests.escalation.plays import TRICKS, Service, Trick, choose
from tests.escalation.power import NOWHERE, Place, Power, as_it_stands, beyond, power, together, usable_owners
from tests.escalation.rows import digest, entries, read_world
from tests.escalation.scene import NothingToTry, Scene
from tests.oracle.world import World

ACTS = effort(10, 10, 14)
"""Acts of one sequence."""

CHILD = "+"
"""After the name of a tenant: a plain tenant below it that is not there."""

GUESSES = 6
"""How often somebody thinks again who finds nothing to try."""

MOMENTS = [timedelta(0), timedelta(hours=36), timedelta(hours=60)]
"""Now, and after each boundary of a world (`tests.oracle.strategies.COARSE`)."""


class PromiseBrokenError(AssertionError):
    """The gate let something happen that it never may; the message is the sequence."""


class Start:
    """The world that the database holds, which several sequences may start from, and what people can do in it."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.moments = [at + distance for distance in MOMENTS]
        self.world = read_world()
        self.power = power(with_plain_children(self.world), self.moments)
        self.pair = [f"u{User.objects.get(email=email).pk}" for email in (CHIEF, DEPUTY)]
        self.digest = digest()


class Sequence:
    """One coalition. `told` counts services and how their calls ended."""

    def __init__(self, dice: Random, start: Start, tricks: list[Trick] = TRICKS) -> None:
        self.dice = dice
        self.tricks = tricks
        self.start = start
        self.told: Counter[tuple[str, str]] = Counter()
        self.story: list[str] = []
        self.world = start.world
        self.digest = start.digest
        self.known = {thing for thing, _ in _things(self.world)}
        self.made_in: dict[str, Place] = {}
        self.coalition = self._conspirators()
        self.joint = together(self.start.power.get(f"u{pk}", {}) for pk in self.coalition)

    def run(self) -> None:
        for number in range(ACTS):
            self._try_something(number)

    def _conspirators(self) -> list[int]:
        """One to three people who are not usable owners, the first of whom has something to give."""
        people = sorted(set(self.start.power) - usable_owners(self.world, self.start.at), key=_number)
        givers = [one for one in people if any(_gives(when.permission) for when in self.start.power[one])]
        if not givers:
            return []
        chief, deputy = self.start.pair
        first = deputy if self.dice.randrange(2) else self.dice.choice(givers)
        others = [one for one in people if one not in ((deputy, chief) if first == deputy else (first,))]
        more = self.dice.sample(others, min(self.dice.choice((0, 1, 1, 2, 2)), len(others)))
        self.story.append(f"coalition {[first, *more]}")
        return [_number(one) for one in (first, *more)]

    def _try_something(self, number: int) -> None:
        able = _able().objects({-1: self.coalition}) if self.coalition else []
        for _ in range(GUESSES if able else 0):
            scene = Scene(self.dice, self.dice.choice(able), self.coalition, self.start.at, number)
            try:
                trick = choose(scene, self.tricks)
                arguments = trick.play(scene)
            except NothingToTry:
                continue
            self._try(trick.service, scene.actor, arguments)
            return

    def _try(self, service: Service, actor: User, arguments: dict[str, Any]) -> None:
        before = entries()
        told = f"u{actor.pk} {service.__name__}({_told(arguments)})"
        try:
            service(actor=Actor(actor), **arguments)
        except Refused as refusal:
            self._refused(f"{told}: {refusal}", entries() - before)
            ending = "refused"
        except ValidationError as error:
            self._invalid(f"{told}: {error}", entries() - before)
            ending = "invalid"
        else:
            self.story.append(f"{told}: passed")
            self._passed(service, actor, arguments, entries() - before)
            ending = "passed"
        self.told[service.__name__, ending] += 1

    def _refused(self, told: str, left: int) -> None:
        if digest() != self.digest:
            self._break(f"{told}, and it changed something")
        if left != 1:
            self._break(f"{told}, and it left {left} audit entries")

    def _invalid(self, told: str, left: int) -> None:
        if digest() != self.digest or left:
            self._break(f"{told}, and it left something behind")

    def _passed(self, service: Service, actor: User, arguments: dict[str, Any], left: int) -> None:
        self._deliver()
        now = digest()
        if left != 1 and (left or now != self.digest):
            self._break(f"it left {left} audit entries")
        self.digest = now
        was, self.world = self.world, read_world()
        self._remember_containers()
        self._take_over(service, arguments)
        after = power(self.world, self.start.moments)
        self._look_for_raises(after)
        if service is set_switch:
            self._look_at_flip(was, after, f"u{actor.pk}")
        if not usable_owners(self.world, self.start.at):
            self._break("nobody is left who owns the instance")

    def _deliver(self) -> None:
        """Who is invited has the mail at once."""
        for invitation in Invitation.objects.open().filter(token_hash=None):
            Invitation.objects.filter(pk=invitation.pk).update(token_hash=f"mailed {invitation.pk}")

    def _remember_containers(self) -> None:
        """What is new counts through what it was made in."""
        for thing, container in _things(self.world):
            if thing not in self.known:
                self.made_in.setdefault(thing, container)

    def _take_over(self, service: Service, arguments: dict[str, Any]) -> None:
        """Who was given somebody's password link, or whose address was changed, is one of them from now on."""
        if service is services.issue_password_link or service is services.edit_user:
            user = arguments["user"]
            moved = service is services.edit_user and arguments["email"] != user.email
            if (service is services.issue_password_link or moved) and user.pk not in self.coalition:
                self.coalition.append(user.pk)

    def _look_for_raises(self, after: dict[str, Power]) -> None:
        for one, can in after.items():
            own = {} if _number(one) in self.coalition else self.start.power.get(one, {})
            for when, places in beyond(can, self.joint, own).items():
                at_start = self.joint.get(when, NOWHERE) | own.get(when, NOWHERE)
                if raised := {place for place in places if at_start.isdisjoint(self._at_start(place))}:
                    self._break(f"{one} can now {when} on {_few(raised)}")

    def _at_start(self, place: Place) -> list[Place]:
        """Where one could do it at the start: on its container, or on whatever could have been made there."""
        if place not in self.made_in:
            return [place]
        while place in self.made_in:
            place = self.made_in[place]
        return [place, f"{place or ''}{CHILD}"]

    def _look_at_flip(self, was: World, after: dict[str, Power], actor: str) -> None:
        """What a flip gives to anybody, whoever flips it holds once it is flipped (design 6, rule 2)."""
        before = power(was, self.start.moments)
        held = as_it_stands(self.world, after[actor])
        for one, can in after.items():
            given = beyond(as_it_stands(self.world, can), as_it_stands(was, before[one]), held)
            for when, places in given.items():
                self._break(f"by the flip {one} can now {when} on {_few(places)}")

    def _break(self, what: str) -> None:
        raise PromiseBrokenError("\n".join([*self.story, what]))


@cache
def _able() -> Statement:
    """The people with these numbers who may act."""
    return Statement(User.objects.able_to_act().filter(any_of("pk", [-1])).order_by("pk"), planned_once=True)


def with_plain_children(world: World) -> World:
    """The world with one more plain tenant below each, and one more root: what may be made at any time (design 6)."""
    parents = [None, *(tenant["slug"] for tenant in world["tenants"])]
    plain: list[Any] = [{"slug": f"{slug or ''}{CHILD}", "parent": slug} for slug in parents]
    return {**world, "tenants": [*world["tenants"], *plain]}


def _things(world: World) -> list[tuple[str, str | None]]:
    """Every place and person, with what it stands in."""
    return [
        *((tenant["slug"], tenant["parent"]) for tenant in world["tenants"]),
        *((user["email"], user["tenant"]) for user in world["users"]),
        *((computer["name"], computer["tenant"]) for computer in world["computers"]),
        *((item["name"], item["tenant"]) for item in world.get("items", [])),
    ]


def _number(one: str) -> int:
    return int(one.removeprefix("u"))


def _gives(permission: str) -> bool:
    return permission.startswith("users:assign_") or permission in ("users:manage", "groups:manage")


def _told(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name}={_name(value)}" for name, value in arguments.items())


def _name(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_name, value))}]"
    if isinstance(value, RoleAssignment):
        return str({key: each for key, each in described(value).items() if each})
    return f"{type(value).__name__} {value.pk}" if isinstance(value, Model) else repr(value)


def _few(places: Collection[Place]) -> str:
    return ", ".join(sorted(map(str, places))[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
