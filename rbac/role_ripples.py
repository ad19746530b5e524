"""What changing the permissions of a role would do, person by person, before it is done (guide, "Ripple page").

It counts what flows now, as `rbac.access` decides it. The gate judges by more, all that may still come; `objections`
says beforehand what it would say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db.models import Q

from accounts.models import GroupMembership, User
from immyrbac.arrays import any_of
from immyrbac.words import counted
from rbac.access import Access
from rbac.estimates import Estimates, seen_spread
from rbac.flows import (
    FACTS,
    Affected,
    Flows,
    Member,
    Person,
    Share,
    Sight,
    Weighed,
    grounds_of,
    member_of,
    sources_of,
    touched_by,
)
from rbac.grants import counting_permissions
from rbac.judgement import Judge
from rbac.models import Role, RoleAssignment
from rbac.outcomes import EXACT, Outcome
from rbac.permissions import Permission
from rbac.power import Difference, Reach, RoleFacts, reaches_of
from rbac.previews import judged
from rbac.spreads import Spread
from rbac.switchboard import Switchboard
from tenancy.models import TenantScopeKind

EVERYBODY = ("person", "people")


@dataclass(frozen=True, slots=True)
class RoleRipple:
    """What a role that is about to hold something else does to those whom the reader may see, great power first.

    `tenants` and `computers`: how many lie in what somebody loses or gains. `at_most` is None where all of it is exact;
    otherwise so many people have the role, and `people` are those whose great power changes. `later`: assignments of it
    that have not started. `beyond`: something happens outside the reader's view.
    """

    added: Sequence[Permission]
    removed: Sequence[Permission]
    people: Sequence[Affected]
    tenants: int
    computers: int
    later: int
    beyond: bool
    at_most: int | None = None

    @property
    def losers(self) -> int:
        return sum(each.loses for each in self.people)

    @property
    def gainers(self) -> int:
        return sum(each.gains for each in self.people)

    @property
    def touched(self) -> int:
        return len(self.people) if self.at_most is None else self.at_most

    @property
    def power(self) -> list[Permission]:
        """Great power that somebody gains, or will when an assignment starts."""
        gained = {share.permission for each in self.people for share in each.shares if share.gains}
        gained |= set(self.added) if self.later else set()
        return [permission for permission in Permission if permission in gained and permission.spec.great_power]

    @property
    def expected(self) -> str:
        """The numbers on the page: where they have moved meanwhile, it is shown again."""
        numbers = (self.touched, self.losers, self.gainers, self.tenants, self.computers, self.later, len(self.power))
        return "-".join(map(str, numbers))

    @property
    def homes(self) -> set[int | None]:
        """The home tenants of those who are named."""
        return {each.person.home_id for each in self._named}

    @property
    def sentence(self) -> str:
        if self.at_most is not None:
            return f"at most {counted(self.at_most, *EVERYBODY)}"
        lost, gained = counted(self.losers, *EVERYBODY), counted(self.gainers, *EVERYBODY)
        where = [counted(self.tenants, "tenant"), *([counted(self.computers, "computer")] if self.computers else [])]
        return f"{lost} lost and {gained} gained something on {' and '.join(where)}"

    def told(self) -> dict[str, Any]:
        """What was shown, for audit, in its own terms: numbers, of each permission too, and whom it names."""
        count = {
            side: Counter(share.permission for each in self.people for share in each.shares if getattr(share, side))
            for side in ("loses", "gains")
        }
        shown: dict[str, Any] = {"label": self.sentence, "people": self.touched, "tenants": self.tenants}
        shown |= {"computers": self.computers}
        shown |= {"lost": dict(count["loses"]), "gained": dict(count["gains"]), "great_power": self.power}
        shown |= {"exact": self.at_most is None, "starting_later": self.later, "further_people": self.beyond}
        return {"ripple": shown, "reached": [{"id": each.person.id, "name": each.person.name} for each in self._named]}

    @property
    def _named(self) -> Sequence[Affected]:
        return self.people if len(self.people) <= EXACT else ()


def ripple_of(
    access: Access, role: Role, before: Collection[str], weigh: Callable[[], Weighing] | None = None
) -> RoleRipple:
    """What it does that this unsaved role holds what it holds, instead of `before`. A fixed number of queries.

    `weigh`: what the gate compares, where somebody else asks for it as well.
    """
    held = {side: frozenset(map(Permission, listed)) for side, listed in (("old", before), ("new", role.permissions))}
    changed = [permission for permission in Permission if permission in held["old"] ^ held["new"]]
    added, removed = ([each for each in changed if each in side] for side in (held["new"], held["old"]))
    company = _company(access, role)
    if len(company.people) > EXACT:
        great = [each for each in changed if each.spec.great_power]
        strong, spread = _estimated(access, company, great, weigh() if weigh else weighed(access, role))
        places = (spread.tenants, spread.computers)
        return RoleRipple(added, removed, strong, *places, company.later, bool(company.unseen), len(company.seen))
    cast = _cast(access, role, company, frozenset(changed))
    flows = Flows(Switchboard(access), grounds_of(access, changed, cast))
    people: list[Affected] = []
    touched: list[Share] = []
    beyond = False
    for member in cast:
        shares = flows.of(member)
        told = member.told(shares)
        if member.is_seen and told.is_touched:
            people.append(replace(told, shares=[share for share in told.shares if share.loses or share.gains]))
            touched += shares
        beyond |= any(share.flow.is_touched for share in shares) and not (member.is_seen and told.is_touched)
    return RoleRipple(added, removed, sorted(people, key=_power_first), *touched_by(touched), company.later, beyond)


def _estimated(
    access: Access, company: _Company, great: Sequence[Permission], gate: Weighing
) -> tuple[list[Affected], Spread]:
    """Of so many that have the role: whose great power changes, as the gate counts it, and at most where."""
    outcome = Outcome.of(gate.change)
    estimates = Estimates(great, gate.before, gate.after, outcome)
    seen = (Person(*facts) for facts in company.people if facts[0] in company.seen)
    people = [Affected(each, (), (), [share for share in estimates.of(each.id) if share.is_touched]) for each in seen]
    spread = seen_spread(access, outcome, company.seen)
    return sorted((each for each in people if each.is_touched), key=_power_first), spread


def _power_first(each: Affected) -> tuple[bool, bool]:
    """They come by name already."""
    return not any(share.gains and share.permission.spec.great_power for share in each.shares), not each.loses


def lost(each: Affected) -> list[Weighed]:
    return [share for share in each.shares if share.loses]


def gained(each: Affected) -> list[Weighed]:
    return [share for share in each.shares if share.gains]


# Who


class _Company(NamedTuple):
    """Everybody who may act and whom the role reaches now; how many of them, and which, the reader does not see."""

    people: Sequence[tuple[Any, ...]]
    seen: frozenset[int]
    later: int

    @property
    def unseen(self) -> int:
        return len(self.people) - len(self.seen)


def _company(access: Access, role: Role) -> _Company:
    """Four queries."""
    rows = RoleAssignment.objects.filter(role=role).order_by()
    live = list(rows.live().values_list("user_id", "group_id"))
    groups = {group for _, group in live if group}
    inside = GroupMembership.objects.live().filter(group__in=groups).values_list("user_id", flat=True)
    ids = {user for user, _ in live if user} | set(inside)
    people = list(User.objects.able_to_act().filter(any_of("pk", ids)).order_by("name", "pk").values_list(*FACTS))
    seen = access.seen(User).filter(any_of("pk", [facts[0] for facts in people])).order_by()
    coming = rows.unexpired().exclude(pk__in=rows.live().values("pk"))
    return _Company(
        people,
        frozenset(seen.values_list("pk", flat=True)),
        access.scope(coming, RoleAssignment.VIEW).order_by().count(),
    )


def _cast(access: Access, role: Role, company: _Company, wanted: frozenset[Permission]) -> list[Member]:
    """These people with all that bears on the permissions wherever it comes from. Three queries."""
    if not wanted or not company.people:
        return []
    ids = [facts[0] for facts in company.people]
    joined: defaultdict[int, list[int]] = defaultdict(list)
    for user_id, group_id in GroupMembership.objects.live().filter(any_of("user_id", ids)).values_list("user", "group"):
        joined[user_id].append(group_id)
    groups = {group for each in joined.values() for group in each}
    rows = RoleAssignment.objects.live().filter(any_of("user_id", ids) | any_of("group_id", groups)).order_by()
    rows = rows.filter(Q(role__permissions__overlap=sorted(wanted)) | Q(role=role))
    held: defaultdict[tuple[int | None, int | None], list[tuple[Any, ...]]] = defaultdict(list)
    for row in sources_of(rows):
        held[row[1], row[2]].append(row)
    found = [row[0] for each in held.values() for row in each]
    readable = access.seen(RoleAssignment).filter(any_of("pk", found)).order_by()
    sight = Sight(company.seen, frozenset(readable.values_list("pk", flat=True)))
    becoming = {role.pk: frozenset(role.permissions)}
    return [
        member_of(Person(*facts), reaching, wanted, sight, becoming)
        for facts in company.people
        for reaching in [held[facts[0], None] + [row for pk in joined[facts[0]] for row in held[None, pk]]]
    ]


# The gate


class Weighing(NamedTuple):
    """What reaches those who have the role, before and after, the gate's difference of it, and what it would say."""

    before: Sequence[Reach]
    after: Sequence[Reach]
    change: Difference
    objections: list[str]


def weighed(access: Access, role: Role) -> Weighing:
    """If the role held what it holds unsaved. Takes no lock, writes nothing."""
    rows = list(RoleAssignment.objects.unexpired().filter(role=role).order_by().values_list("user_id", "group_id"))
    before = reaches_of({user for user, _ in rows if user}, {group for _, group in rows if group})
    after, judge = list(_with(before, role)), Judge(access)
    return Weighing(before, after, judged(judge, before, after), judge.objections)


def objections(access: Access, role: Role) -> list[str]:
    """What the gate would say to this reader if the role held what it holds unsaved."""
    return weighed(access, role).objections


def _with(reaches: Iterable[Reach], role: Role) -> Iterable[Reach]:
    """The reaches as they are when the role holds what it holds unsaved."""
    facts = RoleFacts(role.pk, role.key, frozenset(role.permissions))
    for reach in reaches:
        if reach.role.id != role.pk:
            yield reach
            continue
        whole = reach.kind == TenantScopeKind.OWNER and all(each.is_everything for each in reach.region.tenants)
        every = all(each.is_everything for each in reach.region.computers)
        counting = counting_permissions(facts.permissions, whole=whole, every=every, msp_only=True)
        yield reach._replace(permissions=counting, role=facts)
