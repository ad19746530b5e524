"""Who has which role and where, as far as a reader may see it (design 3, "Objects").

Bounded, however many there are: what is counted beside a role is counted up to `CAP`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Case, Count, ExpressionWrapper, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from accounts.models import Group, GroupMembership, User
from computers.models import Computer
from immyrbac.arrays import any_of, any_of_rows
from immyrbac.lists import Total
from immyrbac.statements import Statement
from immyrbac.words import Status, lifetime, listed
from rbac.access import Access
from rbac.beyond import scopes_seen
from rbac.models import Effect, Role, RoleAssignment, RoleAssignmentQuerySet, Switch
from rbac.naming import name_for
from rbac.objects import KINDS, view_of
from rbac.permissions import Permission
from rbac.sentences import SENTENCE_RELATIONS
from rbac.switches import GOVERNING, SwitchKey, keeps
from tenancy.models import Tag, Tenant, TenantScopeKind
from tenancy.scopes import TenantScope, tenant_scope, union_rows

CAP = 1_000
NOBODY: Final = Total(0, capped=False)
NOBODY_DIRECTLY = 0
"""In place of a user, of an assignment that lets nobody do anything but the members of a group."""


def sees_holders(access: Access) -> bool:
    """Whether the reader may see anybody at all who has a role."""
    return access.holds(RoleAssignment.VIEW)


def assignments_of(access: Access, role: Role) -> QuerySet[RoleAssignment]:
    """The assignments of the role that are not over, started or not, as the reader may see them."""
    return _seen(access, _lasting(role))


def _lasting(role: Role) -> RoleAssignmentQuerySet:
    return RoleAssignment.objects.unexpired().filter(role=role)


def _seen(access: Access, rows: RoleAssignmentQuerySet) -> QuerySet[RoleAssignment]:
    seen: QuerySet[RoleAssignment] = access.scope(rows, RoleAssignment.VIEW).order_by()
    return seen


# Numbers


class Use(NamedTuple):
    """How much a role is used, as a reader may see it: its assignments that are not over, and who may use it now."""

    assignments: Total = NOBODY
    people: Total = NOBODY


def uses_of(access: Access, roles: Collection[Role]) -> dict[int, Use]:
    """Of each of these roles that is used, as far as the reader may see it; two queries at most.

    Whoever sees everything walks no further than the cap. Anybody else sees too few of those on the way for that: what
    they see is gathered.
    """
    if not roles or not sees_holders(access):
        return {}
    ids = [role.pk for role in roles]
    return _walked(access, ids) if access.is_total(User.VIEW) else _gathered(access, ids)


def _walked(access: Access, ids: Collection[int]) -> dict[int, Use]:
    """One walk past the assignments of each role, and one past the members of its groups."""
    is_shown_all = access.at is None and all(access.is_total(view_of(model)) for model in SHOWN)
    found: Iterable[Any] = _kept(access).rows({-1: sorted(ids)}) if is_shown_all else _walk(access, Q(pk__in=ids))
    return {
        pk: Use(
            _total(len(every)),
            _total(len({*every, *through} - {NOBODY_DIRECTLY}), is_cut=max(len(every), len(through)) > CAP),
        )
        for pk, every, through in found
    }


SHOWN = (User, Group, Tenant, Tag, Computer)
"""What an assignment names. For whoever sees all of these, the walk asks the same whoever they are."""

_WALKS: dict[int, Statement] = {}
"""By their cap."""


def _kept(access: Access) -> Statement:
    """The walk of whoever sees all that is `SHOWN`: to compile it takes as long as to walk."""
    if CAP not in _WALKS:
        _WALKS[CAP] = Statement(_walk(access, any_of("pk", [-1])), planned_once=True)
    return _WALKS[CAP]


def _walk(access: Access, which: Q) -> QuerySet[Role, Any]:
    """Of these roles, the users whom assignments name directly, and those in the groups that others name."""
    rows = RoleAssignment.objects.filter(role=OuterRef("pk"))
    direct = Case(When(ALLOWS & Q(group=None), then="user_id"), default=NOBODY_DIRECTLY)
    of_role = RoleAssignment.objects.filter(role=OuterRef(OuterRef("pk")))
    groups = _allowing(access, of_role).filter(group__isnull=False)  # as the index of these says it
    members = _members(access).filter(group__in=groups.values("group_id")[: CAP + 1])
    arrays = [_first(_seen(access, rows.unexpired()), direct), _first(members, F("user_id"))]
    return Role.objects.filter(which).order_by().values_list("pk", *arrays)


def _first(rows: QuerySet[Any], column: F | Case) -> ArraySubquery:
    return ArraySubquery(rows.values_list(column)[: CAP + 1])


def _gathered(access: Access, ids: Collection[int]) -> dict[int, Use]:
    """Of the rows, bare: to count in the database, each pair of a row and a member is looked at and sorted.

    Groups are looked into for those roles alone that are below the cap without them. No holder is somebody removed
    (trigger `removed_hold_nothing`).
    """
    rows = of_whom_is_seen(access, RoleAssignment.objects.unexpired().alias(of=ROLE).filter(of__in=ids))
    held = list(rows.values_list("role_id", ExpressionWrapper(ALLOWS, BooleanField()), "user_id", "group_id"))
    assigned, people = Counter(role for role, *_ in held), defaultdict[int, set[int]](set)
    for role, counts, user, group in held:
        if counts and group is None:
            people[role].add(user)
    shared = [(role, group) for role, counts, _, group in held if counts and group and len(people[role]) <= CAP]
    members = _seen_in(access, {group for _, group in shared})
    for role, group in shared:
        people[role] |= members[group]
    return {role: Use(_total(count), _total(len(people[role]))) for role, count in assigned.items()}


def _seen_in(access: Access, groups: Collection[int]) -> defaultdict[int, set[int]]:
    """Who is in these groups, of whom the reader sees. One query, none for none."""
    members: defaultdict[int, set[int]] = defaultdict(set)
    rows = _members(access).filter(any_of("group_id", groups)).values_list("group_id", "user_id") if groups else ()
    for group, user in rows:
        members[group].add(user)
    return members


def of_whom_is_seen(access: Access, rows: RoleAssignmentQuerySet | None = None) -> QuerySet[RoleAssignment]:
    """The same as `_seen`, of these rows or all, found from the people and the groups that the reader sees: among many
    that they do not.
    """
    if rows is None:
        return access.kept(of_whom_is_seen, lambda: of_whom_is_seen(access, RoleAssignment.objects.all()))
    if not sees_holders(access):
        return rows.none()
    users, groups = (access.scope(model, view_of(model)).order_by().values("pk") for model in (User, Group))
    return rows.filter(any_of_rows("user_id", users) | any_of_rows("group_id", groups), scopes_seen(access)).order_by()


def _in_sight(access: Access, rows: RoleAssignmentQuerySet) -> QuerySet[RoleAssignment]:
    """The same as `_seen`, in the way that is quicker for this reader: past all, or gathered."""
    return _seen(access, rows) if access.is_total(User.VIEW) else of_whom_is_seen(access, rows)


def held_now(access: Access) -> QuerySet[RoleAssignment]:
    """The assignments that allow something now, if only to the members of a group that has none."""
    return _in_sight(access, RoleAssignment.objects.unexpired().filter(ALLOWS))


ROLE = Coalesce("role_id", "role_id")
"""The role, not by an index: one of users and roles is looked up three times as slowly as one of users alone."""

ALLOWS = Q(effect=Effect.ALLOW) & (Q(starts_at=None) | Q(starts_at__lte=Now()))
"""Of assignments that are not over: those by which something is allowed now."""


def _total(found: int, *, is_cut: bool = False) -> Total:
    """Of what was found up to one beyond the cap; `is_cut` where there may be more of it for another reason."""
    beyond = is_cut or found > CAP
    return Total(max(min(found - 1, CAP), 0) if beyond else found, capped=beyond)


def _allowing(access: Access, rows: RoleAssignmentQuerySet) -> QuerySet[RoleAssignment]:
    return _seen(access, rows.unexpired().filter(ALLOWS))


def _people(access: Access) -> QuerySet[User]:
    """Who is listed and counted: those whom the list of users shows without a filter."""
    seen: QuerySet[User] = access.seen(User).filter(removed_at=None).order_by()
    return seen


def _members(access: Access) -> QuerySet[GroupMembership]:
    return GroupMembership.objects.live().filter(user__in=_people(access).values("pk"))


# One role


class Found(NamedTuple):
    """One assignment: whether it allows something now, to whom, and the columns of its tenant scope."""

    pk: int
    allows: bool
    denies: bool
    user: int | None
    home: int | None
    group: int | None
    scope: str
    tenant: int | None
    tag: int | None
    children: bool


COLUMNS = (
    "pk",
    ExpressionWrapper(ALLOWS, BooleanField()),
    ExpressionWrapper(Q(effect=Effect.DENY), BooleanField()),
    *("user_id", "user__tenant_id", "group_id", "scope", "tenant_id", "tag_id", "include_children"),
)


class Reach(NamedTuple):
    """How much one role is used; `tenants` are those on which somebody may use it now, None is every tenant.

    `assignments`: all of them by number, youngest first; None where they are more than the cap.
    """

    use: Use = Use()
    to_groups: Total = NOBODY
    denies: Total = NOBODY
    tenants: Total | None = NOBODY
    assignments: Sequence[int] | None = ()


def reach_of(access: Access, role: Role) -> Reach:
    """Three queries, two more beyond the cap; there it is "more than" what the first assignments come to."""
    rows = assignments_of(access, role)
    found = [Found(*row) for row in _in_sight(access, _lasting(role)).values_list(*COLUMNS)[: CAP + 1]]
    joined = _joined(access, {row.group for row in found if row.allows and row.group is not None})
    is_cut = max(len(found), len(joined)) > CAP
    people = {row.user for row in found if row.allows and row.user is not None} | {user for _, user, _ in joined}
    homes: defaultdict[int, set[int]] = defaultdict(set)
    for group, _, home in joined:
        homes[group].add(home)
    scopes = {scope for row in found if row.allows for scope in _scopes(row, homes)}
    return Reach(
        Use(_total(len(found)), _total(len(people), is_cut=is_cut)),
        _share(rows.filter(group__isnull=False), sum(row.group is not None for row in found), len(found)),
        _share(rows.filter(effect=Effect.DENY), sum(row.denies for row in found), len(found)),
        _covered(access, scopes, is_cut=is_cut),
        sorted((row.pk for row in found), reverse=True) if len(found) <= CAP else None,
    )


def youngest_of(access: Access, role: Role, reach: Reach, most: int) -> QuerySet[RoleAssignment]:
    """The first of the assignments of the role, youngest first; looked up where all of them were read for its reach."""
    known = reach.assignments
    rows = assignments_of(access, role) if known is None else RoleAssignment.objects.filter(any_of("pk", known[:most]))
    return rows.order_by("-pk")[:most]


def _joined(access: Access, groups: Collection[int]) -> list[tuple[int, int, int]]:
    """Group, user and the user's home for the members of these groups, up to one beyond the cap."""
    columns = ("group_id", "user_id", "user__tenant_id")
    return list(_members(access).filter(group__in=groups).values_list(*columns)[: CAP + 1]) if groups else []


