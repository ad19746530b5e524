"""What the explain pages show: the answer to one question, and those who may do one thing to one object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Model, Q, QuerySet, prefetch_related_objects
from django.urls import reverse

from accounts.models import AccessRequest, Group, IdentityProvider, Invitation, Person, User, UserQuerySet
from computers.models import Computer, License, Script, Software
from immyrbac.exports import Column
from rbac.access import INSTANCE, Access, Subject, access_for, first_who_can, who_can
from rbac.acting import access_of
from rbac.audit import Actor
from rbac.deeds import deed
from rbac.effective import Way
from rbac.explain_forms import Question, WhoListing, people_askable
from rbac.models import Role
from rbac.naming import named, unnamed
from rbac.objects import ComputersOf, Instance
from rbac.permissions import Permission, Scoping
from rbac.subjects import explain_url, reference_to, who_url
from rbac.verdicts import verdict_of
from rbac.ways import ways_of
from tenancy.models import Tag, Tenant, TenantScopeKind

PAGES: dict[type, str] = {
    AccessRequest: "accounts:access-request-detail",
    Computer: "computers:computer-detail",
    Group: "accounts:group-detail",
    IdentityProvider: "accounts:provider-detail",
    Invitation: "accounts:invitation-detail",
    License: "computers:license-detail",
    Person: "accounts:person-detail",
    Role: "rbac:role-detail",
    Script: "computers:script-detail",
    Software: "computers:software-detail",
    Tag: "tenancy:tag-detail",
    Tenant: "tenancy:tenant-detail",
    User: "accounts:user-detail",
}
"""What can be asked about, or refused, and has a page of its own."""

FIRST = 5


class Holder(NamedTuple):
    """One person who may; `page` is their own and `why` the explanation, where the reader may open these."""

    name: str
    email: str
    home: str
    way: str
    page: str
    why: str


class Roll:
    """Everybody who may do one thing to one object, as this reader may read of them.

    By name: those of whom the reader may ask and, where they may ask about the object, the people of its tenant and of
    the MSP that this belongs to. All others are one line without a count (design 3, "Objects").
    """

    def __init__(self, access: Access, permission: Permission, obj: Subject) -> None:
        self.access, self.permission, self.obj = access, permission, obj
        self.place = obj if isinstance(obj, Tenant) else getattr(obj, "tenant", None)

    @cached_property
    def everybody(self) -> UserQuerySet:
        return who_can(self.permission, self.obj)

    @property
    def _asks_of_all(self) -> bool:
        return all(map(self.access.is_total, (Permission.USERS_VIEW, Permission.GOVERNANCE_EXPLAIN_ACCESS)))

    @property
    def _namable(self) -> Q:
        is_asked = self.access.can(Permission.GOVERNANCE_EXPLAIN_ACCESS, self.obj)
        homes = (self.place.pk, self.place.msp_id) if self.place and is_asked else ()
        return named(homes, people_askable(self.access))

    @property
    def people(self) -> QuerySet[User]:
        named_ones = self.everybody if self._asks_of_all else self.everybody.filter(self._namable)
        return named_ones.select_related("tenant")

    def first(self, count: int, besides: User) -> list[User]:
        """So many of these by name, without one of them."""
        if not self._asks_of_all:
            return list(self.people.exclude(pk=besides.pk).order_by("name", "pk")[:count])
        found = [user for user in first_who_can(self.permission, self.obj, count + 1) if user != besides][:count]
        prefetch_related_objects(found, "tenant")
        return found

    @property
    def others(self) -> str:
        """How those read who may and stay unnamed; empty where there is nobody."""
        if self._asks_of_all or not self.everybody.exclude(self._namable).exists():
            return ""
        return unnamed(self.place)

    def ways(self, users: Sequence[User]) -> dict[int, str]:
        return ways_of(self.access, self.permission, self.obj, users)

    def rows(self, users: Sequence[User]) -> list[Holder]:
        ways = self.ways(users)
        self.access.know(users)
        return [self._row(user, ways.get(user.pk, "")) for user in users]

    def email_of(self, user: User) -> str:
        return user.email if self.access.can(Permission.USERS_VIEW, user) else ""

    def _row(self, user: User, way: str) -> Holder:
        email = self.email_of(user)
        page = reverse("accounts:user-detail", args=[user.pk]) if email else ""
        asks = email and self.access.can(Permission.GOVERNANCE_EXPLAIN_ACCESS, user)
        why = explain_url(user=user, permission=self.permission, on=self.obj) if asks else ""
        return Holder(user.name, email, str(user.tenant), way, page, why)


class WrittenRoll:
    """A roll while it is written to a file: the reader's right, the object and the people are asked anew each turn."""

    def __init__(self, reader: Actor, roll: Roll) -> None:
        self.reader, self.roll = reader, roll
        self._ways: dict[int, str] = {}

    def rows(self) -> QuerySet[User] | None:
        access, obj = access_of(self.reader), self.roll.obj
        seen = obj.tenant if isinstance(obj, ComputersOf) else obj
        if not access.holds(Permission.GOVERNANCE_EXPLAIN_ACCESS):
            return None
        if isinstance(seen, Model) and not access.seen(type(seen)).filter(pk=seen.pk).exists():
            return None
        self.roll = Roll(access, self.roll.permission, obj)
        return self.roll.people

    def look_up(self, users: Sequence[User]) -> None:
        self._ways = self.roll.ways(users)
        self.roll.access.know(users)

    def _email(self, user: User) -> str:
        return self.roll.email_of(user)

    @property
    def columns(self) -> tuple[Column[User], ...]:
        return (
            Column("Name", lambda user: user.name),
            Column("E-mail", self._email),
            Column("Home tenant", lambda user: user.tenant),
            Column("Way", lambda user: self._ways.get(user.pk, "")),
        )


