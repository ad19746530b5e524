"""The one module that decides (design 3 and 4): what a user may do now, on which objects, and who else may.

Every yes needs an allow grant that matches and no deny grant that does. Whatever is unknown, empty or orphaned matches
nothing. An Access lives for one request, and nothing that it finds out outlives it; how it asks for rows does
(docs/decisions/kept-questions.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from datetime import datetime
from functools import cached_property, lru_cache, partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet

from accounts.models import User
from computers.models import Computer, LibraryItem
from computers.scopes import AllScope, ComputerFacts
from rbac.beyond import READS
from rbac.explanation import Decision, Question, Standing, explain, standings_of
from rbac.grants import Grant, Holding, load_holding
from rbac.holders import first_who_can, who_can
from rbac.models import Role
from rbac.objects import INSTANCE, KINDS, ComputersOf, Facts, Kind, Subject, rows_of, view_of
from rbac.permissions import Permission
from rbac.regions import Estate, Region, contains, disjoint
from rbac.rules import NOTHING, Here, Rule, any_covers, rows_of_rule, tightened_tenants
from rbac.shares import shares_on
from rbac.sight import Sighted, visible
from rbac.switches import GOVERNING, SwitchKey, keeps
from tenancy.models import Tag, Tenant
from tenancy.scopes import Need, SingleScope, TenantFacts

__all__ = ("INSTANCE", "NOTHING", "Access", "Decision", "Subject", "access_for", "first_who_can", "who_can")


class Access:
    """What one user may do at one instant, as `Holding` found it."""

    def __init__(self, holding: Holding, at: datetime | None = None) -> None:
        self.holding = holding
        self.user_id = holding.user_id
        self.grants = holding.grants
        self.switches = dict(holding.switches)
        self.at = at
        self.facts = Facts()
        self._rules: dict[str, Rule] = {}

    # Questions

    def holds(self, permission: str) -> bool:
        """Some live, unsuspended, not inert allow, and no deny of it at owner on all computers (design 4).

        For menus, and for reading what the instance owns. May say yes where every object says no; any `can` implies it.
        """
        rule = self._rules.get(permission) or self._compile(permission)
        return bool(rule.allow or rule.shared) and not any(grant.is_everywhere for grant in rule.deny)

    def is_total(self, permission: str) -> bool:
        """Whether the permission is held on all that there is: owner on all computers, and nothing takes any of it."""
        rule = self._rules.get(permission) or self._compile(permission)
        return not rule.deny and any(grant.is_everywhere and not rule.stops(grant) for grant in rule.allow)

    def can(self, permission: str, obj: Subject | None) -> bool:
        """The bare rule of design 3 for this permission on this object; an unknown kind of object is a no."""
        kind = KINDS.get(obj.__class__)
        if kind is None or obj is None:
            return False
        rule = self._rules.get(permission) or self._compile(permission)
        if not (rule.allow or rule.shared) or (kind.gone_when_removed and getattr(obj, "removed_at") is not None):  # noqa: B009  any model
            return False
        if (obj.__class__, permission) in READS:
            return self._can_read(rule, kind, permission, obj)
        if kind.read_only:
            return False
        return self._bare(rule, kind, obj)

    def scope(self, source: type[Model] | QuerySet[Any], permission: str) -> QuerySet[Any]:
        """The rows of a model, or of a queryset of it, for which `can` says yes."""
        if isinstance(source, QuerySet):
            return self._scoped(rows_of(source), permission)
        return self.kept((source, permission), lambda: self._scoped(rows_of(source), permission))

    def kept(self, name: Hashable, ask: Callable[[], QuerySet[Any]]) -> QuerySet[Any]:
        """The rows that `ask` asks for, which hangs on what is held alone: put together once, asked anew each time."""
        if name not in self._scopes:
            self._scopes[name] = ask()
        return self._scopes[name].all()

    @cached_property
    def _scopes(self) -> Scopes:
        # Whoever stands for two has no grants by which they could be told from another two
        is_kept = self.at is None and type(self) is Access
        return _scopes_of(self.holding) if is_kept else {}

    def _scoped(self, queryset: QuerySet[Any], permission: str) -> QuerySet[Any]:
        rule = self._rules.get(permission) or self._compile(permission)
        if not (rule.allow or rule.shared):
            return queryset.none()
        kind = KINDS[queryset.model]
        readable = READS.get((queryset.model, permission))
        if readable is None and kind.read_only:
            return queryset.none()
        rows = self._rows(rule, kind)
        if readable is None or not (rule.allow and self.holds(permission)):
            return queryset.filter(rows)
        if kind not in rule.reads:
            rule.reads[kind] = readable(self, rows)
        return queryset.filter(rule.reads[kind])

    def seen(self, source: type[Model] | QuerySet[Any]) -> QuerySet[Any]:
        """What the reader may see: for doors and lists. What was deleted is there only for who may restore it."""
        model = source.model if isinstance(source, QuerySet) else source
        rows = self.scope(source, view_of(model))
        restore = getattr(model, "RESTORE", None)
        if restore is None:
            return rows
        rule = self._rules.get(restore) or self._compile(restore)
        return rows.filter(Q(deleted_at=None) | self._rows(rule, KINDS[model]))

    def sees(self, obj: Model) -> bool:
        """Whether this one is among those."""
        restore = getattr(obj, "RESTORE", "")
        is_there = not restore or getattr(obj, "deleted_at") is None  # noqa: B009  any such model
        return self.can(view_of(type(obj)), obj) and (is_there or self.can(restore, obj))

    def reachable(self, model: type[Model], permission: str) -> QuerySet[Any]:
        """What may be seen and acted on: for lists, pickers, bulk acts and jobs (design 4)."""
        return self.scope(self.seen(model), permission)

    def covers(self, permission: str, region: Region, estate: Estate | None = None) -> bool:
        """Whether one grant holds the permission on all of the region, and no deny may take any of it."""
        estate = estate or Estate()
        rule = self._rules.get(permission) or self._compile(permission)
        return any(
            contains(grant.region, region, estate) and not self._tightened_within(rule, grant, region, estate)
            for grant in rule.allow
        ) and all(disjoint(grant.region, region, estate) for grant in rule.deny)

    def explain(self, permission: str, obj: Subject | None) -> Decision:
        """The answer of `can`, without an object that of `holds`, with the paths that decide it or nearly did."""
        allowed = self.holds(permission) if obj is None else self.can(permission, obj)
        if obj is not None and KINDS[obj.__class__].read_only:  # it has a rule of its own, which no single path decides
            return Decision(permission, allowed, (), (), (), readable=allowed)
        return explain(self.question(permission, obj), self.standing, allowed=allowed)

    def question(self, permission: str, obj: Subject | None) -> Question:
        """What explanations for anybody start from: where the object stands, and how the switches do."""
        tenant, computer = self.facts.of(obj or INSTANCE)
        flows = partial(self._flows_through, permission, tenant.id if tenant else None)
        return Question(permission, tenant, computer, flows, shares_on(obj, permission), anywhere=obj is None)

    @cached_property
    def standing(self) -> Standing | None:
        """What explanations start from; whoever explains for many users looks it up for all of them at once."""
        return standings_of([self.user_id or 0], self.at).get(self.user_id or 0)

    def within(self, other: Access) -> Access:
        """What both may do: for impersonation."""
        return _Both(self, other)

    def covers_place(self, permission: str, tenant_id: int | None) -> bool:
        """The bare rule for what stands in this tenant, or is the instance's, but computers and what is shared."""
        rule = self._rules.get(permission) or self._compile(permission)
        here = rule.here.get(tenant_id) or self._stand(rule, INSTANCE, tenant_id)
        return here.allowed and not here.denied

    def visible(self, assignments: Collection[Sighted]) -> set[int]:
        """The numbers of those of these assignments that may be seen, as `scope` has it. Four queries at most."""
        return visible(self, assignments)

    def know_places(self, tenants: Iterable[int]) -> None:
        """As `know`, of tenants by number."""
        if any(grant.tenants.needs for grant in self.grants) or any(
            permission in grant.permissions for grant in self.grants for permission in GOVERNING
        ):
            self.facts.learn_tenants(tenants)

    def know(self, objects: Iterable[Model]) -> None:
        """Look up in one query what checks on these objects will ask for, so that a page's checks stay in memory."""
        objects = list(objects)
        computers = [obj.pk for obj in objects if isinstance(obj, Computer)]
        if computers and any(grant.computers.needs_tags for grant in self.grants):
            self.facts.learn_computers(computers)
        else:
            ids = (getattr(obj, KINDS[type(obj)].tenant_id) for obj in objects if type(obj) in KINDS)
            self.know_places(pk for pk in ids if pk is not None)

    # In memory

    def _compile(self, permission: str) -> Rule:
        if permission not in Permission:
            return Rule(None, (), (), (), Need.ID)
        known = Permission(permission)
        holders = [grant for grant in self.grants if known in grant.permissions]
        flowing = [grant for grant in holders if grant.allows and not self._suspends(known, grant)]
        allow, shared = (tuple(each for each in flowing if bool(each.item) == one) for one in (False, True))
        tightened_by = tuple(
            key
            for key in GOVERNING.get(known, ())
            if key.spec.tenant_may_tighten
            and any(not keeps(grant.role_key, known, key, enabled=False) for grant in flowing)
        )
        needs = max((grant.tenants.needs for grant in holders), default=Need.ID)
        deny = tuple(grant for grant in holders if not grant.allows)
        rule = Rule(known, allow, deny, tightened_by, Need.ALL if tightened_by else needs, shared)
        self._rules[permission] = rule
        return rule

    def _suspends(self, permission: Permission, grant: Grant) -> bool:
        """Whether a switch of the instance suspends the permission in this grant now (design 7)."""
        return any(
            not keeps(grant.role_key, permission, key, enabled=self.stands(key))
            for key in GOVERNING.get(permission, ())
        )

    def stands(self, key: SwitchKey) -> bool:
        """Where the instance's switch stands."""
        return self.switches.get(key, key.spec.default)

    def _flows_through(self, permission: str, tenant_id: int | None, role_key: str | None) -> bool:
        """Whether the permission flows through a role with this key, as the switches stand for this tenant."""
        off = frozenset() if tenant_id is None else self.facts.switched_off[tenant_id]
        return all(
            keeps(role_key, Permission(permission), key, enabled=enabled)
            for key in GOVERNING.get(Permission(permission), ())
            for enabled in (self.stands(key), self.stands(key) and not (key.spec.tenant_may_tighten and key in off))
        )

    def _bare(self, rule: Rule, kind: Kind, obj: Subject) -> bool:
        tenant_id = getattr(obj, kind.tenant_id)
        here = rule.here.get(tenant_id) or self._stand(rule, obj, tenant_id)
        if here.denied:
            return False
        if rule.shared and kind.item:
            return here.allowed or self._is_shared(rule, obj, tenant_id)
        if not isinstance(obj, (Computer, ComputersOf)) or not (here.denied_on or here.allowed_on):
            return here.allowed
        facts = self._facts_of(obj, here)
        if facts is None or any_covers(here.denied_on, facts):
            return False
        return here.allowed or any_covers(here.allowed_on, facts)

    def _is_shared(self, rule: Rule, obj: Subject, tenant_id: int | None) -> bool:
        """Whether exactly this item is shared, and no switch of its tenant suspends it (a share has no role)."""
        own = [grant for grant in rule.shared if grant.item == (obj.__class__, getattr(obj, "pk", None))]
        return bool(own) and self._flows(rule, own[0], self._place(rule.needs, obj, tenant_id))

    def _stand(self, rule: Rule, obj: Subject, tenant_id: int | None) -> Here:
        place = self._place(rule.needs, obj, tenant_id)
        allow = [
            grant.computers for grant in rule.allow if grant.tenants.covers(place) and self._flows(rule, grant, place)
        ]
        deny = [grant.computers for grant in rule.deny if grant.tenants.covers(place)]
        here = rule.here[tenant_id] = Here(
            any(scope.is_everything for scope in allow),
            any(scope.is_everything for scope in deny),
            tuple(scope for scope in allow if not scope.is_everything),
            tuple(scope for scope in deny if not scope.is_everything),
        )
        return here

    def _place(self, needs: Need, obj: Subject, tenant_id: int | None) -> TenantFacts | None:
        if tenant_id is None:
            return None
        if tenant_id not in self.facts.tenants:
            if needs == Need.ID:
                return TenantFacts(tenant_id)
            if needs == Need.MSP and isinstance(obj, (Computer, Tenant)):
                return TenantFacts(tenant_id, obj.msp_id)
            self.facts.learn_tenants([tenant_id])
        return self.facts.tenants[tenant_id]

    def _flows(self, rule: Rule, grant: Grant, place: TenantFacts | None) -> bool:
        """Whether no switch that the object's own tenant tightened suspends the rule's permission in this grant."""
        if place is None or not rule.tightened_by:
            return True
        return self.facts.switched_off[place.id].isdisjoint(rule.stops(grant))

    def _facts_of(self, computer: Computer | ComputersOf, here: Here) -> ComputerFacts | None:
        """What the computer scopes that matter here ask for; None if its tags matter and it is gone."""
        if isinstance(computer, ComputersOf) or computer.pk in self.facts.computers:
            return computer.facts if isinstance(computer, ComputersOf) else self.facts.computers[computer.pk]
        if not any(scope.needs_tags for scope in here.allowed_on + here.denied_on):
            return ComputerFacts(computer.pk, computer.type)
        self.facts.learn_computers([computer.pk])
        return self.facts.computers.get(computer.pk)

    def _can_read(self, rule: Rule, kind: Kind, permission: str, obj: Subject) -> bool:
        if isinstance(obj, (Tag, LibraryItem, Role)) and obj.tenant_id is None and (rule.allow or not kind.item):
            return self.holds(permission)
        if isinstance(obj, (Tag, LibraryItem)):
            return self._bare(rule, kind, obj)
        return isinstance(obj, Model) and self.scope(type(obj), permission).filter(pk=obj.pk).exists()

    # As rows

    def _rows(self, rule: Rule, kind: Kind) -> Q:
        return rows_of_rule(rule, kind)

    def _tightened_within(self, rule: Rule, grant: Grant, region: Region, estate: Estate) -> bool:
        """Whether some tenant of the region has turned off a switch that stops this grant there."""
        return any(
            not disjoint(Region.of(SingleScope(tenant_id), AllScope()), region, estate)
            for key in rule.stops(grant)
            for tenant_id in tightened_tenants(key).values_list("tenant_id", flat=True)
        )