def _scopes(row: Found, homes: Mapping[int, Collection[int]]) -> Iterator[TenantScope]:
    """Its tenant scope; of *own tenant* one for each home of those whom it reaches."""
    places: Iterable[int | None] = (row.tenant,)
    if row.scope == TenantScopeKind.OWN_TENANT:
        places = (row.home,) if row.group is None else homes.get(row.group, ())
    for place in places:
        yield tenant_scope(row.scope, place, row.tag, include_children=row.children)


def _share(rows: QuerySet[RoleAssignment], found: int, of: int) -> Total:
    """How many of the assignments are of one sort; counted anew where not all of them were read."""
    return _total(rows.values("pk")[: CAP + 1].count() if of > CAP else found)


def _covered(access: Access, scopes: Collection[TenantScope], *, is_cut: bool) -> Total | None:
    if any(scope.is_everything for scope in scopes):
        return None
    rows = access.seen(Tenant).filter(union_rows(scopes, KINDS[Tenant].columns)).order_by()
    return _total(rows.values("pk")[: CAP + 1].count(), is_cut=is_cut)


# The rows


@dataclass(frozen=True, slots=True)
class Holder:
    """One assignment of a role: who has it (`members`: how many, of a group), how it stands, and who gave it."""

    row: RoleAssignment
    status: Status
    members: int
    given_by: str

    @property
    def denies(self) -> bool:
        return self.row.effect == Effect.DENY


