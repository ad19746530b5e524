"""What somebody may do to a person, as far as that can be said beforehand: for what pages offer (design 6, rule 4).

The gate alone decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from accounts.models import Group, User
from rbac.access import Access
from rbac.judgement import Judge
from rbac.models import RoleAssignment
from rbac.power import Person, Reach, reaches_of
from rbac.regions import Estate


def endable(access: Access, principal: User | Group, rows: Iterable[RoleAssignment]) -> set[int]:
    """Those of these rows of the principal that the actor may end; the rows come with their principal."""
    estate = Estate()
    if not covers(access, principal, estate):
        return set()
    rows = list(rows)
    estate.tenants.learn(row.tenant_id for row in rows if row.tenant_id)
    return {row.pk for row in rows if _may_end(access, row, estate)}


def covers(access: Access, principal: User | Group, estate: Estate | None = None, *, as_long: bool = False) -> bool:
    """Rule 4 for this person, or for everybody in this group and one member more; everybody covers themselves."""
    mine = isinstance(principal, User)
    reaches = reaches_of(users=[principal.pk] if mine else (), groups=() if mine else [principal.pk])
    judge = Judge(access, estate)
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


def _may_end(access: Access, row: RoleAssignment, estate: Estate) -> bool:
    judge = Judge(access, estate)
    judge.ended([row])
    return not judge.objections


def _by_person(reaches: Iterable[Reach]) -> dict[Person, list[Reach]]:
    people: defaultdict[Person, list[Reach]] = defaultdict(list)
    for reach in reaches:
        people[reach.person].append(reach)
    return people
