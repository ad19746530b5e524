"""Who else may do something: the rule of `rbac.access`, asked from the object's side (design 4, `who_can`).

It starts from the few assignments that cover the object and ends with those whom they reach, so that it costs what
there is to answer, however many users there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import BoolOr
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When

from accounts.models import Group, GroupMembership, User, UserQuerySet
from computers import scopes as computer_scopes
from computers.models import ComputerScopeKind, LibraryItem
from computers.scopes import ComputerFacts
from immyrbac.arrays import Array, Unnested, any_of, any_of_rows, gathered
from immyrbac.statements import Statement
from rbac.grants import SCOPE_COLUMNS, scopes_of
from rbac.models import SHARES, AuditEntry, Effect, Role, RoleAssignment, RoleAssignmentQuerySet, Switch
from rbac.objects import INSTANCE, KINDS, Facts, Subject, view_of
from rbac.permissions import Permission, Scoping
from rbac.roles import BUILT_IN_ROLES
from rbac.switches import GOVERNING, SwitchKey, keeps
from tenancy import scopes as tenant_scopes
from tenancy.models import Tag, Tenant, TenantScopeKind
from tenancy.scopes import TenantFacts, TenantScope


def who_can(permission: str, obj: Subject, at: datetime | None = None) -> UserQuerySet:
    """The users for whom `access_for(user, at).can(permission, obj)` says yes; unordered.

    A bounded number of queries to look up where the object stands and whom what covers it reaches, then one.
    """
    question = _question(permission, obj, at)
    if question is None:
        return User.objects.none()
    return User.objects.able_to_act(at).filter(_readers(question, obj) or question.bare(obj))


def first_who_can(permission: str, obj: Subject, count: int) -> list[User]:
    """The first of `who_can(permission, obj)` by name.

    Of most things one query that is planned once, after that for where the object stands.
    """
    question = _question(permission, obj, None)
    if question is not None and not isinstance(obj, FURTHER):
        tenant, computer = question.facts.of(obj)
        if tenant is not None:
            return question.first(tenant, computer, count)
    return list(who_can(permission, obj).order_by("name", "pk")[:count])


def _question(permission: str, obj: Subject, at: datetime | None) -> _Question | None:
    """None of what nobody may be asked."""
    if permission not in Permission or obj.__class__ not in KINDS or isinstance(obj, RoleAssignment):
        return None
    if isinstance(obj, (Group, Role, Tag)) and obj.removed_at is not None:
        return None
    return _Question(Permission(permission), at)


class People(NamedTuple):
    """Ids of users whom some allow reaches, and of those whom some deny reaches."""

    allowed: set[int]
    denied: set[int]


class Reach:
    """Some tenants (none: the instance) or one computer at one instant: what covers them, and whom that reaches.

    Of several tenants each row covers one at least. `parts`: also what covers only some computers of the tenants.
    """

    def __init__(
        self,
        tenants: Collection[TenantFacts],
        computer: ComputerFacts | None = None,
        at: datetime | None = None,
        *,
        parts: bool = False,
    ) -> None:
        self.tenants, self.computer, self.at, self.parts = tenants, computer, at, parts
        self.ids = {tenant.id for tenant in tenants}
        self.above = {pk for tenant in tenants for pk in tenant.path}

    def rows(self) -> RoleAssignmentQuerySet:
        """The live assignments that cover it for some home; each arm of the condition is an index."""
        place = tenant_scopes.rows_covering(self.tenants, self._living_in)
        rows = RoleAssignment.objects.live(self.at).filter(place)
        return rows if self.parts else rows.filter(computer_scopes.rows_covering(self.computer))

    def held(self, condition: Q) -> QuerySet[Any, Any]:
        """Those of `rows` that meet the condition, unordered: once for each whom they reach here, the `holder`."""
        held: QuerySet[Any, Any] = self.rows().filter(condition).annotate(holder=Unnested(self._holders)).order_by()
        return held

    def people(self, condition: Q) -> People:
        """Everybody whom those that meet the condition reach here."""
        if self.at is None and not self.parts and len(self.tenants) == 1:
            (tenant,) = self.tenants
            statement = _reached(condition, self.computer.type if self.computer else None)
            rows: Iterable[Any] = statement.rows(_values(tenant, self.computer))
        else:
            rows = _effects(self.held(condition))
        people = People(set(), set())
        for holder, is_allowed, is_denied in rows:
            if is_allowed:
                people.allowed.add(holder)
            if is_denied:
                people.denied.add(holder)
        return people

    @property
    def _holders(self) -> Case:
        """Of one row: its user, or those members of its group for whom it covers this place."""
        members = GroupMembership.objects.live(self.at).filter(group=OuterRef("group_id")).order_by().values("user_id")
        cases = [When(user__isnull=False, then=Array("user_id"))]
        if self.tenants:  # without any, no row is of a home
            here, above = (members.filter(any_of("user__tenant_id", homes)) for homes in (self.ids, self.above))
            own = Q(scope=TenantScopeKind.OWN_TENANT)
            cases += [
                When(own & Q(include_children=True), then=ArraySubquery(above)),
                When(own, then=ArraySubquery(here)),
            ]
        return Case(*cases, default=ArraySubquery(members))

    def _living_in(self, ids: Collection[int], above: Collection[int]) -> Q:
        """Members of a group live at or below its owner (design 2), so that its owner stands above their home."""
        here, up = (User.objects.filter(any_of("tenant_id", homes)).order_by().values("pk") for homes in (ids, above))
        groups = Group.objects.filter(Q(tenant=None) | any_of("tenant_id", above)).order_by().values("pk")
        below = Q(include_children=True) & any_of_rows("user_id", up)
        return any_of_rows("user_id", here) | below | any_of_rows("group_id", groups)


def _effects(held: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Each holder once, with whether an allow and whether a deny reaches them."""
    found: QuerySet[Any, Any] = held.values("holder").annotate(
        is_allowed=BoolOr(Q(effect=Effect.ALLOW)), is_denied=BoolOr(Q(effect=Effect.DENY))
    )
    return found.values_list("holder", "is_allowed", "is_denied")