def answer_page(access: Access, reader: User, question: Question) -> dict[str, Any]:
    """The answer, as soon as the whole question was asked."""
    person, permission, obj = question.user or reader, question.permission, question.on
    if obj is None:
        return {}
    if permission is None:
        return _deeds_page(access, reader, person, obj)
    decision = (access if person == reader else access_for(person)).explain(permission, obj)
    context: dict[str, Any] = {
        "verdict": verdict_of(access, decision, person, obj),
        "permission": permission,
        "own_subject": obj if person == reader else None,
        "review": _review(access, person),
        "object": (str(obj), page_of(obj)),
    }
    if access.holds(Permission.GOVERNANCE_EXPLAIN_ACCESS):
        roll = Roll(access, permission, obj)
        holders = roll.rows(roll.first(FIRST, besides=person))
        context |= {"who_url": who_url(permission=permission, on=obj), "holders": holders}
    return context


class AskedDeed(NamedTuple):
    """One thing that can be done to an object, and where it is explained."""

    words: str
    great_power: bool
    address: str


def _deeds_page(access: Access, reader: User, person: User, obj: Subject) -> dict[str, Any]:
    """What the person can do to the object, and what they cannot, of all that is done to such a thing."""
    theirs = access if person == reader else access_for(person)
    can: dict[bool, list[AskedDeed]] = {True: [], False: []}
    for permission in Permission:
        if _is_done_to(permission, obj):
            address = explain_url(user=person, permission=permission, on=obj)
            words = deed(permission, obj)
            can[theirs.can(permission, obj)].append(AskedDeed(words, permission.spec.great_power, address))
    who = "you" if person == reader else str(person)
    return {
        "deeds": [(f"{who[:1].upper()}{who[1:]} can", can[True]), (f"{who[:1].upper()}{who[1:]} cannot", can[False])],
        "deeds_title": f"What {who} can do on {obj}",
        "review": _review(access, person),
        "object": (str(obj), page_of(obj)),
    }


def _is_done_to(permission: Permission, obj: Subject) -> bool:
    """What a question about such an object is meant to ask: of other things by their own subject alone."""
    match obj:
        case Instance():
            return permission.spec.scoping == Scoping.SYSTEM
        case Tenant():
            return permission.spec.scoping != Scoping.SYSTEM
        case Computer() | ComputersOf():
            return permission.spec.scoping == Scoping.COMPUTER
    return permission.partition(":")[0] == f"{reference_to(obj).partition(':')[0]}s"


class AskedWay(NamedTuple):
    """One row of what somebody may do, and where it is explained."""

    way: Way
    address: str


def asked_ways(access: Access, person: User, ways: Iterable[Way]) -> list[AskedWay]:
    """Each with a question about the one thing that its scope names, where the reader sees it. At most two queries."""
    meant = [(way, _meant(person, way)) for way in ways]
    for model in (Computer, Tenant):
        access.know(obj for _, obj in meant if isinstance(obj, model))
    return [
        AskedWay(way, explain_url(user=person, permission=way.permission, on=obj if _is_seen(access, obj) else None))
        for way, obj in meant
    ]


def _meant(person: User, way: Way) -> Subject | None:
    if way.permission.spec.scoping == Scoping.SYSTEM:
        return INSTANCE
    own = person.tenant if way.row.scope == TenantScopeKind.OWN_TENANT else None
    return way.row.computer or way.row.tenant or own


def _is_seen(access: Access, obj: Subject | None) -> bool:
    if isinstance(obj, Computer):
        return obj.deleted_at is None and access.can(Computer.VIEW, obj)
    return isinstance(obj, Instance) or access.can(Tenant.VIEW, obj)


def _review(access: Access, person: User) -> tuple[str, str] | None:
    """Where the person's assignments stand."""
    if access.user_id == person.pk:
        return "Your access", reverse("accounts:profile-detail")
    if access.can(Permission.USERS_VIEW, person):
        return f"Assignments of {person.name}", reverse("rbac:assignment-list", args=[person.pk])
    return None


def page_of(obj: Subject) -> str:
    """The address of the object's own page; empty where there is none."""
    route = PAGES.get(type(obj))
    return reverse(route, args=[obj.pk]) if route and isinstance(obj, Model) else ""


def who_page(roll: Roll, listing: WhoListing) -> dict[str, Any]:
    """Whoever stays unnamed comes after the last row."""
    is_last = not listing.next_url and not listing.is_narrowed
    return {
        "listing": listing,
        "rows": roll.rows(listing.rows),
        "others": roll.others if is_last else "",
        "question": [("permission", roll.permission.value), ("on", reference_to(roll.obj))],
        "explain_url": explain_url(permission=roll.permission, on=roll.obj),
        "export_url": reverse("rbac:explain-who-export"),
        "of_any": isinstance(roll.obj, ComputersOf),
    }
