"""Asks the engine and the oracle the same questions about one world, and says where they differ."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from random import Random
from typing import Any

from django.db import connection, models, transaction

from accounts.models import Group, User
from computers.models import Computer, Script
from rbac import access
from rbac.models import Role, RoleAssignment
from rbac.sight import COLUMNS, Sighted
from tenancy.models import Tag, Tenant
from tests.oracle import naive
from tests.oracle.catalogue import BUILT_IN, PERMISSIONS
from tests.oracle.insert import NAMED, assignment_of, insert, insert_shares, leave_ended, name_of
from tests.oracle.strategies import COMPUTERS
from tests.oracle.world import INSTANCE, KINDS, Ref, World, objects, reference, user_of

MODELS: dict[str, type[models.Model]] = {
    "tenant": Tenant,
    "user": User,
    "group": Group,
    "role": Role,
    "tag": Tag,
    "computer": Computer,
    "script": Script,
}
Asked = tuple[str, str, Ref]

PAIRS, OBJECTS, NARROW = 12, 12, 3
"""Of a world: pairs of user and permission asked as rows; questions asked in the dear ways, of any and of `narrow`."""


@dataclass
class Tally:
    """What was asked, over several worlds."""

    worlds: int = 0
    decisions: int = 0
    touched: int = 0
    yes: int = 0
    scopes: int = 0
    explained: int = 0


class Loaded:
    """A world in the database, with its rows by reference, the questions about it, and the oracle's answers.

    `live`: the engine is asked about now, as pages ask it, and `at` is near enough for the oracle to say the same.
    """

    def __init__(self, world: World, at: datetime, *, live: bool = False) -> None:
        self.world, self.at, self.instant = world, at, None if live else at
        self.rows: dict[Ref, Any] = {INSTANCE: access.INSTANCE}
        self.names: dict[tuple[str, Any], str] = {}
        for kind, model in MODELS.items():
            for thing in model._default_manager.select_related(*([] if model is Tenant else ["tenant"])):
                self.rows[name_of(kind, thing)] = thing
                self.names[kind, thing.pk] = name_of(kind, thing)
        rows = RoleAssignment.objects.select_related(*NAMED, *(f"{key}__tenant" for key in NAMED if key != "tenant"))
        self.assignments = {row.pk: assignment_of(row) for row in rows}
        self.may = lru_cache(maxsize=None)(self._may)
        self.refs = [INSTANCE, *(ref for kind in KINDS for ref in objects(world, kind, list(BUILT_IN.values())))]

    @cached_property
    def touched(self) -> dict[str, list[Asked]]:
        """By user, every question about an object that an assignment touches."""
        return {user["email"]: self._touching(user["email"]) for user in self.world["users"]}

    @cached_property
    def asked(self) -> list[Asked]:
        """Every question of everybody that is asked one by one."""
        return [one for user in self.world["users"] for one in self.questions(user["email"])]

    @cached_property
    def tightened(self) -> dict[tuple[str, str], Ref]:
        """Pairs of user and permission that a tenant's switch could stop, each with that tenant: chance finds few."""
        off = {f"tenant:{own['tenant']}" for own in self.world.get("tenant_switches", []) if not own["enabled"]}
        touched = [one for asked in self.touched.values() for one in asked]
        return {(email, p): ref for email, p, ref in touched if p in naive.SWITCHED and ref in off}

    @cached_property
    def narrow(self) -> list[Asked]:
        """Questions about a computer that an assignment for some computers alone is about: chance finds few."""
        some_alone = [a for a in self.world["assignments"] if a.get("computer_scope", "all") != "all"]
        less: World = {**self.world, "assignments": some_alone, "shares": []}
        computers = [ref for ref in self.refs if kind_of(ref) == "computer"]
        held = ((user["email"], ref) for user in self.world["users"] for ref in computers)
        return [(email, p, ref) for email, ref in held for p in sorted(touching(less, email, ref)) if p in COMPUTERS]

    def _touching(self, email: str) -> list[Asked]:
        touched = {ref: touching(self.world, email, ref) for ref in self.refs}
        return [(email, p, ref) for p in PERMISSIONS for ref in self.refs if p in touched[ref]]

    def questions(self, email: str) -> list[Asked]:
        """These, and as many of the others: first neighbours (the permission of one, another of its kind)."""
        touched = self.touched[email]
        every = {(email, p, ref) for p in PERMISSIONS for ref in self.refs} - set(touched)
        pairs = {(p, kind_of(ref)) for _, p, ref in touched}
        near = {(email, p, ref) for _, p, ref in every if (p, kind_of(ref)) in pairs}
        others = some(sorted(near, key=str), len(touched) * 3 // 4)
        return touched + others + some(sorted(every - set(others), key=str), len(touched) - len(others))

    def _may(self, email: str, permission: str, ref: Ref) -> bool:
        """The oracle's answer."""
        return naive.can(self.world, email, permission, ref, self.at)

    def scope(self, email: str, permission: str, kind: str) -> list[str]:
        """The oracle's rows, sorted."""
        listed = objects(self.world, kind, list(BUILT_IN.values()))
        return sorted(ref for ref in listed if self.may(email, permission, ref))

    def who_can(self, permission: str, ref: Ref) -> list[str]:
        """The oracle's users, sorted."""
        return sorted(user["email"] for user in self.world["users"] if self.may(user["email"], permission, ref))

    def seen_assignments(self, email: str) -> list[int]:
        """The ids of those that the oracle shows, ended ones included: a history is no less secret."""
        needed = {pk: naive.needed_to_see(assignment) for pk, assignment in self.assignments.items()}
        holds = naive.holds(self.world, email, "users:view", self.at)
        return sorted(pk for pk, asked in needed.items() if holds and all(self.may(email, *one) for one in asked))

    def listed(self, kind: str, rows: models.QuerySet[Any]) -> list[str]:
        """The references of these rows, sorted; a row that comes twice is named twice."""
        return sorted(self.names[kind, pk] for pk in rows.values_list("pk", flat=True))


@contextmanager
def loaded(
    world: World, at: datetime, load: Callable[[Any], object] = insert, *, live: bool = False
) -> Iterator[Loaded]:
    """The world in the database, straight or through the product's own loader, and what ended; gone afterwards."""
    with transaction.atomic():
        load({key: rows for key, rows in world.items() if key != "shares"})
        insert_shares(world)
        leave_ended()
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield Loaded(world, at, live=live)
        transaction.set_rollback(True)


def touching(world: World, email: str, ref: Ref) -> set[str]:
    """What assignments to the user or a group of theirs, or shares, live or not, that cover the object speak of."""
    user = user_of(world, email)
    kind, _, name = (ref or "").partition(":")
    tenant = naive.tenant_of_object(world, kind, name)
    computer = next((c for c in world["computers"] if kind == "computer" and reference(c) == name), None)
    groups = {reference(g) for g in world["groups"] if email in map(member_email, g["members"])}
    shares = [share for share in world.get("shares", []) if share["user"] == email]
    touched = {share["permission"] for share in shares if f"script:{share['script']}" == ref}
    for a in world["assignments"]:
        named = a.get("user") == email or a.get("group") in groups
        if named and naive.covers_tenant(world, a, user, tenant) and naive.covers_computer(a, computer):
            touched |= naive.permissions_in(world, a["role"])
    return touched


def kind_of(ref: Ref) -> str:
    """What is asked about; nothing for the instance."""
    return (ref or "").partition(":")[0]


def member_email(member: Any) -> str:
    """The e-mail of a member, with or without an end."""
    return member if isinstance(member, str) else str(member["user"])


def some(options: list[Any], most: int) -> list[Any]:
    """At most so many, always the same ones."""
    return Random(len(options)).sample(options, min(most, len(options)))


def disagreements(here: Loaded, tally: Tally) -> Iterator[str]:
    """A line per differing answer, the cheapest questions first; the same questions for the same world."""
    emails = [user["email"] for user in here.world["users"]]
    mine = {email: access.access_for(here.rows[f"user:{email}"], at=here.instant) for email in emails}
    tally.worlds += 1
    tally.touched += sum(map(len, here.touched.values()))
    for email in emails:
        yield from about_permissions(here, email, mine[email])
        yield from about_assignments(here, email, mine[email])
    for one in here.asked:
        yield from about_object(here, one, mine[one[0]], tally)
    for email, p in sorted({*some(sorted({(email, p) for email, p, _ in here.asked}), PAIRS), *here.tightened}):
        yield from about_rows(here, email, p, mine[email], tally)
    shared = [(each["user"], each["permission"], f"script:{each['script']}") for each in here.world.get("shares", [])]
    tightened = [(*pair, ref) for pair, ref in here.tightened.items()]
    for one in [*some(here.asked, OBJECTS), *some(here.narrow, NARROW), *tightened, *shared]:
        yield from about_others(here, one, mine, tally)


def about_permissions(here: Loaded, email: str, mine: access.Access) -> Iterator[str]:
    """`holds`, of every permission."""
    for p in PERMISSIONS:
        yield from differs("holds", (email, p), naive.holds(here.world, email, p, here.at), mine.holds(p))


def about_assignments(here: Loaded, email: str, mine: access.Access) -> Iterator[str]:
    """Which assignments the user sees."""
    seen = sorted(mine.scope(RoleAssignment, "users:view").values_list("pk", flat=True))
    yield from differs("assignments", (email,), here.seen_assignments(email), seen)
    rows = [Sighted(*row) for row in RoleAssignment.objects.order_by().values_list(*COLUMNS)]
    yield from differs("visible", (email,), here.seen_assignments(email), sorted(mine.visible(rows)))


def about_object(here: Loaded, asked: Asked, mine: access.Access, tally: Tally) -> Iterator[str]:
    """`can`."""
    tally.decisions += 1
    tally.yes += here.may(*asked)
    yield from differs("can", asked, here.may(*asked), mine.can(asked[1], here.rows[asked[2]]))


def about_rows(here: Loaded, email: str, permission: str, mine: access.Access, tally: Tally) -> Iterator[str]:
    """`scope` and `reachable`, for every kind of object."""
    for kind, model in MODELS.items():
        tally.scopes += 1
        expected = here.scope(email, permission, kind)
        found = here.listed(kind, mine.scope(model, permission))
        yield from differs(f"scope of {kind}", (email, permission), expected, found)
        seen = here.scope(email, naive.VIEW[kind], kind)
        found = here.listed(kind, mine.reachable(model, permission))
        yield from differs(f"reachable {kind}", (email, permission), sorted(set(expected) & set(seen)), found)


def about_others(here: Loaded, asked: Asked, mine: dict[str, access.Access], tally: Tally) -> Iterator[str]:
    """`who_can`, `explain`, and `within` the access of everybody else."""
    tally.explained += 1
    email, permission, ref = asked
    thing, expected = here.rows[ref], here.may(*asked)
    found = sorted(access.who_can(permission, thing, at=here.instant).values_list("email", flat=True))
    yield from differs("who_can", (permission, ref), here.who_can(permission, ref), found)
    if here.instant is None:
        by_name = [user.email for user in access.first_who_can(permission, thing, len(mine) + 1)]
        yield from differs("first_who_can", (permission, ref), here.who_can(permission, ref), sorted(by_name))
    decision = mine[email].explain(permission, thing)
    yield from differs("explain", asked, expected, decision.allowed)
    allows, denies = naive.paths(here.world, *asked, here.at)
    yield from differs("readable", asked, expected and (denies > 0 or allows == 0), decision.readable)
    arrived = [path.denies for path in (*decision.deciding, *decision.others)] + [False] * len(decision.shared)
    if not decision.readable:
        yield from differs("paths", asked, (allows, denies), (arrived.count(False), arrived.count(True)))
    for other, theirs in mine.items():
        both = expected and here.may(other, permission, ref)
        yield from differs("within", (other, *asked), both, mine[email].within(theirs).can(permission, thing))


def differs(question: str, about: object, expected: object, found: object) -> Iterator[str]:
    """One line when the engine says something else than the oracle."""
    if found != expected:
        yield f"{question}{about}: engine {found}, oracle {expected}"
