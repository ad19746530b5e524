"""What the bench of load asks for: by whom, of what kind, about which things."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from random import Random
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Max, Model
from django.urls import reverse

from accounts.models import Group, User
from bench.visits import ORDERS, PEOPLE, reader
from computers.agents.models import Agent
from computers.models import Computer, Script
from immyrbac.arrays import any_of
from rbac.access import access_for
from rbac.demo.people import words
from rbac.models import AuditEntry, Role, RoleAssignment
from rbac.objects import view_of
from rbac.permissions import Permission
from rbac.subjects import explain_url, who_url
from tenancy.models import Tag, Tenant

PERSONS = {
    "owner": 15,
    "MSP administrator": 20,
    "technician": 30,
    "tenant admin": 15,
    "tenant user": 10,
    "auditor": 10,
}
"""How often each asks, of a hundred times."""

LISTS: dict[str, type[Model]] = {
    "accounts:user-list": User,
    "rbac:role-list": Role,
    "computers:computer-list": Computer,
    "tenancy:tenant-list": Tenant,
    "rbac:assignment-index": RoleAssignment,
    "accounts:group-list": Group,
    "tenancy:tag-list": Tag,
    "computers:script-list": Script,
    "rbac:audit-list": AuditEntry,
}
DETAILS: dict[str, type[Model]] = {
    "accounts:user-detail": User,
    "rbac:assignment-list": User,
    "computers:computer-detail": Computer,
    "tenancy:tenant-detail": Tenant,
    "rbac:role-detail": Role,
    "accounts:group-detail": Group,
    "rbac:group-assignment-list": Group,
}
PICKERS: dict[str, type[Model]] = {
    "tenancy:tenant-pick": Tenant,
    "rbac:role-pick": Role,
    "accounts:group-pick": Group,
    "rbac:actor-pick": User,
}
NARROWED: dict[str, type[Model]] = {"accounts:user-list": User, "computers:computer-list": Computer}
"""Lists that are asked for with a tenant; their exports likewise."""

KNOWN, AMONG = 150, 4_000
"""So many things of each kind are asked about, out of so many that are drawn."""


class Step(NamedTuple):
    """One request; or a form, and its answer where `wanted` names a field of it: `fills` is what is typed in."""

    address: str
    fragment: bool = False
    wanted: str = ""
    fills: Mapping[str, str] = MappingProxyType({})


class Person:
    """One of the people with what they see; `routes` gives those of a table that answer them."""

    def __init__(self, name: str, dice: Random) -> None:
        self.user, self.dice = reader(name), dice
        self.access = access_for(self.user)
        models = dict.fromkeys((*DETAILS.values(), User, Computer, Tenant))  # a set's order is drawn anew in each run
        self.things = {model: self._some(model) for model in models if self.access.holds(view_of(model))}

    def route(self, table: Mapping[str, type[Model]]) -> str | None:
        open_to = [route for route, model in table.items() if self.access.holds(view_of(model))]
        return self.dice.choice(open_to) if open_to else None

    def one(self, model: type[Model]) -> Model | None:
        things = self.things.get(model)
        return self.dice.choice(things) if things else None

    def _some(self, model: type[Model]) -> list[Model]:
        """Out of many that are drawn, where the reader sees enough of those; out of the first, where not."""
        last = model._default_manager.aggregate(last=Max("pk"))["last"] or 0  # noqa: SLF001  any model's
        drawn = (
            self.access.seen(model).filter(any_of("pk", self.dice.choices(range(1, last + 1), k=AMONG))).order_by("pk")
        )
        found = list(drawn[: 4 * KNOWN])
        rows = found if len(found) >= KNOWN else list(self.access.seen(model).order_by("pk")[: 4 * KNOWN])
        return self.dice.sample(rows, min(KNOWN, len(rows)))


# Each gives what this person asks for next, or None where they have nothing of the kind.


def _list(who: Person) -> Step | None:
    route = who.route(LISTS)
    return Step(reverse(route)) if route else None


def _detail(who: Person) -> Step | None:
    route = who.route(DETAILS)
    thing = who.one(DETAILS[route]) if route else None
    return Step(reverse(route, args=[thing.pk])) if route and thing else None


def _search(who: Person) -> Step | None:
    route = who.route({route: model for route, model in LISTS.items() if model not in (AuditEntry, Tag)})
    return Step(_asking(route, q=_words(who)), fragment=True) if route else None


def _fragment(who: Person) -> Step | None:
    """Another order of a list, what is in one tenant, or what a picker offers."""
    match who.dice.randrange(3):
        case 0:
            return _of_tenant(who, NARROWED, fragment=True)
        case 1:
            route = who.route(PICKERS)
            return Step(_asking(route, q=_words(who)), fragment=True) if route else None
    route, orders = who.dice.choice([*ORDERS.values()])
    is_open = who.access.holds(view_of(LISTS[route]))
    return Step(_asking(route, sort=who.dice.choice(orders)), fragment=True) if is_open else None


def _palette(who: Person) -> Step:
    return Step(_asking("search", q=_words(who)), fragment=True)


def _explain(who: Person) -> Step | None:
    person, computer = who.one(User) or who.user, who.one(Computer)
    asks_others = who.access.holds(Permission.GOVERNANCE_EXPLAIN_ACCESS)
    asked = person if asks_others and isinstance(person, User) else who.user
    permission = who.dice.choice((Permission.COMPUTERS_VIEW, Permission.COMPUTERS_MANAGE))
    return Step(explain_url(user=asked, permission=permission, on=computer)) if computer else None


def _who_can(who: Person) -> Step | None:
    computer = who.one(Computer)
    asks = who.access.holds(Permission.GOVERNANCE_EXPLAIN_ACCESS)
    return Step(who_url(permission=Permission.COMPUTERS_MANAGE, on=computer)) if computer and asks else None


def _csv(who: Person) -> Step | None:
    """What is in one tenant: everything there is would be an export, not load."""
    tables: dict[str, type[Model]] = {"accounts:user-export": User}
    if who.access.holds(Permission.COMPUTERS_EXPORT):
        tables["computers:computer-export"] = Computer
    return _of_tenant(who, tables)


def _write(who: Person) -> Step | None:
    return who.dice.choice((_notes, _rename, _give))(who)


def _notes(who: Person) -> Step | None:
    computer = who.one(Computer)
    if computer is None or not who.access.can(Permission.COMPUTERS_MANAGE_NOTES, computer):
        return None
    fills = {"notes": f"Seen on a round, ticket {who.dice.randrange(10**6)}"}
    return Step(reverse("computers:computer-notes", args=[computer.pk]), wanted="notes", fills=fills)


def _rename(who: Person) -> Step | None:
    person = who.one(User)
    if not isinstance(person, User) or not who.access.can(Permission.USERS_MANAGE, person):
        return None
    fills = {"name": f"{person.name.split()[0]} {who.dice.choice(words('last'))}"}
    return Step(reverse("accounts:user-edit", args=[person.pk]), wanted="name", fills=fills)


def _give(who: Person) -> Step | None:
    """*Tenant User* in one's own tenant, for a day: at the next round its twin has lapsed, or is refused."""
    person = who.one(User)
    if not isinstance(person, User) or not who.access.can(Permission.USERS_MANAGE, person):
        return None
    role = Role.objects.get(key="tenant_user")
    fills = {"role": str(role.pk), "scope": "own_tenant", "ends": "day", "reason": "For a round of the bench"}
    return Step(reverse("rbac:assignment-create", args=[person.pk]), wanted="reason", fills=fills)


