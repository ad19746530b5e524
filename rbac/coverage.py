"""What somebody may do to a person, as far as that can be said beforehand: for what pages offer (design 6, rule 4).

The gate alone decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from django.db.models import Count, QuerySet

from accounts.models import Group, GroupMembership, User
from computers.scopes import AllScope
from immyrbac.arrays import any_of
from immyrbac.statements import Statement
from rbac.access import Access
from rbac.grants import scopes_of_row
from rbac.judgement import Judge, holds_everything
from rbac.models import RoleAssignment
from rbac.power import Person, Reach, reaches_of
from rbac.regions import Estate, Region
from tenancy.scopes import SingleScope, owned_region

MOST = 200
"""Members of a group up to whom somebody else's list looks at all of them."""


def endable(access: Access, principal: User | Group, rows: Iterable[RoleAssignment]) -> set[int]:
    """Those of these rows of the principal that the actor may end; the rows come with their principal."""
    estate = Estate()
    if not covers(access, principal, estate):
        return set()
    rows = list(rows)
    estate.tenants.learn(row.tenant_id for row in rows if row.tenant_id)
    judge = Judge(access, estate)
    return {row.pk for row in rows if judge.may_end(row)}


def endable_among(access: Access, rows: Iterable[RoleAssignment], estate: Estate | None = None) -> set[int]:
    """Those of these assignments, of whomever, that the actor may end; rows come with their principals. Nine queries.

    Where a group has more than `MOST` members, its own page tells.
    """
    unended = [row for row in rows if row.ended_at is None]
    if holds_everything(access):
        return {row.pk for row in unended}
    members = _members({row.group_id for row in unended if row.group_id})
    people = {row.user_id for row in unended if row.user_id}
    by_person = _by_person(reaches_of(people, members))
    estate = estate or Estate()
    estate.learn(_regions(access, unended, by_person))
    judge, myself = Judge(access, estate), Person(access.user_id)
    covered = {person for person, held in by_person.items() if person == myself or judge.holds_all(held)}
    return {
        row.pk
        for row in unended
        if row.group_id is None or row.group_id in members
        if all(person in covered or person not in by_person for person in _holders(row, members))
        if judge.may_end(row)
    }


def _members(groups: set[int]) -> dict[int, list[int]]:
    """Who is in each of these groups; the largest ones are left out. Two queries."""
    sizes: dict[int, int] = dict(_sizes().rows({-1: sorted(groups)})) if groups else {}
    members: dict[int, list[int]] = {group: [] for group in groups if sizes.get(group, 0) <= MOST}
    for group, user in _inside().rows({-1: sorted(members)}) if members else ():
        members[group].append(user)
    return members


def _live() -> QuerySet[GroupMembership]:
    return GroupMembership.objects.live().filter(any_of("group_id", [-1])).order_by()


@cache
def _sizes() -> Statement:
    return Statement(_live().values("group_id").annotate(size=Count("pk")).values_list("group_id", "size"))


@cache
def _inside() -> Statement:
    return Statement(_live().values_list("group_id", "user_id"), planned_once=True)


def _holders(row: RoleAssignment, members: Mapping[int, list[int]]) -> list[Person]:
    """Whom the row reaches, with the member more that a group is counted with."""
    if row.group_id is None:
        return [Person(row.user_id)]
    return [Person(None, row.group_id), *(Person(user) for user in members[row.group_id])]


def _regions(
    access: Access, rows: Iterable[RoleAssignment], by_person: Mapping[Person, list[Reach]]
) -> Iterator[Region]:
    """All that is compared when these rows are judged."""
    yield from (grant.region for grant in access.grants)
    yield from (reach.region for held in by_person.values() for reach in held)
    for row in rows:
        principal = row.user or row.group
        home = principal.tenant_id if principal else None
        yield Region.of(*scopes_of_row(row, home or 0))
        if home is not None:
            yield from (Region.of(scope, AllScope()) for scope in (SingleScope(home), owned_region(home)))


def covers(access: Access, principal: User | Group, estate: Estate | None = None, *, as_long: bool = False) -> bool:
    """Rule 4 for this person, or for everybody in this group and one member more; everybody covers themselves."""
    mine = isinstance(principal, User)
    reaches = reaches_of(users=[principal.pk] if mine else (), groups=() if mine else [principal.pk])
    judge = Judge(access, estate)
    judge.estate.learn({reach.region for reach in reaches})
    for person, held in _by_person(reaches).items():
        if person.user_id != access.user_id:
            judge.covers_person(held, as_long=as_long)
    return not judge.objections


def sends_home(access: Access, user: User) -> bool:
    """Rule 4 for deactivating or removing this person."""
    judge = Judge(access)
    if user.pk != access.user_id:
        judge.sends_home(reaches_of(users=[user.pk]))
    return not judge.objections


def _by_person(reaches: Iterable[Reach]) -> dict[Person, list[Reach]]:
    people: defaultdict[Person, list[Reach]] = defaultdict(list)
    for reach in reaches:
        people[reach.person].append(reach)
    return people
