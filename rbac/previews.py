"""What an assignment or a membership would do, before it is there: the gate's judgement without a write (design 6)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from accounts.models import Group, GroupMembership, User
from computers.models import Computer
from rbac.access import Access
from rbac.grants import scopes_of_row
from rbac.judgement import Judge
from rbac.models import Effect, RoleAssignment
from rbac.objects import KINDS
from rbac.outcomes import NOTHING, Outcome
from rbac.permissions import Permission, Scoping, power_first
from rbac.power import (
    Claim,
    Difference,
    Person,
    Reach,
    difference,
    reaches_of,
    reaches_of_draft,
    reaches_of_drafts,
    reaches_through,
)
from rbac.sentences import sentence
from tenancy.models import Tenant, TenantScopeKind
from tenancy.scopes import Word, owned_region


class Crowd(NamedTuple):
    """The members of a group whom the reader may see; how many it touches, and how many have a home that is no MSP."""

    members: int
    touched: int
    outside_msp: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Counts are of what the reader may see. `inert`: permissions of the role that do nothing in this scope, and why.

    `gained` is new to the person (great power first), `held` they hold already on all of it; for a deny, `lost` is what
    it takes now. `objections` are the gate's; `latest_end` bounds the end where the giver's own grants do. `crowd`: of
    what is given to a group, where gained, held and lost are those of any member, and of whoever joins.
    """

    words: list[Word]
    tenants: int
    computers: int
    effective: list[Permission]
    inert: list[tuple[Permission, str]]
    gained: list[Permission]
    held: list[Permission]
    lost: list[Permission]
    objections: list[str]
    latest_end: datetime | None
    crowd: Crowd | None = None
    outcome: Outcome = NOTHING

    @property
    def great_power(self) -> list[Permission]:
        return [permission for permission in self.gained if permission.spec.great_power]


@dataclass(frozen=True, slots=True)
class Passage:
    """What coming into a group does to one person, or leaving it; `held` they have otherwise. Great power first."""

    gained: list[Permission]
    held: list[Permission]
    lost: list[Permission]
    objections: list[str]
    latest_end: datetime | None = None
    outcome: Outcome = NOTHING

    @property
    def great_power(self) -> list[Permission]:
        return [permission for permission in self.gained if permission.spec.great_power]


def preview_assignment(access: Access, draft: RoleAssignment) -> Preview:
    """What giving this unsaved assignment would do, and what the gate would say to this actor. Takes no lock."""
    added = reaches_of_draft(draft)
    users = {draft.user_id} if draft.user_id else set()
    before = reaches_of(users, {draft.group_id} if draft.group_id else set())
    judge = Judge(access)
    judge.granted(added)
    change = judged(judge, before, [*before, *added])
    if draft.effect == Effect.DENY:
        _cover(judge, before, {reach.person for reach in added})
    homes = _homes_seen(access, draft.group) if draft.group else None
    gains, losses = (_shown(claims, homes) for claims in change)
    effective, gained = _permissions(added), _permissions(gains)
    tenants, computers = _counts(access, draft)
    allows = draft.effect == Effect.ALLOW
    return Preview(
        sentence(draft),
        tenants,
        computers,
        effective,
        _inert(draft, effective),
        gained,
        [each for each in effective if allows and each not in gained],
        _permissions(losses),
        judge.objections,
        _latest_end(judge, added),
        None if homes is None else _crowd(homes, gains if allows else losses),
        Outcome.of(change),
    )


class Ending(NamedTuple):
    """What ending some assignments does, and what the gate would say to this actor."""

    objections: list[str]
    outcome: Outcome


def preview_ending(access: Access, rows: Collection[RoleAssignment]) -> Ending:
    """They come with user, group and role. Takes no lock."""
    before = reaches_of({row.user_id for row in rows if row.user_id}, {row.group_id for row in rows if row.group_id})
    ended = reaches_of_drafts(rows)
    judge = Judge(access)
    judge.ended(rows)
    change = judged(judge, before, list((Counter(before) - Counter(ended)).elements()))
    return Ending(judge.objections, Outcome.of(change))


def preview_joining(access: Access, group: Group, user: User, expires_at: datetime | None) -> Passage:
    """What putting this person into the group would do, and what the gate would say to this actor."""
    added = reaches_through(group, [(user.pk, user.tenant_id, expires_at)])
    before = reaches_of([user.pk])
    judge = Judge(access)
    return passage_of(judge, judged(judge, before, [*before, *added]), added)


def passage_of(judge: Judge, change: Difference, added: list[Reach]) -> Passage:
    """What somebody gains by this difference, which these reaches made."""
    gained, allowed = _permissions(change.gains), [reach for reach in added if reach.allows]
    held = [each for each in _permissions(allowed) if each not in gained]
    latest = _latest_end(judge, allowed)
    return Passage(gained, held, _permissions(change.losses), judge.objections, latest, Outcome.of(change))