HOLDER_RELATIONS = ("user__tenant", "group__tenant", "granted_by__tenant", *SENTENCE_RELATIONS)
"""What `holders` reads besides the row."""


def holders(access: Access, rows: Collection[RoleAssignment], suspended: Suspended) -> list[Holder]:
    """These rows, which come with `HOLDER_RELATIONS`, as the reader may read them; two queries at most."""
    groups = {row.group_id for row in rows if row.group_id is not None}
    members = _sizes(access, groups) if groups else {}
    access.know(row.granted_by for row in rows if row.granted_by is not None)
    now = timezone.now()
    return [
        Holder(row, _status(row, now, suspended), members.get(row.group_id or 0, 0), giver(access, row)) for row in rows
    ]


def _sizes(access: Access, groups: Collection[int]) -> dict[int, int]:
    counted = _members(access).filter(group__in=groups).values("group_id").annotate(size=Count("pk"))
    return dict(counted.values_list("group_id", "size"))


def giver(access: Access, row: RoleAssignment) -> str:
    """Who gave it, as far as the reader may read names."""
    principal = row.user or row.group
    place = principal.tenant if principal else None
    return "The system" if row.granted_by is None else name_for(access, row.granted_by, place)


def _status(row: RoleAssignment, now: datetime, suspended: Suspended) -> Status:
    status = lifetime(now, row.starts_at, row.expires_at)
    if row.effect == Effect.DENY or status.kind not in ("live", "soon") or not suspended.everywhere:
        return status
    whole = suspended.everywhere.issuperset(row.role.permissions)
    return Status("suspended", "Suspended" if whole else "Partly suspended")