def _maintenance(computers: Sequence[Computer], who: Person) -> Step | None:
    """Have it run; where it runs already, the form says so. Its only field is the token against forgery."""
    computer = who.dice.choice(computers)
    if not who.access.can(Permission.SESSIONS_RUN, computer):
        return None
    return Step(reverse("maintenance:session-run", args=[computer.pk]), wanted="csrfmiddlewaretoken")


def _of_tenant(who: Person, table: Mapping[str, type[Model]], *, fragment: bool = False) -> Step | None:
    route, tenant = who.route(table), who.one(Tenant)
    return Step(_asking(route, tenant=tenant.pk), fragment=fragment) if route and tenant else None


def _words(who: Person) -> str:
    """A name, its beginning, or a piece of a computer's."""
    name = who.dice.choice(words(who.dice.choice(("first", "last"))))
    return who.dice.choice((name.lower(), name[:3].lower(), f"srv{who.dice.randrange(100):02}", "dc01", "win"))


def _asking(route: str, **asked: object) -> str:
    return f"{reverse(route)}?{urlencode(asked)}"


KINDS: dict[str, tuple[Callable[[Person], Step | None], int]] = {
    "list": (_list, 24),
    "detail": (_detail, 24),
    "search": (_search, 14),
    "fragment": (_fragment, 14),
    "palette": (_palette, 8),
    "explain": (_explain, 6),
    "who can": (_who_can, 2),
    "csv": (_csv, 3),
    "write": (_write, 5),
}
"""What makes the next of a kind, and how often it comes, of a hundred times. A write is two requests."""


def served(agents: int) -> list[Computer]:
    """So many computers that the tag technician sees, on which there is no agent yet."""
    seen = access_for(reader("technician")).seen(Computer)
    without = seen.exclude(pk__in=Agent.objects.live().values("computer"))
    return list(without.order_by("pk")[:agents])


def steps(dice: Random, computers: Sequence[Computer] = ()) -> Iterator[tuple[str, str, Step]]:
    """Person, kind and request, without an end; the same at every run on the same data.

    On `computers` there are agents: people have maintenance done there.
    """
    people = {name: Person(name, dice) for name in PEOPLE}
    kinds = {**KINDS, "maintenance": (partial(_maintenance, computers), 10)} if computers else KINDS
    shares = [share for _, share in kinds.values()]
    while True:
        kind = dice.choices([*kinds], shares)[0]
        name = dice.choices([*PERSONS], [*PERSONS.values()])[0]
        if step := kinds[kind][0](people[name]):
            yield name, kind, step