class Parting(NamedTuple):
    """What becomes of each, by number, and all of it as the gate will tell it."""

    passages: dict[int, Passage]
    objections: list[str]
    outcome: Outcome


def preview_leaving(access: Access, group: Group, users: Collection[int]) -> Parting:
    """What each of these people would lose, or gain again, out of the group; the objections are those to all of it."""
    inside = GroupMembership.objects.live().filter(group=group, user__in=users)
    through = reaches_through(group, inside.values_list("user_id", "user__tenant_id", "expires_at"))
    before = reaches_of(users)
    judge = Judge(access)
    change = judged(judge, before, list((Counter(before) - Counter(through)).elements()))
    gains, losses, shared = (_by_user(each) for each in (change.gains, change.losses, through))
    passages = {
        pk: Passage(
            _permissions(gains[pk]),
            [each for each in _permissions(shared[pk]) if each not in _permissions(losses[pk])],
            _permissions(losses[pk]),
            judge.objections,
        )
        for pk in users
    }
    return Parting(passages, judge.objections, Outcome.of(change))


def judged(judge: Judge, before: list[Reach], after: list[Reach]) -> Difference:
    """The difference, and the gate's judgement on it: who loses something is covered by the actor (rule 4)."""
    judge.learn([*before, *after])
    change = difference(before, after, timezone.now(), judge.estate)
    judge.gains(change.gains)
    judge.losses(change.losses)
    _cover(judge, before, {claim.reach.person for claim in change.losses})
    return change


def _cover(judge: Judge, before: Iterable[Reach], people: Collection[Person]) -> None:
    """Rule 4 for these people, as the gate asks it; the actor covers themselves."""
    held: defaultdict[Person, list[Reach]] = defaultdict(list)
    for reach in before:
        held[reach.person].append(reach)
    judge.covers_others({person: held[person] for person in people})


def _latest_end(judge: Judge, reaches: Iterable[Reach]) -> datetime | None:
    """Until when the actor holds what these reaches give, where that ends."""
    return min((end for each in reaches if (end := judge.latest_end(each.permissions, each.region))), default=None)


def _permissions(found: Iterable[Reach | Claim]) -> list[Permission]:
    """Great power first."""
    return sorted({each for reach in found for each in reach.permissions}, key=power_first)


def _by_user(found: Iterable[Reach | Claim]) -> defaultdict[int | None, list[Reach | Claim]]:
    people: defaultdict[int | None, list[Reach | Claim]] = defaultdict(list)
    for each in found:
        people[(each.reach if isinstance(each, Claim) else each).person.user_id].append(each)
    return people


def _homes_seen(access: Access, group: Group) -> dict[int, bool]:
    """The members whom the reader may see, and whether the home of each is an MSP."""
    inside = GroupMembership.objects.live().filter(group=group).values("user_id")
    return dict(access.seen(User).filter(pk__in=inside).values_list("pk", "tenant__is_msp"))


def _shown(claims: list[Claim], homes: Mapping[int, bool] | None) -> list[Claim]:
    """Without those about members whom the reader may not see."""
    return [each for each in claims if homes is None or (pk := each.reach.person.user_id) is None or pk in homes]


def _crowd(homes: Mapping[int, bool], claims: Iterable[Claim]) -> Crowd:
    touched = {claim.reach.person.user_id for claim in claims} - {None}
    return Crowd(len(homes), len(touched), sum(not of_msp for of_msp in homes.values()))


def _counts(access: Access, draft: RoleAssignment) -> tuple[int, int]:
    """How many tenants and computers the scope covers, of those that the reader may see."""
    home = draft.user.tenant_id if draft.user else None
    if draft.group and draft.scope == TenantScopeKind.OWN_TENANT:
        scope = owned_region(draft.group.tenant_id)
        computers = scopes_of_row(draft, draft.group.tenant_id or 0)[1]
    else:
        scope, computers = scopes_of_row(draft, home)
    tenants = access.scope(Tenant, Permission.TENANTS_VIEW).filter(scope.rows(KINDS[Tenant].columns))
    devices = access.scope(Computer, Permission.COMPUTERS_VIEW).filter(
        scope.rows(KINDS[Computer].columns) & computers.rows(), deleted_at=None
    )
    return tenants.count(), devices.count()


def _inert(draft: RoleAssignment, effective: list[Permission]) -> list[tuple[Permission, str]]:
    listed = [permission for permission in Permission if permission in draft.role.permissions]
    return [(permission, _why_inert(permission)) for permission in listed if permission not in effective]


def _why_inert(permission: Permission) -> str:
    if permission.spec.scoping == Scoping.SYSTEM:
        return "It belongs to the whole system: it counts only in scope Owner on all computers."
    return "It belongs to a tenant, and this assignment is narrowed to some computers."