ONE_TENANT = TenantFacts(-1, -2, (-3,), frozenset({-4}))
"""Places for the facts of one, in a statement."""


def _values(tenant: TenantFacts, computer: ComputerFacts | None) -> dict[int, Any]:
    """What stands in the places of `_standing`."""
    msps = [] if tenant.msp_id is None else [tenant.msp_id]
    of_tenant = {-1: [tenant.id], -2: msps, -3: [*tenant.path], -4: [*tenant.tag_ids]}
    return of_tenant if computer is None else of_tenant | {-5: computer.id, -6: [*computer.tag_ids]}


def _standing(computer_type: str | None) -> Reach:
    """Places for one tenant now, or for a computer of this type in it."""
    computer = None if computer_type is None else ComputerFacts(-5, computer_type, frozenset({-6}))
    return Reach([ONE_TENANT], computer)


@cache
def _reached(condition: Q, computer_type: str | None) -> Statement:
    return Statement(_effects(_standing(computer_type).held(condition)), planned_once=True)


@cache
def _first(condition: Q, computer_type: str | None, users: Q, count: int) -> Statement:
    """The first by name whom an allow and no deny reaches, of users who meet a condition."""
    found = _effects(_standing(computer_type).held(condition)).filter(is_allowed=True, is_denied=False)
    able = User.objects.able_to_act().filter(any_of_rows("pk", found.values("holder")), users)
    return Statement(able.order_by("name", "pk")[:count], planned_once=True)


FURTHER = (LibraryItem, Tag, Role, Group, AuditEntry)
"""Of these somebody may read, or be given a share, whom the bare rule does not reach."""


def _readers(question: _Question, obj: Subject) -> Q | None:
    """Where reading goes beyond the bare rule (design 3, "Objects", last column); None where it does not."""
    match question.permission, obj:
        case view, LibraryItem() if obj.tenant_id is None and view == view_of(type(obj)):
            return question.holds() | question.bare(obj)
        case view, (Tag() | Role()) if obj.tenant_id is None and view == view_of(type(obj)):
            return question.holds()
        case Permission.ROLES_VIEW, Role():
            return question.somewhere(Tenant.objects.at_or_below(obj.tenant_id or 0))
        case Permission.GROUPS_VIEW, Group(tenant_id=None):
            members = GroupMembership.objects.live(question.at).filter(group=obj.pk)
            return question.bare(obj) | (question.holds() & Q(pk__in=members.values("user_id")))
        case Permission.AUDIT_VIEW, AuditEntry(tenant_id=None):
            return question.holds() & _Question(Permission.AUDIT_VIEW_SYSTEM, question.at).bare(INSTANCE)
    return None


States = list[tuple[SwitchKey, bool]]


