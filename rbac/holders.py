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

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet, Value

from accounts.models import Group, GroupMembership, User, UserQuerySet
from computers import scopes as computer_scopes
from computers.models import ComputerScopeKind, LibraryItem
from computers.scopes import ComputerFacts
from immyrbac.arrays import any_of, any_of_rows, gathered
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

    A bounded number of queries to look up where the object stands and what covers it, then one.
    """
    if permission not in Permission or obj.__class__ not in KINDS or isinstance(obj, RoleAssignment):
        return User.objects.none()
    if isinstance(obj, (Group, Role, Tag)) and obj.removed_at is not None:
        return User.objects.none()
    question = _Question(Permission(permission), at)
    return User.objects.able_to_act(at).filter(_readers(question, obj) or question.bare(obj))


class Named(NamedTuple):
    """Whom assignments name that are alike in what of their scope depends on a home, and in the key of their role.

    A group, or else these users.
    """

    group_id: int | None
    scope: str
    include_children: bool
    role_key: str | None
    user_ids: list[int]


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

    def named(self, condition: Q) -> dict[str, list[Named]]:
        """Whom those that meet the condition name, by effect."""
        found: dict[str, list[Named]] = {effect: [] for effect in Effect.values}
        for effect, *columns in self._named(condition):
            found[effect].append(Named(*columns))
        return found

    def people(self, named: Iterable[Named]) -> set[int]:
        """The ids of everybody whom such rows reach here."""
        found, whole, homes = set[int](), set[int](), defaultdict[int, set[int]](set)
        for each in named:
            if each.group_id is None:
                found.update(each.user_ids)
            elif each.scope != TenantScopeKind.OWN_TENANT:
                whole.add(each.group_id)
            else:
                homes[each.group_id] |= self.above if each.include_children else self.ids
        members = self._members(whole, homes.keys() - whole) if whole or homes else ()
        return found.union(user for user, group, home in members if home is None or home in homes[group])

    def _named(self, condition: Q) -> Iterable[tuple[Any, ...]]:
        if self.at is not None or self.parts or len(self.tenants) != 1:
            return _columns(self.rows().filter(condition))
        (tenant,) = self.tenants
        statement = _naming(condition, self.computer.type if self.computer else None)
        return statement.rows(_values(tenant, self.computer))

    def _members(self, whole: Collection[int], at_home: Collection[int]) -> Iterable[tuple[int, int, int | None]]:
        """User and group of each live membership; of the groups `at_home` also where the user is at home."""
        rows: Iterable[Any] = (
            _memberships().rows({-1: [*whole], -2: [*at_home]}) if self.at is None else _joined(whole, at_home, self.at)
        )
        return rows

    def _living_in(self, tenants: Collection[int]) -> Q:
        """Members of a group live at or below its owner (design 2), so that its owner stands above their home."""
        users = User.objects.filter(any_of("tenant_id", tenants)).order_by().values("pk")
        groups = Group.objects.filter(Q(tenant=None) | any_of("tenant_id", self.above)).order_by().values("pk")
        return any_of_rows("user_id", users) | any_of_rows("group_id", groups)


ONE_TENANT = TenantFacts(-1, -2, (-3,), frozenset({-4}))
"""Places for the facts of one, in a statement."""


def _values(tenant: TenantFacts, computer: ComputerFacts | None) -> dict[int, Any]:
    """What stands in the places of `ONE_TENANT` and of the computer in `_naming`."""
    msps = [] if tenant.msp_id is None else [tenant.msp_id]
    of_tenant = {-1: [tenant.id], -2: msps, -3: [*tenant.path], -4: [*tenant.tag_ids]}
    return of_tenant if computer is None else of_tenant | {-5: computer.id, -6: [*computer.tag_ids]}


@cache
def _naming(condition: Q, computer_type: str | None) -> Statement:
    """Whom the rows name that meet the condition and cover one tenant now, or a computer of this type in it."""
    computer = None if computer_type is None else ComputerFacts(-5, computer_type, frozenset({-6}))
    return Statement(_columns(Reach([ONE_TENANT], computer).rows().filter(condition)), planned_once=True)


def _columns(rows: RoleAssignmentQuerySet) -> QuerySet[RoleAssignment, Any]:
    """Effect and `Named` of these, in the database put together: there are hundreds of users, in the same few ways."""
    alike = rows.order_by().values("effect", "group_id", "scope", "include_children", "role__key")
    return alike.annotate(users=ArrayAgg("user_id")).values_list(*alike.query.values_select, "users")


@cache
def _memberships() -> Statement:
    return Statement(_joined([-1], [-2], None), planned_once=True)


def _joined(
    whole: Collection[int], at_home: Collection[int], at: datetime | None
) -> QuerySet[GroupMembership, tuple[Any, ...]]:
    live = GroupMembership.objects.live(at).order_by()
    unasked = live.filter(any_of("group_id", whole)).values_list("user_id", "group_id", Value(None, BigIntegerField()))
    asked = live.filter(any_of("group_id", at_home)).values_list("user_id", "group_id", "user__tenant_id")
    return unasked.union(asked, all=True)


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


class _Question:
    """One permission at one instant, as conditions on users."""

    def __init__(self, permission: Permission, at: datetime | None) -> None:
        self.permission = permission
        self.at = at
        self.facts = Facts()

    def bare(self, obj: Subject) -> Q:
        """Who the bare rule of design 3 lets do this on the object."""
        tenant, computer = self.facts.of(obj)
        reach = Reach([] if tenant is None else [tenant], computer, self.at)
        return self._may(reach, tenant.id if tenant else None, self._sharing(obj))

    def _may(self, reach: Reach, tenant_id: int | None, sharing: set[int]) -> Q:
        named = reach.named(self._counting)
        states = self._states(tenant_id)
        flowing = [each for each in named[Effect.ALLOW] if self._flows(each.role_key, states)]
        allowed = reach.people(flowing) | (sharing if self._flows(None, states) else set())
        return self._allowed(gathered("pk", allowed - reach.people(named[Effect.DENY])))

    def _sharing(self, obj: Subject) -> set[int]:
        """Whom it is shared with. One query, none of what cannot be shared."""
        if not isinstance(obj, LibraryItem):
            return set()
        rows = SHARES[type(obj)].objects.live(self.at).of(obj.pk, self.permission)
        return set(rows.order_by().values_list("user_id", flat=True))

    def holds(self) -> Q:
        """Whose `Access.holds` says yes: too many to name, so they are found as they are asked for."""
        rows = RoleAssignment.objects.live(self.at).filter(self._counting, self._flowing(), effect=Effect.ALLOW)
        memberships = GroupMembership.objects.live(self.at).filter(user=OuterRef("pk"))
        direct = Exists(rows.filter(user=OuterRef("pk")))
        through = Exists(memberships.filter(group__in=rows.values("group_id")))
        everywhere = Reach([], None, self.at)
        denied = everywhere.people(everywhere.named(self._counting)[Effect.DENY])
        return self._allowed(Q(direct) | Q(through)) & ~any_of("pk", denied)

    def somewhere(self, tenants: QuerySet[Tenant]) -> Q:
        """Whom the bare rule lets do this in one of these tenants at least; of a permission that no switch governs."""
        self.facts.learn_tenants(tenants.order_by().values_list("pk", flat=True))
        reach = Reach(list(self.facts.tenants.values()), None, self.at)
        named = reach.named(self._counting)
        allowed, denied = (reach.people(named[effect]) for effect in (Effect.ALLOW, Effect.DENY))
        doubtful = User.objects.filter(any_of("pk", allowed & denied)).values_list("pk", "tenant_id")
        return self._allowed(gathered("pk", allowed - self._denied_wherever_allowed(reach, dict(doubtful))))

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

    @property
    def _counting(self) -> Q:
        """The rows in which the permission counts, but for switches."""
        counting = Q(role__permissions__contains=[self.permission.value])
        match self.permission.spec.scoping:
            case Scoping.SYSTEM:
                return counting & Q(scope=TenantScopeKind.OWNER, computer_scope=ComputerScopeKind.ALL)
            case Scoping.TENANT:
                return counting & Q(computer_scope=ComputerScopeKind.ALL)
        return counting

    def _allowed(self, reached: Q) -> Q:
        return reached & Q(tenant__is_msp=True) if self.permission.spec.msp_only else reached

    # Switches

    def _states(self, tenant_id: int | None = None) -> list[tuple[SwitchKey, bool]]:
        """How those stand that govern the permission, for the instance and as the tenant tightened them."""
        keys = GOVERNING.get(self.permission, ())
        found = Switch.objects.filter(Q(tenant=None) | Q(tenant=tenant_id), key__in=keys) if keys else ()
        stands = {(each.key, each.tenant_id): each.enabled for each in found}
        of_instance = [(key, stands.get((key, None), key.spec.default)) for key in keys]
        tightened = [key for key in keys if key.spec.tenant_may_tighten and stands.get((key, tenant_id)) is False]
        return of_instance + [(key, False) for key in tightened if tenant_id is not None]

    def _flows(self, role_key: str | None, states: Iterable[tuple[SwitchKey, bool]]) -> bool:
        return all(keeps(role_key, self.permission, key, enabled=enabled) for key, enabled in states)

    def _flowing(self) -> Q:
        """Roles through which the permission flows as the switches of the instance stand."""
        states = self._states()
        if self._flows(None, states):
            return Q(role__isnull=False)
        return Q(role__key__in=[role.key for role in BUILT_IN_ROLES if self._flows(role.key, states)])


def _is_left(scopes: dict[str, list[TenantScope]], tenant: TenantFacts) -> bool:
    allowed, denied = (any(scope.covers(tenant) for scope in scopes[effect]) for effect in (Effect.ALLOW, Effect.DENY))
    return allowed and not denied
