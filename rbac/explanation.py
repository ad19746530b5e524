"""Why somebody may or may not do something: every assignment that bears on it, and where it breaks (design 4)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

from django.db.models import Exists, OuterRef, TextChoices
from django.db.models.functions import Now

from accounts.models import GroupMembership, User
from computers.scopes import ComputerFacts
from immyrbac.arrays import any_of
from immyrbac.statements import Statement
from rbac.grants import earliest, scopes_of_row
from rbac.models import Effect, RoleAssignment, Share
from rbac.permissions import Permission, is_inert
from rbac.sentences import told
from tenancy.scopes import TenantFacts


class Break(TextChoices):
    """Where a path from person to object stops short, in its order; a label ends a sentence, after "but"."""

    ACCOUNT = "account", "the account may not act now"
    ROLE = "role", "its role does not hold the permission"
    STARTS = "starts", "the assignment has not started yet"
    EXPIRED = "expired", "the assignment has expired"
    MEMBERSHIP = "membership", "the membership in the group has expired"
    INERT = "inert", "the permission counts for nothing in so narrow a scope"
    MSP_ONLY = "msp_only", "the permission counts only for users whose home is an MSP"
    TENANTS = "tenants", "its tenants do not include this one"
    COMPUTERS = "computers", "its computers do not include this one"
    SWITCH = "switch", "a preference suspends the permission"


NEAR_MISSES = 5


@dataclass(frozen=True, slots=True)
class Path:
    """One assignment on its way from the user to the object; without `breaks` it arrives."""

    assignment: RoleAssignment
    membership: GroupMembership | None
    breaks: Break | None
    ends: datetime | None

    @property
    def denies(self) -> bool:
        return self.assignment.effect == Effect.DENY


@dataclass(frozen=True, slots=True)
class SharePath:
    """One share of exactly this item with the user; without `breaks` it arrives."""

    share: Share
    breaks: Break | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one question, with its reasons.

    `deciding`: denies that match, else allows that match. `others`: allows that a deny beats. `near_misses`: what would
    turn the answer but breaks, the nearest first: allows where it is no, denies where it is yes; the farthest are those
    whose role lacks the permission, and nothing else. `readable`: allowed by a rule on reading, though the bare rule
    says no; no path decides then. `able`: whether the account may act at all. `shares`: those of exactly
    this item, which allow where they arrive and no deny decides.
    """

    permission: str
    allowed: bool
    deciding: tuple[Path, ...]
    others: tuple[Path, ...]
    near_misses: tuple[Path, ...]
    readable: bool = False
    able: bool = True
    shares: tuple[SharePath, ...] = ()

    @property
    def shared(self) -> tuple[Share, ...]:
        """The shares that arrive."""
        return tuple(path.share for path in self.shares if path.breaks is None)


