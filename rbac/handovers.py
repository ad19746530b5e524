"""What it does that somebody leaves, before it is done: what ends, and what each successor gains (design 6; guide).

A successor holds the same from now on; the gate judges their gains as if each were given by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db.models import QuerySet

from accounts.models import Group, GroupMembership, Invitation, User
from computers.deployments.models import CrossTenantDeployment, Deployment, TenantDeployment
from computers.schedules.models import Schedule
from immyrbac.versions import version_of
from rbac.access import Access
from rbac.coverage import sends_home
from rbac.drafts import handed, tenants_named
from rbac.grants import SCOPE_COLUMNS
from rbac.judgement import STRONGER, Judge
from rbac.models import Effect, RoleAssignment
from rbac.outcomes import Outcome, of_each
from rbac.permissions import Permission
from rbac.power import Person, reaches_joining, reaches_of, reaches_of_draft
from rbac.previews import judged
from rbac.sentences import SENTENCE_RELATIONS
from rbac.shares import places_shared

NOTHING: Mapping[int, User] = MappingProxyType({})

RESTS = {"deployment": "paused", "schedule": "disabled"}
"""What becomes of a thing by its kind, where it does not end and nobody takes it over."""


class Plan(NamedTuple):
    """Who takes over what, by the number of the row; what is not in it ends or rests, and nobody has it."""

    assignments: Mapping[int, User]
    memberships: Mapping[int, User]
    views: Mapping[int, User]
    deployments: Mapping[int, User] = NOTHING
    schedules: Mapping[int, User] = NOTHING

    @property
    def successors(self) -> list[User]:
        """Each once, by name."""
        people = {person.pk: person for rows in self for person in rows.values()}
        return sorted(people.values(), key=lambda person: (person.name, person.pk))


class Losing(NamedTuple):
    """What ends with somebody, as the reader may see it: assignments given to them alone, and memberships.

    Deployments and schedules are enabled, and count by their right.
    """

    assignments: Sequence[RoleAssignment]
    memberships: Sequence[GroupMembership]
    deployments: Sequence[Deployment]
    schedules: Sequence[Schedule]


@dataclass(frozen=True, slots=True)
class Handover:
    """What it does, by the numbers of what ends and of which successor gains, or loses by a deny of a group.

    Great power first. `objections` are the gate's.
    """

    losing: Losing
    gained: Mapping[int, Sequence[Permission]]
    lost: Mapping[int, Sequence[Permission]]
    objections: Sequence[str] = ()

    @property
    def great_power(self) -> list[Permission]:
        return Outcome(self.gained, self.lost).great_power

    @property
    def expected(self) -> str:
        """A fingerprint of what was shown: what is done differs in nothing, or is not done."""
        ended = {name: sorted(row.pk for row in rows) for name, rows in self.losing._asdict().items()}
        gained, lost = (
            sorted((pk, sorted(permissions)) for pk, permissions in each.items()) for each in (self.gained, self.lost)
        )
        return version_of({**ended, "gained": gained, "lost": lost})


def losing_of(access: Access | None, user: User) -> Losing:
    """What ends with this user; of the system, which has no access, all of it. Seven queries."""
    rows: QuerySet[RoleAssignment] = RoleAssignment.objects.unexpired().filter(user=user)
    inside = GroupMembership.objects.live().filter(user=user)
    if access is not None:
        rows = access.scope(rows, RoleAssignment.VIEW)
        groups = access.seen(Group).order_by().values("pk")
        inside = inside.filter(group__in=groups)
    held = rows.select_related(*SENTENCE_RELATIONS).order_by("pk")
    joined = inside.select_related("group__tenant").order_by("group__name", "pk")
    one, many, schedules = (
        _authored(access, user, kind) for kind in (TenantDeployment, CrossTenantDeployment, Schedule)
    )
    return Losing(list(held), list(joined), [*one, *many], schedules)


def _authored(access: Access | None, user: User, kind: type[Deployment | Schedule]) -> list[Any]:
    rows = happening_by(user, kind)
    seen = rows if access is None else access.seen(rows)
    return list(seen.select_related("tenant", "tag", "computer", "computer_tag").order_by("name", "pk"))


def happening_by(user: User, kind: type[Deployment | Schedule]) -> QuerySet[Any]:
    """Of this kind what happens, and counts by their right."""
    rows: QuerySet[Any] = kind.objects.filter(saved_by=user, is_enabled=True)
    return rows


def places_of(user: User) -> set[int | None]:
    """The tenants that anything names which ends with the user, for the place of its audit entry. Six queries.

    A schedule is told where its own entries are: no tenant's people see any.
    """
    rows = RoleAssignment.objects.unended().filter(user=user).select_related("user", "group", *SENTENCE_RELATIONS)
    groups = GroupMembership.objects.unended().filter(user=user).values_list("group__tenant_id", flat=True)
    invited = Invitation.objects.open().filter(invited_by=user).values_list("tenant_id", flat=True)
    deployments = happening_by(user, Deployment).values_list("tenant_id", flat=True)
    schedules = happening_by(user, Schedule).values_list("tenant__msp_id", flat=True)
    given = (pk for row in rows for pk in tenants_named(row))
    return {user.tenant_id, *groups, *invited, *places_shared(user), *deployments, *schedules, *given}


def handover_of(access: Access, user: User, losing: Losing, plan: Plan) -> Handover:
    """What seeing this user off would do, and what the gate would say to this actor. Takes no lock, writes nothing."""
    people = [person.pk for person in plan.successors]
    drafts = list(_drafts(losing, plan))
    given = [reach for draft in drafts for reach in reaches_of_draft(draft)]
    before = reaches_of(people)
    judge = Judge(access)
    judge.learn([*before, *given])
    judge.granted(given)
    change = judged(judge, before, [*before, *given, *reaches_joining(_joins(losing, plan))])
    objections = judge.objections if sends_home(access, user) else [STRONGER, *judge.objections]
    return Handover(losing, of_each(change.gains), of_each(change.losses), objections)


def _drafts(losing: Losing, plan: Plan) -> Iterator[RoleAssignment]:
    """What is given to the successors who have not exactly this already. One query."""
    held = RoleAssignment.objects.unexpired().filter(user__in=plan.assignments.values()).order_by()
    there = set(held.values_list(*_SAME))
    for row in losing.assignments:
        if row.pk in plan.assignments and row.effect == Effect.ALLOW:
            draft = handed(row, plan.assignments[row.pk], "")
            if tuple(getattr(draft, column) for column in _SAME) not in there:
                yield draft


_SAME = ("user_id", "role_id", "effect", *SCOPE_COLUMNS)


def _joins(losing: Losing, plan: Plan) -> Iterator[tuple[int, Person, int, Any]]:
    """Who, of which home, comes into which group, until when; whoever is in it stays as they are. One query."""
    rows = GroupMembership.objects.live().filter(user__in=plan.memberships.values())
    inside = set(rows.values_list("group_id", "user_id"))
    for row in losing.memberships:
        person = plan.memberships.get(row.pk)
        if person is not None and (row.group_id, person.pk) not in inside:
            yield row.group_id, Person(person.pk), person.tenant_id, row.expires_at