# Switches


@dataclass(frozen=True, slots=True)
class Suspended:
    """What switches take of a role now: `everywhere` those of the instance; `words` says it of each permission."""

    everywhere: frozenset[Permission] = frozenset()
    words: Mapping[Permission, str] = field(default_factory=dict)


def suspended_of(access: Access, role: Role) -> Suspended:
    """Tenants that turned a switch off are named as far as the reader sees them; one query for each such switch."""
    words: dict[Permission, str] = {}
    everywhere = set()
    for permission, keys in GOVERNING.items():
        if permission not in role.permissions or role.deny_only:
            continue
        for key in keys:
            enabled = access.switches.get(key, key.spec.default)
            if not keeps(role.key, permission, key, enabled=enabled):
                everywhere.add(permission)
                words[permission] = f"Suspended: {key.label} is {'on' if enabled else 'off'}."
            elif names := _switched_off(access, role, permission, key):
                words[permission] = f"Suspended in {listed(names)}, where {key.label} is off."
    return Suspended(frozenset(everywhere), words)


def _switched_off(access: Access, role: Role, permission: Permission, key: SwitchKey) -> list[str]:
    """The tenants that turned the switch off for themselves, by name, at most one beyond `CAP`."""
    if not key.spec.tenant_may_tighten or keeps(role.key, permission, key, enabled=False):
        return []
    off = Switch.objects.filter(key=key, tenant__isnull=False, enabled=False)
    seen = access.seen(Tenant).filter(pk__in=off.values("tenant_id"))
    return list(seen.order_by("name").values_list("name", flat=True)[: CAP + 1])