@dataclass(frozen=True, slots=True)
class Question:
    """One permission on one object, with all that the rule asks of the two.

    `flows` says whether the permission flows through a role with this key as the switches stand for this object.
    `shares`: the unended ones of it on exactly this object, whoever's. `anywhere`: the question is whether the
    permission is held at all, wherever that is (`Access.holds`).
    """

    permission: str
    tenant: TenantFacts | None
    computer: ComputerFacts | None
    flows: Callable[[str | None], bool]
    shares: Sequence[Share] = ()
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What all explanations for one user share: every unended assignment that names them or a group of theirs.

    `able`: whether the account lets them act at `now`.
    """

    user: User
    able: bool
    now: datetime
    assignments: tuple[tuple[RoleAssignment, GroupMembership | None], ...]


def standings_of(user_ids: Collection[int], at: datetime | None = None) -> dict[int, Standing]:
    """Where these users stand at the instant, the statement clock unless given. Ten queries at most for all of them."""
    asked = _asked_now() if at is None else _Asked.of(at)
    ids = sorted(user_ids)
    joined: dict[int, list[GroupMembership]] = {}
    for membership in asked.memberships.objects({-1: ids}) if ids else ():
        joined.setdefault(membership.group_id, []).append(membership)
    held: dict[int, list[tuple[RoleAssignment, GroupMembership | None]]] = {pk: [] for pk in ids}
    for row in told(asked.assignments.objects({-1: ids, -2: sorted(joined)})) if ids else ():
        if row.user_id:
            held[row.user_id].append((row, None))
        for membership in joined.get(row.group_id or 0, ()):
            held[membership.user_id].append((row, membership))
    users = asked.users.objects({-1: ids}) if ids else []
    return {user.pk: Standing(user, user.able, at or user.clock, tuple(held[user.pk])) for user in users}


class _Asked(NamedTuple):
    """What is looked up of people: -1 are their numbers, -2 those of their groups."""

    users: Statement
    memberships: Statement
    assignments: Statement

    @classmethod
    def of(cls, at: datetime | None) -> _Asked:
        able = Exists(User.objects.able_to_act(at).filter(pk=OuterRef("pk")))
        users = User.objects.filter(any_of("pk", [-1])).select_related("tenant").order_by()
        memberships = GroupMembership.objects.unended().filter(any_of("user_id", [-1])).order_by("pk")
        rows = RoleAssignment.objects.unended().filter(any_of("user_id", [-1]) | any_of("group_id", [-2]))
        queries = users.annotate(clock=Now(), able=able), memberships, rows.order_by("pk")
        return cls(*(Statement(each, planned_once=at is None) for each in queries))


@cache
def _asked_now() -> _Asked:
    return _Asked.of(None)


def explain(question: Question, standing: Standing | None, *, allowed: bool) -> Decision:
    """The decision with its reasons; `allowed` is what the rule said. In memory."""
    if standing is None:
        return Decision(question.permission, False, (), (), (), able=False)
    breaks = [] if standing.able else [Break.ACCOUNT]
    paths = [
        Path(
            row,
            joined,
            next(iter(breaks + found), None),
            earliest(row.expires_at, joined.expires_at if joined else None),
        )
        for row, joined in standing.assignments
        if (found := _breaks(question, standing, row, joined)) is not None
    ]
    arrived = [path for path in paths if path.breaks is None]
    denies = tuple(path for path in arrived if path.denies)
    allows = tuple(path for path in arrived if not path.denies)
    shares = tuple(_shares(question, standing))
    readable = allowed and (bool(denies) or not (allows or any(path.breaks is None for path in shares)))
    missed = [path for path in paths if path.breaks is not None and path.denies == allowed]
    missed.sort(key=lambda path: -list(Break).index(path.breaks or Break.ACCOUNT))
    return Decision(
        question.permission,
        allowed,
        () if readable else denies or allows,
        allows if denies and not readable else (),
        tuple(missed[:NEAR_MISSES]),
        readable=readable,
        able=standing.able,
        shares=shares,
    )


def _shares(question: Question, standing: Standing) -> Iterator[SharePath]:
    """Those with this user, and where each breaks."""
    user = standing.user
    for share in (each for each in question.shares if each.user_id == user.pk):
        found = {
            Break.ACCOUNT: not standing.able,
            Break.EXPIRED: share.expires_at is not None and share.expires_at <= standing.now,
            Break.MSP_ONLY: Permission(question.permission).spec.msp_only and not user.tenant.is_msp,
            Break.SWITCH: not question.flows(None),
        }
        yield SharePath(share, next((each for each, is_so in found.items() if is_so), None))


def _breaks(
    question: Question, standing: Standing, row: RoleAssignment, joined: GroupMembership | None
) -> list[Break] | None:
    """Where the assignment breaks, in the order of the path; None where its role and more than that stop it."""
    if question.permission not in Permission:
        return None
    permission, user, now = Permission(question.permission), standing.user, standing.now
    tenants, computers = scopes_of_row(row, user.tenant_id)
    on_computers = computers.is_everything if question.computer is None else computers.covers(question.computer)
    elsewhere = not (question.anywhere and row.effect == Effect.ALLOW)
    inert = is_inert(permission, whole_instance=tenants.is_everything, all_computers=computers.is_everything)
    found = {
        Break.ROLE: permission not in row.role.permissions,
        Break.STARTS: row.starts_at is not None and now < row.starts_at,
        Break.EXPIRED: row.expires_at is not None and row.expires_at <= now,
        Break.MEMBERSHIP: joined is not None and joined.expires_at is not None and joined.expires_at <= now,
        Break.INERT: inert,
        Break.MSP_ONLY: row.effect == Effect.ALLOW and permission.spec.msp_only and not user.tenant.is_msp,
        Break.TENANTS: elsewhere and not tenants.covers(question.tenant),
        Break.COMPUTERS: elsewhere and not on_computers,
        Break.SWITCH: row.effect == Effect.ALLOW and not question.flows(row.role.key),
    }
    breaks = [each for each, is_so in found.items() if is_so]
    return None if found[Break.ROLE] and (breaks != [Break.ROLE] or not standing.able) else breaks