Scopes = dict[Hashable, QuerySet[Any]]
"""Unanswered questions for rows, by model and permission, or by what puts them together."""


@lru_cache(maxsize=128)
def _scopes_of(_holding: Holding) -> Scopes:
    """Those asked so far by whoever holds exactly this: how to ask follows from it, and takes longer than the answer.

    What the rows are is asked anew each time.
    """
    return {}


class _Both(Access):
    """What two users may both do: `can`, `scope`, `holds` and `covers` are the AND of theirs."""

    def __init__(self, one: Access, other: Access) -> None:
        super().__init__(Holding(one.user_id), one.at)
        self._one, self._other = one, other

    def holds(self, permission: str) -> bool:
        return self._one.holds(permission) and self._other.holds(permission)

    def can(self, permission: str, obj: Subject | None) -> bool:
        return self._one.can(permission, obj) and self._other.can(permission, obj)

    def scope(self, source: type[Model] | QuerySet[Any], permission: str) -> QuerySet[Any]:
        return self._other.scope(self._one.scope(source, permission), permission)

    def seen(self, source: type[Model] | QuerySet[Any]) -> QuerySet[Any]:
        return self._other.seen(self._one.seen(source))

    def is_total(self, permission: str) -> bool:
        return self._one.is_total(permission) and self._other.is_total(permission)

    def covers(self, permission: str, region: Region, estate: Estate | None = None) -> bool:
        return self._one.covers(permission, region, estate) and self._other.covers(permission, region, estate)

    def covers_place(self, permission: str, tenant_id: int | None) -> bool:
        return self._one.covers_place(permission, tenant_id) and self._other.covers_place(permission, tenant_id)

    def visible(self, assignments: Collection[Sighted]) -> set[int]:
        return self._one.visible(assignments) & self._other.visible(assignments)

    def know(self, objects: Iterable[Model]) -> None:
        objects = list(objects)
        self._one.know(objects)
        self._other.know(objects)


def access_for(user: User | AnonymousUser, at: datetime | None = None) -> Access:
    """What the user may do at the instant, which is the database's statement clock unless given. One query.

    Anonymous, inactive, expired and removed users, and those of an inactive tenant, may do nothing.
    """
    if not isinstance(user, User) or user.pk is None:
        return Access(Holding(), at)
    return Access(load_holding(user.pk, at), at)