class _Question:
    """One permission at one instant, as conditions on users."""

    def __init__(self, permission: Permission, at: datetime | None) -> None:
        self.permission = permission
        self.at = at
        self.facts = Facts()

    def bare(self, obj: Subject) -> Q:
        """Who the bare rule of design 3 lets do this on the object."""
        tenant, computer = self.facts.of(obj)
        states = self._states(tenant.id if tenant else None)
        people = Reach([] if tenant is None else [tenant], computer, self.at).people(self._effective(states))
        sharing = self._sharing(obj) if self._flows(None, states) else set()
        return self._able & gathered("pk", (people.allowed | sharing) - people.denied)

    def first(self, tenant: TenantFacts, computer: ComputerFacts | None, count: int) -> list[User]:
        """The first by name whom the bare rule lets do this in the tenant, or on the computer in it, now."""
        condition = self._effective(self._states(tenant.id))
        statement = _first(condition, computer.type if computer else None, self._able, count)
        return statement.objects(_values(tenant, computer))

    def _sharing(self, obj: Subject) -> set[int]:
        """Whom it is shared with. One query, none of what cannot be shared."""
        if not isinstance(obj, LibraryItem):
            return set()
        rows = SHARES[type(obj)].objects.live(self.at).of(obj.pk, self.permission)
        return set(rows.order_by().values_list("user_id", flat=True))

    def holds(self) -> Q:
        """Whose `Access.holds` says yes: too many to name, so they are found as they are asked for."""
        rows = RoleAssignment.objects.live(self.at).filter(
            self._counting, self._flowing(self._states()), effect=Effect.ALLOW
        )
        memberships = GroupMembership.objects.live(self.at).filter(user=OuterRef("pk"))
        direct = Exists(rows.filter(user=OuterRef("pk")))
        through = Exists(memberships.filter(group__in=rows.values("group_id")))
        everywhere = Reach([], None, self.at)
        denied = everywhere.people(self._counting).denied
        return self._able & (Q(direct) | Q(through)) & ~any_of("pk", denied)

    def somewhere(self, tenants: QuerySet[Tenant]) -> Q:
        """Whom the bare rule lets do this in one of these tenants at least; of a permission that no switch governs."""
        self.facts.learn_tenants(tenants.order_by().values_list("pk", flat=True))
        reach = Reach(list(self.facts.tenants.values()), None, self.at)
        allowed, denied = reach.people(self._counting)
        doubtful = User.objects.filter(any_of("pk", allowed & denied)).values_list("pk", "tenant_id")
        return self._able & gathered("pk", allowed - self._denied_wherever_allowed(reach, dict(doubtful)))

    def _denied_wherever_allowed(self, reach: Reach, homes: dict[int, int]) -> set[int]:
        """Who of these users, each with their home, is denied it in every tenant in which they are allowed it."""
        joined = (
            GroupMembership.objects.live(self.at).filter(any_of("user_id", homes)).values_list("group_id", "user_id")
        )
        members: defaultdict[int, list[int]] = defaultdict(list)
        for group_id, user_id in joined:
            members[group_id].append(user_id)
        mine = any_of("user_id", homes) | any_of("group_id", members)
        rows = reach.rows().filter(self._counting, mine)
        held: dict[int, dict[str, list[TenantScope]]] = {pk: {effect: [] for effect in Effect.values} for pk in homes}
        for effect, user_id, group_id, *columns in rows.order_by().values_list(
            "effect", "user_id", "group_id", *SCOPE_COLUMNS
        ):
            for pk in [user_id] if user_id is not None else members[group_id]:
                held[pk][effect].append(scopes_of(columns, homes[pk])[0])
        return {pk for pk, scopes in held.items() if not any(_is_left(scopes, tenant) for tenant in reach.tenants)}

    def _effective(self, states: States) -> Q:
        """The rows in which it counts as the switches stand. A deny counts however they do (design 3)."""
        return self._counting & (Q(effect=Effect.DENY) | self._flowing(states)) if states else self._counting

    @property
    def _counting(self) -> Q:
        return _counting(self.permission)

    @property
    def _able(self) -> Q:
        """The users whom the permission may reach at all."""
        return Q(tenant__is_msp=True) if self.permission.spec.msp_only else Q()

    # Switches

    def _states(self, tenant_id: int | None = None) -> States:
        """How those stand that govern the permission, for the instance and as the tenant tightened them."""
        keys = GOVERNING.get(self.permission, ())
        found = Switch.objects.filter(Q(tenant=None) | Q(tenant=tenant_id), key__in=keys) if keys else ()
        stands = {(each.key, each.tenant_id): each.enabled for each in found}
        of_instance = [(key, stands.get((key, None), key.spec.default)) for key in keys]
        tightened = [key for key in keys if key.spec.tenant_may_tighten and stands.get((key, tenant_id)) is False]
        return of_instance + [(key, False) for key in tightened if tenant_id is not None]

    def _flows(self, role_key: str | None, states: States) -> bool:
        return all(keeps(role_key, self.permission, key, enabled=enabled) for key, enabled in states)

    def _flowing(self, states: States) -> Q:
        """Roles through which the permission flows as the switches stand."""
        if self._flows(None, states):
            return Q(role__isnull=False)
        return Q(role__key__in=[role.key for role in BUILT_IN_ROLES if self._flows(role.key, states)])


@cache
def _counting(permission: Permission) -> Q:
    """The rows in which it counts, but for switches. The same object each time: what it says is hashed once."""
    counting = Q(role__permissions__contains=[permission.value])
    match permission.spec.scoping:
        case Scoping.SYSTEM:
            return counting & Q(scope=TenantScopeKind.OWNER, computer_scope=ComputerScopeKind.ALL)
        case Scoping.TENANT:
            return counting & Q(computer_scope=ComputerScopeKind.ALL)
    return counting


def _is_left(scopes: dict[str, list[TenantScope]], tenant: TenantFacts) -> bool:
    allowed, denied = (any(scope.covers(tenant) for scope in scopes[effect]) for effect in (Effect.ALLOW, Effect.DENY))
    return allowed and not denied
